"""Makes a whole night: configuration, drops and answers."""

import hashlib
import json
import multiprocessing
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from transforms.sample.answers import Rows, join_tables, write_table
from transforms.sample.bad_files import (
    BAD_FILES,
    claims_in,
    read_damaged_set,
    set_with_guide_error,
)
from transforms.sample.calculator.configuration import Book
from transforms.sample.calculator.funding import FundingLine, funding_lines
from transforms.sample.claim_file import closing, delimiters_of, envelope
from transforms.sample.configuration_files import write_configuration
from transforms.sample.enrollment_file import enrollment_frame
from transforms.sample.scenario import (
    LAST_SUBMITTER,
    ClaimFile,
    EmployerFrame,
    Scenario,
    Settings,
    build_scenario,
)
from transforms.sample.shard_work import (
    SHARD_TABLES,
    ShardResult,
    Totals,
    add_up,
    members_path,
    set_path,
    table_path,
    work_shard,
)

APPROVERS = ("plan.sponsor.finance", "plan.sponsor.director")


class FolderInUseError(FileExistsError):
    """The folder asked for holds something already."""


@dataclass(slots=True)
class _Worker:
    """What one process keeps between shards."""

    scenario: Scenario
    book: Book
    parts: Path


_worker: list[_Worker] = []


