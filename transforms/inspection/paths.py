"""Paths as people type them: files, folders, patterns."""

from collections.abc import Iterable
from glob import glob, has_magic
from pathlib import Path


class PathError(Exception):
    """A path names no file; the message says what to do."""


def named_files(names: Iterable[str]) -> list[Path]:
    """The files that names stand for, in order, each once: a folder stands for every file below it.

    Raises:
        PathError: A name stands for no file.
    """
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            below = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p, path))
            if not below:
                raise PathError(f"{name}: the folder holds no files")
            found |= dict.fromkeys(below)
        elif not path.exists() and has_magic(name):
            matched = sorted(Path(match) for match in glob(name, recursive=True))  # noqa: PTH207 - absolute too
            matched = [match for match in matched if match.is_file()]
            if not matched:
                raise PathError(f"{name}: no file has such a name")
            found |= dict.fromkeys(matched)
        else:
            found[existing_file(name)] = None
    return list(found)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def existing_file(name: str | Path) -> Path:
    """The file of that name.

    Raises:
        PathError: There is none, or it is a folder.
    """
    path = Path(name)
    if path.is_dir():
        raise PathError(f"{name}: this is a folder; name a file in it")
    if not path.exists():
        near = ""
        if not path.parent.exists():
            near = f"; there is no folder {path.parent} either"
        raise PathError(f"{name}: there is no such file{near}")
    if not path.is_file():
        raise PathError(f"{name}: this is no regular file; copy what it gives into one first")
    return path
