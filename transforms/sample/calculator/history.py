"""What a family's earlier nights mean for tonight: versions that stand, what they used up, copies.

A claim decided on an earlier night may be taken back. Taking back repeats what was decided with the
opposite sign: every cent, copay and visit it used is given back, whatever was decided in between.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from transforms.sample.calculator.configuration import Book
from transforms.sample.calculator.cost_share import Accounts, Key
from transforms.sample.calculator.family import (
    REPLACEMENT,
    VOID,
    Family,
    decide_claim,
    fingerprint,
)
from transforms.sample.calculator.records import Claim, ClaimAnswer, Span


@dataclass(slots=True)
class Postings:
    """What one decision changed of a family's accounts."""

    used: dict[Key, int] = field(default_factory=dict)
    copay_taken: dict[Key, int] = field(default_factory=dict)
    visits: dict[Key, set[Key]] = field(default_factory=dict)


@dataclass(slots=True)
class Version:
    """One decided claim.

    Attributes:
        chain: Number of the first claim of the versions that follow each other.
        is_standing: Not reversed, cancelled or, having been denied, replaced.
    """

    answer: ClaimAnswer
    chain: str
    night: date
    postings: Postings
    is_standing: bool = True


@dataclass(frozen=True, slots=True)
class Reversal:
    """An earlier night's decision taken back tonight.

    Attributes:
        version: What is taken back.
        was_in_cycle: Whether a cycle has it, so that the reversal is paid too. Otherwise neither is.
    """

    version: Version
    was_in_cycle: bool


@dataclass(slots=True)
class History:
    """A family over several nights."""

    family: Family
    versions: dict[str, Version] = field(default_factory=dict)

    def decide_night(
        self,
        claims: Sequence[Claim],
        spans: Sequence[Sequence[Span]],
        book: Book,
        night: date,
        is_in_cycle: Callable[[date], bool],
    ) -> tuple[list[ClaimAnswer], list[Reversal]]:
        """Decide a night's accepted claims in order of their numbers.

        Args:
            claims: Of this family, received tonight.
            spans: What is known of its coverage tonight.
            book: Plans and networks.
            night: Business date.
            is_in_cycle: Whether what was decided on an earlier night is in a funding cycle.
        """
        self.family.spans = spans
        named, taken = self._named_versions(claims)
        self._look_back(set(named.values()))
        answers: list[ClaimAnswer] = []
        reversals: list[Reversal] = []
        for claim in claims:
            chain = named.get(claim.icn, claim.icn)
            if claim.icn in taken:
                answers.append(ClaimAnswer(claim, "CANCELLED"))
                continue
            is_void = claim.frequency_code == VOID and claim.icn in named
            if claim.icn in named:
                reversals += self._take_back(chain, is_void=is_void, is_in_cycle=is_in_cycle)
            if is_void:
                answers.append(ClaimAnswer(claim, "VOID"))
                continue
            before = _copy(self.family.accounts)
            answer = decide_claim(self.family, claim, book, has_original=claim.icn in named)
            if answer.decision in {"APPROVED", "DENIED"}:
                postings = _difference(before, self.family.accounts)
                self.versions[claim.icn] = Version(answer, chain, night, postings)
            answers.append(answer)
        return answers, reversals

    def _named_versions(self, claims: Iterable[Claim]) -> tuple[dict[str, str], set[str]]:
        """Replacements and voids that find what they name, with their chain; and what is named.

        A version is taken back once: the first of tonight's claims that names it has it.
        """
        named: dict[str, str] = {}
        taken: set[str] = set()
        tonight: dict[str, Claim] = {}
        for claim in claims:
            original = claim.original_icn
            if claim.frequency_code in {REPLACEMENT, VOID} and claim.patient is not None:
                known = self.versions.get(original)
                is_there = known.is_standing if known else self._is_tonight(original, tonight)
                if is_there and original not in taken:
                    taken.add(original)
                    named[claim.icn] = known.chain if known else named.get(original, original)
            tonight[claim.icn] = claim
        return named, taken

    @staticmethod
    def _is_tonight(icn: str, tonight: dict[str, Claim]) -> bool:
        return icn in tonight and tonight[icn].frequency_code != VOID

    def _look_back(self, touched: set[str]) -> None:
        """What earlier nights left for copies and bundling; chains touched tonight count for neither.

        A line refused as a copy, or before it was judged on its merits, is no original of anything.
        Only what was paid can have another service as its part.
        """
        self.family.seen.clear()
        self.family.performed.clear()
        for version in self.versions.values():
            if not version.is_standing or version.chain in touched:
                continue
            claim = version.answer.claim
            provider = (claim.billing_provider_tax_id, claim.billing_provider_npi)
            for entry in version.answer.lines:
                if entry.category_id:
                    self.family.seen.add(fingerprint(claim, entry.line))
                if not entry.is_denied:
                    key = (claim.patient, entry.line.service_date, provider)
                    codes = self.family.performed.setdefault(key, set())
                    codes.add(entry.line.procedure_code)

    def _take_back(
        self, chain: str, *, is_void: bool, is_in_cycle: Callable[[date], bool]
    ) -> list[Reversal]:
        """Take back what stands of a chain; a denial in a cycle that is replaced has nothing to give."""
        reversals = []
        for version in self.versions.values():
            if version.chain != chain or not version.is_standing:
                continue
            version.is_standing = False
            was_in_cycle = is_in_cycle(version.night)
            if was_in_cycle and version.answer.decision == "DENIED" and not is_void:
                continue
            _undo(self.family.accounts, version.postings)
            reversals.append(Reversal(version, was_in_cycle))
        return reversals


def _copy(accounts: Accounts) -> Accounts:
    return Accounts(
        dict(accounts.used),
        dict(accounts.copay_taken),
        {key: set(visits) for key, visits in accounts.visits.items()},
    )


def _difference(before: Accounts, after: Accounts) -> Postings:
    return Postings(
        {
            key: amount - before.used.get(key, 0)
            for key, amount in after.used.items()
            if amount != before.used.get(key, 0)
        },
        {
            key: amount - before.copay_taken.get(key, 0)
            for key, amount in after.copay_taken.items()
            if amount != before.copay_taken.get(key, 0)
        },
        {
            key: new
            for key, visits in after.visits.items()
            if (new := visits - before.visits.get(key, set()))
        },
    )


def _undo(accounts: Accounts, postings: Postings) -> None:
    for key, amount in postings.used.items():
        accounts.used[key] -= amount
    for key, amount in postings.copay_taken.items():
        accounts.copay_taken[key] -= amount
    for key, visits in postings.visits.items():
        accounts.visits[key] -= visits
