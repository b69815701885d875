"""Bytes from outside, kept for good under their SHA-256: `<first two digits>/<SHA-256>`.

A file appears there whole or not at all, and is on the disk (not only in its cache) before its
digest is told to anybody. What comes in lies under a hidden name until then.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from edi.exchange.place import CHUNK_BYTES

INCOMING_PREFIX = ".fetching-"


class TooLargeError(Exception):
    """More bytes came than may be kept in one file."""


class IncomingFile:
    """A file that is being written; unless it is kept it vanishes at the end of its block.

    Args:
        raw: Folder of raw files.
        most_bytes: What is too large.

    Attributes:
        path: Where the bytes lie meanwhile.
        byte_count: Bytes so far.
    """

    def __init__(self, raw: Path, most_bytes: int) -> None:
        raw.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=raw, prefix=INCOMING_PREFIX)
        self.path = Path(name)
        self.byte_count = 0
        self._raw = raw
        self._most_bytes = most_bytes
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Append.

        Raises:
            TooLargeError: It would exceed the cap; nothing of this chunk was written.
        """
        self.byte_count += len(chunk)
        if self.byte_count > self._most_bytes:
            raise TooLargeError
        self._digest.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[self._file.write(view) :]

    def keep(self) -> str:
        """Put the bytes on the disk under their SHA-256 and return that."""
        digest = self._digest.hexdigest()
        target = raw_path(self._raw, digest)
        if not target.exists():
            os.fsync(self._file.fileno())
            target.parent.mkdir(exist_ok=True)
            self.path.replace(target)
        return digest


def raw_path(raw: Path, digest: str) -> Path:
    """Where the bytes with that SHA-256 lie."""
    return raw / digest[:2] / digest


def keep_file(raw: Path, path: Path) -> tuple[str, int]:
    """Keep a file that somebody else wrote on the same disk; return SHA-256 and size."""
    digest, byte_count = hashlib.sha256(), 0
    with path.open("rb+") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            byte_count += len(chunk)
        os.fsync(file.fileno())
    target = raw_path(raw, digest.hexdigest())
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        path.replace(target)
    return digest.hexdigest(), byte_count


def sync_folders(raw: Path, digests: Iterable[str]) -> None:
    """Put the names of kept files on the disk too: the last thing before they are told of."""
    for folder in sorted({raw, *(raw_path(raw, digest).parent for digest in digests)}):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
