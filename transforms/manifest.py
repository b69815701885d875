"""A stage writes down what it will read before it writes anything, and is named by that.

A manifest lists the stage, its scope, the business date, the sorted digests of its inputs, the
digest of the configuration and of the code, and the number of the last event it saw. The stage's
output folder is named by the SHA-256 of its manifest and appears by one atomic rename, so a reader
sees all of it or none. The first manifest recorded for a (night, stage, scope) is used again by
every re-run: a re-run finds its own work and repeats it only where it is missing.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

CODE_FOLDERS = ("edi", "validations", "transforms", "sql")
CODE_ENDINGS = {".py", ".sql", ".yaml", ".xml", ".parquet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything a stage's output depends on.

    Attributes:
        stage: Name of the stage, e.g. `read`.
        scope: What of the night it covers: a file id, an employer id.
        night: Business date.
        inputs: Digests or lake keys of what it reads, sorted.
        configuration: Digest of the resolved configuration.
        code: Digest of the code and standard data, see `code_digest`.
        as_of_event: Last event number whose state it saw; 0 when it reads no state.
    """

    stage: str
    scope: str
    night: date
    inputs: tuple[str, ...]
    configuration: str
    code: str
    as_of_event: int = 0

    def to_json(self) -> str:
        """Canonical text: sorted keys, one value a line."""
        return json.dumps(
            {**asdict(self), "night": self.night.isoformat()}, sort_keys=True, indent=1
        )

    @property
    def key(self) -> str:
        """Lake key of the output: `stage/<SHA-256 of the canonical text>`."""
        return f"{self.stage}/{hashlib.sha256(self.to_json().encode()).hexdigest()}"

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Inverse of `to_json`."""
        fields = json.loads(text)
        return cls(
            **{
                **fields,
                "night": date.fromisoformat(fields["night"]),
                "inputs": tuple(fields["inputs"]),
            }
        )


@cache
def code_digest() -> str:
    """SHA-256 over every source, SQL, YAML, XML and Parquet file of the packages, in path order."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for folder in CODE_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in CODE_ENDINGS:
                digest.update(str(path.relative_to(root)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def manifest_path(lake: Path, night: date, stage: str, scope: str) -> Path:
    """Where the manifest of a (night, stage, scope) is recorded."""
    name = hashlib.sha256(scope.encode()).hexdigest()
    return lake / "manifests" / night.isoformat() / stage / f"{name}.json"


def recorded_key(lake: Path, night: date, stage: str, scope: str) -> str:
    """Lake key of what a stage made for a scope on a night; FileNotFoundError when it did not run."""
    return Manifest.from_json(manifest_path(lake, night, stage, scope).read_text()).key


def adopt_manifest(lake: Path, night: date, stage: str, scope: str, earlier: date) -> None:
    """Let a night use what a stage made for a scope on an earlier date, if it did."""
    source = manifest_path(lake, earlier, stage, scope)
    if source.exists():
        path = manifest_path(lake, night, stage, scope)
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # adopted before, or the same date
            os.link(source, path)


def renew_manifest(lake: Path, night: date, stage: str, scope: str) -> None:
    """Set the recorded manifest aside, so that the stage is made anew from what is there now."""
    path = manifest_path(lake, night, stage, scope)
    if path.exists():
        number = len(list(path.parent.glob(f"{path.stem}.replaced-*"))) + 1
        path.rename(path.with_suffix(f".replaced-{number}"))


def recorded_manifest(lake: Path, proposed: Manifest) -> Manifest:
    """Return the manifest recorded for this (night, stage, scope); record `proposed` if none is.

    Two processes may propose at once: the first link wins and both use it.
    """
    path = manifest_path(lake, proposed.night, proposed.stage, proposed.scope)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".writing-", delete=False
        ) as temporary:
            temporary.write(proposed.to_json())
        try:
            os.link(temporary.name, path)
        except FileExistsError:
            pass  # another process recorded first
        finally:
            Path(temporary.name).unlink()
    return Manifest.from_json(path.read_text())


def publish_stage(lake: Path, proposed: Manifest, build: Callable[[Path], None]) -> str:
    """Make the output of a stage unless it is there, and return its lake key.

    Args:
        lake: Root of the lake.
        proposed: What a first run would read; a re-run uses what was recorded then.
        build: Writes the output's files into the empty folder it is given. Deterministic.
    """
    manifest = recorded_manifest(lake, proposed)
    target = lake / manifest.key
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".building-", dir=target.parent))
        try:
            build(temporary)
            (temporary / "manifest.json").write_text(manifest.to_json())
            publish_folder(temporary, target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return manifest.key


def publish_folder(temporary: Path, target: Path) -> None:
    """Rename a finished folder into place; if another process was first, its equal work stays."""
    try:
        temporary.rename(target)
    except OSError:
        if not target.exists():
            raise


def publish_file(path: Path, content: bytes) -> None:
    """Write atomically: readers see the whole file or no file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=".writing-", delete=False
    ) as temporary:
        temporary.write(content)
        temporary.flush()
        os.fsync(temporary.fileno())
    Path(temporary.name).replace(path)


def digest_of(parts: Iterable[str]) -> str:
    """SHA-256 of text parts joined by a line feed: the maker of ids from business keys."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
