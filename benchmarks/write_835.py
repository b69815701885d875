"""Writing 835s: claims and megabytes a second, beside oxedi's writer in the same run.

`python benchmarks/write_835.py [claims]` makes that many claims (default 100,000) with 2.2 lines each in
payments of 5,000, writes them, judges them with the independent checker and lets oxedi write the same.
Times are medians of three; each writer runs in a process of its own, so that peak memory is its own.
"""

import resource
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from datetime import time as clock
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

AT = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
CLAIMS_A_PAYMENT = 5_000
DAY = date(2026, 3, 2)


def cents_column(cents: np.ndarray) -> pa.Array:
    """int64 cents as decimal(14, 2), without a detour over text."""
    halves = np.empty((cents.size, 2), np.int64)
    halves[:, 0] = cents
    halves[:, 1] = cents >> 63
    return pa.Array.from_buffers(
        pa.decimal128(14, 2), cents.size, [None, pa.py_buffer(halves.tobytes())]
    )


def numbered(prefix: str, count: int, width: int) -> pa.Array:
    return pa.array([f"{prefix}{number:0{width}d}" for number in range(count)])


def constant(value: object, count: int, type_: pa.DataType | None = None) -> pa.Array:
    return pa.repeat(pa.scalar(value, type_), count)


def make_tables(claims: int) -> dict[str, pa.Table]:
    """Claims with two lines, every fifth with a third: one contractual and one patient amount each."""
    from tests.remittance.samples import CONTACT, PAYMENT, table

    lines_of = 2 + (np.arange(claims) % 5 == 4)
    lines = int(lines_of.sum())
    generator = np.random.default_rng(1)
    charge = generator.integers(5_000, 90_000, lines)
    allowed = charge * generator.integers(40, 90, lines) // 100
    patient = allowed * generator.integers(5, 40, lines) // 100
    paid = allowed - patient
    claim_of_line = np.repeat(np.arange(claims), lines_of)
    starts = np.concatenate(([0], np.cumsum(lines_of)[:-1]))
    by_claim = {
        name: np.add.reduceat(values, starts)
        for name, values in (("charge", charge), ("paid", paid), ("patient", patient))
    }
    payments = -(-claims // CLAIMS_A_PAYMENT)
    payment_of = np.arange(claims) // CLAIMS_A_PAYMENT
    total = np.bincount(payment_of, by_claim["paid"]).astype(np.int64)
    payment = table(
        "payment",
        [
            {
                **PAYMENT,
                "payment_id": f"P{number:06d}",
                "interchange_control_number": number + 1,
                "trace_number": f"A{number:010d}",
                "payment_usd": f"{int(cents) // 100}.{int(cents) % 100:02d}",
            }
            for number, cents in enumerate(total)
        ],
    )
    claim = pa.table(
        {
            "parent_row": pa.array(payment_of),
            "patient_control_number": numbered("PCN", claims, 9),
            "claim_status_code": constant("1", claims),
            "charge_usd": cents_column(by_claim["charge"]),
            "payment_usd": cents_column(by_claim["paid"]),
            "patient_responsibility_usd": cents_column(by_claim["patient"]),
            "claim_filing_code": constant("12", claims),
            "payer_claim_control_number": numbered("TPA26", claims, 10),
            "facility_type_code": constant("11", claims),
            "claim_frequency_code": constant("1", claims),
            "patient_last_name": constant("PATIENTNAME", claims),
            "patient_first_name": constant("JORDAN", claims),
            "patient_id_qualifier": constant("MI", claims),
            "patient_id": numbered("E", claims, 9),
            "rendering_entity_type": constant("1", claims),
            "rendering_last_name": constant("SMITHERS", claims),
            "rendering_first_name": constant("ANN", claims),
            "rendering_id_qualifier": constant("XX", claims),
            "rendering_id": constant("1000000012", claims),
            "statement_from_date": constant(DAY, claims),
            "statement_through_date": constant(DAY, claims),
            "received_date": constant(DAY, claims),
        }
    )
    service = pa.table(
        {
            "parent_row": pa.array(claim_of_line),
            "procedure_qualifier": constant("HC", lines),
            "procedure_code": pa.array([str(99202 + n % 14) for n in range(lines)]),
            "charge_usd": cents_column(charge),
            "payment_usd": cents_column(paid),
            "paid_unit_count": constant(1, lines, pa.decimal128(15, 3)),
            "service_date": constant(DAY, lines),
            "line_control_number": pa.array([str(n) for n in range(lines)]),
            "allowed_usd": cents_column(allowed),
        }
    )
    amounts = np.empty(2 * lines, np.int64)
    amounts[0::2], amounts[1::2] = charge - allowed, patient
    adjustment = pa.table(
        {
            "parent_row": pa.array(np.repeat(np.arange(lines), 2)),
            "group_code": pa.array(["CO", "PR"] * lines),
            "reason_code": pa.array(["45", "2"] * lines),
            "amount_usd": cents_column(amounts),
        }
    )
    reference = {"qualifier": "TJ", "value": "411111111"}
    return {
        "payment": payment,
        "payer_contact": table(
            "payer_contact", [{**CONTACT, "parent_row": n} for n in range(payments)]
        ),
        "payee_reference": table(
            "payee_reference", [{**reference, "parent_row": n} for n in range(payments)]
        ),
        "claim_group": table(
            "claim_group", [{"parent_row": n, "group_number": 1} for n in range(payments)]
        ),
        "claim_payment": claim,
        "service_payment": service,
        "service_adjustment": adjustment,
    }


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(claims: int, megabytes: float, seconds: list[float]) -> str:
    middle = median(seconds)
    return f"{claims / middle:>10,.0f} claims/s {megabytes / middle:>7.1f} MB/s"


def ours(claims: int) -> None:
    from edi.remittance import write_remittances
    from validations.remittance_check import check_remittance

    tables = make_tables(claims)
    small = {name: table.slice(0, 0) for name, table in tables.items()}
    list(write_remittances(small, at=AT))
    before = peak_mb()
    written, checked, megabytes = [], [], 0.0
    for _ in range(3):
        start = time.perf_counter()
        documents = [document.content for document in write_remittances(tables, at=AT)]
        written.append(time.perf_counter() - start)
        megabytes = sum(len(content) for content in documents) / 1e6
        start = time.perf_counter()
        findings = [finding for content in documents for finding in check_remittance(content)]
        checked.append(time.perf_counter() - start)
        assert not findings, findings[:3]
    print(
        f"ours, write and refuse {timed(claims, megabytes, written)}"
        f"   peak {peak_mb():,.0f} MB, {before:,.0f} of them the tables and libraries"
    )
    print(f"ours, independent gate {timed(claims, megabytes, checked)}")


def oxedis(claims: int) -> None:
    import oxedi

    from edi.remittance import write_remittances

    tables = make_tables(claims)
    parts = [document.content for document in write_remittances(tables, at=AT)]
    start = parts[0].index(b"ST*835")
    sets = [part[part.index(b"ST*835") : part.index(b"GE*1*")] for part in parts]
    body = b"".join(
        text.replace(b"*0001~", b"*%04d~" % number) for number, text in enumerate(sets, start=1)
    )
    whole = parts[0][:start] + body + b"GE*%d*1234~IEA*1*000000001~" % len(parts)
    parsed = oxedi.parse(whole)
    envelope = oxedi.Envelope(
        sender_id="TPA01", receiver_id="LAKESIDE", date=AT.date(), time=clock(12, 0)
    )
    seconds, content = [], b""
    for _ in range(3):
        begin = time.perf_counter()
        content = oxedi.write(parsed.tables, envelope)
        seconds.append(time.perf_counter() - begin)
    print(
        f"oxedi {oxedi.__version__}, write     {timed(claims, len(content) / 1e6, seconds)}"
        f"   peak {peak_mb():,.0f} MB"
    )


def main() -> None:
    if len(sys.argv) == 3:
        {"ours": ours, "oxedi": oxedis}[sys.argv[2]](int(sys.argv[1]))
        return
    claims = sys.argv[1] if len(sys.argv) > 1 else "100000"
    for writer in ("ours", "oxedi"):
        subprocess.run([sys.executable, __file__, claims, writer], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
