"""Writes the Parquet inputs of one or more small nights and reads the decisions back."""

import dataclasses
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.adjudication.input_columns import MATCHED, RAW_CLAIM, RAW_LINE, SPAN, TEXT
from transforms.adjudication import adjudicate
from transforms.intake.files import InputFile
from transforms.plan.loader import load_configuration
from transforms.plan.models import Configuration, FeeScheduleRate

DECISION_TABLES = ("claim_decision", "line_decision", "line_adjustment", "accumulator_transaction")

LAKESIDE = {"billing_provider_npi": "1999999984", "billing_provider_tax_id": "411111111"}
STRANGER = {"billing_provider_npi": "1234567893", "billing_provider_tax_id": "419999999"}
FAMILY_DOCTOR = "207Q00000X"


@dataclass
class Line:
    """One service line; `date` defaults to the claim's."""

    procedure_code: str
    charge_usd: str
    modifiers: tuple[str, ...] = ()
    service_date: date | None = None
    service_end_date: date | None = None
    unit_count: str = "1"
    unit_code: str = "UN"
    place_of_service_code: str = ""
    rendering_provider_npi: str = ""


@dataclass
class Claim:
    """One claim; `person` names the patient and is the member and person id as well."""

    icn: int
    lines: list[Line]
    person: str = "jane"
    family: str = "E100001"
    service_date: date = date(2026, 3, 2)
    received_date: date | None = None
    provider: dict[str, str] = field(default_factory=lambda: LAKESIDE)
    taxonomy: str = FAMILY_DOCTOR
    place: str = "11"
    frequency: str = "1"
    original: int | None = None
    other_payer: str = ""
    payer_responsibility: str = "P"
    unknown_patient: bool = False
    patient_control_number: str = "PCN"


@dataclass
class Span:
    """Coverage of one person."""

    person: str
    family: str = "E100001"
    plan_id: str = "ACME-PPO"
    begin: date = date(2026, 1, 1)
    end: date | None = None
    tier: str = "FAM"


def icn_text(number: int) -> str:
    return f"TPA26{number:010d}"


@cache
def example_configuration() -> Configuration:
    return load_configuration(Path(__file__).resolve().parents[2])


