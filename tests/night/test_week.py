"""Several nights in a row: each right to the cent, none ever undone, changed or paid again by another.

Thorough and slow; test_two_nights.py holds two small nights to the same answers in the quick suite.
"""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.dags.state import differences, files_of, state_of
from tests.night.conftest import rows
from tests.night.test_whole_night import Interrupted
from tests.night.week import differences_from_answers, make_small_week, nights_of, run_one
from tests.remittance.oracles import pyx12_complaints
from transforms.report import read_summary
from validations.remittance_check import check_remittance

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three nights: corrections, voids, a payee that comes to owe, a late approval, change files."""
    return make_small_week(tmp_path_factory.mktemp("week") / "sample", "--nights", "3")


@pytest.fixture(scope="module")
def homes(week: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The system as each night left it. Do not change them."""
    folder = tmp_path_factory.mktemp("homes")
    left: list[Path] = []
    for number, night in enumerate(nights_of(week)):
        home = folder / f"after-{number}"
        if left:
            shutil.copytree(left[-1], home)
        run_one(home, week, night)
        left.append(home)
    return left


@pytest.fixture(scope="module")
def home(homes: list[Path]) -> Path:
    """The system at the end. Do not change it."""
    return homes[-1]


def test_every_night_comes_to_the_known_answers_as_it_ends(homes: list[Path], week: Path) -> None:
    for after, night in zip(homes, nights_of(week), strict=True):
        assert (night, differences_from_answers(after, week, night)) == (night, [])


def test_what_a_night_came_to_still_stands_when_later_nights_are_done(
    home: Path, week: Path
) -> None:
    for night in nights_of(week):
        assert (night, differences_from_answers(home, week, night)) == (night, [])


def test_the_week_shows_what_one_night_cannot(home: Path, week: Path) -> None:
    """Without this, the answers could agree because nothing of interest ever happened."""
    counts = {
        "reversals in a cycle": "select count(*) from claim_decision as d inner join cycle_claim as c"
        " on c.decision_id = d.decision_id where d.decision_kind = 'REVERSAL' and d.paid_usd < 0",
        "taken back before any cycle": "select count(*) from claim_decision"
        " where decision_kind = 'REVERSAL' and decision = 'CANCELLED' and paid_usd < 0",
        "corrections of corrections": "select count(*) from claim_decision as d"
        " inner join claim_decision as e on e.icn = d.replaces_icn"
        " where e.claim_frequency_code = '7' and d.night > e.night"
        " and d.decision_kind = 'ADJUDICATION' and e.decision_kind = 'ADJUDICATION'",
        "balances carried": "select count(*) from provider_adjustment where amount_usd < 0",
        "balances applied": "select count(*) from provider_adjustment where amount_usd > 0",
        "copies of an earlier night": "select count(*) from line_adjustment as a"
        " inner join claim_decision as d on d.decision_id = a.decision_id"
        " where a.reason_code = '18' and d.night > date '2026-03-05'",
        "records that wait for their subscriber": "select count(*) from member_transaction"
        " where outcome = 'HELD' and error_code = 'E-834-SUB'",
        "late approvals": "select count(*) from event as e inner join cycle as c"
        " on e.business_key = 'funding_requested:' || c.cycle_id where e.business_date > c.night"
        " union all select count(*) from cycle where state = 'CALCULATED' order by 1 desc limit 1",
        "ended coverage": "select count(*) from eligibility_span"
        " where valid_to_event is null and end_date between '2026-02-01' and '2026-02-28'",
    }
    assert {name: n for name, query in counts.items() if not (n := rows(home, query)[0][0])} == {}


def test_no_decision_is_paid_twice_and_none_is_lost(home: Path) -> None:
    """Over all nights: what was decided and not taken back before a cycle is in exactly one."""
    twice = rows(
        home, "select decision_id from cycle_claim group by decision_id having count(*) > 1"
    )
    assert twice == []
    last = "(select max(cycle_date) from cycle as c where c.employer_id = d.employer_id)"
    lost = rows(
        home,
        "select d.decision_id from claim_decision as d"
        " left join cycle_claim as c on c.decision_id = d.decision_id"
        " left join claim_decision as r on r.icn = d.icn and r.decision_kind = 'REVERSAL'"
        " where c.decision_id is null and d.decision in ('APPROVED', 'DENIED')"
        f" and d.decision_kind = 'ADJUDICATION' and r.icn is null and d.night <= {last}",
    )
    assert lost == []


