"""Partners' drops in a local folder: the client that needs no server."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

UNFINISHED_ENDINGS = (".part", ".tmp", ".filepart", ".crdownload")
"""Names that senders give files they are still writing."""

CHUNK_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, order=True)
class RemoteFile:
    """One file of a listing: what a drop is known by.

    Attributes:
        name: Name as the partner gave it, relative to the inbound folder.
        byte_count: Size in the listing.
        modified_at: Time of last change in the listing, UTC.
    """

    name: str
    byte_count: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class FolderExchange:
    """List and fetch a partner's inbound folder, put into its outbound folder.

    Attributes:
        inbound: Where the partner drops files. May be absent: then nothing was dropped.
        outbound: Where we leave files for the partner.
    """

    inbound: Path
    outbound: Path

    def list_files(self) -> list[RemoteFile]:
        """Finished files in name order; hidden files and names of unfinished uploads wait."""
        if not self.inbound.is_dir():
            return []
        found = []
        for entry in os.scandir(self.inbound):
            if not entry.is_file(follow_symlinks=False) or entry.name.startswith("."):
                continue
            if entry.name.lower().endswith(UNFINISHED_ENDINGS):
                continue
            status = entry.stat()
            modified_at = datetime.fromtimestamp(status.st_mtime_ns / 1e9, UTC)
            found.append(RemoteFile(entry.name, status.st_size, modified_at))
        return sorted(found)

    def fetch(self, name: str, raw: Path) -> str:
        """Copy a file's bytes to `raw/<first two>/<SHA-256>` and return the SHA-256.

        The partner's name is opened inside the inbound folder and never becomes a path of ours.
        """
        raw.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with tempfile.NamedTemporaryFile(dir=raw, prefix=".fetching-", delete=False) as copy:
            with (self.inbound / Path(name).name).open("rb") as source:
                while chunk := source.read(CHUNK_BYTES):
                    digest.update(chunk)
                    copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        file_id = digest.hexdigest()
        target = raw / file_id[:2] / file_id
        target.parent.mkdir(exist_ok=True)
        Path(copy.name).replace(target)
        return file_id

    def put(self, name: str, content: Path) -> None:
        """Leave a copy of `content` under `name`; the partner sees the whole file or none.

        Putting the same document twice leaves one file.
        """
        self.outbound.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=self.outbound, prefix=".sending-", delete=False
        ) as copy:
            copy.write(content.read_bytes())
        Path(copy.name).replace(self.outbound / name)