class World:
    """Coverage, history and a folder; every call of `decide` is one night."""

    def __init__(self, folder: Path, configuration: Configuration | None = None) -> None:
        self.folder = folder
        self.configuration = configuration or example_configuration()
        self.spans = [Span("jane")]
        self.history: dict[str, list[pa.Table]] = {name: [] for name in DECISION_TABLES}
        self.in_cycle: list[str] = []
        self.night_number = 0

    def decide(
        self, *files: list[Claim], night: date = date(2026, 3, 12), release: bool = False
    ) -> "Night":
        """Adjudicate the claims (a list a file), keep the decisions, release them if told to."""
        self.night_number += 1
        base = self.folder / f"night {self.night_number}"
        base.mkdir(parents=True)
        inputs = [
            self._write_file(base, number, claims, night) for number, claims in enumerate(files)
        ]
        self._write_matched(base / "judged", files, night)
        self._write_enrollment(base / "enrollment")
        self._write_history(base / "history")
        out = base / "out"
        out.mkdir()
        adjudicate(
            configuration=self.configuration,
            employer_id="ACME",
            files=inputs,
            judged=base / "judged",
            enrollment=base / "enrollment",
            history=base / "history",
            folder=out,
            night=night,
            decisions_key="adjudicate/test",
        )
        decided = Night(out)
        for name in DECISION_TABLES:
            self.history[name].append(pq.read_table(out / f"{name}.parquet"))
        if release:
            self.in_cycle += [
                row["decision_id"]
                for row in decided.rows("claim_decision")
                if row["decision"] in ("APPROVED", "DENIED")
            ]
        return decided

    def _write_file(self, base: Path, number: int, claims: list[Claim], night: date) -> InputFile:
        folder = base / f"read {number}"
        folder.mkdir(parents=True)
        rows, line_rows, byte = [], [], 1000
        for index, claim in enumerate(claims):
            charge = sum((Decimal(line.charge_usd) for line in claim.lines), Decimal(0))
            rows.append(
                {
                    "claim_index": index,
                    "set_index": 0,
                    "patient_control_number": claim.patient_control_number,
                    "place_of_service_code": claim.place,
                    "claim_frequency_code": claim.frequency,
                    "original_claim_number": (
                        None if claim.original is None else icn_text(claim.original)
                    ),
                    **claim.provider,
                    "billing_provider_taxonomy_code": None,
                    "rendering_provider_npi": "1000000012",
                    "rendering_provider_taxonomy_code": claim.taxonomy,
                    "payer_responsibility_code": claim.payer_responsibility,
                    "other_payer_responsibility_code": claim.other_payer or None,
                    "charge_usd": charge,
                    "diagnosis_codes": ["J029", "E119"],
                }
            )
            for line_number, line in enumerate(claim.lines, start=1):
                modifiers = [*line.modifiers, "", "", "", ""]
                day = line.service_date or claim.service_date
                line_rows.append(
                    {
                        "claim_index": index,
                        "line_number": line_number,
                        "procedure_code": line.procedure_code,
                        **{f"modifier_{n + 1}": modifiers[n] or None for n in range(4)},
                        "unit_code": line.unit_code,
                        "place_of_service_code": line.place_of_service_code or None,
                        "rendering_provider_npi": line.rendering_provider_npi or None,
                        "diagnosis_pointer_1": "1",
                        "line_control_number": str(line_number),
                        "charge_usd": Decimal(line.charge_usd),
                        "unit_count": Decimal(line.unit_count),
                        "service_date": day,
                        "service_end_date": line.service_end_date or day,
                        "byte_start": byte,
                        "byte_end": byte + 50,
                    }
                )
                byte += 50
        _write(folder / "claims.parquet", rows, RAW_CLAIM)
        _write(folder / "service_lines.parquet", line_rows, RAW_LINE)
        return InputFile(
            file_id=f"file{number}",
            folder=folder,
            partner_id="sub123",
            remote_name=f"{number}.837",
            received_date=night,
        )

    def _write_matched(self, folder: Path, files: tuple[list[Claim], ...], night: date) -> None:
        folder.mkdir()
        rows = [
            {
                "file_id": f"file{number}",
                "claim_index": index,
                "set_index": 0,
                "icn": icn_text(claim.icn),
                "employer_id": "ACME",
                "subscriber_id": claim.family,
                "member_id": "" if claim.unknown_patient else claim.person,
                "person_id": "" if claim.unknown_patient else claim.person,
                "received_date": claim.received_date or night,
            }
            for number, claims in enumerate(files)
            for index, claim in enumerate(claims)
        ]
        _write(folder / "matched_claim.parquet", rows, MATCHED)

    def _write_enrollment(self, folder: Path) -> None:
        folder.mkdir()
        rows = [
            {
                "employer_id": "ACME",
                "member_id": span.person,
                "subscriber_id": span.family,
                "person_id": span.person,
                "plan_id": span.plan_id,
                "product_line": "MED",
                "coverage_tier": span.tier,
                "benefit_status_code": "A",
                "source_file_id": "834",
                "begin_date": span.begin,
                "end_date": span.end,
                "source_segment": 1,
                "valid_from_event": 1,
                "valid_to_event": None,
            }
            for span in self.spans
        ]
        _write(folder / "eligibility_span.parquet", rows, SPAN)

    def _write_history(self, folder: Path) -> None:
        folder.mkdir()
        for name in DECISION_TABLES:
            if not self.history[name]:
                self.history[name].append(empty_table(name))
            pq.write_table(pa.concat_tables(self.history[name]), folder / f"{name}.parquet")
        _write(
            folder / "decision_in_cycle.parquet",
            [{"decision_id": decision_id} for decision_id in self.in_cycle],
            {"decision_id": TEXT},
        )

    def used(self, accumulator_id: str) -> int:
        """Total of an accumulator over all nights: cents or visits."""
        return sum(
            row["amount"]
            for table in self.history["accumulator_transaction"]
            for row in table.to_pylist()
            if row["accumulator_id"] == accumulator_id
        )

    def post(self, accumulator_id: str, amount: int) -> None:
        """Put an amount on an accumulator before the first night, as a takeover balance would."""
        row = {
            "accumulator_id": accumulator_id,
            "decision_id": "TAKEOVER",
            "line_number": len(self.history["accumulator_transaction"]),
            "amount": amount,
            "night": date(2026, 1, 1),
        }
        self.history["accumulator_transaction"].append(
            pa.Table.from_pylist([row], schema=empty_table("accumulator_transaction").schema)
        )


