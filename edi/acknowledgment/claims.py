"""Builds the 277CA (005010X214) interchanges that answer the claims of one read file.

One document an interchange with claims: a functional group HN with one transaction set for each accepted
837 set, in file order. Its levels are the source (us), the receiver (who submitted the batch, 1000A), each
billing provider (2000A) and each claim; its counts and amounts are those of the 837 set. What became of a
claim is the caller's: this module knows no rule.

Rules and example: docs/domain/claim-acknowledgment.md
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from edi.acknowledgment.claim_text import ClaimTexts, Indexes, cents_array, clean, safe_delimiters
from edi.acknowledgment.documents import ControlNumbers, address, qualifier
from edi.writing import Delimiters, Envelope, money_text, render_segment, render_set

GUIDE = "005010X214"
SOURCE_LEVEL, RECEIVER_LEVEL, PROVIDER_LEVEL = "20", "21", "19"
RECEIVED = ["A1", "19", "PR"]
"""Status of the receiver and provider levels: received, what became of it stands with the claims."""

ClaimPolicy = Literal["never", "rejected", "always"]

CLAIM_STATUS_SCHEMA = pa.schema(
    [
        ("claim_index", pa.int64()),
        ("is_accepted", pa.bool_()),
        ("status_category_code", pa.string()),
        ("status_code", pa.string()),
        ("entity_code", pa.string()),
        ("payer_claim_number", pa.string()),
    ]
)
"""What became of each claim of the accepted sets, in the order of claim_index; our number of it or empty."""

LINE_STATUS_SCHEMA = pa.schema(
    [
        ("claim_index", pa.int64()),
        ("line_number", pa.int32()),
        ("status_category_code", pa.string()),
        ("status_code", pa.string()),
        ("entity_code", pa.string()),
    ]
)
"""Lines that are why a claim was rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who answers.

    Attributes:
        entity_code: `PR` payer, `AY` clearinghouse.
        name: NM103.
        identifier: NM109.
        application_id: GS02.
        received_date: When the file came.
        processed_date: When its claims were judged.
    """

    entity_code: str = "PR"
    name: str
    identifier: str
    application_id: str
    received_date: date
    processed_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredSet:
    """What the 277CA says of one 837 set. Amounts are cents.

    Attributes:
        set_index: The 837 set.
        accepted_count, rejected_count: Claims.
        accepted_cents, rejected_cents: Their charges.
    """

    set_index: int
    accepted_count: int
    rejected_count: int
    accepted_cents: int
    rejected_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDocument:
    """One 277CA interchange to send.

    Attributes:
        interchange_index: The received interchange it answers.
        receiver_id: ISA06 of that interchange: who gets it.
        interchange_control_number: Our ISA13, nine digits.
        content: ASCII bytes.
        sets: What it says of each set, in file order.
    """

    interchange_index: int
    receiver_id: str
    interchange_control_number: str
    content: bytes
    sets: tuple[AnsweredSet, ...]


def answerable_interchanges(folder: Path) -> int:
    """Interchanges of a read file with claims in accepted sets: so many documents it may get."""
    sets = pq.read_table(
        folder / "transaction_sets.parquet",
        columns=["interchange_index", "acceptance_code", "transaction_set_code", "record_count"],
    ).to_pylist()
    return len(
        {
            row["interchange_index"]
            for row in sets
            if row["acceptance_code"] != "R"
            and row["transaction_set_code"] == "837"
            and row["record_count"]
        }
    )


def answered_sets(
    folder: Path, statuses: pa.Table, policy: ClaimPolicy
) -> dict[int, list[AnsweredSet]]:
    """Sets that a 277CA answers, by interchange: each interchange is one document.

    Args:
        folder: Output of `read_to_parquet`.
        statuses: CLAIM_STATUS_SCHEMA, a row for every claim of the accepted sets.
        policy: `rejected` leaves out sets of which every claim is accepted.

    Raises:
        ValueError: A claim of an accepted set has no status, or one has that is not there.
    """
    if policy == "never":
        return {}
    sets = pq.read_table(
        folder / "transaction_sets.parquet",
        columns=["set_index", "interchange_index", "acceptance_code"],
    ).to_pylist()
    claims = pq.read_table(
        folder / "claims.parquet", columns=["claim_index", "set_index", "charge_usd"]
    )
    accepted = {row["set_index"] for row in sets if row["acceptance_code"] != "R"}
    inside = np.isin(claims["set_index"].to_numpy(), list(accepted))
    if not np.array_equal(
        claims["claim_index"].to_numpy()[inside], statuses["claim_index"].to_numpy()
    ):
        raise ValueError("every claim of an accepted set has one status, in the order of claims")
    set_of = claims["set_index"].to_numpy()[inside]
    cents = cents_array(claims["charge_usd"])[inside]
    is_accepted = statuses["is_accepted"].to_numpy(zero_copy_only=False)
    found: dict[int, list[AnsweredSet]] = {}
    for row in sets:
        first, end = np.searchsorted(set_of, [row["set_index"], row["set_index"] + 1])
        good, amounts = is_accepted[first:end], cents[first:end]
        if first == end or (policy == "rejected" and good.all()):
            continue
        found.setdefault(row["interchange_index"], []).append(
            AnsweredSet(
                set_index=row["set_index"],
                accepted_count=int(good.sum()),
                rejected_count=int((~good).sum()),
                accepted_cents=int(amounts[good].sum()),
                rejected_cents=int(amounts[~good].sum()),
            )
        )
    return found


def claim_acknowledgments(
    folder: Path,
    statuses: pa.Table,
    line_statuses: pa.Table,
    *,
    source: Source,
    numbers: ControlNumbers,
    at: datetime,
    policy: ClaimPolicy = "always",
) -> list[ClaimDocument]:
    """The 277CA documents that answer the claims of a read file, in the order of its interchanges.

    Args:
        folder: Output of `read_to_parquet`.
        statuses: As for `answered_sets`, which says how many control numbers of each kind are used.
        line_statuses: LINE_STATUS_SCHEMA, lines that are why a claim was rejected.
        source: Who answers.
        numbers: First control numbers; each document takes the next of both.
        at: Date and time in the headers.
        policy: Which sets are answered.
    """
    planned = answered_sets(folder, statuses, policy)
    interchanges = {
        row["interchange_index"]: row
        for row in pq.read_table(folder / "interchanges.parquet").to_pylist()
    }
    if not planned:
        return []
    texts = _FileTexts(folder, statuses, line_statuses, source)
    documents = []
    for number, (index, sets) in enumerate(planned.items()):
        received = interchanges[index]
        envelope = _envelope(received, source, numbers.interchange + number, at, texts, sets[0])
        control = f"{numbers.interchange + number:09d}"
        rendered = [
            texts.rendered(answered, f"{place:04d}", control, at)
            for place, answered in enumerate(sets, 1)
        ]
        marks = texts.delimiters
        group = envelope.group(
            functional_identifier_code="HN",
            group_control_number=numbers.group + number,
            guide=GUIDE,
            sets=rendered,
            delimiters=marks,
        )
        text = envelope.header(marks) + group + envelope.trailer(1, marks)
        documents.append(
            ClaimDocument(
                interchange_index=index,
                receiver_id=received["sender_id"],
                interchange_control_number=control,
                content=text.encode("ascii"),
                sets=tuple(sets),
            )
        )
    return documents


def _envelope(  # noqa: PLR0917 - one place calls it
    received: Mapping[str, Any],
    source: Source,
    number: int,
    at: datetime,
    texts: "_FileTexts",
    first: AnsweredSet,
) -> Envelope:
    """ISA and GS with sender and receiver exchanged."""
    usage = received["usage_indicator"]
    return Envelope(
        sender_qualifier=qualifier(received["receiver_qualifier"]),
        sender_id=address(received["receiver_id"]).rstrip(),
        receiver_qualifier=qualifier(received["sender_qualifier"]),
        receiver_id=address(received["sender_id"]).rstrip(),
        sender_code=source.application_id,
        receiver_code=texts.group_sender(first.set_index),
        at=at,
        interchange_control_number=number,
        usage_indicator=usage if usage in {"P", "T"} else "P",
    )


class _FileTexts:
    """Everything of a file that its 277CA sets repeat, as text, ready to be put together."""

    def __init__(
        self, folder: Path, statuses: pa.Table, line_statuses: pa.Table, source: Source
    ) -> None:
        self.source = source
        self.sets = {
            row["set_index"]: row
            for row in pq.read_table(folder / "transaction_sets.parquet").to_pylist()
        }
        self.groups = {
            row["group_index"]: row
            for row in pq.read_table(folder / "functional_groups.parquet").to_pylist()
        }
        self.batches = {
            row["set_index"]: row
            for row in pq.read_table(folder / "claim_batches.parquet").to_pylist()
        }
        self.providers = pq.read_table(folder / "billing_providers.parquet").to_pylist()
        self.claims = ClaimTexts(folder, statuses, line_statuses, source)
        self.delimiters: Delimiters = safe_delimiters(
            [*self.claims.echoed(), pa.array(list(self._header_values()), pa.string())]
        )
        self.claims.build(self.delimiters)

    def _header_values(self) -> Iterator[str]:
        """Texts of the source, receiver and provider levels."""
        yield from (self.source.name, self.source.identifier)
        for batch in self.batches.values():
            yield from (str(batch[name] or "") for name in ("batch_reference", *RECEIVER_NAMES))
        for provider in self.providers:
            yield from (str(provider[name] or "") for name in PROVIDER_NAMES)

    def group_sender(self, set_index: int) -> str:
        """GS03 to answer with: GS02 of the received group."""
        group = self.groups[self.sets[set_index]["group_index"]]
        return clean(group["sender_code"])[:15] or "NA"

    def rendered(
        self, answered: AnsweredSet, set_control: str, control: str, at: datetime
    ) -> list[str]:
        """ST to SE of the answer to one 837 set."""
        marks = self.delimiters
        head = list(self._head(answered, set_control, control, at))
        opening = render_set("277", set_control, head, guide=GUIDE, delimiters=marks)
        segments = opening[:-1]  # SE is written when all is counted
        level = RECEIVER_HL
        for provider_index, places in self.claims.by_provider(answered.set_index):
            level += 1
            segments += self._provider(provider_index, level, places)
            segments.append(self.claims.joined(places, level))
            level += len(places)
        count = sum(text.count(marks.segment) for text in segments) + 1
        segments.append(render_segment(["SE", str(count), set_control], marks))
        return segments

    def _head(
        self, answered: AnsweredSet, set_control: str, control: str, at: datetime
    ) -> Iterator[list[Any]]:
        """BHT, the source and the receiver level."""
        source, batch = self.source, self.batches[answered.set_index]
        reference = f"277CA{control}{set_control}"
        yield ["BHT", "0085", "08", reference, f"{at:%Y%m%d}", f"{at:%H%M}", "TH"]
        yield ["HL", "1", "", SOURCE_LEVEL, "1"]
        name = ["NM1", source.entity_code, "2", clean(source.name)[:60], "", "", "", "", "PI"]
        yield [*name, source.identifier]
        yield ["TRN", "1", reference]
        yield ["DTP", "050", "D8", f"{source.received_date:%Y%m%d}"]
        yield ["DTP", "009", "D8", f"{source.processed_date:%Y%m%d}"]
        yield ["HL", str(RECEIVER_HL), "1", RECEIVER_LEVEL, "1"]
        first, last, middle = (clean(batch[name] or "") for name in RECEIVER_NAMES[:3])
        identifier = clean(batch["submitter_id"] or "") or "NA"
        person = batch["submitter_entity_type"] if batch["submitter_entity_type"] == "1" else "2"
        names = [last or identifier, *((first, middle) if person == "1" else ("", ""))]
        yield ["NM1", "41", person, *names, "", "", "46", identifier]
        yield ["TRN", "2", clean(batch["batch_reference"] or "")[:50] or "NA"]
        total = answered.accepted_cents + answered.rejected_cents
        when = f"{source.processed_date:%Y%m%d}"
        yield ["STC", RECEIVED, when, "WQ", money_text(total)]
        yield from _totals(answered, "90", "AA")

    def _provider(self, provider_index: int, level: int, places: Indexes) -> list[str]:
        """Segments of one billing provider's level."""
        provider = self.providers[provider_index]
        person = provider["entity_type"] if provider["entity_type"] == "1" else "2"
        last, first, middle, npi, tax_id = (clean(provider[name] or "") for name in PROVIDER_NAMES)
        known = ("XX", npi) if npi else ("FI", tax_id or "NA")
        names = [last or known[1], *((first, middle) if person == "1" else ("", ""))]
        answered = AnsweredSet(set_index=-1, **self.claims.counted(places))
        total = answered.accepted_cents + answered.rejected_cents
        segments: list[list[Any]] = [
            ["HL", str(level), str(RECEIVER_HL), PROVIDER_LEVEL, "1"],
            ["NM1", "85", person, *names, "", "", *known],
            ["TRN", "1", "0"],
            ["STC", RECEIVED, "", "WQ", money_text(total)],
            *_totals(answered, "QA", "QC"),
        ]
        return [render_segment(one, self.delimiters) for one in segments]


RECEIVER_HL = 2
RECEIVER_NAMES = ("submitter_first_name", "submitter_name", "submitter_middle_name", "submitter_id")
PROVIDER_NAMES = ("last_name", "first_name", "middle_name", "npi", "tax_id")


def _totals(answered: AnsweredSet, accepted: str, rejected: str) -> Iterator[list[Any]]:
    """Counts and amounts of a level; those of nothing are not sent."""
    parts = (
        (accepted, "YU", answered.accepted_count, answered.accepted_cents),
        (rejected, "YY", answered.rejected_count, answered.rejected_cents),
    )
    yield from (["QTY", code, str(count)] for code, _, count, _ in parts if count)
    yield from (["AMT", code, money_text(cents)] for _, code, count, cents in parts if count)