def make_night(settings: Settings, folder: Path, *, workers: int = 1) -> dict[str, object]:
    """Write `config/`, `drops/` and `answers/` below `folder`, which appears when all is done.

    Args:
        settings: What to make; the same settings give the same bytes for any `workers`.
        folder: A new or empty folder.
        workers: Processes to use.

    Returns:
        The totals, as written to `answers/night.json`.

    Raises:
        FolderInUseError: The folder is not empty: answers of two nights must not mix.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FolderInUseError(f"{folder} is not empty: name a new folder or remove it first")
    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)  # left by one that was killed
    employers = making / "config" / "employers"
    parts = making / "parts"
    scenario = build_scenario(settings)
    write_configuration(scenario, making / "config")
    parts.mkdir()
    results = _work_shards(scenario, employers, parts, workers)
    night = NightWriter(
        scenario=scenario,
        book=Book.read(employers),
        folder=making,
        parts=parts,
        results=results,
        totals=add_up(results),
    )
    night.write()
    shutil.rmtree(parts)
    if folder.exists():
        folder.rmdir()
    making.rename(folder)
    return night.summary


def _start_worker(scenario: Scenario, employers: Path, parts: Path) -> None:
    _worker[:] = [_Worker(scenario, Book.read(employers), parts)]


def _work(index: int) -> ShardResult:
    worker = _worker[0]
    return work_shard(worker.scenario, worker.scenario.shards[index], worker.book, worker.parts)


def _work_shards(
    scenario: Scenario, employers: Path, parts: Path, workers: int
) -> list[ShardResult]:
    indexes = range(len(scenario.shards))
    if workers == 1 or len(indexes) == 1:
        _start_worker(scenario, employers, parts)
        return [_work(index) for index in indexes]
    with ProcessPoolExecutor(
        min(workers, len(indexes)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(scenario, employers, parts),
    ) as pool:
        return list(pool.map(_work, indexes))


@dataclass(slots=True, kw_only=True)
class NightWriter:
    """Joins what the shards left."""

    scenario: Scenario
    book: Book
    folder: Path
    parts: Path
    results: Sequence[ShardResult]
    totals: Totals
    files: Rows = field(default_factory=lambda: Rows("files"))
    sets: Rows = field(default_factory=lambda: Rows("sets"))
    file_count: int = 0
    sets_accepted: int = 0
    sets_rejected: int = 0
    summary: dict[str, object] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """What the night is made from."""
        return self.scenario.settings

    @property
    def drops(self) -> Path:
        """One folder a partner below it."""
        return self.folder / "drops"

    @property
    def answers(self) -> Path:
        """The known answers."""
        return self.folder / "answers"

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables of which every share left a part."""
        return SHARD_TABLES

    def write(self) -> None:
        """Write drops and answers."""
        for file in self.scenario.files:
            self._write_claim_file(file)
        if self.settings.has_bad_files:
            self._write_bad_files()
        self.write_enrollment_files()
        funding = self.funding()
        self.write_money_files(funding)
        for name in self.tables:
            shards = [table_path(self.parts, name, result.index) for result in self.results]
            join_tables(name, shards, self.answers / f"{name}.parquet")
        self.write_funding(funding)
        write_table(self.answers / "files.parquet", self.files.table())
        write_table(self.answers / "sets.parquet", self.sets.table())
        self.write_summary(funding)

    def _write_claim_file(self, file: ClaimFile) -> None:
        """One 837P file: the sets of all shards in order, and in the last file a refused one."""
        sets = sorted(
            (entry for result in self.results for entry in result.sets
             if entry.file_number == file.number),
            key=lambda entry: entry.set_number,
        )  # fmt: skip
        for entry in sets:
            self.sets.add(file.number, f"{entry.set_number:04d}", True, entry.claims, entry.cents)
        last = self.scenario.files[-1]
        is_last = self.settings.has_bad_files and file.number == last.number
        opening, control = envelope(file.partner_id, self.settings.night, self._turn(file))
        marks = delimiters_of(file.partner_id)

        def texts() -> Iterator[str]:
            yield marks.apply(opening)
            for entry in sets:
                path = set_path(self.parts, file.number, entry.set_number)
                with path.open(encoding="ascii", newline="") as part:
                    yield part.read()
            if is_last:
                damaged = read_damaged_set(self.parts)
                yield set_with_guide_error(damaged, len(sets) + 1)
                self.sets.add(file.number, f"{len(sets) + 1:04d}", False, claims_in(damaged), 0)
            yield marks.apply(closing(control, len(sets) + is_last))

        self.write_file(
            file.partner_id,
            file.name,
            texts(),
            kind="claims",
            sets=(len(sets), int(is_last)),
            claims=file.claim_count,
            first_icn=f"{self.scenario.icn_prefix}{file.first_icn:010d}",
        )

    def _turn(self, file: ClaimFile) -> int:
        """Number of the file among its sender's files."""
        of_sender = [one for one in self.scenario.files if one.partner_id == file.partner_id]
        return of_sender.index(file) + 1

    def _write_bad_files(self) -> None:
        segments = read_damaged_set(self.parts)
        for bad in BAD_FILES:
            text = bad.text(segments, self.settings.night)
            self.write_file(LAST_SUBMITTER, bad.name, [text], kind=bad.kind, sets=(0, bad.sets))

    def write_enrollment_files(self) -> None:
        """A full file of every employer."""
        for employer in self.scenario.employers:
            people = self.totals.people
            key = employer.employer_id
            opening, ending = enrollment_frame(
                employer,
                self.settings.night,
                segments=sum(result.member_segments[key] for result in self.results),
                employees=people[key, True],
                dependents=people[key, False],
            )
            self.write_enrollment_file(
                employer,
                f"834-full-{self.settings.night:%Y%m%d}.x12",
                (opening, ending),
                records=people[key, True] + people[key, False],
            )

    def write_enrollment_file(
        self,
        employer: EmployerFrame,
        name: str,
        frame: tuple[list[str], list[str]],
        *,
        records: int,
    ) -> None:
        """One 834 file of one set: what the shares left for an employer, between its two ends."""
        marks = delimiters_of(employer.partner_id)
        paths = [
            members_path(self.parts, employer.employer_id, result.index) for result in self.results
        ]
        members = (path.read_text(encoding="ascii") for path in paths)
        self.sets.add(self.file_count, "0001", True, records, 0)
        self.write_file(
            employer.partner_id,
            name,
            _chain([marks.apply(frame[0])], members, [marks.apply(frame[1])]),
            kind="enrollment",
            sets=(1, 0),
        )

    def write_file(
        self,
        partner_id: str,
        name: str,
        texts: Iterable[str],
        *,
        kind: str,
        sets: tuple[int, int] = (0, 0),
        claims: int = 0,
        first_icn: str = "",
    ) -> None:
        """One dropped file, with its row of the answers."""
        path = self.drops / partner_id / name
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        with path.open("wb") as file:
            for text in texts:
                content = text.encode("ascii")
                file.write(content)
                digest.update(content)
                size += len(content)
        accepted, rejected = sets
        is_readable = kind in {"claims", "enrollment", "deposits", "approvals"}
        self.files.add(
            self.file_count, partner_id, name, digest.hexdigest(), size, kind, is_readable,
            accepted, rejected, claims, first_icn,
        )  # fmt: skip
        self.file_count += 1
        self.sets_accepted += accepted
        self.sets_rejected += rejected

    def funding(self) -> dict[str, list[FundingLine]]:
        """Lines of every employer's request."""
        requests = {}
        for employer_id, employer in self.book.employers.items():
            paid = {
                plan_id: (entry[0], entry[1])
                for (owner, plan_id), entry in self.totals.paid_by_plan.items()
                if owner == employer_id
            }
            tiers = {
                tier: count
                for (owner, tier), count in self.totals.employees.items()
                if owner == employer_id
            }
            requests[employer_id] = funding_lines(
                employer,
                cycle_date=self.settings.night,
                paid_by_plan=paid,
                employees_by_tier=tiers,
            )
        return requests

    def write_money_files(self, funding: dict[str, list[FundingLine]]) -> None:
        """Every employer pays its request in full and approves it; a large one twice."""
        night = self.settings.night
        deposits = ["bank_reference,funding_account_id,received_date,amount_usd"]
        approvals = ["funding_account_id,cycle_date,approved_by,approved_at"]
        for number, (employer_id, lines) in enumerate(funding.items(), start=1):
            employer = self.book.employers[employer_id]
            account = employer.funding_account_id
            amount = sum(line.amount for line in lines)
            deposits.append(
                f"FED{night:%Y%m%d}{number:04d},{account},{night},{plain_dollars(amount)}"
            )
            people = APPROVERS if amount > employer.second_approver_above else APPROVERS[:1]
            for minute, person in enumerate(people):
                approvals.append(f"{account},{night},{person},{night}T23:{10 + minute}:00Z")
        day = f"{night:%Y%m%d}"
        for partner_id, kind, rows in (
            ("approvals", "approvals", approvals),
            ("bank", "deposits", deposits),
        ):
            text = "\n".join([*rows, ""])
            self.write_file(partner_id, f"{kind}-{day}.csv", [text], kind=kind)

    def write_funding(self, funding: dict[str, list[FundingLine]]) -> None:
        """What is asked for and who is paid."""
        lines = Rows("funding_lines")
        for employer_id, entries in funding.items():
            account = self.book.employers[employer_id].funding_account_id
            for entry in entries:
                lines.add(
                    employer_id, account, entry.kind, entry.reference, entry.quantity, entry.rate,
                    entry.amount,
                )  # fmt: skip
        write_table(self.answers / "funding_lines.parquet", lines.table())
        payments = Rows("payments")
        for key, (count, cents) in sorted(self.totals.payments.items()):
            *payee, is_zero = key
            payments.add(*payee, self.totals.methods[key], is_zero, count, cents)
        write_table(self.answers / "payments.parquet", payments.table())

    def write_summary(self, funding: dict[str, list[FundingLine]]) -> None:
        """The totals as one document."""
        settings, totals = self.settings, self.totals
        claims = sum(file.claim_count for file in self.scenario.files)
        self.summary = {
            "night": settings.night.isoformat(),
            "seed": settings.seed,
            "files": self.file_count,
            "sets_accepted": self.sets_accepted,
            "sets_rejected": self.sets_rejected,
            "members": sum(totals.people.values()),
            "claims": claims,
            "outcomes": dict(sorted(totals.outcomes.items())),
            "planted_cases": dict(sorted(totals.cases.items())),
            "usd": {name: plain_dollars(cents) for name, cents in sorted(totals.cents.items())},
            "payments": len(totals.payments),
            "funding_requests_usd": {
                employer_id: plain_dollars(sum(line.amount for line in lines))
                for employer_id, lines in funding.items()
            },
        }
        self.save_summary()

    def save_summary(self) -> None:
        """Write `night.json`."""
        text = json.dumps(self.summary, indent=1)
        (self.answers / "night.json").write_text(text + "\n", encoding="utf-8")


def _chain(*parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        yield from part


def plain_dollars(cents: int) -> str:
    """Dollars with two decimals."""
    sign, cents = "-" if cents < 0 else "", abs(cents)
    return f"{sign}{cents // 100}.{cents % 100:02d}"
