"""YAML in which every scalar is text and every value knows its line.

YAML would read `state: NO` as false, `0123456789` as a number and `500.00` as a float. Here the
models decide what a text means, so nothing is lost on the way to them. A key given twice is an
error, not the last one silently winning.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

Location = Sequence[str | int]


class YamlTextError(Exception):
    """The text is no YAML we accept; `line` and `column` start at 1."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column


class _TextResolver(VersionedResolver):
    """Gives every scalar the tag of a text, whatever it looks like."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        tag = super().resolve(kind, value, implicit)
        return self.DEFAULT_SCALAR_TAG if kind is ScalarNode else tag


def parse_yaml(text: str) -> Any:
    """Parse one document into mappings, sequences and texts that carry their positions.

    Raises:
        YamlTextError: Not YAML, or a key is given twice.
    """
    yaml = YAML(typ="rt")
    yaml.Resolver = _TextResolver
    try:
        return yaml.load(io.StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = (error.problem or "not YAML").partition(" with value")[0]
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlTextError(problem, line, column) from None
    except YAMLError:
        raise YamlTextError("not YAML", 1, 1) from None


def position(document: Any, location: Location) -> tuple[int, int]:
    """Line and column, from 1, of the value at `location`, or of its nearest parent that exists."""
    line, column = 0, 0
    node = document
    for step in location:
        if isinstance(node, Mapping) and step in node:
            line, column = node.lc.key(step)  # type: ignore[attr-defined]
        elif isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node):
            line, column = node.lc.item(step)  # type: ignore[attr-defined]
        elif isinstance(node, Mapping):
            continue  # a tag of a union, not a key: pydantic names it on the way down
        else:
            break
        node = node[step]
    return line + 1, column + 1
