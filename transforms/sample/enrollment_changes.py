"""What happens to families between nights, and the 834 records that tell it.

Every event changes the truth (the spans of a family's people) and leaves the records its employer
sends. A later full file tells two things only: who is covered now, and by silence who is not.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from transforms.sample.calculator.records import Span
from transforms.sample.enrollment_file import coverage_segments, member_loop
from transforms.sample.families import (
    CHILD,
    SELF,
    SPOUSE,
    FamilyRecord,
    Person,
    coverage_tier,
    make_people,
)
from transforms.sample.names import (
    FEMALE_FIRST_NAMES,
    MALE_FIRST_NAMES,
    PLACES,
    STREETS,
    social_security_number,
)
from transforms.sample.scenario import EmployerFrame

ONE_DAY = timedelta(days=1)
FAMILIES_AN_EVENT = 200
"""One event of each kind a night for so many families of an employer in a share, and at least one."""
RETROACTIVE = 20 * ONE_DAY
ABSENT_PERCENT = 4
"""A full file in which more than 5 % are missing would be held."""
NEW_FAMILY = 10_000_000
"""Numbers of families that come later begin here, those of one share within 10,000."""
ADD, CHANGE, END, REINSTATE = "021", "001", "024", "025"


@dataclass(frozen=True, slots=True)
class Change:
    """One record of a change file: a person with one coverage."""

    family: FamilyRecord
    person: Person
    action: str
    reason: str
    plan_id: str
    tier: str
    begin: date | None = None
    end: date | None = None

    def segments(self, night: date) -> list[str]:
        """The member loop."""
        return member_loop(
            self.family,
            self.person,
            action=self.action,
            reason=self.reason,
            has_ended=self.action == END and self.end is not None and self.end < night,
            coverages=[
                coverage_segments(self.action, self.plan_id, self.tier, self.begin, self.end)
            ],
        )


@dataclass(slots=True)
class Changes:
    """Makes the events of one share of the work, night after night.

    Attributes:
        families: All families of the share; those that come are added.
        announced: Families of which only the dependents' records came so far.
        followed: Families whose subscriber's record came last night.
        ended: Families that were ended, with what their people had before and the last covered day.
        events: How often each kind happened.
    """

    families: list[FamilyRecord]
    share: int
    first_person: int
    ended: dict[int, tuple[FamilyRecord, list[list[Span]], date]] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    announced: list[FamilyRecord] = field(default_factory=list)
    followed: list[FamilyRecord] = field(default_factory=list)
    came: int = 0
    people: int = 0

    def change_file(
        self, employer: EmployerFrame, night: date, index: int, rng: Random, *, is_before_full: bool
    ) -> list[Change]:
        """What an employer reports on the `index`-th night (1 is the second).

        `is_before_full`: the next file is a full one, which leaves no record for later.
        """
        self._dependents_join(employer)
        kinds: tuple[Callable[[EmployerFrame, date, Random], list[Change]], ...]
        if index % 2:
            kinds = (self._hire, self._birth, self._end_late)
            kinds += () if is_before_full else (self._dependents_first,)
        else:
            kinds = (self._subscriber_follows, self._spouse_leaves, self._end_now, self._reinstate)
        mine = [one for one in self.families if one.employer.index == employer.index]
        records = []
        for _ in range(max(1, len(mine) // FAMILIES_AN_EVENT)):
            for kind in kinds:
                records += kind(employer, night, rng)
        return records

    def full_file(self, employer: EmployerFrame, night: date, rng: Random) -> list[FamilyRecord]:
        """Families in a later full file; whoever is left out ended with the month before."""
        self._dependents_join(employer)
        mine = [one for one in self.families if one.employer.index == employer.index]
        present = [family for family in mine if current_people(family, night)]
        room = sum(len(current_people(family, night)) for family in present) * ABSENT_PERCENT // 100
        last = night.replace(day=1) - ONE_DAY
        absent = set()
        for family in rng.sample(present, len(present)):
            size = len(current_people(family, night))
            if family.history == "open" and size <= room and _begun_by(family, last):
                self._end(family, last)
                self._note("absent_from_full_file")
                absent.add(family.number)
                room -= size
            if len(absent) >= max(1, len(mine) // FAMILIES_AN_EVENT):
                break
        return [family for family in present if family.number not in absent]

    def _note(self, kind: str) -> None:
        self.events[kind] = self.events.get(kind, 0) + 1

    def _pick(
        self, employer: EmployerFrame, rng: Random, fits: Callable[[FamilyRecord], bool]
    ) -> FamilyRecord | None:
        """A family covered without an end that nothing happened to yet."""
        found = [
            family
            for family in self.families
            if family.employer.index == employer.index and family.history == "open" and fits(family)
        ]
        return rng.choice(found) if found else None

    def _hire(self, employer: EmployerFrame, night: date, rng: Random) -> list[Change]:
        """Somebody new, covered from the first of the month."""
        family = self._newcomers(employer, night, rng, rng.choice((1, 2, 3)))
        self._note("hired")
        return [
            _record(family, person, ADD, "28", begin=person.spans[0].begin)
            for person in family.people
        ]

    def _dependents_first(self, employer: EmployerFrame, night: date, rng: Random) -> list[Change]:
        """A family of which the subscriber's record is forgotten: nobody is covered yet."""
        family = self._newcomers(employer, night, rng, 3)
        records = [
            _record(family, person, ADD, "28", begin=person.spans[0].begin)
            for person in family.people[1:]
        ]
        for person in family.people:
            person.spans = []
        family.history = "announced"
        self.announced.append(family)
        self._note("dependents_before_subscriber")
        return records

    def _subscriber_follows(
        self, employer: EmployerFrame, night: date, rng: Random
    ) -> list[Change]:
        """The forgotten record comes: its dependents' records count from the next night on."""
        del rng
        family = next((one for one in self.announced if one.employer.index == employer.index), None)
        if family is None:
            return []
        self.announced.remove(family)
        first = family.people[0]
        tier = coverage_tier(family.people)
        first.spans = [Span(employer.plan_ids[0], night.replace(day=1), None, tier)]
        self.followed.append(family)
        self._note("subscriber_followed")
        return [_record(family, first, ADD, "28", begin=first.spans[0].begin)]

    def _dependents_join(self, employer: EmployerFrame) -> None:
        """Records that waited for a subscriber are tried again every night, before its files."""
        for family in list(self.followed):
            if family.employer.index == employer.index:
                self.followed.remove(family)
                self._cover(family, family.people[0].spans[0].begin)
                family.history = "open"

    @staticmethod
    def _cover(family: FamilyRecord, begin: date) -> None:
        tier = coverage_tier(family.people)
        for person in family.people:
            person.spans = [Span(family.employer.plan_ids[0], begin, None, tier)]

    def _newcomers(
        self, employer: EmployerFrame, night: date, rng: Random, size: int
    ) -> FamilyRecord:
        self.came += 1
        number = NEW_FAMILY + self.share * 10_000 + self.came
        first = self.first_person + self.share * 10_000 + self.people
        people = make_people(rng, night, number, first, size)
        self.people += size
        begin = night.replace(day=1)
        for person in people:
            if person.birth_date > begin:
                person.birth_date -= timedelta(days=365)
        family = FamilyRecord(
            number,
            employer,
            f"{chr(ord('E') + employer.index)}{70_000_000 + self.share * 10_000 + self.came}",
            f"{rng.randint(1, 9899)} {rng.choice(STREETS)}",
            *rng.choice(PLACES),
            "open",
            people,
        )
        self._cover(family, begin)
        self.families.append(family)
        return family

    def _birth(self, employer: EmployerFrame, night: date, rng: Random) -> list[Change]:
        """A child is born; the family's tier changes that day if it is the first."""
        born = night - timedelta(days=10)
        family = self._pick(employer, rng, lambda one: _begun_by(one, born - ONE_DAY))
        if family is None:
            return []
        sex = rng.choice("FM")
        taken = {person.first_name for person in family.people}
        names = [
            name
            for name in (FEMALE_FIRST_NAMES if sex == "F" else MALE_FIRST_NAMES)
            if name not in taken
        ]
        child = Person(
            len(family.people),
            CHILD,
            family.people[0].last_name,
            rng.choice(names),
            born,
            sex,
            social_security_number(self.first_person + self.share * 10_000 + self.people)
            if rng.random() < 0.5
            else "",
        )
        self.people += 1
        tier = coverage_tier([*_covered(family), child])
        records = self._recolour(family, born, tier, reason="02")
        child.spans = [Span(family.people[0].spans[-1].plan_id, born, None, tier)]
        family.people.append(child)
        self._note("born")
        return [*records, _record(family, child, ADD, "02", begin=born)]

    def _recolour(self, family: FamilyRecord, day: date, tier: str, *, reason: str) -> list[Change]:
        """Another tier for everybody who is covered, from a day on."""
        records = []
        for person in _covered(family):
            span = person.spans[-1]
            if span.tier != tier:
                person.spans[-1:] = [
                    replace(span, end=day - ONE_DAY),
                    replace(span, begin=day, tier=tier),
                ]
                records.append(_record(family, person, CHANGE, reason, begin=day))
        return records

    def _end_late(self, employer: EmployerFrame, night: date, rng: Random) -> list[Change]:
        """Somebody left weeks ago: the record of the subscriber ends the family."""
        last = night - RETROACTIVE
        family = self._pick(employer, rng, lambda one: _begun_by(one, last))
        if family is None:
            return []
        self._end(family, last)
        self._note("ended_retroactively")
        return [_record(family, family.people[0], END, "08", end=last)]

    def _end_now(self, employer: EmployerFrame, night: date, rng: Random) -> list[Change]:
        """Somebody leaves today; every person of the family has a record."""
        family = self._pick(employer, rng, lambda one: _begun_by(one, night - ONE_DAY))
        if family is None:
            return []
        people = _covered(family)
        self._end(family, night)
        self._note("ended")
        return [_record(family, person, END, "08", end=night) for person in people]

    def _spouse_leaves(self, employer: EmployerFrame, night: date, rng: Random) -> list[Change]:
        """Divorced last month; the others' tier changes with the first of this one."""
        first = night.replace(day=1)

        def fits(family: FamilyRecord) -> bool:
            return _spouse(family) is not None and _begun_by(family, first - ONE_DAY)

        family = self._pick(employer, rng, fits)
        spouse = _spouse(family) if family else None
        if family is None or spouse is None:
            return []
        spouse.spans[-1] = replace(spouse.spans[-1], end=first - ONE_DAY)
        record = _record(family, spouse, END, "01", end=first - ONE_DAY)
        tier = coverage_tier(_covered(family))
        self._note("spouse_left")
        return [record, *self._recolour(family, first, tier, reason="01")]

    def _reinstate(self, employer: EmployerFrame, night: date, rng: Random) -> list[Change]:
        """Somebody was ended by mistake: covered again without a gap."""
        del night, rng
        for number, (family, before, last) in list(self.ended.items()):
            if family.employer.index == employer.index:
                del self.ended[number]
                back = [
                    person
                    for person, spans in zip(family.people, before, strict=True)
                    if person.spans != spans
                ]
                for person, spans in zip(family.people, before, strict=True):
                    person.spans = spans
                family.history = "open"
                self._note("reinstated")
                return [
                    _record(family, person, REINSTATE, "41", begin=last + ONE_DAY)
                    for person in back
                ]
        return []

    def _end(self, family: FamilyRecord, last: date) -> None:
        """End everybody's last span on a day; it can be given back later."""
        before = [list(person.spans) for person in family.people]
        for person in _covered(family):
            person.spans[-1] = replace(person.spans[-1], end=last)
        self.ended[family.number] = (family, before, last)
        family.history = "ended_since"


