"""Small X12 files to read: the shipped samples, whole or changed, and sets put together from parts."""

import hashlib
from pathlib import Path

import edi

SAMPLES = Path(__file__).parents[1] / "fixtures" / "domain"
CLAIMS = "837p_w4.edi"
MEMBERS = "834_change.edi"


def sample(name: str = CLAIMS) -> str:
    """A sample as one line."""
    return (SAMPLES / name).read_text().replace("\n", "")


def body_of(name: str = CLAIMS) -> list[str]:
    """Segments of the sample's transaction set, ST to SE."""
    return sample(name).split("~")[2:-3]


def header_of(control: str, usage: str = "T", asks: str = "1") -> str:
    """An ISA of SUB123 with that control number."""
    return (
        f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'SUB123':15}*ZZ*{'TPA01':15}"
        f"*260304*0930*^*00501*{control}*{asks}*{usage}*:"
    )


def set_of(control: str, body: list[str]) -> list[str]:
    """The body as a set with that control number and a true SE01."""
    header = body[0].split("*")
    header[2] = control
    return ["*".join(header), *body[1:-1], f"SE*{len(body)}*{control}"]


def group_of(number: str, sets: list[list[str]], guide: str = "005010X222A1") -> list[str]:
    """Sets as a functional group with a true GE01."""
    code = {"834": "BE", "837": "HC"}.get(sets[0][0].split("*")[1] if sets else "837", "HC")
    return [
        f"GS*{code}*SUB123*TPA01*20260304*0930*{number}*X*{guide}",
        *(segment for body in sets for segment in body),
        f"GE*{len(sets)}*{number}",
    ]


def interchange_of(control: str, groups: list[list[str]]) -> list[str]:
    """Groups as an interchange with a true IEA01."""
    inner = [segment for group in groups for segment in group]
    return [header_of(control), *inner, f"IEA*{len(groups)}*{control}"]


def joined(segments: list[str], end: str = "~") -> str:
    """Segments as a file."""
    return "".join(segment + end for segment in segments)


def write(folder: Path, content: str | bytes, name: str = "file.x12") -> Path:
    """The content as a file; text is Latin-1."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("latin-1"))
    return path


def read(folder: Path, content: str | bytes) -> edi.Reading:
    """The content as read."""
    return edi.read(write(folder, content))


def codes(reading: edi.Reading) -> list[tuple[str, str]]:
    """Level and code of every finding."""
    rows = reading.findings.to_pylist()
    return [(row["level"], row["code"]) for row in rows]


def verdicts(reading: edi.Reading) -> list[str]:
    """Acceptance of every set."""
    return list(reading.tables["transaction_sets"]["acceptance_code"].to_pylist())


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }
