"""Makes several nights that build on each other: configuration, drops and answers, night by night."""

import json
import multiprocessing
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from transforms.sample.answers import Rows, write_table
from transforms.sample.calculator.configuration import Book
from transforms.sample.calculator.cycles import Takings
from transforms.sample.calculator.funding import FundingLine
from transforms.sample.configuration_files import write_configuration
from transforms.sample.enrollment_file import change_frame, enrollment_frame
from transforms.sample.night import FolderInUseError, NightWriter, plain_dollars
from transforms.sample.scenario import Settings
from transforms.sample.shard_work import SHARD_TABLES, ShardResult, add_up
from transforms.sample.week_answers import NIGHT_TABLES
from transforms.sample.week_frame import Week, build_week
from transforms.sample.week_money import Money
from transforms.sample.week_shard import NightShare, night_parts, work_week


@dataclass(slots=True)
class _Worker:
    """What one process keeps between shares."""

    week: Week
    book: Book
    parts: Path


_worker: list[_Worker] = []


def make_week(
    settings: Settings, nights: int, folder: Path, *, workers: int = 1
) -> dict[str, object]:
    """Write `config/`, `drops/<night>/` and `answers/<night>/` below `folder`.

    Args:
        settings: The first night; `claims` is the number of each night.
        nights: Working days, 2 or more.
        folder: A new or empty folder; it appears when all is done.
        workers: Processes to use; the bytes are the same for any number.

    Returns:
        What `answers/week.json` says.

    Raises:
        FolderInUseError: The folder is not empty.
        SettingsError: Such nights cannot be made.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FolderInUseError(f"{folder} is not empty: name a new folder or remove it first")
    week = build_week(settings, nights)
    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)  # left by one that was killed
    employers = making / "config" / "employers"
    parts = making / "parts"
    cycles = [week.cycle_terms(one.index) for one in week.scenarios[0].employers]
    write_configuration(week.scenarios[0], making / "config", cycles)
    parts.mkdir()
    shares = _work(week, employers, parts, workers)
    book = Book.read(employers)
    money = Money.of(book.employers)
    summaries = []
    for index, night in enumerate(week.nights):
        of_night = [share[index] for share in shares]
        writer = WeekNightWriter(
            scenario=week.scenarios[index],
            book=book,
            folder=making,
            parts=night_parts(parts, index),
            results=[
                ShardResult(
                    number,
                    one.sets,
                    {key: made[0] for key, made in one.members.items()},
                    one.totals,
                )
                for number, one in enumerate(of_night)
            ],
            totals=add_up([ShardResult(0, [], {}, one.totals) for one in of_night]),
            week=week,
            index=index,
            shares=of_night,
            money=money,
        )
        writer.write()
        writer.write_books()
        summaries.append({"night": night.isoformat(), **writer.summary})
    summary = {"nights": [night.isoformat() for night in week.nights], "seed": settings.seed}
    summary |= {name: sum(int(str(one[name])) for one in summaries) for name in ("files", "claims")}
    text = json.dumps(summary, indent=1)
    (making / "answers" / "week.json").write_text(text + "\n", encoding="utf-8")
    shutil.rmtree(parts)
    if folder.exists():
        folder.rmdir()
    making.rename(folder)
    return summary


def _work(week: Week, employers: Path, parts: Path, workers: int) -> list[list[NightShare]]:
    indexes = range(len(week.scenarios[0].shards))
    if workers == 1 or len(indexes) == 1:
        _start_worker(week, employers, parts)
        return [_work_share(index) for index in indexes]
    with ProcessPoolExecutor(
        min(workers, len(indexes)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(week, employers, parts),
    ) as pool:
        return list(pool.map(_work_share, indexes))


def _start_worker(week: Week, employers: Path, parts: Path) -> None:
    _worker[:] = [_Worker(week, Book.read(employers), parts)]


def _work_share(index: int) -> list[NightShare]:
    worker = _worker[0]
    shard = worker.week.scenarios[0].shards[index]
    return work_week(worker.week, shard, worker.book, worker.parts)


@dataclass(slots=True, kw_only=True)
class WeekNightWriter(NightWriter):
    """Joins what the shares left for one of several nights."""

    week: Week
    index: int
    shares: Sequence[NightShare]
    money: Money
    repeated: list[str] = field(default_factory=list)

    @property
    def drops(self) -> Path:
        """One folder a partner below it."""
        return self.folder / "drops" / self.settings.night.isoformat()

    @property
    def answers(self) -> Path:
        """The known answers of the night."""
        return self.folder / "answers" / self.settings.night.isoformat()

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables of which every share left a part."""
        return (*SHARD_TABLES, *NIGHT_TABLES)

    def write_enrollment_files(self) -> None:
        """A full file from whoever sends one that night, else a change file if anything changed."""
        night = self.settings.night
        for employer in self.scenario.employers:
            made = [share.members[employer.employer_id] for share in self.shares]
            segments, subscribers, dependents = (sum(column) for column in zip(*made, strict=True))
            if self.week.has_full_file(employer.index, self.index):
                frame = enrollment_frame(
                    employer,
                    night,
                    segments=segments,
                    employees=subscribers,
                    dependents=dependents,
                )
                name, records = f"834-full-{night:%Y%m%d}.x12", subscribers + dependents
            elif segments:
                frame = change_frame(employer, night, segments=segments)
                name, records = (
                    f"834-change-{night:%Y%m%d}.x12",
                    self._records(employer.employer_id),
                )
            else:
                continue
            self.write_enrollment_file(employer, name, frame, records=records)
        if self.index >= 2 and self.index % 2 == 0:
            self._drop_again()

    def _records(self, employer_id: str) -> int:
        paths = [
            path
            for result in self.results
            for path in self.parts.glob(f"members-{employer_id}-{result.index:05d}.part")
        ]
        return sum(path.read_text(encoding="ascii").count("INS*") for path in paths)

    def _drop_again(self) -> None:
        """The first file of the first night once more, under another name."""
        first = self.week.scenarios[0].files[0]
        source = (
            self.folder / "drops" / self.week.nights[0].isoformat() / first.partner_id / first.name
        )
        name = f"again-{self.settings.night:%Y%m%d}-{first.name}"
        shutil.copyfile(source, self.drops / first.partner_id / name)
        self.repeated.append(f"{first.partner_id}/{name}")

    def funding(self) -> dict[str, list[FundingLine]]:
        """Lines of the requests of every cycle that is cut off this night."""
        takings: dict[str, Takings] = {}
        for share in self.shares:
            for employer_id, taken in share.takings.items():
                takings.setdefault(employer_id, Takings()).add(taken)
        cut = self.money.cut_off(self.index, self.settings.night, takings, self.totals.employees)
        return {employer_id: cycle.lines for employer_id, cycle in cut.items()}

    def write_money_files(self, funding: dict[str, list[FundingLine]]) -> None:
        """What employers answer and pay this night; a night without any has no such file."""
        del funding
        day = f"{self.settings.night:%Y%m%d}"
        approvals, deposits = self.money.take_in(self.index, self.settings.night)
        for partner_id, kind, header, rows in (
            (
                "approvals",
                "approvals",
                "funding_account_id,cycle_date,approved_by,approved_at",
                approvals,
            ),
            (
                "bank",
                "deposits",
                "bank_reference,funding_account_id,received_date,amount_usd",
                deposits,
            ),
        ):
            if rows:
                text = "\n".join([header, *rows, ""])
                self.write_file(partner_id, f"{kind}-{day}.csv", [text], kind=kind)

    def write_funding(self, funding: dict[str, list[FundingLine]]) -> None:
        """Requests, payments and balances of the cycles of this night."""
        tables = {name: Rows(name) for name in ("funding_lines", "payments", "balances")}
        for employer_id, lines in funding.items():
            account = self.money.accounts[employer_id]
            for line in lines:
                tables["funding_lines"].add(
                    employer_id, account.employer.funding_account_id, line.kind, line.reference,
                    line.quantity, line.rate, line.amount,
                )  # fmt: skip
            for payment in account.cycles[-1].payments:
                tables["payments"].add(
                    employer_id, *payment.payee, payment.method, payment.is_zero_pay,
                    payment.claim_count, payment.amount,
                )  # fmt: skip
                if payment.applied or payment.carried:
                    tables["balances"].add(
                        employer_id, *payment.payee, payment.applied, payment.carried
                    )
        for name, rows in tables.items():
            write_table(self.answers / f"{name}.parquet", rows.table())

    def write_books(self) -> None:
        """Where every account stands at the end of the night."""
        tables = {name: Rows(name) for name in ("open_balances", "cycles", "books")}
        for employer_id, account in self.money.accounts.items():
            for payee, owed in sorted(account.owed.items()):
                tables["open_balances"].add(employer_id, *payee, owed)
            for cycle in account.cycles:
                tables["cycles"].add(
                    account.employer.funding_account_id, cycle.night, cycle.is_requested,
                    cycle.request, cycle.received, cycle.paid,
                )  # fmt: skip
            for number, balance in sorted(account.trial_balance().items()):
                tables["books"].add(account.employer.funding_account_id, number, balance)
        for name, rows in tables.items():
            write_table(self.answers / f"{name}.parquet", rows.table())

    def write_summary(self, funding: dict[str, list[FundingLine]]) -> None:
        """As for one night, and what only several nights have."""
        NightWriter.write_summary(self, funding)
        events: dict[str, int] = {}
        for share in self.shares:
            for kind, count in share.events.items():
                events[kind] = events.get(kind, 0) + count
        self.summary["nights"] = [night.isoformat() for night in self.week.nights]
        self.summary["files_dropped_again"] = self.repeated
        self.summary["enrollment_events_so_far"] = dict(sorted(events.items()))
        self.summary["open_payee_balances_usd"] = plain_dollars(
            sum(sum(account.owed.values()) for account in self.money.accounts.values())
        )
        self.save_summary()
