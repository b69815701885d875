"""What the public cases should come to, from their manifest, and what they come to with us."""

import csv
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from ruamel.yaml import YAML

import edi
from edi.acknowledgment import ControlNumbers, acknowledgments
from tests.edi.pyx12_oracle import accepts
from validations.judging import judge_folder

CASES = os.environ.get("EDI_CASES", "")
DIFFERS = Path(__file__).with_name("differs.yaml")
AT = datetime(2026, 3, 4, 10, 5)  # noqa: DTZ001 - headers carry local time without a zone
NUMBERS = ControlNumbers(interchange=1, group=1)

Row = dict[str, str]
Rules = Callable[[Path, edi.Outcome], list[str]]
"""SNIP types 3 to 7: codes of the rules that the tables in a folder break."""

RECEIVED = date(2026, 11, 24)
"""Day the rules take for the day of receipt: after every date of the cases that is meant to be past."""


def broken_rules(folder: Path, _outcome: edi.Outcome) -> list[str]:
    """Rules a read file breaks; those that are only told stand in brackets."""
    found = judge_folder(folder, on=RECEIVED, threads=1)
    rows = zip(found["rule_id"].to_pylist(), found["severity"].to_pylist(), strict=True)
    return sorted({rule if severity == "error" else f"({rule})" for rule, severity in rows})


RULES: Rules | None = broken_rules

LEVELS = {"TA1 R": "TA1", "999 AK9 R": "GROUP", "999 IK5 R": "SET", "999 IK3": "SEGMENT"}
LATER = re.compile(r"277CA|business reject|reject 835|duplicate file/claim|^reject or warn$")
VERDICTS = {"accept": "accept", "accept?": "accept", "reject": "refuse"}


