"""From the bytes received to plain files: OpenPGP, zip and gzip, in one another, within caps.

What a file is, its first bytes tell, not its name. Every plain file comes with the chain it was
unpacked through, e.g. `openpgp > zip:2 > gzip` (third member of the archive). Names inside archives
are kept as text and never used as paths.

Rules with examples: docs/domain/receiving.md
"""

import gzip
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO

from edi.exchange.openpgp import MessageOpener, OpenPgpError
from edi.exchange.place import CHUNK_BYTES

ARMOR = b"-----BEGIN PGP MESSAGE-----"
OPENPGP_TAGS = {1, 3, 8, 9, 18, 20}
"""Packets a message may begin with: session keys, compressed and encrypted data (RFC 9580 section 5)."""

SEALED_ENDINGS = {".zip": "zip", ".gz": "gzip", ".pgp": "openpgp", ".gpg": "openpgp"}

RATIO_FREE_BYTES = 1 << 20
"""Below this a file may be packed as tightly as it likes."""

HEAD_BYTES = 64
TAIL_BYTES = 1024
TRAILER = re.compile(rb"\d{9}|\d{1,9}[^0-9A-Za-z]")
"""What follows the last separator of an IEA: the control number and the segment terminator."""
BLANKS = b" \t\r\n\0\x1a"
"""What senders put after the last segment; the last one ends text files of old systems."""
ZIP_END = b"PK\x05\x06"
ZIP_END_BYTES = 22
LONGEST_ZIP_COMMENT = 65535
MOST_DIRECTORY_BYTES = 16 << 20
"""A table of contents that is longer is no honest one; it would be read into memory whole."""

NOT_ENCRYPTED = "NOT_ENCRYPTED"
NO_OPENER = "NO_KEY"
DAMAGED = "DAMAGED"
TOO_LARGE = "TOO_LARGE"
NOT_AS_NAMED = "NOT_AS_NAMED"
EMPTY_ARCHIVE = "EMPTY_ARCHIVE"
ENDED_EARLY = frozenset({DAMAGED})
"""Codes that a file which is still being written would get too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackingLimits:
    """What a drop may become at most.

    Attributes:
        plain_bytes: Bytes of one plain file.
        total_bytes: Bytes of all files a drop unpacks to, at any depth.
        ratio: Plain bytes for one packed byte, above a megabyte.
        files: Plain files in one drop.
        depth: Packings inside one another.
    """

    plain_bytes: int = 8 << 30
    total_bytes: int = 16 << 30
    ratio: int = 200
    files: int = 1000
    depth: int = 4


@dataclass(frozen=True, slots=True)
class PlainFile:
    """One plain file of a drop.

    Attributes:
        path: Where its bytes lie; None when they are the bytes received.
        chain: How it was unpacked; empty when it was plain.
        name: Name inside the archive, as text; the drop's own name where there is none.
        signers: Fingerprints of the certificates that signed it.
    """

    path: Path | None
    chain: str
    name: str
    signers: tuple[str, ...] = ()


class UnpackingError(Exception):
    """A drop cannot be unpacked; `code` says why, the message how, without names or content."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Unpacker:
    """Unpacks drops of one partner.

    Attributes:
        folder: Where plain files are written; on the disk of the raw files.
        limits: Caps.
        opener: Decrypts; None: encrypted drops are refused.
        certificates: Who must have signed an encrypted drop; empty: nobody.
        must_be_encrypted: Whether a drop in clear is refused.
    """

    folder: Path
    limits: UnpackingLimits = field(default_factory=UnpackingLimits)
    opener: MessageOpener | None = None
    certificates: Sequence[str] = ()
    must_be_encrypted: bool = False

    def unpack(self, received: Path, name: str) -> list[PlainFile]:
        """Return every plain file of a drop, in the order of its archives.

        Args:
            received: The bytes as the partner dropped them.
            name: The drop's name; only its ending is looked at.

        Raises:
            UnpackingError: It cannot be unpacked, or not within the limits. Nothing of it is used.
        """
        work = _Work(self, count(), self.limits.total_bytes)
        plain = work.open(PlainFile(received, "", name), depth=0)
        return [
            PlainFile(None, f.chain, f.name, f.signers) if f.path == received else f for f in plain
        ]


@dataclass(slots=True)
class _Work:
    """One drop being unpacked: what is left of its allowance, and names for its files."""

    unpacker: Unpacker
    numbers: "count[int]"
    bytes_left: int
    files: int = 0

    def open(self, packed: PlainFile, depth: int) -> list[PlainFile]:
        """Every plain file inside one file, itself when it is plain."""
        if packed.path is None:
            return [packed]
        with packed.path.open("rb") as file:
            kind = kind_of(file.read(HEAD_BYTES))
        if depth == 0 and self.unpacker.must_be_encrypted and kind != "openpgp":
            raise UnpackingError(NOT_ENCRYPTED, "it is not encrypted, as agreed with this partner")
        if kind == "plain":
            return [self._counted(packed)]
        if depth == self.unpacker.limits.depth:
            raise UnpackingError(TOO_LARGE, f"it is packed more than {depth} times")
        inner = {"openpgp": self._decrypt, "zip": self._unzip, "gzip": self._gunzip}[kind](packed)
        plain: list[PlainFile] = []
        for part in inner:
            plain += self.open(part, depth + 1)
        if depth:
            packed.path.unlink(missing_ok=True)  # what we wrote on the way
        return plain

    def _counted(self, plain: PlainFile) -> PlainFile:
        self.files += 1
        if self.files > self.unpacker.limits.files:
            raise UnpackingError(TOO_LARGE, f"it holds more than {self.files - 1} files")
        ending = Path(plain.name.lower()).suffix
        expected = SEALED_ENDINGS.get(ending)
        if expected and plain.path is not None and not _is_interchange(plain.path):
            raise UnpackingError(NOT_AS_NAMED, f"its name says {expected}, its bytes do not")
        return plain

    def _decrypt(self, packed: PlainFile) -> list[PlainFile]:
        opener = self.unpacker.opener
        if opener is None or packed.path is None:
            raise UnpackingError(
                NO_OPENER, "it is encrypted, and this partner has no key configured"
            )
        target = self._target()
        try:
            signers = opener.open_message(
                packed.path, target, self.unpacker.certificates, self._most_bytes(packed.path)
            )
        except OpenPgpError as error:
            raise UnpackingError(error.code, str(error)) from None
        self.bytes_left -= target.stat().st_size
        name = _without(packed.name, ".pgp", ".gpg", ".asc")
        return [PlainFile(target, _chain(packed, "openpgp"), name, tuple(signers))]

    def _gunzip(self, packed: PlainFile) -> list[PlainFile]:
        if packed.path is None:
            return []
        try:
            with gzip.open(packed.path, "rb") as source:
                target = self._copy(source, self._most_bytes(packed.path))
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise UnpackingError(DAMAGED, "the gzip stream is damaged or ended early") from None
        name = _without(packed.name, ".gz")
        return [PlainFile(target, _chain(packed, "gzip"), name, packed.signers)]

    def _unzip(self, packed: PlainFile) -> list[PlainFile]:
        if packed.path is None:
            return []
        limits, found = self.unpacker.limits, []
        ratio_bytes_left = self._ratio_bytes(packed.path)
        try:
            with packed.path.open("rb") as file, zipfile.ZipFile(_sane(file)) as archive:
                members = [member for member in archive.infolist() if not member.is_dir()]
                if not members:
                    raise UnpackingError(EMPTY_ARCHIVE, "the archive holds no file")
                if len(members) > limits.files:
                    raise UnpackingError(TOO_LARGE, f"it holds more than {limits.files} files")
                for number, member in enumerate(members):
                    if member.flag_bits & 1:
                        raise UnpackingError(NO_OPENER, "the archive is locked with a password")
                    most_bytes = min(ratio_bytes_left, limits.plain_bytes, self.bytes_left)
                    with archive.open(member) as source:
                        target = self._copy(source, most_bytes)
                    ratio_bytes_left -= target.stat().st_size
                    chain = _chain(packed, f"zip:{number}")
                    found.append(PlainFile(target, chain, member.filename, packed.signers))
        except (zipfile.BadZipFile, EOFError, zlib.error, OSError, RuntimeError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # a disk of ours
            raise UnpackingError(DAMAGED, "the zip archive is damaged or ended early") from None
        return found

    def _copy(self, source: IO[bytes] | gzip.GzipFile, most_bytes: int) -> Path:
        """Write what a packed stream gives, counting what comes and not what was announced."""
        target = self._target()
        written = 0
        with target.open("wb") as file:
            while chunk := source.read(CHUNK_BYTES):
                written += len(chunk)
                if written > most_bytes:
                    raise UnpackingError(TOO_LARGE, "it unpacks to more than is allowed")
                file.write(chunk)
        self.bytes_left -= written
        return target

    def _most_bytes(self, packed: Path) -> int:
        """What a packed file may become, by its own size, a file's cap and what is left."""
        return min(self._ratio_bytes(packed), self.unpacker.limits.plain_bytes, self.bytes_left)

    def _ratio_bytes(self, packed: Path) -> int:
        return RATIO_FREE_BYTES + packed.stat().st_size * self.unpacker.limits.ratio

    def _target(self) -> Path:
        return self.unpacker.folder / str(next(self.numbers))


def kind_of(head: bytes) -> str:
    """What a file's first bytes say it is: `openpgp`, `zip`, `gzip` or `plain`."""
    if head.startswith((b"PK\x03\x04", ZIP_END)):
        return "zip"
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.lstrip().startswith(ARMOR):
        return "openpgp"
    if head and head[0] & 0x80:
        tag = head[0] & 0x3F if head[0] & 0x40 else (head[0] >> 2) & 0xF
        if tag in OPENPGP_TAGS and not head.startswith(b"\xef\xbb\xbf"):
            return "openpgp"
    return "plain"


def is_complete(path: Path) -> bool:
    """Whether a file that begins as an interchange also ends as one; other files are taken as whole."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).lstrip(b"\xef\xbb\xbf\r\n \t")
        if not head.startswith(b"ISA") or len(head) < 4:
            return True
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read()
    last = tail.rpartition(b"IEA" + head[3:4])[2]
    return last != tail and bool(TRAILER.fullmatch(last.split(head[3:4])[-1].strip(BLANKS)))


def _is_interchange(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES).lstrip(b"\xef\xbb\xbf\r\n \t").startswith(b"ISA")


def _sane(file: IO[bytes]) -> IO[bytes]:
    """The archive, unless its table of contents alone would fill the memory."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - ZIP_END_BYTES - LONGEST_ZIP_COMMENT))
    end = file.read()
    place = end.rfind(ZIP_END)
    directory_bytes = int.from_bytes(end[place + 12 : place + 16], "little") if place >= 0 else 0
    if directory_bytes > MOST_DIRECTORY_BYTES:
        raise UnpackingError(TOO_LARGE, "the archive's table of contents is too long")
    file.seek(0)
    return file


def _chain(packed: PlainFile, step: str) -> str:
    return f"{packed.chain} > {step}" if packed.chain else step


def _without(name: str, *endings: str) -> str:
    """A name without the ending of the packing that was taken off."""
    for ending in endings:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name
