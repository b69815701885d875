"""The frame of a night: employers, submitters, provider groups, files and shares of work.

Everything here follows from the settings alone. A shard is a block of families of all employers
whose claims go to the files of one wave; shards are worked apart, by any number of processes, so
sizes that fix claim numbers (claims a file, sets a file) are decided here and nowhere else.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from transforms.sample.calculator.money import cents
from transforms.sample.catalog import (
    GROUP_SPECIALTIES,
    RATES_USD,
    UNCATEGORISED_CODE,
    UNLISTED_CODES_USD,
)
from transforms.sample.names import (
    EMPLOYER_NAMES,
    FEMALE_FIRST_NAMES,
    GROUP_PLACE_NAMES,
    MALE_FIRST_NAMES,
    PLACES,
    STREETS,
    SUBMITTER_NAMES,
    last_name,
    npi,
)

CLAIMS_A_SHARD = 18_000
SHARDS_A_WAVE = 5
FILES_A_WAVE = (("apex", 0.25), ("apex", 0.20), ("birchbill", 0.22), ("copperhealth", 0.18))
"""Submitter and share of the claims, file by file; the last submitter takes the rest."""
LAST_SUBMITTER = "zephyr"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
PLAN_YEAR_MONTHS_BEFORE = (8, 5, 7, 6)
TIMELY_FILING_DAYS = (180, 90, 150, 120)
NETWORKS = ("LAKES", "PRAIRIE")
PROVIDER_NAMES = 100_000
"""Family names of providers begin here, beyond those of members."""


class SettingsError(ValueError):
    """The night asked for cannot be made; the message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a night is made from. The same settings give the same bytes.

    Attributes:
        night: Business date; the employers' funding cycles fall on its weekday.
        employers: Number of plan sponsors, 1 to 8.
        members: People over all employers.
        claims: Claims in good sets; those of damaged files come on top.
        seed: Any whole number.
        has_bad_files: Whether damaged files are dropped too.
    """

    night: date
    employers: int
    members: int
    claims: int
    seed: int
    has_bad_files: bool = True

    def __post_init__(self) -> None:
        if self.night.weekday() >= len(WEEKDAYS):
            raise SettingsError("a funding cycle falls on a working day: choose another night")
        if not 1 <= self.employers <= len(EMPLOYER_NAMES):
            raise SettingsError(f"employers must be 1 to {len(EMPLOYER_NAMES)}")
        if self.members < 24 * self.employers:
            raise SettingsError("an employer needs at least 24 members to show every case")
        if self.claims < 200:
            raise SettingsError("a night needs at least 200 claims to show every case")


@dataclass(frozen=True, slots=True)
class EmployerFrame:
    """One plan sponsor. `plan_ids` are tried with falling likelihood."""

    index: int
    employer_id: str
    name: str
    tax_id: str
    group_number: str
    partner_id: str
    plan_ids: tuple[str, ...]
    plan_year_first: date
    plan_year_last: date
    timely_filing_days: int
    network_id: str
    sends_member_numbers: bool
    maintenance_type_code: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """A person who treats."""

    npi: str
    last_name: str
    first_name: str
    taxonomy_code: str


@dataclass(frozen=True, slots=True)
class ProviderGroup:
    """A billing provider. `prices` are its charges in cents a unit, by code."""

    index: int
    kind: str
    partner_id: str
    name: str
    npi: str
    tax_id: str
    taxonomy_code: str
    street: str
    city: str
    state: str
    zip_code: str
    people: tuple[Rendering, ...]
    network_ids: tuple[str, ...]
    prices: dict[str, int]


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """One 837P file; `first_icn` is the number of its first claim, counted over the night."""

    number: int
    partner_id: str
    name: str
    wave: int
    slot: int
    claim_count: int
    first_icn: int
    set_count: int


@dataclass(frozen=True, slots=True)
class Shard:
    """One share of the work.

    Attributes:
        index: 0.. over the night.
        family_sizes: By employer, the sizes of its families in this shard.
        first_families: By employer, the number of the first of them within the employer.
        first_person: Number of the shard's first person over the night.
        first_family: Number of the shard's first family over the night.
        file_numbers: The files of its wave, by slot.
        claim_counts: Claims for each of them.
        first_claims: Row of the shard's first claim in each.
        first_sets: Sets of earlier shards in each.
    """

    index: int
    family_sizes: tuple[tuple[int, ...], ...]
    first_families: tuple[int, ...]
    first_person: int
    first_family: int
    file_numbers: tuple[int, ...]
    claim_counts: tuple[int, ...]
    first_claims: tuple[int, ...]
    first_sets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """The whole frame."""

    settings: Settings
    employers: tuple[EmployerFrame, ...]
    groups: tuple[ProviderGroup, ...]
    files: tuple[ClaimFile, ...]
    shards: tuple[Shard, ...]
    claims_a_set: int

    @property
    def icn_prefix(self) -> str:
        """Administrator and year: what every claim number of the night begins with."""
        return f"TPA{self.settings.night:%y}"


def build_scenario(settings: Settings) -> Scenario:
    """Lay out a night."""
    claims_a_set = min(5_000, max(15, settings.claims // 10))
    shard_count = -(-settings.claims // CLAIMS_A_SHARD)
    counts = _claim_counts(settings.claims, shard_count)
    files = _files(settings, counts, claims_a_set)
    return Scenario(
        settings,
        _employers(settings),
        _groups(settings),
        files,
        _shards(settings, counts, files, claims_a_set),
        claims_a_set,
    )


def _split(total: int, parts: int) -> list[int]:
    """`total` in `parts` whole numbers that differ by at most one."""
    return [total * (part + 1) // parts - total * part // parts for part in range(parts)]


def _claim_counts(claims: int, shard_count: int) -> list[tuple[int, ...]]:
    """By shard, claims for each file of its wave."""
    counts = []
    for share in _split(claims, shard_count):
        taken = [int(share * part) for _, part in FILES_A_WAVE]
        counts.append((*taken, share - sum(taken)))
    return counts


def _sets(claims: int, claims_a_set: int) -> int:
    return -(-claims // claims_a_set)


def _files(
    settings: Settings, counts: list[tuple[int, ...]], claims_a_set: int
) -> tuple[ClaimFile, ...]:
    """Files in order of partner and name, which is the order claims are numbered in."""
    partners = [*(partner_id for partner_id, _ in FILES_A_WAVE), LAST_SUBMITTER]
    named = []
    for wave in range(_sets(len(counts), SHARDS_A_WAVE)):
        for slot, partner_id in enumerate(partners):
            position = partners[:slot].count(partner_id)
            number = wave * partners.count(partner_id) + position + 1
            name = f"837p-{settings.night:%Y%m%d}-{number:03d}.x12"
            named.append((partner_id, name, wave, slot))
    files: list[ClaimFile] = []
    first_icn = 1
    for number, (partner_id, name, wave, slot) in enumerate(sorted(named)):
        shards = counts[wave * SHARDS_A_WAVE : (wave + 1) * SHARDS_A_WAVE]
        claim_count = sum(shard[slot] for shard in shards)
        set_count = sum(_sets(shard[slot], claims_a_set) for shard in shards)
        files.append(
            ClaimFile(number, partner_id, name, wave, slot, claim_count, first_icn, set_count)
        )
        first_icn += claim_count
    return tuple(files)


def _shards(
    settings: Settings,
    counts: list[tuple[int, ...]],
    files: tuple[ClaimFile, ...],
    claims_a_set: int,
) -> tuple[Shard, ...]:
    weights = [3 if index == 0 else 2 for index in range(settings.employers)]
    people = [
        settings.members * sum(weights[: index + 1]) // sum(weights)
        - settings.members * sum(weights[:index]) // sum(weights)
        for index in range(settings.employers)
    ]
    per_shard = [_split(count, len(counts)) for count in people]
    shards: list[Shard] = []
    first_families = [0] * settings.employers
    first_person = 0
    done: dict[int, tuple[int, int]] = {}
    for index, claim_counts in enumerate(counts):
        rng = Random(f"{settings.seed}:sizes:{index}")
        sizes = tuple(_family_sizes(rng, shares[index]) for shares in per_shard)
        wave_files = sorted(
            (file for file in files if file.wave == index // SHARDS_A_WAVE),
            key=lambda file: file.slot,
        )
        before = [done.get(file.number, (0, 0)) for file in wave_files]
        shards.append(
            Shard(
                index,
                sizes,
                tuple(first_families),
                first_person,
                sum(first_families),
                tuple(file.number for file in wave_files),
                claim_counts,
                tuple(claims for claims, _ in before),
                tuple(sets for _, sets in before),
            )
        )
        for file, count, (claims, sets) in zip(wave_files, claim_counts, before, strict=True):
            done[file.number] = (claims + count, sets + _sets(count, claims_a_set))
        first_person += sum(map(sum, sizes))
        first_families = [
            first + len(more) for first, more in zip(first_families, sizes, strict=True)
        ]
    return tuple(shards)


def _family_sizes(rng: Random, people: int) -> tuple[int, ...]:
    """Sizes that add up to `people`; the first families are large enough to show every case."""
    sizes = []
    wanted = [4, 3, 2, 2, 1, 1]
    while people:
        size = wanted.pop(0) if wanted else rng.choices((1, 2, 3, 4, 5), (38, 24, 16, 15, 7))[0]
        sizes.append(min(size, people))
        people -= sizes[-1]
    return tuple(sizes)


def _months_before(day: date, months: int) -> date:
    """First day of the month that lies `months` before the month of `day`."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)