def x12_cases() -> Iterator[Row]:
    """Rows of the manifest whose file is meant to be X12."""
    with (Path(CASES) / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not row["transaction"].startswith("NACHA"):
                yield row


def expected(row: Row) -> str:
    """What the case should come to.

    `accept` (every set), `refuse` (some set, group or interchange), `unsupported` (refused, and the answer names
    the version), `found LAYER` for one known defect, `later LAYER` when the defect is one of SNIP 3 to 7, or
    `open` when nobody says.
    """
    verdict, layer = row.get("our_verdict", ""), row.get("expected_layer", "")
    if verdict.startswith("unsupported"):
        return "unsupported"
    if layer and layer != "accept":
        return f"later {layer}" if LATER.search(layer) and "999" not in layer else f"found {layer}"
    if verdict in VERDICTS:
        return VERDICTS[verdict]
    source = row.get("expected_per_source", "")
    if verdict == "" and source.startswith(("valid", "accept")):
        return "accept"
    return "refuse" if verdict == "" and source.startswith(("invalid", "error case")) else "open"


@dataclass
class Got:
    """What a case came to.

    Attributes:
        sets, accepted: Transaction sets, and those accepted.
        refused: Some set, group or interchange is refused, or the file holds no interchange.
        found: (level, code) of every finding.
        broken: Codes of the rules of SNIP 3 to 7 it breaks; None when they were not run.
        faults: What no case may show: an exception, a lost byte, an answer that is not valid.
    """

    sets: int = 0
    accepted: int = 0
    refused: bool = True
    found: set[tuple[str, str]] = field(default_factory=set)
    broken: list[str] | None = None
    faults: list[str] = field(default_factory=list)

    def words(self) -> str:
        """For the table: verdict and the codes behind it."""
        verdict = "refuse" if self.refused else "accept"
        seen = sorted(f"{level} {code}" for level, code in self.found)[:4]
        return ", ".join([f"{verdict} {self.accepted}/{self.sets}", *seen, *(self.broken or [])])


class Judge:
    """Reads cases one after another in one folder; answers of one shape are checked once."""

    def __init__(self, folder: Path, rules: Rules | None = None) -> None:
        self.folder = folder
        self.rules = rules
        self.shapes: set[str] = set()

    def judge(self, path: Path) -> Got:
        """Read a case, answer it and judge the answers."""
        got = Got()
        try:
            self.read(path, got)
        except Exception as error:  # noqa: BLE001 - that is what a case must never bring about
            got.faults.append(f"raises {type(error).__name__}: {error}")
        return got

    def read(self, path: Path, got: Got) -> None:
        """Fill `got`."""
        outcome = edi.read_to_parquet(path, self.folder, threads=1)
        if not outcome.conservation.bytes_consumed == outcome.bytes == path.stat().st_size:
            got.faults.append("loses bytes")
        tables = {
            name: pq.read_table(self.folder / f"{name}.parquet").to_pylist()
            for name in ("interchanges", "functional_groups", "findings")
        }
        got.sets, got.accepted = outcome.sets, outcome.sets_accepted
        got.refused = (
            got.accepted < got.sets
            or not outcome.interchanges
            or any(row["acknowledgment_code"] == "R" for row in tables["interchanges"])
            or any(row["syntax_error_codes"] for row in tables["functional_groups"])
        )
        got.found = {(row["level"], row["code"]) for row in tables["findings"]}
        if self.rules is not None:
            got.broken = self.rules(self.folder, outcome)
        for document in acknowledgments(self.folder, numbers=NUMBERS, at=AT):
            self.check_answer(document.content.decode("ascii"), document.kind, got)

    def check_answer(self, text: str, kind: str, got: Got) -> None:
        """An answer is valid to pyx12 and to our own reader."""
        shape = re.sub(r"[0-9]+", "9", text.split("\n", 2)[2])
        if shape in self.shapes:
            return
        self.shapes.add(shape)
        if kind == "999" and not accepts(text):
            got.faults.append("its 999 is not valid to pyx12")
        answer = self.folder / "answer.x12"
        answer.write_text(text)
        reading = edi.read(answer)
        if reading.findings.num_rows or reading.outcome.sets_accepted < reading.outcome.sets:
            got.faults.append(f"its {kind} is not valid to our own reader")


def found_at(layer: str, got: Got) -> bool:
    """The defect of a layer such as `999 IK4 7` is found there."""
    for alternative in re.split(r" / | or ", layer):
        words = re.sub(r"\(.*\)", "", alternative).strip()
        if words.startswith(("warn", "reject", "tolerate", "duplicate")):
            if got.found:
                return True
            continue
        for start, level in LEVELS.items():
            code = words.removeprefix(start).strip()
            if words.startswith(start) and code in {"", *(c for at, c in got.found if at == level)}:
                return True
        if "IK4" in words or "HL" in words:
            code = words.rsplit(" ", 1)[-1]
            codes = {c for at, c in got.found if at == "ELEMENT"}
            # HL numbers are elements; a composite with too many parts has a code of its own.
            if code in codes or ("HL" in words and "7" in codes) or (code == "3" and "13" in codes):
                return True
            if "IK4 10/3" in words and "6" in codes:  # a separator inside a simple element
                return True
    return False


def meets(wanted: str, got: Got, row: Row) -> bool:
    """The case came to what it should."""
    kind, _, layer = wanted.partition(" ")
    if kind == "accept":
        return not got.refused and (got.sets > 0 or not int(row.get("sets") or 0))
    if kind in {"refuse", "unsupported"}:
        return got.refused
    if kind == "found":
        tolerated = re.search("warn|tolerate|reject", layer) is not None
        return found_at(layer, got) and (got.refused or tolerated)
    if kind == "later":
        return got.broken is None or bool(got.broken) or bool(got.found)
    return True


def differs() -> dict[str, str]:
    """Cases that come to something else than stated, with the reason, by id."""
    entries: dict[str, Any] = YAML(typ="safe", pure=True).load(DIFFERS)
    return {case: entry["reason"] for case, entry in entries.items()}


@dataclass(frozen=True)
class Result:
    """A case with what it should come to and came to.

    Attributes:
        outcome: ok, listed (differs with a reason), pending (a rule of SNIP 3 to 7 that is not run), DIFFERS
            or FAULT.
        why: Reason of a listed case, or the faults.
    """

    row: Row
    wanted: str
    got: Got
    outcome: str
    why: str = ""


def compared(row: Row, got: Got, listed: dict[str, str]) -> Result:
    """The case's result."""
    wanted = expected(row)
    good = meets(wanted, got, row)
    if got.faults:
        return Result(row, wanted, got, "FAULT", "; ".join(got.faults))
    if row["id"] in listed:
        if good:
            return Result(row, wanted, got, "FAULT", "listed as different, but is not")
        return Result(row, wanted, got, "listed", listed[row["id"]])
    if wanted.startswith("later") and got.broken is None and not got.found:
        return Result(row, wanted, got, "pending")
    return Result(row, wanted, got, "ok" if good else "DIFFERS")


def judged_cases(ids: Collection[str] = ()) -> Iterator[Result]:
    """Results of the cases named, or of all, in the order of the manifest."""
    listed = differs()
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(Path(folder), RULES)
        for row in x12_cases():
            if not ids or row["id"] in ids:
                yield compared(row, judge.judge(Path(CASES) / row["file"]), listed)