class Night:
    """Decisions of one night."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = pq.read_table(self.folder / f"{name}.parquet").to_pylist()
        return rows

    def claim(self, icn: int, suffix: str = "") -> dict[str, Any]:
        wanted = icn_text(icn) + suffix
        (row,) = [r for r in self.rows("claim_decision") if r["decision_id"] == wanted]
        return row

    def line(self, icn: int, number: int = 1, suffix: str = "") -> dict[str, Any]:
        wanted = (icn_text(icn) + suffix, number)
        (row,) = [
            r for r in self.rows("line_decision") if (r["decision_id"], r["line_number"]) == wanted
        ]
        return row

    def adjustments(self, icn: int, number: int = 1, suffix: str = "") -> list[str]:
        """As `CO-45 324.60`, with the remark code where there is one, in the order sent."""
        wanted = (icn_text(icn) + suffix, number)
        return [
            " ".join(
                filter(
                    None,
                    (
                        f"{r['group_code']}-{r['reason_code']}",
                        str(r["amount_usd"]),
                        r["remark_code"],
                    ),
                )
            )
            for r in self.rows("line_adjustment")
            if (r["decision_id"], r["line_number"]) == wanted
        ]

    def posted(self, icn: int, suffix: str = "") -> dict[str, int]:
        """What a decision posted, by accumulator id."""
        posted: dict[str, int] = {}
        for row in self.rows("accumulator_transaction"):
            if row["decision_id"] == icn_text(icn) + suffix:
                posted[row["accumulator_id"]] = posted.get(row["accumulator_id"], 0) + row["amount"]
        return posted


def account(kind: str, owner: str, network: str = "IN", year: str = "2026-01-01") -> str:
    return f"{kind}|{network}|ACME|MEDICAL|{year}|{owner}"


@cache
def empty_table(name: str) -> pa.Table:
    """A warehouse table without rows, from the shipped schema."""
    import duckdb

    with duckdb.connect() as connection:
        schema = Path(__file__).resolve().parents[2] / "sql" / "schema" / "0001_state.sql"
        connection.execute(schema.read_text())
        return connection.sql(f"select * from {name}").to_arrow_table()


def with_plan(configuration: Configuration, **changes: Any) -> Configuration:
    """The configuration with some fields of ACME's plan replaced."""
    employer = configuration.employers["ACME"]
    plan = employer.plans[0].model_copy(update=changes)
    changed = employer.model_copy(update={"plans": (plan,)})
    return dataclasses.replace(
        configuration, employers={**configuration.employers, "ACME": changed}
    )


def with_network(configuration: Configuration, **changes: Any) -> Configuration:
    """The configuration with some fields of the network replaced."""
    network = configuration.networks["NORTHSTAR"].model_copy(update=changes)
    return dataclasses.replace(configuration, networks={"NORTHSTAR": network})


def with_lakeside_pricing(configuration: Configuration, **changes: Any) -> Configuration:
    """The configuration with some fields of Lakeside's way to price replaced."""
    lakeside, *others = configuration.networks["NORTHSTAR"].contracts
    pricing = lakeside.pricing.model_copy(update=changes)
    changed = lakeside.model_copy(update={"pricing": pricing})
    return with_network(configuration, contracts=(changed, *others))


def with_rate_rows(configuration: Configuration, *rows: tuple[str, str, str]) -> Configuration:
    """The configuration with (code, modifier, dollars) added to Northstar's schedule."""
    schedule = configuration.networks["NORTHSTAR"].fee_schedules[0]
    added = tuple(
        FeeScheduleRate.model_validate(
            {"procedure_code": code, "modifier": modifier, "rate_usd": rate, "from": "2020-01-01"}
        )
        for code, modifier, rate in rows
    )
    changed = schedule.model_copy(update={"rates": (*schedule.rates, *added)})
    return with_network(configuration, fee_schedules=(changed,))


def with_rates(configuration: Configuration, **rates: str) -> Configuration:
    """`c12345="10.00"` prices procedure 12345."""
    return with_rate_rows(configuration, *((code[1:], "", rate) for code, rate in rates.items()))


def _write(path: Path, rows: list[dict[str, Any]], schema: dict[str, pa.DataType]) -> None:
    table = pa.Table.from_pylist(rows, schema=pa.schema(list(schema.items())))
    pq.write_table(table, path)
