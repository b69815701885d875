"""835s and a bank file written out plainly: small, right, and nothing of the real writers in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from transforms.plan.models import Configuration


@dataclass(frozen=True)
class PlainDocument:
    """What a builder gives."""

    file_name: str
    content: bytes
    payment_id: str = ""
    partner_id: str = ""


def plain(amount: Decimal) -> str:
    """An amount as X12 writes it: no needless zeros on either side of the point."""
    text = f"{abs(amount):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "-" * (amount < 0) + (text.removeprefix("0") or "0")


@dataclass(frozen=True)
class DecidedClaim:
    """What a claim loop says."""

    icn: str
    replaces: str
    charge: Decimal
    paid: Decimal
    kind: str

    def loop(self) -> Sequence[str]:
        is_reversal = self.kind == "REVERSAL"
        status = "22" if is_reversal else "1"
        charge, paid = plain(self.charge), plain(self.paid)
        segments = [f"CLP*PCN*{status}*{charge}*{paid}**12*{self.icn}*11*1"]
        if self.charge != self.paid:
            segments.append(f"CAS*CO*45*{plain(self.charge - self.paid)}")
        segments.append("NM1*QC*1*DOE*JANE****MI*E1")
        if self.replaces and not is_reversal:
            segments.append(f"REF*F8*{self.replaces}")
        return segments

    def place(self) -> tuple[str, bool]:
        """A reversal stands right before the claim that replaces it."""
        return self.replaces or self.icn, self.kind != "REVERSAL"


def plain_remittances(
    decided: Mapping[str, DecidedClaim],
    *,
    company_id: str,
    payments: pa.Table,
    provider_adjustments: pa.Table,
    payment_claims: pa.Table,
    at: datetime,
) -> Iterator[PlainDocument]:
    """One 835 a payment with one claim loop a decision and no service lines."""
    claims: dict[str, list[DecidedClaim]] = {}
    for row in payment_claims.to_pylist():
        claims.setdefault(row["payment_id"], []).append(decided[row["decision_id"]])
    adjustments: dict[str, list[dict[str, Any]]] = {}
    for row in provider_adjustments.to_pylist():
        adjustments.setdefault(row["payment_id"], []).append(row)
    for payment in payments.to_pylist():
        key = payment["payment_id"]
        own = sorted(claims[key], key=DecidedClaim.place)
        body = [
            *(segment for claim in own for segment in claim.loop()),
            *(plb(payment, row) for row in adjustments.get(key, [])),
        ]
        yield PlainDocument(
            payment_id=key,
            partner_id=payment["receiver_partner_id"],
            file_name=f"835_{payment['trace_number']}.edi",
            content=interchange(payment, body, company_id, at),
        )


def plb(payment: dict[str, Any], row: dict[str, Any]) -> str:
    return (
        f"PLB*{payment['payee_npi']}*20261231*{row['reason_code']}:{row['reference']}"
        f"*{plain(row['amount_usd'])}"
    )


def interchange(
    payment: dict[str, Any], body: Sequence[str], company_id: str, at: datetime
) -> bytes:
    method = payment["method"]
    effective = payment["effective_date"].strftime("%Y%m%d")
    bank = {
        "ACH": f"*CCP*01*091000019*DA*1234567*{company_id}**01*071000013*DA*7654321*{effective}",
        "CHK": f"************{effective}",
        "NON": f"************{effective}",
    }[method]
    handling = "H" if method == "NON" else "I"
    control = f"{payment['interchange_control_number']:09d}"
    transaction = [
        "ST*835*0001",
        f"BPR*{handling}*{plain(payment['amount_usd'])}*C*{method}{bank}",
        f"TRN*1*{payment['trace_number']}*{company_id}",
        f"DTM*405*{payment['released_date']:%Y%m%d}",
        "N1*PR*ACME WIDGETS HEALTH PLAN",
        "N3*100 MAIN ST",
        "N4*MINNEAPOLIS*MN*55401",
        "PER*BL*EDI SUPPORT*TE*8005550100",
        f"N1*PE*{payment['payee_name']}*XX*{payment['payee_npi']}",
        f"REF*TJ*{payment['payee_tax_id']}",
        "LX*1",
        *body,
    ]
    transaction.append(f"SE*{len(transaction) + 1}*0001")
    group = payment["group_control_number"]
    segments = [
        (
            f"ISA*00*          *00*          *ZZ*{'TPA01':15}*ZZ*{'RECEIVER':15}"
            f"*{at:%y%m%d}*{at:%H%M}*^*00501*{control}*0*T*:"
        ),
        f"GS*HP*TPA01*RECEIVER*{at:%Y%m%d}*{at:%H%M}*{group}*X*005010X221A1",
        *transaction,
        f"GE*1*{group}",
        f"IEA*1*{control}",
    ]
    return "".join(f"{segment}~" for segment in segments).encode()


def plain_ach_file(
    *,
    configuration: Configuration,
    funding_account_id: str,
    payments: pa.Table,
    file_number: int,
    first_trace_number: int,
    at: datetime,
) -> PlainDocument:
    """A bank file in records written out by hand."""
    company = configuration.administrator.company_id
    rows = payments.to_pylist()
    effective = rows[0]["effective_date"]
    records = [
        (
            f"101 091000019{company}{at:%y%m%d%H%M}{'ABCDEFGH'[file_number - 1]}094101"
            f"{'FED BANK':23}{'TPA CLAIMS':23}{'':8}"
        ),
        (
            f"5220{'ACME HEALTH PLAN':16}{'':20}{company}CCD{'HCCLAIMPMT'}"
            f"{at:%y%m%d}{effective:%y%m%d}   1091000010000001"
        ),
    ]
    total = 0
    for place, row in enumerate(rows):
        cents = int(row["amount_usd"] * 100)
        total += cents
        trace = f"09100001{first_trace_number + place:07d}"
        records.append(
            f"622071000013{'7654321':17}{cents:010d}{row['payee_npi']:15}"
            f"{row['payee_name'][:22]:22}  1{trace}"
        )
        records.append(
            f"705{'TRN*1*' + row['trace_number'] + '*' + company + '~':80}0001{trace[-7:]}"
        )
    tail = f"{2 * len(rows):06d}{7100001 * len(rows) % 10**10:010d}{0:012d}{total:012d}"
    records.append(f"8220{tail}{company}{'':25}091000010000001")
    lines = len(records) + 1
    blocks = -(-lines // 10)
    records.append(f"9000001{blocks:06d}{2 * len(rows):08d}{tail[6:]}{'':39}")
    records += ["9" * 94] * (blocks * 10 - lines)
    return PlainDocument(
        file_name=f"{funding_account_id}_{at:%Y%m%d}_{file_number}.ach",
        content="".join(f"{record}\n" for record in records).encode(),
    )
