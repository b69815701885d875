"""Partners' drops in a local folder: the client that needs no server."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from edi.exchange.place import (
    CHUNK_BYTES,
    STAGING_PREFIX,
    FileChangedError,
    FileGoneError,
    FileRefusedError,
    RemoteFile,
)


@dataclass(frozen=True, slots=True)
class FolderExchange:
    """List and fetch a partner's inbound folder, put into its outbound folder.

    Attributes:
        inbound: Where the partner drops files. May be absent: then nothing was dropped.
        outbound: Where we leave files for the partner.
        parallel: Waiting for a disk goes on at once in several threads.
    """

    inbound: Path
    outbound: Path
    parallel: int = 4

    def list_files(self) -> list[RemoteFile]:
        """Plain files in name order; links and folders are none."""
        if not self.inbound.is_dir():
            return []
        found = []
        with os.scandir(self.inbound) as entries:
            for entry in entries:
                try:
                    if entry.is_file(follow_symlinks=False):
                        found.append(_remote(entry.name, entry.stat(follow_symlinks=False)))
                except FileNotFoundError:
                    continue  # gone since it was listed
        return sorted(found)

    def fetch(self, remote: RemoteFile, write: Callable[[bytes], object]) -> None:
        """Give a file's bytes to `write`; it is opened inside the inbound folder only."""
        with _open(self.inbound / _plain_name(remote.name)) as source:
            if _remote(remote.name, os.fstat(source.fileno())) != remote:
                raise FileChangedError("the file changed since it was listed")
            while chunk := source.read(CHUNK_BYTES):
                write(chunk)
            if _remote(remote.name, os.fstat(source.fileno())) != remote:
                raise FileChangedError("the file changed while it was read")

    def archive(self, remote: RemoteFile, folder: str, spare_folder: str) -> bool:
        """Move a taken file below a folder beside it."""
        source = self.inbound / _plain_name(remote.name)
        target = self.inbound / folder / remote.name
        if target.exists():
            target = self.inbound / spare_folder / remote.name
        try:
            if _remote(remote.name, source.stat(follow_symlinks=False)) != remote:
                return False
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
        except FileNotFoundError:
            return False
        if _remote(remote.name, target.stat(follow_symlinks=False)) != remote:
            target.rename(source)  # replaced between the look and the move: not taken yet
            return False
        return True

    def stage(self, name: str, content: Path) -> None:
        """Copy `content` beside its final place under a hidden name."""
        self.outbound.mkdir(parents=True, exist_ok=True)
        with self._staged(name).open("wb") as copy, content.open("rb") as source:
            shutil.copyfileobj(source, copy, CHUNK_BYTES)
            copy.flush()
            os.fsync(copy.fileno())

    def is_staged(self, name: str) -> bool:
        """Whether an upload of that name waits to be published."""
        return self._staged(name).exists()

    def publish(self, name: str, content: Path) -> None:
        """Rename the staged copy; putting the same document twice leaves one file."""
        try:
            self._staged(name).replace(self.outbound / _plain_name(name))
        except FileNotFoundError:
            raise FileRefusedError("the upload is not there any more") from None

    def close(self) -> None:
        """Nothing is held open."""

    def _staged(self, name: str) -> Path:
        return self.outbound / f"{STAGING_PREFIX}{_plain_name(name)}"


def _plain_name(name: str) -> str:
    """The name, when it names a file in a folder and nothing else."""
    if name in {"", ".", ".."} or "/" in name or "\0" in name:
        raise FileRefusedError("this name would lead out of the folder")
    return name


def _open(path: Path) -> BinaryIO:
    """Open a plain file for reading; a link is not followed, a pipe is not waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise FileGoneError("the file is not there any more") from None
    except OSError as error:
        raise FileRefusedError(
            f"the file cannot be opened: {os.strerror(error.errno or 0)}"
        ) from None
    return os.fdopen(descriptor, "rb")


def _remote(name: str, status: os.stat_result) -> RemoteFile:
    modified_at = datetime.fromtimestamp(status.st_mtime_ns / 1e9, UTC)
    return RemoteFile(name, status.st_size, modified_at)
