"""The claim levels of a 277CA as text, put together column by column: a night has a million of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from edi.writing import ALTERNATIVE_DELIMITERS, Delimiters, money_text, render_segment

Indexes = npt.NDArray[np.int64]

COLUMNS = (
    "claim_index",
    "set_index",
    "subscriber_index",
    "patient_control_number",
    "charge_usd",
    "clearinghouse_number",
    "subscriber_last_name",
    "subscriber_first_name",
    "subscriber_member_id",
    "patient_last_name",
    "patient_first_name",
)
OPTIONAL = ("bill_type_code", "claim_frequency_code", "statement_begin_date", "statement_end_date")
"""Columns of institutional claims."""

LINE_COLUMNS = (
    "claim_index",
    "line_number",
    "procedure_qualifier",
    "procedure_code",
    "modifier_1",
    "modifier_2",
    "modifier_3",
    "modifier_4",
    "charge_usd",
    "unit_count",
    "line_control_number",
    "service_date",
    "service_end_date",
)


class DatesOfSource(Protocol):
    """What the claim level needs of the source."""

    @property
    def received_date(self) -> date:
        """When the file came."""

    @property
    def processed_date(self) -> date:
        """When its claims were judged."""


def clean(text: str) -> str:
    """Text as it may be sent: printable ASCII, blanks at the ends removed."""
    return "".join(c if " " <= c <= "~" else "?" for c in text).strip()


def cents_array(amounts: pa.ChunkedArray) -> Indexes:
    """Amounts in dollars as cents; none is 0."""
    cents = pc.multiply(pc.fill_null(amounts, Decimal(0)), pa.scalar(Decimal(100)))
    numbers: Indexes = pc.cast(cents, pa.int64()).to_numpy()
    return numbers


def money_texts(cents: Indexes) -> pa.Array:
    """Amounts as X12 writes them."""
    values, where = np.unique(cents, return_inverse=True)
    return pa.array([money_text(int(value)) for value in values], pa.string()).take(pa.array(where))


def safe_delimiters(texts: Iterable[pa.Array]) -> Delimiters:
    """The first delimiters of which none stands in a text to be sent."""
    seen = np.zeros(256, bool)
    for text in texts:
        for chunk in text.chunks if isinstance(text, pa.ChunkedArray) else [text]:
            content = chunk.buffers()[2]
            if content is not None and len(content):
                seen |= np.bincount(np.frombuffer(content, np.uint8), minlength=256) > 0
    for marks in ALTERNATIVE_DELIMITERS:
        if not any(seen[ord(mark)] for mark in marks.characters):
            return marks
    return ALTERNATIVE_DELIMITERS[-1]


class ClaimTexts:
    """Claims of a file's accepted sets as the text of their level, without its number."""

    def __init__(
        self, folder: Path, statuses: pa.Table, line_statuses: pa.Table, source: DatesOfSource
    ) -> None:
        self.source = source
        self.statuses = statuses
        self.line_statuses = line_statuses
        self.claims = claims_of(folder, statuses)
        self.lines = pq.read_table(folder / "service_lines.parquet", columns=list(LINE_COLUMNS))
        self.cents = cents_array(self.claims["charge_usd"])
        self.is_accepted = statuses["is_accepted"].to_numpy(zero_copy_only=False)
        self.set_of = self.claims["set_index"].to_numpy()
        self.provider_of = providers_of(folder, self.claims)
        self.texts: pa.Array = pa.array([], pa.string())

    def echoed(self) -> list[pa.Array]:
        """Texts of the claims that are sent again."""
        names = [
            name
            for name, kind in zip(self.claims.column_names, self.claims.schema.types, strict=True)
            if kind == pa.string()
        ]
        lines = [name for name in self.lines.column_names if self.lines[name].type == pa.string()]
        return [*(self.claims[name] for name in names), *(self.lines[name] for name in lines)]

    def by_provider(self, set_index: int) -> Iterator[tuple[int, Indexes]]:
        """Billing providers of a set in the order of their first claim, each with its claims."""
        first_claim, end = np.searchsorted(self.set_of, [set_index, set_index + 1])
        mine = np.arange(first_claim, end)
        providers = self.provider_of[mine]
        _, first_seen = np.unique(providers, return_index=True)
        for provider in providers[np.sort(first_seen)]:
            yield int(provider), mine[providers == provider]

    def counted(self, places: Indexes) -> dict[str, int]:
        """Counts and cents of some claims, accepted and rejected."""
        accepted = self.is_accepted[places]
        cents = self.cents[places]
        return {
            "accepted_count": int(accepted.sum()),
            "rejected_count": int((~accepted).sum()),
            "accepted_cents": int(cents[accepted].sum()),
            "rejected_cents": int(cents[~accepted].sum()),
        }

    def joined(self, places: Indexes, level: int) -> str:
        """Levels of some claims of the provider whose level has that number, numbered on from it."""
        marks = self.delimiters
        numbers = pa.array(np.arange(level + 1, level + 1 + len(places))).cast(pa.string())
        star = marks.element
        texts = join(f"HL{star}", numbers, f"{star}{level}", self.texts.take(pa.array(places)))
        return "".join(texts.to_pylist())

    def build(self, marks: Delimiters) -> None:
        """Write every claim's text with these delimiters."""
        self.delimiters = marks
        star, end = marks.element, marks.segment
        claims, source = self.claims, self.source
        is_patient = pc.or_(
            filled(claims, "patient_last_name"), filled(claims, "patient_first_name")
        )
        last = pc.if_else(
            is_patient, text(claims, "patient_last_name"), text(claims, "subscriber_last_name")
        )
        first = pc.if_else(
            is_patient, text(claims, "patient_first_name"), text(claims, "subscriber_first_name")
        )
        status = self.statuses
        entity = text(status, "entity_code")
        composite = join(
            text(status, "status_category_code"),
            marks.component,
            text(status, "status_code"),
            pc.if_else(pc.equal(entity, ""), "", join(marks.component, entity)),
        )
        action = pc.if_else(status["is_accepted"].combine_chunks(), "WQ", "U")
        self.texts = join(
            f"{star}PT{end}NM1{star}QC{star}1{star}",
            given(last),
            star,
            first,
            f"{star * 4}MI{star}",
            given(text(claims, "subscriber_member_id")),
            f"{end}TRN{star}2{star}",
            given(text(claims, "patient_control_number", strip=False)),
            f"{end}STC{star}",
            composite,
            f"{star}{source.processed_date:%Y%m%d}{star}",
            action,
            star,
            money_texts(self.cents),
            end,
            reference(f"REF{star}1K{star}", text(status, "payer_claim_number"), end),
            reference(f"REF{star}D9{star}", text(claims, "clearinghouse_number"), end),
            reference(f"REF{star}BLT{star}", self.bill_types(), end),
            f"DTP{star}472{star}",
            self.service_dates(star),
            end,
            self.line_texts(),
        )

    def bill_types(self) -> pa.Array:
        """Type of bill of institutional claims, else empty."""
        if "bill_type_code" not in self.claims.column_names:
            return pa.array([""] * len(self.claims), pa.string())
        bill = text(self.claims, "bill_type_code")
        frequency = text(self.claims, "claim_frequency_code")
        return pc.if_else(pc.equal(bill, ""), "", join(bill, frequency))

    def service_dates(self, star: str) -> pa.Array:
        """Format and value of each claim's period: its lines', its statement's, else the day of receipt."""
        last = pc.coalesce(self.lines["service_end_date"], self.lines["service_date"])
        lines = self.lines.set_column(
            self.lines.column_names.index("service_end_date"), "last", last
        )
        found = lines.group_by("claim_index").aggregate([("service_date", "min"), ("last", "max")])
        order = pc.index_in(self.claims["claim_index"], found["claim_index"]).combine_chunks()
        begin, end = (
            found[name].combine_chunks().take(order) for name in ("service_date_min", "last_max")
        )
        received = pa.scalar(self.source.received_date, pa.date32())
        if "statement_begin_date" in self.claims.column_names:
            begin = pc.coalesce(self.claims["statement_begin_date"].combine_chunks(), begin)
            end = pc.coalesce(self.claims["statement_end_date"].combine_chunks(), end)
        begin = pc.coalesce(begin, received)
        first, last = (pc.strftime(day, "%Y%m%d") for day in (begin, pc.coalesce(end, begin)))
        one = join(f"D8{star}", first)
        return pc.if_else(pc.equal(first, last), one, join(f"RD8{star}", first, "-", last))

    def line_texts(self) -> pa.Array:
        """Lines that are why a claim is rejected, as text behind their claim."""
        found: dict[int, list[str]] = {}
        if len(self.line_statuses):
            wanted = self.line_statuses["claim_index"]
            lines = self.lines.filter(pc.is_in(self.lines["claim_index"], wanted)).to_pylist()
            known = {(line["claim_index"], line["line_number"]): line for line in lines}
            for status in self.line_statuses.to_pylist():
                line = known[status["claim_index"], status["line_number"]]
                segments = line_segments(line, status, self.source.processed_date)
                rendered = "".join(render_segment(one, self.delimiters) for one in segments)
                found.setdefault(status["claim_index"], []).append(rendered)
        if not found:
            return pa.array([""] * len(self.claims), pa.string())
        indexes: list[int] = self.claims["claim_index"].to_pylist()
        return pa.array(["".join(found.get(index, ())) for index in indexes], pa.string())


