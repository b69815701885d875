"""Planted cases that need an earlier night: what is sent again, corrected, taken back, or too late."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from transforms.sample.calculator.history import History, Version
from transforms.sample.catalog import SURGERY, Visit
from transforms.sample.drafts import PARTNERS, Desk, Draft, NoRoomError
from transforms.sample.families import FamilyRecord, Person
from transforms.sample.planting import OFFICE_VISIT, ONE_DAY, plant_visit, some_day
from transforms.sample.scenario import ProviderGroup
from transforms.sample.week_frame import OWING, owing_groups

OPERATION = Visit(
    "24",
    (("29881", ("LT",), 1), ("29881", ("RT",), 1), ("64721", ("LT",), 1)),
    ("S83241A", "G5601"),
    SURGERY,
)


@dataclass(slots=True)
class Past:
    """What a share of the work knows of its earlier nights.

    Attributes:
        histories: By number of the family.
        drafts: Claims of earlier nights by number, as they were sent.
        used: Claims some later claim names or repeats already: each is followed up once.
        is_in_cycle: Whether what an employer's night decided is in a cycle now.
        owing: By place of the provider that comes to owe, the operation it is paid for.
    """

    histories: dict[int, History] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    is_in_cycle: Callable[[int, date], bool] = lambda _employer, _night: False
    owing: dict[int, Draft] = field(default_factory=dict)

    def version_of(self, draft: Draft) -> Version | None:
        """What an earlier claim was decided as."""
        history = self.histories.get(draft.family.number)
        return history.versions.get(draft.icn) if history else None


Fits = Callable[[Draft, Version], bool]


def _pick(desk: Desk, past: Past, fits: Fits) -> Draft:
    """An earlier claim that fits and was not followed up yet.

    Raises:
        NoRoomError: There is none.
    """
    icns = list(past.drafts)
    for _ in range(min(400, 4 * len(icns))):
        draft = past.drafts[desk.rng.choice(icns)]
        version = past.version_of(draft)
        is_usable = draft.person and draft.group.kind != OWING and draft.frequency_code != "8"
        if draft.icn in past.used or version is None or not is_usable:
            continue
        if fits(draft, version):
            past.used.add(draft.icn)
            return draft
    raise NoRoomError


def _is_paid(version: Version) -> bool:
    return version.is_standing and version.answer.decision == "APPROVED" and version.answer.paid > 0


def _is_copy(version: Version) -> bool:
    """A line was refused as a copy: its correction would look like a copy of the other claim."""
    return any(
        entry.reason_code == "18" for line in version.answer.lines for entry in line.adjustments
    )


def _send_again(desk: Desk, draft: Draft, case: str, *, has_new_number: bool = False) -> Draft:
    """The claim once more, from the same submitter."""
    slots = [
        slot
        for slot in desk.free_slots()
        if PARTNERS[slot] == draft.group.partner_id and desk.remaining[slot]
    ]
    if not slots:
        raise NoRoomError
    copy = desk.repeat(draft, min(slots), case=case, has_new_number=has_new_number)
    copy.frequency_code, copy.original, copy.claim_index, copy.icn = "1", None, -1, ""
    return copy


def _correct(desk: Desk, draft: Draft, case: str, *, has_new_number: bool = False) -> Draft:
    """A replacement: the first service at nine tenths of its charge, or another level of visit."""
    copy = _send_again(desk, draft, case, has_new_number=has_new_number)
    first = copy.lines[0]
    if first.procedure_code == "99213" and not first.modifiers:
        first = replace(first, procedure_code="99214", charge=draft.group.prices["99214"])
    else:
        first = replace(first, charge=max(1, first.charge * 9 // 10))
    copy.lines = [first, *copy.lines[1:]]
    copy.frequency_code, copy.original = "7", draft
    return copy


def _void(desk: Desk, draft: Draft, case: str) -> Draft:
    copy = _send_again(desk, draft, case)
    copy.frequency_code, copy.original = "8", draft
    return copy


def _cycle_has(past: Past, draft: Draft, version: Version) -> bool:
    return past.is_in_cycle(draft.family.employer.index, version.night)


def replacement_of_paid(desk: Desk, past: Past) -> None:
    """Corrects a claim that a cycle has: reversed, and decided anew."""
    draft = _pick(
        desk, past, lambda d, v: _is_paid(v) and not _is_copy(v) and _cycle_has(past, d, v)
    )
    _correct(desk, draft, "replacement_of_paid")


def replacement_of_unpaid(desk: Desk, past: Past) -> None:
    """Corrects a claim of an earlier night that no cycle has: the earlier one never was."""
    draft = _pick(
        desk, past, lambda d, v: _is_paid(v) and not _is_copy(v) and not _cycle_has(past, d, v)
    )
    _correct(desk, draft, "replacement_of_unpaid")


def void_of_paid(desk: Desk, past: Past) -> None:
    """Takes back a claim that a cycle has."""
    draft = _pick(desk, past, lambda d, v: _is_paid(v) and _cycle_has(past, d, v))
    _void(desk, draft, "void_of_paid")


def void_of_unpaid(desk: Desk, past: Past) -> None:
    """Takes back a claim of an earlier night that no cycle has."""
    draft = _pick(desk, past, lambda d, v: _is_paid(v) and not _cycle_has(past, d, v))
    _void(desk, draft, "void_of_unpaid")


def replacement_of_replacement(desk: Desk, past: Past) -> None:
    """Corrects what was a correction itself."""
    draft = _pick(
        desk, past, lambda d, v: _is_paid(v) and not _is_copy(v) and d.frequency_code == "7"
    )
    _correct(desk, draft, "replacement_of_replacement")


def replacement_of_denied(desk: Desk, past: Past) -> None:
    """Corrects a claim of which nothing was covered."""
    draft = _pick(
        desk,
        past,
        lambda _, v: v.is_standing and v.answer.decision == "DENIED" and not _is_copy(v),
    )
    _correct(desk, draft, "replacement_of_denied")


def void_of_denied(desk: Desk, past: Past) -> None:
    """Takes back a claim of which nothing was covered."""
    draft = _pick(desk, past, lambda _, v: v.is_standing and v.answer.decision == "DENIED")
    _void(desk, draft, "void_of_denied")


def _is_gone(draft: Draft, past: Past) -> bool:
    version = past.version_of(draft)
    return version is not None and not version.is_standing


def correction_of_gone(desk: Desk, past: Past) -> None:
    """Names a claim that was replaced or taken back on an earlier night."""
    gone = [
        draft
        for draft in past.drafts.values()
        if draft.person and draft.group.kind != OWING and _is_gone(draft, past)
    ]
    if not gone:
        raise NoRoomError
    draft = desk.rng.choice(gone)
    if desk.rng.random() < 0.5:
        _correct(desk, draft, "correction_of_gone")
    else:
        _void(desk, draft, "correction_of_gone")


def two_corrections(desk: Desk, past: Past) -> None:
    """Two corrections of one claim in one night: the second finds nothing."""
    draft = _pick(desk, past, lambda _, v: _is_paid(v) and not _is_copy(v))
    _correct(desk, draft, "two_corrections")
    _correct(desk, draft, "second_correction", has_new_number=True)


def duplicate_of_earlier_night(desk: Desk, past: Past) -> None:
    """The same claim again nights later, under a new account number."""
    draft = _pick(desk, past, lambda _, v: _is_paid(v) and not _is_copy(v))
    _send_again(desk, draft, "duplicate_of_earlier_night", has_new_number=True)


def sent_anew_after_void(desk: Desk, past: Past) -> None:
    """What was taken back on an earlier night is claimed again: no copy of anything."""
    voided = [
        draft.original
        for draft in past.drafts.values()
        if draft.frequency_code == "8"
        and isinstance(draft.original, Draft)
        and draft.group.kind != OWING
    ]
    for original in voided:
        version = past.version_of(original)
        key = f"anew:{original.icn}"
        is_paid = version and version.answer.decision == "APPROVED" and not version.is_standing
        if version and is_paid and not _is_copy(version) and key not in past.used:
            past.used.add(key)
            _send_again(desk, original, "sent_anew_after_void", has_new_number=True)
            return
    raise NoRoomError


def after_retroactive_end(desk: Desk, past: Past) -> None:
    """A visit that lay in covered days until the employer said otherwise."""
    del past
    plant_visit(
        desk,
        "after_retroactive_end",
        OFFICE_VISIT,
        fits=lambda family, person: (
            family.history == "ended_since" and person.spans[-1].end is not None
        ),
        day_of=lambda _, person: some_day(
            desk, (person.spans[-1].end or desk.night) + ONE_DAY, desk.night - 2 * ONE_DAY
        ),
    )


def newcomer(desk: Desk, past: Past) -> None:
    """Somebody who came with a change file sees a doctor."""
    del past

    def fits(family: FamilyRecord, person: Person) -> bool:
        is_new = person.spans[0].begin >= desk.night.replace(day=1) - 10 * ONE_DAY
        return family.history == "open" and is_new

    plant_visit(
        desk,
        "newcomer",
        OFFICE_VISIT,
        fits=fits,
        day_of=lambda _, person: some_day(desk, person.spans[0].begin, desk.night - 2 * ONE_DAY),
    )


def plant_owing(desk: Desk, past: Past, night: int) -> None:
    """Providers that come to owe, in the first share of the work.

    Both are paid for an operation on the first night and take it back on the second, with nothing
    else to be paid. The first one's next claim is larger than the debt; the second's is smaller, and
    only the one after that settles it.
    """
    for place, index in enumerate(owing_groups(desk.scenario)):
        group = desk.scenario.groups[index]
        if night == 0:
            past.owing[place] = _operation(desk, group)
        elif night == 1:
            _void(desk, past.owing[place], "void_that_leaves_a_debt")
            past.used.add(past.owing[place].icn)
        elif night == 2 + place:
            _more(desk, past.owing[place], OPERATION, days=2, case="settles_the_debt")
        elif night == 2:
            _more(desk, past.owing[place], OFFICE_VISIT, days=1, case="settles_a_part")


def _operation(desk: Desk, group: ProviderGroup) -> Draft:
    """Somebody of the first employer, covered all the time."""
    families = [
        family
        for family in desk.families
        if family.employer.index == 0 and family.history in {"open", "late_start"}
    ]
    slot = PARTNERS.index(group.partner_id)
    for family in desk.rng.sample(families, len(families)):
        person = family.people[0]
        day = desk.night - (2 + desk.rng.randint(0, 6)) * ONE_DAY
        if (
            person.spans
            and person.spans[-1].end is None
            and person.spans[-1].begin <= day - 20 * ONE_DAY
        ):
            desk.is_free((family, person), day, group)
            return desk.add(
                slot,
                family,
                person,
                group=group,
                visit=OPERATION,
                days=[day],
                case="operation_to_be_voided",
            )
    raise NoRoomError


def _more(desk: Desk, first: Draft, visit: Visit, *, days: int, case: str) -> None:
    """Further claims of the same patient at the same provider."""
    begin = first.lines[0].service_date + 2 * ONE_DAY
    if first.person is None:
        raise NoRoomError
    desk.add(
        PARTNERS.index(first.group.partner_id),
        first.family,
        first.person,
        group=first.group,
        visit=visit,
        days=[begin - (number + 8) * ONE_DAY for number in range(days)],
        case=case,
    )


RATES: dict[Callable[[Desk, Past], None], int] = {
    replacement_of_replacement: 500,
    replacement_of_paid: 6_000,
    replacement_of_unpaid: 3_000,
    void_of_paid: 3_000,
    void_of_unpaid: 1_500,
    replacement_of_denied: 1_000,
    void_of_denied: 500,
    correction_of_gone: 500,
    two_corrections: 300,
    duplicate_of_earlier_night: 4_000,
    sent_anew_after_void: 800,
    after_retroactive_end: 800,
    newcomer: 1_000,
}
"""How often a case is planted on a later night, a million claims."""


def plant_later_cases(desk: Desk, past: Past) -> None:
    """Plant this share of every case of a later night; what finds no room is left out.

    A week of a few hundred claims has no denied claim outside a cycle on every night, say.
    """
    shards = len(desk.scenario.shards)
    for position, (plant, rate) in enumerate(RATES.items()):
        total = max(1, desk.scenario.settings.claims * rate // 1_000_000)
        turn = (desk.shard.index + position) % shards
        for _ in range(total * (turn + 1) // shards - total * turn // shards):
            try:
                plant(desk, past)
            except NoRoomError:
                break