def current_people(family: FamilyRecord, night: date) -> list[Person]:
    """Whoever is covered on the night or later."""
    return [
        person
        for person in family.people
        if person.spans and (person.spans[-1].end is None or person.spans[-1].end >= night)
    ]


def current_records(families: Iterable[FamilyRecord], night: date) -> list[str]:
    """The member loops of a later full file: everybody's present coverage."""
    segments: list[str] = []
    for family in families:
        action = family.employer.maintenance_type_code
        for person in current_people(family, night):
            span = person.spans[-1]
            segments += member_loop(
                family,
                person,
                action=action,
                reason="28" if action == ADD else "XN",
                has_ended=False,
                coverages=[
                    coverage_segments(action, span.plan_id, span.tier, span.begin, span.end)
                ],
            )
    return segments


def _record(
    family: FamilyRecord,
    person: Person,
    action: str,
    reason: str,
    *,
    begin: date | None = None,
    end: date | None = None,
) -> Change:
    span = person.spans[-1]
    return Change(family, person, action, reason, span.plan_id, span.tier, begin, end)


def _covered(family: FamilyRecord) -> list[Person]:
    """People whose coverage has no end."""
    return [person for person in family.people if person.spans and person.spans[-1].end is None]


def _begun_by(family: FamilyRecord, day: date) -> bool:
    """Whether everybody who is covered was covered on a day under the same terms."""
    people = _covered(family)
    has_subscriber = bool(people) and people[0].relationship_code == SELF
    return has_subscriber and all(person.spans[-1].begin <= day for person in people)


def _spouse(family: FamilyRecord) -> Person | None:
    found: Sequence[Person] = [p for p in _covered(family) if p.relationship_code == SPOUSE]
    return found[0] if found else None