def claims_of(folder: Path, statuses: pa.Table) -> pa.Table:
    """Claims that have a status, with the columns the answer repeats."""
    path = folder / "claims.parquet"
    there = set(pq.read_schema(path).names)
    columns = [*COLUMNS, *(name for name in OPTIONAL if name in there)]
    claims = pq.read_table(path, columns=columns)
    return claims.filter(pc.is_in(claims["claim_index"], statuses["claim_index"])).combine_chunks()


def providers_of(folder: Path, claims: pa.Table) -> Indexes:
    """Row of each claim's billing provider."""
    subscribers = pq.read_table(
        folder / "subscribers.parquet", columns=["subscriber_index", "billing_provider_index"]
    )
    order = np.argsort(subscribers["subscriber_index"].to_numpy())
    keys = subscribers["subscriber_index"].to_numpy()[order]
    at = np.searchsorted(keys, claims["subscriber_index"].to_numpy())
    found: Indexes = subscribers["billing_provider_index"].to_numpy()[order][at]
    return found


def line_segments(line: dict[str, Any], status: dict[str, Any], on: date) -> Iterator[list[Any]]:
    """SVC, STC, REF and DTP of one line."""
    procedure = [clean(line[name] or "") for name in LINE_COLUMNS[2:8]]
    if not procedure[0]:
        procedure[:2] = "HC", procedure[1] or "99999"
    cents = 0 if line["charge_usd"] is None else int(line["charge_usd"].scaleb(2))
    yield ["SVC", procedure, money_text(cents)]
    composite = [status["status_category_code"], status["status_code"], status["entity_code"]]
    yield ["STC", composite, f"{on:%Y%m%d}", "U"]
    if line["line_control_number"]:
        yield ["REF", "FJ", clean(line["line_control_number"])]
    begin = line["service_date"]
    if begin is not None:
        end = line["service_end_date"] or begin
        days = f"{begin:%Y%m%d}" if begin == end else f"{begin:%Y%m%d}-{end:%Y%m%d}"
        yield ["DTP", "472", "D8" if begin == end else "RD8", days]


