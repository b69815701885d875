"""Sample files for the commands, good ones and damaged ones, and the command itself."""

from pathlib import Path

from typer.testing import CliRunner, Result

from transforms.cli.main import app

SAMPLES = Path(__file__).parents[1] / "fixtures" / "domain"
CLAIMS = SAMPLES / "837p_w4.edi"
MEMBERS = SAMPLES / "834_change.edi"
PAYMENTS = SAMPLES / "835_reversal_correction.edi"
SECRETS = (
    "ROE",
    "JOHN",
    "NOPE",
    "NEMO",
    "E100002",
    "E999999",
    "19790101",
    "19900303",
    "OAK ST",
    "FIR ST",
    "J029",
    "E119",
    "2185550100",
    "411111111",
    "PCN-W4",
    "DULUTH",
    "55803",
    "SMITH",
)


def edi(*arguments: object, width: int = 100) -> Result:
    """Run `aso edi` with these arguments on a terminal of that width."""
    environment = {"COLUMNS": str(width), "TERM": "dumb"}
    return CliRunner().invoke(app, ["edi", *map(str, arguments)], env=environment)


def damaged(folder: Path, *changes: tuple[str, str], name: str = "claims.x12") -> Path:
    """The claims sample with texts replaced; each must have been there."""
    text = CLAIMS.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / name
    path.write_text(text)
    return path
