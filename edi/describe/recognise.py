"""What a file is that holds no X12, from its first bytes, and what to do with it."""

from dataclasses import dataclass
from pathlib import Path

LOOKED_AT = 4096
CHUNK = 1 << 20
MAGIC = (
    (b"\x1f\x8b", "it is compressed with gzip", "unpack it first, for example: gunzip FILE"),
    (b"PK\x03\x04", "it is a ZIP archive", "unpack it first, for example: unzip FILE"),
    (b"BZh", "it is compressed with bzip2", "unpack it first, for example: bunzip2 FILE"),
    (b"\xfd7zXZ\x00", "it is compressed with xz", "unpack it first, for example: unxz FILE"),
    (b"(\xb5/\xfd", "it is compressed with zstd", "unpack it first, for example: unzstd FILE"),
    (b"-----BEGIN PGP", "it is encrypted with PGP", "decrypt it first"),
    (b"\x85\x01", "it is encrypted with PGP", "decrypt it first"),
    (b"\x84", "it is encrypted with PGP", "decrypt it first"),
    (b"\xff\xfe", "it is written in UTF-16", "ask for it in ASCII or UTF-8"),
    (b"\xfe\xff", "it is written in UTF-16", "ask for it in ASCII or UTF-8"),
    (b"I\x00S\x00A\x00", "it is written in UTF-16", "ask for it in ASCII or UTF-8"),
    (b"%PDF", "it is a PDF", "ask for the X12 file"),
    (b"PAR1", "it is a Parquet file", "name the X12 file it was made from"),
    (b"<", "it is XML or HTML", "ask for the X12 file"),
    (b"{", "it is JSON", "ask for the X12 file"),
    (b"101 ", "it is a NACHA file", "this command reads X12"),
)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class NotX12:
    """Why a file cannot be read, and what to do."""

    why: str
    do: str


def not_x12(path: Path) -> NotX12 | None:
    """Why a file holds no X12 at its begin; None if it may.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(LOOKED_AT)
    if not head:
        return NotX12("it is empty", "check the transfer and ask the sender for the file again")
    for magic, why, do in MAGIC:
        if head.startswith(magic):
            return NotX12(why, do.replace("FILE", path.name))
    text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
    if not text:
        return NotX12("it begins with nothing but blanks", "look whether the right file was sent")
    if b"ISA" in head or _holds(path, b"ISA"):
        return None
    if text.startswith((b"GS", b"ST")):
        return NotX12("it has no interchange header (ISA)", "ask the sender for the whole file")
    return NotX12(
        "it holds no interchange header (ISA) anywhere",
        "name an X12 file, or ask the sender what this is",
    )


def _holds(path: Path, word: bytes) -> bool:
    """The word stands somewhere in the file."""
    before = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if word in before + chunk:
                return True
            before = chunk[1 - len(word) :]
    return False
