"""What tasks pass to each other: a short key of a small JSON value in the lake, never rows.

The key is the value's own SHA-256, so the same value has the same key whoever publishes it.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from transforms.manifest import publish_file


def publish_value(lake: Path, kind: str, value: Any) -> str:
    """Store a JSON value; return its key `values/<kind>/<SHA-256>`."""
    content, key = _keyed(kind, value)
    path = lake / f"{key}.json"
    if not path.exists():
        publish_file(path, content)
    return key


def is_published(lake: Path, kind: str, value: Any) -> bool:
    """Whether the value was stored before."""
    return (lake / f"{_keyed(kind, value)[1]}.json").exists()


def _keyed(kind: str, value: Any) -> tuple[bytes, str]:
    content = json.dumps(value, sort_keys=True, indent=0).encode()
    return content, f"values/{kind}/{hashlib.sha256(content).hexdigest()}"


def read_value(lake: Path, key: str) -> Any:
    """Inverse of `publish_value`."""
    return json.loads((lake / f"{key}.json").read_bytes())


def balanced_bundles(sizes: list[tuple[str, int]], most: int) -> list[list[str]]:
    """Split named sizes into at most `most` bundles of about equal total, deterministically.

    Largest first, each into the lightest bundle; names inside a bundle keep their given order.
    """
    count = max(1, min(most, len(sizes)))
    loads = [0] * count
    members: list[list[int]] = [[] for _ in range(count)]
    for position in sorted(range(len(sizes)), key=lambda p: (-sizes[p][1], p)):
        lightest = min(range(count), key=lambda b: (loads[b], b))
        loads[lightest] += sizes[position][1]
        members[lightest].append(position)
    return [[sizes[p][0] for p in sorted(bundle)] for bundle in members if bundle]
