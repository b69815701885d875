"""What every client of a partner's place can do, and what may go wrong there.

A place is a folder, an SFTP server or an S3 bucket. Its clients share one protocol, so nothing above
them knows which it is. Messages of the errors name neither files (a partner may put a patient's name
into one) nor secrets.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

CHUNK_BYTES = 1 << 20

STAGING_PREFIX = ".sending-"
"""Names that our own uploads have until they are whole; hidden, so that no partner's job takes them."""


class ExchangeError(Exception):
    """Something at a partner's place went wrong."""


class PlaceUnreachableError(ExchangeError):
    """No connection, or it was lost: worth another try."""


class PlaceRefusedError(ExchangeError):
    """The place turned us away (host key, account, folder, bucket): a person must look."""


class FileRefusedError(ExchangeError):
    """The place refuses this one file; others may pass."""


class FileChangedError(ExchangeError):
    """The file is no longer what the listing said: it is still being written, or was replaced."""


class FileGoneError(ExchangeError):
    """The file was there when listed and is not any more."""


@dataclass(frozen=True, slots=True, order=True)
class RemoteFile:
    """One file of a listing: what a drop is known by.

    Attributes:
        name: Name as the partner gave it, relative to the inbound place. Never a path of ours.
        byte_count: Size in the listing.
        modified_at: Time of last change in the listing, UTC.
        version: ETag or version of an object; empty where there is none.
    """

    name: str
    byte_count: int
    modified_at: datetime
    version: str = ""


class ExchangeClient(Protocol):
    """List and fetch what a partner drops, put what it gets.

    Calls may come from `parallel` threads at once. Every method may raise `PlaceUnreachableError`
    or `PlaceRefusedError`.

    Attributes:
        parallel: How many transfers at once the place gains from.
    """

    @property
    def parallel(self) -> int:
        """See above."""
        ...

    def list_files(self) -> list[RemoteFile]:
        """Files of the inbound place in name order, unfinished ones too; folders are left out."""
        ...

    def fetch(self, remote: RemoteFile, write: Callable[[bytes], object]) -> None:
        """Give the bytes of a file to `write`, piece by piece.

        Raises:
            FileChangedError: The file is not, or does not stay, what the listing said.
            FileGoneError: It is not there any more.
            FileRefusedError: It may not be read.
        """
        ...

    def archive(self, remote: RemoteFile, folder: str, spare_folder: str) -> bool:
        """Move a taken file below `folder`, into `spare_folder` if its name is used there.

        Returns:
            Whether it was moved; False when what lies there is no longer what was taken.
        """
        ...

    def stage(self, name: str, content: Path) -> None:
        """Upload `content` so that the partner does not see it yet."""
        ...

    def is_staged(self, name: str) -> bool:
        """Whether an upload of that name waits to be published."""
        ...

    def publish(self, name: str, content: Path) -> None:
        """Let the partner see the whole staged file under `name`, in one step.

        Raises:
            FileRefusedError: The partner's place refuses the name, or holds another file under it.
        """
        ...

    def close(self) -> None:
        """End the connection; closing twice is harmless."""
        ...
