"""What the operator's page says of a night, and what it keeps to itself."""

import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.night.conftest import NIGHT, rows, settings_of
from transforms.config import PipelineConfig
from transforms.operations import (
    Pages,
    read_file_view,
    read_night_view,
    read_overview,
    record_unmasking,
)
from transforms.operations.pages import Viewer, claim_bars
from transforms.operations.unmasking import UnmaskingError
from transforms.warehouse import Connection, Warehouse

OPERATOR = Viewer(name="operator", may_run=True, token="proof")
READER = Viewer(name="reader", may_run=False, token="proof")
MEMBERS = "select distinct last_name, first_name, subscriber_id from member"


@pytest.fixture(scope="module")
def config(undisturbed: Path, sample: Path) -> PipelineConfig:
    with settings_of(undisturbed, sample):
        return PipelineConfig.from_environment()


def changed(undisturbed: Path, folder: Path, *statements: str) -> Path:
    """A copy of a home after something else happened to it, published."""
    home = shutil.copytree(undisturbed, folder / "home")
    warehouse = Warehouse(f"duckdb:///{home}/warehouse.duckdb")
    with warehouse.transaction() as connection:
        for statement in statements:
            connection.execute(statement)
    warehouse.publish_copy()
    return home


def overview_of(home: Path, viewer: Viewer = OPERATOR) -> str:
    with Warehouse(f"duckdb:///{home}/warehouse.duckdb").read() as connection:
        return Pages("/operations").overview(read_overview(connection), [], 0, viewer, "")


def all_pages(connection: Connection, config: PipelineConfig) -> str:
    pages = Pages("/operations")
    texts = [
        pages.overview(read_overview(connection), [], 0, OPERATOR, ""),
        pages.night(read_night_view(connection, date.fromisoformat(NIGHT)), OPERATOR),
    ]
    for (file_id,) in connection.execute("select file_id from file_register").fetchall():
        view = read_file_view(connection, config, file_id)
        assert view is not None
        texts.append(pages.file(view, OPERATOR))
    return "\n".join(texts)


def test_a_good_night_needs_nobody(undisturbed: Path) -> None:
    text = overview_of(undisturbed)
    assert "Nothing needs you" in text
    assert "Every cycle is released" in text


def test_whoever_is_behind_unread_stuck_or_unapproved_is_named_with_a_way_out(
    undisturbed: Path, tmp_path: Path
) -> None:
    home = changed(
        undisturbed,
        tmp_path,
        "delete from event where event_kind = 'decisions_posted' and business_key like '%HARBORLINE'",
        "update file_register set status = 'RECEIVED', night = null where partner_id = 'apex'",
        "update outbox set delivered_at = null where document_kind = 'ACH'",
        "update cycle set state = 'CALCULATED' where employer_id = 'BRIDGEWATER'",
    )
    text = overview_of(home)
    assert "Nothing needs you" not in text
    assert re.search(r"Employer <strong>HARBORLINE</strong> is behind", text)
    assert text.count("is not read yet") == 2
    assert "2 ACH for bank wait for delivery" in text
    assert re.search(r"Request \S+ of BRIDGEWATER over [\d,.]+ USD lacks an approval", text)
    for action in ("nightly", "receive", "approve_funding"):
        assert f'action="/operations/run/{action}"' in text


def test_who_may_not_start_runs_sees_no_button(undisturbed: Path) -> None:
    assert "<button" in overview_of(undisturbed)
    assert "<form" not in overview_of(undisturbed, READER)


def test_no_page_tells_a_persons_name_or_number(undisturbed: Path, config: PipelineConfig) -> None:
    people = rows(undisturbed, MEMBERS)
    with Warehouse(config.warehouse_url).read() as connection:
        text = all_pages(connection, config)
    assert len(people) > 50
    words = set(re.findall(r"[A-Za-z0-9]+", text))
    told = {value for person in people for value in person if value in words}
    assert told == set()
    assert "••••" in text


def test_every_returned_claim_is_explained_in_words(undisturbed: Path) -> None:
    with Warehouse(f"duckdb:///{undisturbed}/warehouse.duckdb").read() as connection:
        view = read_night_view(connection, date.fromisoformat(NIGHT))
    assert view.returned
    assert all(row["meaning"] for row in (*view.returned, *view.pended, *view.denied))


def test_a_refused_file_says_what_is_wrong_where_and_what_mends_it(
    undisturbed: Path, config: PipelineConfig
) -> None:
    query = "select file_id from file_drop where remote_name = 'zz-wrong-segment-count.x12'"
    file_id = str(rows(undisturbed, query)[0][0])
    with Warehouse(config.warehouse_url).read() as connection:
        view = read_file_view(connection, config, file_id)
        assert view is not None
        text = Pages("/operations").file(view, OPERATOR)
        assert read_file_view(connection, config, "0" * 64) is None
    assert "SE01 differs" in text
    assert "send the set again" in text
    assert ">refused<" in text


def test_looking_at_values_is_an_event_with_who_and_why_and_nobody_looks_without(
    undisturbed: Path, sample: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(undisturbed, tmp_path / "home")
    now = datetime(2026, 3, 6, 9, tzinfo=UTC)
    with settings_of(home, sample):
        record_unmasking(who="operator", file_id="f" * 64, reason="sender asks", at=now)
        with pytest.raises(UnmaskingError):
            record_unmasking(who="operator", file_id="f" * 64, reason=" ", at=now)
    (event,) = rows(home, "select payload from event where event_kind = 'values_unmasked'")
    assert '"who":"operator"' in str(event[0])
    assert '"reason":"sender asks"' in str(event[0])


def test_the_bars_of_a_night_are_as_high_together_as_all_its_claims() -> None:
    night = {"night": date(2026, 3, 5), "approved": 90, "denied": 5, "pended": 3, "returned": 1}
    other = {**night, "approved": 40, "waiting": 1}
    bars = claim_bars([{**night, "waiting": 1}, other])
    assert [bar["total"] for bar in bars] == [50, 100]
    assert [sum(part["height"] for part in bar["parts"]) for bar in bars] == [60, 120]
    assert claim_bars([]) == []
