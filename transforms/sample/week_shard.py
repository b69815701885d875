"""Works one share of several nights: the same families, night after night.

A share depends on the frame and its own index alone, so shares can be worked by any number of
processes. Nothing of a night depends on other shares: what a cycle has follows from the calendar.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from transforms.sample.answers import Rows, add_spans, write_table
from transforms.sample.bad_files import write_damaged_sets
from transforms.sample.calculator.configuration import Book
from transforms.sample.calculator.cycles import Decided, OpenDecisions, Takings
from transforms.sample.calculator.family import Family, rejection_of
from transforms.sample.calculator.history import History, Reversal
from transforms.sample.calculator.records import ClaimAnswer, Status
from transforms.sample.cases_of_later_nights import Past, plant_later_cases, plant_owing
from transforms.sample.claim_file import delimiters_of
from transforms.sample.drafts import Desk, Draft, NoRoomError, fill_with_visits
from transforms.sample.enrollment_changes import Changes, current_people, current_records
from transforms.sample.enrollment_file import member_segments
from transforms.sample.families import FamilyRecord, make_families
from transforms.sample.scenario import EmployerFrame, Shard
from transforms.sample.shard_work import (
    SHARD_TABLES,
    SetPart,
    Totals,
    add_answers,
    add_totals,
    claim_of,
    count_people,
    covered_spans,
    members_path,
    method_of,
    number_claims,
    table_path,
    write_sets,
    write_text,
)
from transforms.sample.special_cases import RATES, plant_special_cases
from transforms.sample.week_answers import NIGHT_TABLES, add_accumulators, add_reversal
from transforms.sample.week_frame import Week, seeded

Outcomes = dict[tuple[int, int], Status | ClaimAnswer]


@dataclass(slots=True)
class NightShare:
    """What a share leaves for one night.

    Attributes:
        members: By employer: segments, subscribers and dependents in its enrollment file.
        takings: Of the employers whose cycle is cut off that night.
        events: What happened to families.
    """

    sets: list[SetPart]
    members: dict[str, tuple[int, int, int]]
    takings: dict[str, Takings]
    totals: Totals
    events: dict[str, int]


@dataclass(slots=True)
class Share:
    """One share at work.

    Attributes:
        past: What earlier nights left.
        waiting: By employer, decisions that no cycle has.
    """

    week: Week
    shard: Shard
    book: Book
    parts: Path
    families: list[FamilyRecord]
    changes: Changes
    past: Past = field(default_factory=Past)
    waiting: dict[str, OpenDecisions] = field(default_factory=lambda: defaultdict(OpenDecisions))
    taken: set[tuple[int, int, date, int]] = field(default_factory=set)
    written: int = 0

    def work_night(self, index: int) -> NightShare:
        """Make one night, after the ones before it."""
        scenario = self.week.scenarios[index]
        night = scenario.settings.night
        parts = night_parts(self.parts, index)
        members = {
            employer.employer_id: self._enroll(employer, index, parts)
            for employer in scenario.employers
        }
        self.past.is_in_cycle = lambda employer, decided: self._is_in_cycle(
            employer, decided, night
        )
        desk = Desk(
            scenario,
            self.shard,
            seeded(self.week.settings, "night", self.shard.index, index),
            [family for family in self.families if family.people[0].spans],
            taken=self.taken,
            written=self.written,
        )
        if self.shard.index == 0:
            plant_owing(desk, self.past, index)
        if index == 0:
            plant_special_cases(desk)
        else:
            plant_later_cases(desk, self.past)
            _plant_as_room_allows(desk)
        fill_with_visits(desk)
        self.written = desk.written
        number_claims(desk)
        totals = Totals()
        tables = {name: Rows(name) for name in (*SHARD_TABLES, *NIGHT_TABLES)}
        outcomes, reversals = self._decide(desk, night)
        for slot, drafts in enumerate(desk.drafts):
            for draft in drafts:
                outcome = outcomes[slot, draft.claim_index]
                add_answers(tables, totals, self.shard.file_numbers[slot], draft, outcome)
                add_totals(totals, self.book, draft, outcome)
        for reversal in reversals:
            add_reversal(tables["reversals"], reversal)
        for family in self.families:
            add_spans(tables["spans"], family, covered_spans(family, self.book))
            count_people(totals, family, scenario)
            history = self.past.histories.get(family.number)
            if history:
                add_accumulators(tables["accumulators"], family, history.family.accounts)
        if scenario.settings.has_bad_files and self.shard.index == len(scenario.shards) - 1:
            write_damaged_sets(desk, parts)
        for name, rows in tables.items():
            write_table(table_path(parts, name, self.shard.index), rows.table())
        takings = {
            employer.employer_id: self.waiting[employer.employer_id].cut_off()
            for employer in scenario.employers
            if self.week.has_cycle(employer.index, night)
        }
        return NightShare(
            write_sets(desk, parts), members, takings, totals, dict(self.changes.events)
        )

    def _is_in_cycle(self, employer: int, decided: date, tonight: date) -> bool:
        return any(
            self.week.has_cycle(employer, night)
            for night in self.week.nights
            if decided <= night < tonight
        )

    def _enroll(self, employer: EmployerFrame, index: int, parts: Path) -> tuple[int, int, int]:
        """Write the employer's records of the night; return segments, subscribers, dependents."""
        night = self.week.nights[index]
        rng = seeded(self.week.settings, "changes", self.shard.index, employer.index, index)
        mine = [family for family in self.families if family.employer.index == employer.index]
        if index == 0:
            segments = member_segments(mine, night)
            people = [person for family in mine for person in family.people if person.spans]
        elif self.week.has_full_file(employer.index, index):
            present = self.changes.full_file(employer, night, rng)
            segments = current_records(present, night)
            people = [person for family in present for person in current_people(family, night)]
        else:
            records = self.changes.change_file(
                employer,
                night,
                index,
                rng,
                is_before_full=self.week.has_full_file(employer.index, index + 1),
            )
            segments = [text for record in records for text in record.segments(night)]
            people = []
        text = delimiters_of(employer.partner_id).apply(segments)
        write_text(members_path(parts, employer.employer_id, self.shard.index), text)
        subscribers = sum(person.sequence == 0 for person in people)
        return len(segments), subscribers, len(people) - subscribers

    def _decide(self, desk: Desk, night: date) -> tuple[Outcomes, list[Reversal]]:
        """What becomes of every claim of the night, and what is taken back."""
        outcomes: Outcomes = {}
        by_family: dict[int, list[Draft]] = defaultdict(list)
        for slot in sorted(range(len(desk.drafts)), key=lambda s: self.shard.file_numbers[s]):
            for draft in desk.drafts[slot]:
                claim = claim_of(draft, desk)
                status = rejection_of(claim, is_subscriber_known=not draft.is_subscriber_unknown)
                if status:
                    outcomes[slot, draft.claim_index] = status
                else:
                    by_family[draft.family.number].append(draft)
        taken_back: list[Reversal] = []
        for family in self.families:
            drafts = by_family[family.number]
            if drafts:
                answers, reversals = self._decide_family(family, drafts, desk, night)
                taken_back += reversals
                for draft, answer in zip(drafts, answers, strict=True):
                    outcomes[draft.slot, draft.claim_index] = answer
        return outcomes, taken_back

    def _decide_family(
        self, family: FamilyRecord, drafts: list[Draft], desk: Desk, night: date
    ) -> tuple[list[ClaimAnswer], list[Reversal]]:
        employer = family.employer
        spans = covered_spans(family, self.book)
        history = self.past.histories.setdefault(
            family.number, History(Family(self.book.employers[employer.employer_id], spans))
        )
        answers, reversals = history.decide_night(
            [claim_of(draft, desk) for draft in drafts],
            spans,
            self.book,
            night,
            lambda decided: self._is_in_cycle(employer.index, decided, night),
        )
        waiting = self.waiting[employer.employer_id]
        for reversal in reversals:
            version = reversal.version
            claim = version.answer.claim
            if reversal.was_in_cycle:
                draft = self.past.drafts[claim.icn]
                waiting.decide(_decided(self.book, draft, version.answer, version.chain, back=True))
            else:
                waiting.forget(claim.icn)
        for draft, answer in zip(drafts, answers, strict=True):
            self.past.drafts[draft.icn] = draft
            if answer.decision in {"APPROVED", "DENIED"}:
                chain = history.versions[draft.icn].chain
                waiting.decide(_decided(self.book, draft, answer, chain))
        return answers, reversals


def _decided(
    book: Book, draft: Draft, answer: ClaimAnswer, chain: str, *, back: bool = False
) -> Decided:
    return Decided(
        draft.icn,
        chain,
        (answer.plan_id, draft.group.tax_id, draft.group.npi),
        -answer.paid if back else answer.paid,
        method_of(book, draft, answer),
        back,
    )


def _plant_as_room_allows(desk: Desk) -> None:
    """The cases of any night; families that something happened to may be too few for all."""
    shards = len(desk.scenario.shards)
    for position, (plant, rate) in enumerate(RATES.items()):
        total = max(1, desk.scenario.settings.claims * rate // 1_000_000)
        turn = (desk.shard.index + position) % shards
        for _ in range(total * (turn + 1) // shards - total * turn // shards):
            try:
                plant(desk)
            except (IndexError, NoRoomError):
                break


def night_parts(parts: Path, index: int) -> Path:
    """Where the pieces of one night wait."""
    folder = parts / f"night-{index:02d}"
    folder.mkdir(exist_ok=True)
    return folder


def work_week(week: Week, shard: Shard, book: Book, parts: Path) -> list[NightShare]:
    """Make everything of one share; write its pieces below `parts`."""
    rng = seeded(week.settings, "shard", shard.index)
    families = make_families(week.scenarios[0], shard, rng)
    changes = Changes(families, shard.index, week.settings.members)
    share = Share(week, shard, book, parts, families, changes)
    return [share.work_night(index) for index in range(len(week.nights))]