def text(table: pa.Table, name: str, *, strip: bool = True) -> pa.Array:
    """A text column, none as empty, other than printable ASCII replaced."""
    values = pc.fill_null(table[name].combine_chunks(), "")
    if strip:
        values = pc.utf8_trim_whitespace(values)
    content = values.buffers()[2]
    raw = np.frombuffer(content, np.uint8) if content is not None else np.zeros(0, np.uint8)
    if len(raw) and (raw.min() < 0x20 or raw.max() > 0x7E):
        return pc.replace_substring_regex(values, pattern="[^ -~]", replacement="?")
    return values


def filled(table: pa.Table, name: str) -> pa.Array:
    """Whether a text column has something."""
    return pc.not_equal(text(table, name), "")


def given(values: pa.Array) -> pa.Array:
    """Texts of a required element: NA where there is none."""
    return pc.if_else(pc.equal(values, ""), "NA", values)


def reference(opening: str, values: pa.Array, end: str) -> pa.Array:
    """A segment that is sent only where it has a value."""
    return pc.if_else(pc.equal(values, ""), "", join(opening, values, end))


def join(*parts: str | pa.Array | Sequence[str]) -> pa.Array:
    """Texts laid behind one another, row by row."""
    return pc.binary_join_element_wise(*parts, "")