def test_payments_wait_in_order_and_never_take_more_than_came_in(homes: list[Path]) -> None:
    """After a part of a request came in, what left is what stands first and fits."""
    waiting = 0
    for home in homes:
        room = rows(
            home,
            "select c.cycle_id, r.claims_credit_usd + coalesce(sum(a.amount_usd), 0)"
            " from cycle as c inner join funding_request as r on r.cycle_id = c.cycle_id"
            " left join deposit_allocation as a on a.cycle_id = c.cycle_id"
            " and a.waterfall_class = 'CLAIMS' group by c.cycle_id, r.claims_credit_usd",
        )
        payments = rows(
            home,
            "select cycle_id, amount_usd, status from payment where not is_zero_pay"
            " order by cycle_id, oldest_received_date, payment_id",
        )
        for cycle_id, money in room:
            mine = [(amount, status) for cycle, amount, status in payments if cycle == cycle_id]
            left = [amount for amount, status in mine if status == "RELEASED"]
            first_that_waits = next((a for a, status in mine if status == "DRAFT" and a), None)
            total = sum((Decimal(str(amount)) for amount in left), Decimal(0))
            assert total <= Decimal(str(money))
            if left and first_that_waits is not None:
                waiting += 1
                assert total + Decimal(str(first_that_waits)) > Decimal(str(money))
    assert waiting


def test_what_a_cycle_has_is_reversed_even_while_its_payment_waits(
    homes: list[Path], week: Path
) -> None:
    """The second night's cycles are partly paid; the third night must know all their decisions."""
    before = homes[1]
    drafts = "select c.decision_id from cycle_claim as c inner join payment as p"
    drafts += " on p.payment_id = c.payment_id where p.status = 'DRAFT'"
    waiting = {row[0] for row in rows(before, drafts)}
    frozen: set[str] = set()
    lake = homes[2] / "lake"
    for path in lake.rglob("decision_in_cycle.parquet"):
        frozen |= set(pq.read_table(path)["decision_id"].to_pylist())
    assert waiting
    assert waiting & frozen


def test_a_night_looks_back_only_at_what_its_claims_are_about(home: Path, week: Path) -> None:
    """That it is enough, the known answers show; that it is not everything, this."""
    last = nights_of(week)[-1]
    earlier = "select count(*) from line_decision as l inner join claim_decision as d"
    earlier += f" on d.decision_id = l.decision_id where d.night < date '{last}'"
    everything = int(str(rows(home, earlier)[0][0]))
    frozen = 0
    for manifest in sorted((home / "lake" / "history").iterdir()):
        table = pq.read_table(manifest / "line_decision.parquet")
        frozen = max(frozen, table.num_rows)
    assert 0 < frozen < everything // 4


def test_running_earlier_nights_again_changes_nothing(
    home: Path, week: Path, tmp_path: Path
) -> None:
    again = shutil.copytree(home, tmp_path / "again")
    before, files = state_of(again), files_of(home)
    for night in nights_of(week)[:-1]:
        run_one(again, week, night)
    assert differences(before, state_of(again)) == []
    assert differences(files, files_of(again)) == []


def test_every_835_of_every_night_passes_the_checker_and_pyx12(home: Path) -> None:
    documents = rows(
        home,
        "select partner_id, delivered_name from outbox where document_kind = '835'"
        " order by document_id",
    )
    contents = [(home / "outbound" / str(p) / str(n)).read_bytes() for p, n in documents]
    assert [found for content in contents if (found := check_remittance(content))] == []
    with_balances = [content for content in contents if b"PLB" in content]
    assert len(with_balances) >= 2
    with_reversals = [content for content in contents if b"*22*-" in content]
    assert with_reversals
    for content in {*with_balances, *with_reversals}:
        assert pyx12_complaints(content) == []


def test_a_file_dropped_again_nights_later_is_no_new_file(home: Path, week: Path) -> None:
    known = json.loads((week / "answers" / nights_of(week)[-1] / "night.json").read_text())
    names = {name.partition("/")[2] for name in known["files_dropped_again"]}
    found = rows(home, "select remote_name from file_drop where drop_status = 'DUPLICATE_FILE'")
    assert names
    assert {row[0] for row in found} == names


def test_every_law_of_conservation_holds_every_night(home: Path, week: Path) -> None:
    for night in nights_of(week):
        summary = read_summary(home / "reports" / night)
        assert [law for law in summary.conservation if not law.holds] == []


def test_the_last_night_killed_at_its_points_ends_the_same(
    homes: list[Path], week: Path, tmp_path: Path
) -> None:
    interrupted = Interrupted(stride=9)
    again = shutil.copytree(homes[-2], tmp_path / "again")
    run_one(again, week, nights_of(week)[-1], observe=interrupted)
    assert interrupted.crashes > 10
    assert differences(state_of(again), state_of(homes[-1])) == []


def test_a_week_killed_all_the_way_ends_the_same(home: Path, week: Path, tmp_path: Path) -> None:
    interrupted = Interrupted(stride=4)
    for night in nights_of(week):
        run_one(tmp_path / "home", week, night, observe=interrupted)
    assert interrupted.crashes > 60
    assert differences(state_of(tmp_path / "home"), state_of(home)) == []


def test_seven_nights_of_three_employers_come_to_the_known_answers(tmp_path: Path) -> None:
    arguments = ("--nights", "7", "--employers", "3")
    week = make_small_week(tmp_path / "sample", *arguments, claims=1_500, members=600)
    for night in nights_of(week):
        run_one(tmp_path / "home", week, night)
        assert (night, differences_from_answers(tmp_path / "home", week, night)) == (night, [])
    for night in nights_of(week):
        assert (night, differences_from_answers(tmp_path / "home", week, night)) == (night, [])