def _employers(settings: Settings) -> tuple[EmployerFrame, ...]:
    frames = []
    for index in range(settings.employers):
        short, name = EMPLOYER_NAMES[index]
        first = _months_before(settings.night, PLAN_YEAR_MONTHS_BEFORE[index % 4])
        kinds = ("PPO", "EPO") if index % 2 == 0 else ("PPO",)
        frames.append(
            EmployerFrame(
                index,
                short,
                name,
                f"4155{index + 1:05d}",
                f"GRP{2001 + index}",
                f"{short.lower()}hr",
                tuple(f"{short}-{kind}" for kind in kinds),
                first,
                date(first.year + 1, first.month, 1) - timedelta(days=1),
                TIMELY_FILING_DAYS[index % 4],
                NETWORKS[index % 2],
                index % 2 == 0,
                "021" if index % 2 == 0 else "030",
            )
        )
    return tuple(frames)


def _groups(settings: Settings) -> tuple[ProviderGroup, ...]:
    """Each submitter's groups: of every kind one, and more at larger nights."""
    copies = 1 + min(5, settings.claims // 30_000)
    groups: list[ProviderGroup] = []
    for copy in range(copies):
        for position, (partner_id, _) in enumerate(SUBMITTER_NAMES):
            for kind in GROUP_SPECIALTIES:
                networks = _networks_of(kind, copy, position)
                groups.append(
                    provider_group(settings.seed, len(groups), kind, partner_id, networks)
                )
    return tuple(groups)


def _networks_of(kind: str, copy: int, position: int) -> tuple[str, ...]:
    """Hospitals are in every network; of the others a few are in one or none."""
    if kind == "hospital" or position in {0, 1}:
        return NETWORKS
    if position == 2:
        return (NETWORKS[(copy + len(kind)) % 2],)
    return () if kind in {"specialists", "community"} and copy % 2 == 0 else NETWORKS


def provider_group(
    seed: int, index: int, kind: str, partner_id: str, network_ids: tuple[str, ...]
) -> ProviderGroup:
    """One made-up provider group."""
    rng = Random(f"{seed}:group:{index}")
    ending, taxonomy_code, specialties = GROUP_SPECIALTIES[kind]
    place = GROUP_PLACE_NAMES[index // 4 % len(GROUP_PLACE_NAMES)]
    number = f" {index // 64 + 1}" if index >= 64 else ""
    city, state, zip_code = PLACES[index % len(PLACES)]
    people = tuple(
        Rendering(
            npi(20_000 + index * 10 + person),
            last_name(PROVIDER_NAMES + index * 10 + person),
            rng.choice(FEMALE_FIRST_NAMES + MALE_FIRST_NAMES),
            specialty,
        )
        for person, specialty in enumerate(specialties * 2)
    )
    return ProviderGroup(
        index,
        kind,
        partner_id,
        f"{place} {ending}{number}",
        npi(1_000 + index),
        f"4190{index + 1:05d}",
        taxonomy_code,
        f"{100 + index * 7} {rng.choice(STREETS)}",
        city,
        state,
        f"{zip_code}{1000 + index}",
        people,
        network_ids,
        _prices(rng),
    )


def _prices(rng: Random) -> dict[str, int]:
    """Charges a unit in cents: mostly well above the rates, for a few codes below them."""
    markup = rng.randint(1350, 2300)
    prices = {}
    for code, rate in sorted({**RATES_USD, **UNLISTED_CODES_USD, UNCATEGORISED_CODE: "90"}.items()):
        base = cents(rate)
        price = base * markup * rng.randint(920, 1120) // 1_000_000
        if rng.random() < 0.04:
            price = base * rng.randint(800, 970) // 1000
        prices[code] = round(price, -2) if price >= 2_000 else max(price, 1)
    return prices
