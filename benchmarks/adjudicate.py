"""Measures the adjudication stage on tables it makes itself: `python benchmarks/adjudicate.py [lines]`.

A made-up employer under the example plan: families of one to five, claims of one to five lines over
a year, a tenth of them out of network, a history of a quarter as many decisions, some replacements
and voids of paid claims. Prints seconds, lines a second, kernel seconds and peak memory.
"""

import json
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.adjudication import adjudicate, cost_share, stage
from transforms.intake.files import InputFile
from transforms.plan.loader import load_configuration
from transforms.plan.models import Configuration

ROOT = Path(__file__).resolve().parent.parent
CODES = [
    "99213",
    "99214",
    "99203",
    "99212",
    "80053",
    "80061",
    "83036",
    "85025",
    "36415",
    "81002",
    "97110",
    "97140",
    "90834",
    "90837",
    "71046",
    "73721",
    "72148",
    "93000",
    "29881",
    "45380",
    "11102",
    "96372",
    "J1100",
    "E0114",
    "99396",
    "99283",
    "99245",
    "64483",
    "92014",
    "87880",
]
MODIFIERS = ["", "", "", "", "25", "59", "GP", "33"]
NIGHT = date(2026, 12, 10)
EPOCH = np.datetime64("2026-01-01")


def make_night(folder: Path, lines: int, *, first_icn: int, seed: int, people: int) -> InputFile:
    """Claims of about `lines` service lines, as the reader and the judge leave them."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([1, 2, 2, 3, 3, 4, 5], size=lines)
    claims = int(np.searchsorted(np.cumsum(sizes), lines)) or 1
    sizes = sizes[:claims]
    total = int(sizes.sum())
    person = rng.integers(0, people, claims)
    day = EPOCH + rng.integers(0, 330, claims)
    out = rng.random(claims) < 0.1
    owner = np.repeat(np.arange(claims), sizes)
    charge = rng.integers(2_000, 90_000, total)
    claim_charge = np.bincount(owner, weights=charge, minlength=claims).astype(np.int64)
    number = np.arange(total) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    read = folder / "read"
    read.mkdir(parents=True)
    judged = folder / "judged"
    judged.mkdir()
    clinic = rng.integers(0, 2, claims)
    npi = np.where(out, "1234567893", np.array(["1999999984", "1666666668"])[clinic])
    tax = np.where(out, "419999999", np.array(["411111111", "410000002"])[clinic])
    pq.write_table(
        pa.table(
            {
                "claim_index": np.arange(claims),
                "patient_control_number": np.char.add("PCN", np.arange(claims).astype(str)),
                "charge_usd": decimal(claim_charge, 2),
                "place_of_service_code": rng.choice(["11", "11", "11", "22", "10", "20"], claims),
                "claim_frequency_code": np.repeat("1", claims),
                "original_claim_number": pa.nulls(claims, pa.string()),
                "billing_provider_npi": npi,
                "billing_provider_tax_id": tax,
                "billing_provider_taxonomy_code": pa.nulls(claims, pa.string()),
                "rendering_provider_npi": rng.choice(["1000000012", "1000000020"], claims),
                "rendering_provider_taxonomy_code": rng.choice(
                    ["207Q00000X", "207X00000X"], claims
                ),
                "payer_responsibility_code": np.repeat("P", claims),
                "other_payer_responsibility_code": pa.nulls(claims, pa.string()),
                "diagnosis_codes": pa.array([["J029", "E119"]]).take(
                    pa.array(np.zeros(claims, np.int64))
                ),
            }
        ),
        read / "claims.parquet",
        compression="zstd",
    )
    dates = pa.array(np.repeat(day, sizes).astype("datetime64[D]"))
    pq.write_table(
        pa.table(
            {
                "claim_index": owner,
                "line_number": number.astype(np.int32),
                "procedure_code": rng.choice(CODES, total),
                "modifier_1": rng.choice(MODIFIERS, total),
                **{f"modifier_{n}": pa.nulls(total, pa.string()) for n in (2, 3, 4)},
                "charge_usd": decimal(charge, 2),
                "unit_code": np.repeat("UN", total),
                "unit_count": decimal(np.full(total, 1000), 3),
                "place_of_service_code": pa.nulls(total, pa.string()),
                "rendering_provider_npi": pa.nulls(total, pa.string()),
                "diagnosis_pointer_1": np.repeat("1", total),
                "service_date": dates,
                "service_end_date": dates,
                "line_control_number": number.astype(str),
                "byte_start": np.arange(total) * 120,
                "byte_end": np.arange(total) * 120 + 120,
            }
        ),
        read / "service_lines.parquet",
        compression="zstd",
    )
    file_id = f"{first_icn:064d}"
    pq.write_table(
        pa.table(
            {
                "file_id": np.repeat(file_id, claims),
                "claim_index": np.arange(claims),
                "icn": np.char.add(
                    "TPA26", np.char.zfill((np.arange(claims) + first_icn).astype(str), 10)
                ),
                "employer_id": np.repeat("ACME", claims),
                "subscriber_id": np.char.add("E", (person // 3).astype(str)),
                "member_id": np.char.add("M", person.astype(str)),
                "person_id": np.char.add("P", person.astype(str)),
                "received_date": pa.array(np.repeat(np.datetime64(NIGHT), claims)),
            }
        ),
        judged / "matched_claim.parquet",
    )
    return InputFile(
        file_id=file_id,
        folder=read,
        partner_id="bench",
        remote_name="bench.837",
        received_date=NIGHT,
    )


def decimal(units: np.ndarray, scale: int) -> pa.Array:
    """Whole numbers of 10**-scale as a decimal column, which holds them as 128-bit numbers."""
    words = np.ascontiguousarray(np.column_stack([units, units >> 63]).astype(np.int64))
    kind = pa.decimal128(14 if scale == 2 else 15, scale)
    return pa.Array.from_buffers(kind, len(units), [None, pa.py_buffer(words)])


def make_enrollment(folder: Path, people: int) -> None:
    """Everyone covered all year; every twentieth ends in September."""
    folder.mkdir()
    person = np.arange(people)
    end = np.where(person % 20 == 0, np.datetime64("2026-09-30"), np.datetime64("NaT"))
    pq.write_table(
        pa.table(
            {
                "employer_id": np.repeat("ACME", people),
                "member_id": np.char.add("M", person.astype(str)),
                "plan_id": np.repeat("ACME-PPO", people),
                "product_line": np.repeat("MED", people),
                "begin_date": pa.array(np.repeat(EPOCH, people)),
                "end_date": pa.array(end.astype("datetime64[D]")),
                "coverage_tier": np.where(person % 7 == 0, "EE", "FAM"),
                "valid_to_event": pa.nulls(people, pa.int64()),
            }
        ),
        folder / "eligibility_span.parquet",
    )


def empty_history(folder: Path) -> None:
    """The decision tables of the warehouse without rows."""
    import duckdb

    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute((ROOT / "sql" / "schema" / "0001_state.sql").read_text())
        for name in stage.OUTPUTS:
            if name != "flags":
                table = connection.sql(f"select * from {name}").to_arrow_table()
                pq.write_table(table, folder / f"{name}.parquet")
    pq.write_table(
        pa.table({"decision_id": pa.array([], pa.string())}), folder / "decision_in_cycle.parquet"
    )


def keep_as_history(decided: Path, folder: Path) -> None:
    """The decisions of a night as the history of the next one, all of them in a cycle."""
    folder.mkdir()
    for name in stage.OUTPUTS:
        if name != "flags":
            (folder / f"{name}.parquet").write_bytes((decided / f"{name}.parquet").read_bytes())
    ids = pq.read_table(folder / "claim_decision.parquet", columns=["decision_id"])
    pq.write_table(ids, folder / "decision_in_cycle.parquet")


def make_events(first: Path, folder: Path, count: int) -> InputFile:
    """A file that voids (one in four) or replaces the first `count` claims of an earlier night."""
    read, judged = folder / "read", folder / "judged"
    read.mkdir(parents=True)
    judged.mkdir()
    claims = pq.read_table(first / "read" / "claims.parquet").slice(0, count)
    lines = pq.read_table(first / "read" / "service_lines.parquet")
    matched = pq.read_table(first / "judged" / "matched_claim.parquet").slice(0, count)
    frequency = np.where(np.arange(count) % 4 == 0, "8", "7")
    claims = with_column(claims, "claim_frequency_code", frequency)
    claims = with_column(claims, "original_claim_number", matched["icn"])
    file_id = "e" * 64
    new_icns = np.char.add("TPA26", np.char.zfill((np.arange(count) + 5 * 10**8).astype(str), 10))
    matched = with_column(matched, "icn", new_icns)
    matched = with_column(matched, "file_id", np.repeat(file_id, count))
    pq.write_table(claims, read / "claims.parquet")
    pq.write_table(
        lines.filter(pc.less(lines["claim_index"], count)), read / "service_lines.parquet"
    )
    pq.write_table(matched, judged / "matched_claim.parquet")
    return InputFile(
        file_id=file_id,
        folder=read,
        partner_id="bench",
        remote_name="events.837",
        received_date=NIGHT,
    )


def with_column(table: pa.Table, name: str, values: object) -> pa.Table:
    """The table with one text column replaced."""
    column = values if isinstance(values, pa.ChunkedArray) else pa.array(values, pa.string())
    return table.set_column(table.column_names.index(name), name, column)


def run(
    configuration: Configuration,
    base: Path,
    files: list[InputFile],
    history: Path,
    out: Path,
) -> float:
    out.mkdir()
    judged = out.with_name(f"{out.name} judged")
    judged.mkdir()
    parts = [pq.read_table(f.folder.parent / "judged" / "matched_claim.parquet") for f in files]
    pq.write_table(pa.concat_tables(parts), judged / "matched_claim.parquet")
    begin = time.perf_counter()
    adjudicate(
        configuration=configuration,
        employer_id="ACME",
        files=files,
        judged=judged,
        enrollment=base / "enrollment",
        history=history,
        folder=out,
        night=NIGHT,
        decisions_key="adjudicate/bench",
    )
    return time.perf_counter() - begin


def main(lines: int) -> None:
    configuration = load_configuration(ROOT)
    people = max(lines // 8, 10)
    kernel_seconds: list[float] = []
    share_costs = cost_share.share_costs

    def timed(*args: object, **kwargs: object) -> object:
        begin = time.perf_counter()
        try:
            return share_costs(*args, **kwargs)  # type: ignore[arg-type]
        finally:
            kernel_seconds.append(time.perf_counter() - begin)

    from transforms.adjudication import walk

    walk.share_costs = timed  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as place:
        base = Path(place)
        make_enrollment(base / "enrollment", people)
        empty_history(base / "history 0")
        first = make_night(base / "n1", lines // 4, first_icn=1, seed=1, people=people)
        run(configuration, base, [first], base / "history 0", base / "out 1")
        keep_as_history(base / "out 1", base / "history 1")
        second = make_night(base / "n2", lines, first_icn=10**8, seed=2, people=people)
        events = make_events(base / "n1", base / "n3", max(lines // 200, 1))
        files = [second, events]
        cpu = time.process_time()
        seconds = run(configuration, base, files, base / "history 1", base / "out 2")
        cpu = time.process_time() - cpu
        count = sum(pq.read_metadata(f.folder / "service_lines.parquet").num_rows for f in files)
        decisions = pq.read_table(base / "out 2" / "claim_decision.parquet", columns=["decision"])
        outcome = decisions["decision"].value_counts().to_pylist()
    report = {
        "lines": count,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "lines_per_second": round(count / seconds),
        "kernel_seconds": round(kernel_seconds[-1], 3),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "decisions": {row["values"]: row["counts"] for row in outcome},
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
