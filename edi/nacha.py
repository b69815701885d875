"""ACH files: records of 94 characters, blocked by ten, as NACHA lays them out.

The writer makes what the reader gives back. Amounts are whole cents, dates are days, trace numbers
and ids are text. Totals, hashes and counts are reckoned by the writer and verified by the reader.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Final

from stdnum.us import rtn

RECORD_LENGTH: Final = 94
BLOCKING_FACTOR: Final = 10
MOST_CENTS: Final = 99_999_999_99
CREDITS_ONLY: Final = "220"
CREDIT_CODES: Final = {"22", "32"}
DEBIT_CODES: Final = {"27", "37"}


class NachaError(Exception):
    """An ACH file that cannot be written or read. Names record and field, never their content."""

    code = "ACH-010"

    def __init__(self, problem: str, place: str, fix: str) -> None:
        super().__init__(problem, place, fix)
        self.problem = problem
        self.place = place
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.code} {self.problem}\n  at   {self.place}\n  do   {self.fix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AchEntry:
    """One payment.

    Attributes:
        transaction_code: 22 checking credit, 32 savings credit, 27 and 37 debits.
        routing_number: Nine digits of the receiving bank, check digit included.
        account_number: At most 17 characters.
        amount_cents: Greater than 0.
        individual_id: At most 15 characters; the payee's NPI or tax id.
        individual_name: At most 22 characters.
        trace_number: 15 digits: first eight of the originating bank, then seven, ascending.
        payment_information: Addenda text, at most 80 characters; empty for none.
    """

    transaction_code: str
    routing_number: str
    account_number: str
    amount_cents: int
    individual_id: str
    individual_name: str
    trace_number: str
    payment_information: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AchBatch:
    """Entries of one company with one effective date.

    Attributes:
        service_class_code: 220 credits only, 225 debits only, 200 both.
        company_name: At most 16 characters.
        company_id: Ten characters, 1 and the tax id.
        entry_class_code: CCD for company payments, PPD for people.
        entry_description: At most 10 characters; HCCLAIMPMT for claim payments.
        descriptive_date: The day shown to the receiver.
        effective_date: The day the money is to move.
        origin_bank: First eight digits of the originating bank's routing number.
        batch_number: Ascending within the file.
    """

    service_class_code: str
    company_name: str
    company_id: str
    entry_class_code: str
    entry_description: str
    descriptive_date: date
    effective_date: date
    origin_bank: str
    batch_number: int
    entries: tuple[AchEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AchFile:
    """A whole file.

    Attributes:
        destination_routing_number: Nine digits of the bank the file goes to.
        origin_id: Ten characters: who sends it.
        created_at: Minutes are kept; seconds are not sent.
        file_id_modifier: A to Z or 0 to 9: tells apart the files of one day.
    """

    destination_routing_number: str
    origin_id: str
    created_at: datetime
    file_id_modifier: str
    destination_name: str
    origin_name: str
    batches: tuple[AchBatch, ...]


def write_ach(file: AchFile) -> bytes:
    """The file's records, each followed by a line feed, filled up to whole blocks.

    Raises:
        NachaError: A field does not fit, a check digit is wrong, an amount is not positive, trace
            numbers do not ascend within their batch or repeat in the file.
    """
    _check_traces(file)
    records = [
        "101"
        f" {_routing(file.destination_routing_number, 'file header')}"
        + _text(file.origin_id, 10, "file header, origin")
        + f"{file.created_at:%y%m%d%H%M}"
        + _text(file.file_id_modifier, 1, "file header, modifier")
        + "094101"
        + _text(file.destination_name, 23, "file header, destination name")
        + _text(file.origin_name, 23, "file header, origin name")
        + " " * 8
    ]
    for batch in file.batches:
        records += _write_batch(batch)
    lines = len(records) + 1
    blocks = -(-lines // BLOCKING_FACTOR)
    count, entry_hash, debit, credit = _totals(e for b in file.batches for e in b.entries)
    records.append(
        f"9{len(file.batches):06d}{blocks:06d}{count:08d}{entry_hash:010d}"
        f"{debit:012d}{credit:012d}" + " " * 39
    )
    records += ["9" * RECORD_LENGTH] * (blocks * BLOCKING_FACTOR - lines)
    return "".join(f"{record}\n" for record in records).encode("ascii")


def _write_batch(batch: AchBatch) -> Iterator[str]:
    place = f"batch {batch.batch_number}"
    company_id = _text(batch.company_id, 10, f"{place}, company id")
    yield (
        f"5{_digits(batch.service_class_code, 3, f'{place}, service class')}"
        + _text(batch.company_name, 16, f"{place}, company name")
        + " " * 20
        + company_id
        + _text(batch.entry_class_code, 3, f"{place}, entry class")
        + _text(batch.entry_description, 10, f"{place}, entry description")
        + f"{batch.descriptive_date:%y%m%d}{batch.effective_date:%y%m%d}   1"
        + f"{_digits(batch.origin_bank, 8, f'{place}, origin bank')}{batch.batch_number:07d}"
    )
    for number, entry in enumerate(batch.entries, start=1):
        yield from _write_entry(entry, f"{place}, entry {number}")
    count, entry_hash, debit, credit = _totals(batch.entries)
    yield (
        f"8{batch.service_class_code}{count:06d}{entry_hash:010d}{debit:012d}{credit:012d}"
        + company_id
        + " " * 25
        + f"{batch.origin_bank}{batch.batch_number:07d}"
    )


def _write_entry(entry: AchEntry, place: str) -> Iterator[str]:
    if entry.transaction_code not in CREDIT_CODES | DEBIT_CODES:
        raise NachaError("the transaction code is not known", place, "Use 22, 27, 32 or 37.")
    if not 0 < entry.amount_cents <= MOST_CENTS:
        fix = "An entry pays at least one cent and has at most ten digits."
        raise NachaError("the amount does not fit", place, fix)
    trace = _digits(entry.trace_number, 15, f"{place}, trace number")
    yield (
        f"6{entry.transaction_code}{_routing(entry.routing_number, place)}"
        + _text(entry.account_number, 17, f"{place}, account")
        + f"{entry.amount_cents:010d}"
        + _text(entry.individual_id, 15, f"{place}, individual id")
        + _text(entry.individual_name, 22, f"{place}, name")
        + "  "
        + ("1" if entry.payment_information else "0")
        + trace
    )
    if entry.payment_information:
        text = _text(entry.payment_information, 80, f"{place}, addenda")
        yield f"705{text}0001{trace[-7:]}"


def _check_traces(file: AchFile) -> None:
    seen: set[str] = set()
    for batch in file.batches:
        last = ""
        for number, entry in enumerate(batch.entries, start=1):
            place = f"batch {batch.batch_number}, entry {number}"
            if not entry.trace_number.startswith(batch.origin_bank) or entry.trace_number <= last:
                fix = "Trace numbers begin with the originating bank and ascend within a batch."
                raise NachaError("the trace number is out of order", place, fix)
            if entry.trace_number in seen:
                fix = "Number the entries on through the whole file."
                raise NachaError("the trace number repeats in the file", place, fix)
            last = entry.trace_number
            seen.add(last)


def _totals(entries: Iterator[AchEntry] | Sequence[AchEntry]) -> tuple[int, int, int, int]:
    """Count of entries and addenda, hash of receiving banks, debits and credits in cents."""
    count = banks = debit = credit = 0
    for entry in entries:
        count += 2 if entry.payment_information else 1
        banks += int(entry.routing_number[:8])
        if entry.transaction_code in DEBIT_CODES:
            debit += entry.amount_cents
        else:
            credit += entry.amount_cents
    return count, banks % 10**10, debit, credit


def _text(value: str, width: int, place: str) -> str:
    if len(value) > width or not value.isascii() or not (value.isprintable() or not value):
        raise NachaError(f"the text does not fit {width} plain characters", place, "Shorten it.")
    return f"{value:{width}}"


def _digits(value: str, width: int, place: str) -> str:
    if len(value) != width or not value.isdecimal() or not value.isascii():
        raise NachaError(f"{width} digits are needed", place, "Correct the number.")
    return value


def _routing(value: str, place: str) -> str:
    if not rtn.is_valid(value):
        fix = "Check the routing number with the payee or bank; its ninth digit is a check digit."
        raise NachaError("the routing number fails its check digit", place, fix)
    return value


def read_ach(content: bytes) -> AchFile:
    """Read a file back and verify what its control records claim.

    Raises:
        NachaError: A record has another length or an unexpected type, or a total is wrong.
    """
    lines = content.decode("ascii", "replace").splitlines()
    reader = _Reader(lines)
    return reader.read_file()


class _Reader:
    """Records of a file in order; each method consumes what it reads."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0

    def fail(self, problem: str) -> NachaError:
        return NachaError(problem, f"record {self.at + 1}", "Ask the sender for the file again.")

    def take(self, kind: str) -> str:
        """The next record, which must be of that type."""
        if self.at >= len(self.lines):
            raise self.fail(f"a record of type {kind} is missing")
        line = self.lines[self.at]
        if len(line) != RECORD_LENGTH:
            raise self.fail(f"has {len(line)} characters, not {RECORD_LENGTH}")
        if line[0] != kind:
            raise self.fail(f"is of type {line[0]}, not {kind}")
        self.at += 1
        return line

    def next_kind(self) -> str:
        return self.lines[self.at][:1] if self.at < len(self.lines) else ""

    def number(self, text: str) -> int:
        if not text.isdecimal():
            raise self.fail("a number holds something else than digits")
        return int(text)

    def day(self, text: str, form: str = "%y%m%d") -> datetime:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            raise self.fail("a date is none") from None

    def read_file(self) -> AchFile:
        head = self.take("1")
        batches = []
        while self.next_kind() == "5":
            batches.append(self.read_batch())
        file = AchFile(
            destination_routing_number=head[4:13],
            origin_id=head[13:23].strip(),
            created_at=self.day(head[23:33], "%y%m%d%H%M"),
            file_id_modifier=head[33],
            destination_name=head[40:63].rstrip(),
            origin_name=head[63:86].rstrip(),
            batches=tuple(batches),
        )
        control = self.take("9")
        stated = (len(batches), -(-len(self.lines) // BLOCKING_FACTOR))
        if (self.number(control[1:7]), self.number(control[7:13])) != stated:
            raise self.fail("the file control's counts are wrong")
        self.check_totals(control[13:55], _totals(e for b in batches for e in b.entries), 8)
        while self.at < len(self.lines):
            if set(self.take("9")) != {"9"}:
                raise self.fail("only filler may follow the file control")
        return file

    def read_batch(self) -> AchBatch:
        head = self.take("5")
        entries = []
        while self.next_kind() == "6":
            entries.append(self.read_entry())
        control = self.take("8")
        if (control[1:4], control[44:54], control[79:]) != (head[1:4], head[40:50], head[79:]):
            raise self.fail("the batch control does not repeat its header")
        self.check_totals(control[4:44], _totals(entries), 6)
        return AchBatch(
            service_class_code=head[1:4],
            company_name=head[4:20].rstrip(),
            company_id=head[40:50].strip(),
            entry_class_code=head[50:53],
            entry_description=head[53:63].rstrip(),
            descriptive_date=self.day(head[63:69]).date(),
            effective_date=self.day(head[69:75]).date(),
            origin_bank=head[79:87],
            batch_number=self.number(head[87:94]),
            entries=tuple(entries),
        )

    def read_entry(self) -> AchEntry:
        line = self.take("6")
        addenda = self.take("7") if line[78] == "1" else ""
        if addenda and addenda[87:94] != line[87:94]:
            raise self.fail("the addenda belongs to another entry")
        return AchEntry(
            transaction_code=line[1:3],
            routing_number=line[3:12],
            account_number=line[12:29].strip(),
            amount_cents=self.number(line[29:39]),
            individual_id=line[39:54].strip(),
            individual_name=line[54:76].rstrip(),
            trace_number=line[79:94],
            payment_information=addenda[3:83].rstrip(),
        )

    def check_totals(self, text: str, totals: tuple[int, int, int, int], width: int) -> None:
        """Compare count, hash, debit and credit of a control record with those of its entries."""
        ends = (0, width, width + 10, width + 22, width + 34)
        found = tuple(self.number(text[a:b]) for a, b in pairwise(ends))
        if found != totals:
            raise self.fail("a control record's totals are not those of its entries")
