"""What is decided as sets is what the rules would decide one by one, on one night or on many."""

import tempfile
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.enrollment.enrollment_files import (
    Nights,
    Record,
    coverage,
    example_configuration,
    member,
    with_plans,
    with_rules,
)

DAYS = ["2026-01-01", "2026-01-15", "2026-02-01", "2026-03-01", "2026-06-01"]
PEOPLE = {
    "JANE": ("18", "1985-04-12"),
    "ALEX": ("01", "1984-02-02"),
    "KIM": ("53", "1983-03-03"),
    "SAM": ("19", "2015-06-20"),
    "OLD": ("19", "1999-12-24"),
}


FAMILIES = [f"E{number}" for number in range(60)]
TWIST = 0.08
"""A family with one oddity is where the two ways could differ; one full of them goes the slow way."""


def a_record(random: Random, subscriber_id: str, name: str) -> Record:
    """Coverage from New Year for the family, and now and then something else."""
    relationship, born = PEOPLE[name]

    def odd(usual: Any, *others: Any) -> Any:
        return random.choice(others) if random.random() < TWIST else usual

    kind = odd("021", "001", "024", "025", "002", "030")
    covered = []
    for plan in odd(
        ["ACME-PPO"], [], ["ACME-HMO"], ["ACME-DEN"], ["GOLD"], ["ACME-PPO", "ACME-DEN"]
    ):
        begin = odd("2026-01-01", None, *DAYS)
        end = odd(None, "2026-03-31", "2026-07-31")
        if kind == "024":
            begin, end = None, random.choice(["2026-02-28", "2026-03-31", None])
        line = "DEN" if plan == "ACME-DEN" else "PPO"
        covered.append(coverage(kind, begin, end, odd("FAM", "EMP", "XXX", ""), plan, line))
    more: dict[str, Any] = {"last_name": odd("DOE", "ROE"), "benefit_status_code": odd("A", "C")}
    if not covered and kind == "024":
        more["eligibility_end_date"] = random.choice(["2026-02-28", None])
    return member(
        subscriber_id, name, *covered, relationship=relationship, kind=kind, born=born, **more
    )


def a_file(random: Random) -> tuple[list[Record], str]:
    """Records of many families, most of them whole."""
    sent = []
    for family in FAMILIES:
        names = [name for name, likely in LIKELY.items() if random.random() < likely]
        if random.random() < TWIST:
            random.shuffle(names)
        sent += [a_record(random, family, name) for name in names]
    return sent, random.choice(["2", "RX", "RX", "4"])


LIKELY = {"JANE": 0.95, "ALEX": 0.5, "KIM": 0.1, "SAM": 0.8, "OLD": 0.05}


def nights_of_files(fewest: int, most: int) -> st.SearchStrategy[list[tuple[list[Record], str]]]:
    """Files by seed: a file is too large to be worth making smaller, and shows what fails anyway."""

    def made(seed: int) -> list[tuple[list[Record], str]]:
        random = Random(seed)
        return [a_file(random) for _ in range(random.randint(fewest, most))]

    return st.integers(0, 2**32).map(made)


CONFIGURATION = with_rules(
    with_plans(example_configuration(), ACME_HMO="MED", ACME_DEN="DEN"),
    max_term_percent=100,
    max_add_percent=100,
)


def send(nights: Nights, sent: list[tuple[list[Record], str]], *, at_once: bool) -> None:
    written = [
        nights.file(
            rows,
            received=f"2026-03-{10 + number}",
            action=action,
            file_id=f"file-{number}",
        )
        for number, (rows, action) in enumerate(sent)
    ]
    if at_once:
        nights.apply(*written)
    else:
        for file in written:
            nights.apply(file)


def known(nights: Nights, *, without: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Tables of the last night without the columns named."""
    return {
        name: [
            {key: value for key, value in row.items() if key not in without}
            for row in nights.rows(name)
        ]
        for name in ("member", "eligibility_span", "member_transaction", "retro_change")
    }


@pytest.mark.slow
@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(nights_of_files(1, 4))
def test_looking_at_every_history_comes_to_the_same(sent: list[tuple[list[Record], str]]) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        quick = Nights(Path(one), CONFIGURATION)
        slow = Nights(Path(other), CONFIGURATION, looks_at_every_history=True)
        for nights in (quick, slow):
            send(nights, sent, at_once=True)
        assert known(quick, without=set()) == known(slow, without=set())


@pytest.mark.slow
@settings(max_examples=5, phases=[Phase.explicit, Phase.generate])
@given(nights_of_files(2, 4))
def test_one_night_for_all_files_comes_to_the_same_as_a_night_each(
    sent: list[tuple[list[Record], str]],
) -> None:
    versions = {"valid_from_event", "night"}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        together, apart = Nights(Path(one), CONFIGURATION), Nights(Path(other), CONFIGURATION)
        send(together, sent, at_once=True)
        send(apart, sent, at_once=False)
        ours, theirs = known(together, without=versions), known(apart, without=versions)
        for table in ("member", "eligibility_span"):
            assert ours[table] == theirs[table]
        last = [
            row for row in ours["member_transaction"] if row["file_id"] == f"file-{len(sent) - 1}"
        ]
        assert last == theirs["member_transaction"]


@pytest.mark.slow
@settings(max_examples=5, phases=[Phase.explicit, Phase.generate])
@given(nights_of_files(1, 4))
def test_versions_of_every_night_add_up_to_what_is_known(
    sent: list[tuple[list[Record], str]],
) -> None:
    keys = ("member_id", "plan_id", "begin_date", "valid_from_event")
    with tempfile.TemporaryDirectory() as folder:
        nights = Nights(Path(folder), CONFIGURATION)
        send(nights, sent, at_once=False)
        current: set[tuple[Any, ...]] = set()
        for number in range(1, nights.night + 1):
            output = nights.root / f"night-{number}"
            spans = pq.read_table(output / "eligibility_span.parquet").to_pylist()
            closed = pq.read_table(output / "closed_eligibility_span.parquet").to_pylist()
            current -= {tuple(row[key] for key in keys) for row in closed}
            current |= {
                tuple(row[key] for key in keys)
                for row in spans
                if row["valid_from_event"] == number
            }
            assert current == {tuple(row[key] for key in keys) for row in spans}
