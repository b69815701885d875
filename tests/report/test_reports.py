"""The reports of a night: complete, exact, the same every time, and safe to open."""

import hashlib
import html.parser
import io
import json
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from tests.report.night_money import NIGHT, NightRows
from tests.report.night_rows import believable_night
from transforms.plan.loader import load_configuration
from transforms.plan.models import Configuration
from transforms.report import Summary, build_reports, read_summary, render_summary
from transforms.report.marts import load_marts

ROOT = Path(__file__).resolve().parents[2]
Made = tuple[duckdb.DuckDBPyConnection, NightRows, Configuration]


@pytest.fixture(scope="module")
def made() -> Made:
    return believable_night(load_configuration(ROOT), claims_per_cycle=20)


@pytest.fixture(scope="module")
def folder(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    connection, _, configuration = made
    home = tmp_path_factory.mktemp("home")
    folder = home / "reports" / str(NIGHT)
    build_reports(connection, configuration, NIGHT, folder, home)
    return folder


@pytest.fixture(scope="module")
def summary(folder: Path) -> Summary:
    return read_summary(folder)


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_the_same_state_gives_the_same_bytes(made: Made, folder: Path, tmp_path: Path) -> None:
    connection, _, configuration = made
    build_reports(connection, configuration, NIGHT, tmp_path / "again", tmp_path)
    assert digests(tmp_path / "again") == digests(folder)


def test_a_second_run_replaces_the_folder_as_a_whole(made: Made, tmp_path: Path) -> None:
    connection, _, configuration = made
    target = tmp_path / "night"
    target.mkdir()
    (target / "summary.json").write_text("{}")
    (target / "left over.csv").write_text("x")
    build_reports(connection, configuration, NIGHT, target, tmp_path)
    assert "left over.csv" not in digests(target)
    assert [path.name for path in tmp_path.iterdir()] == ["night"]


def test_a_folder_of_something_else_is_left_alone(made: Made, tmp_path: Path) -> None:
    connection, _, configuration = made
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(FileExistsError, match="name another folder"):
        build_reports(connection, configuration, NIGHT, tmp_path, tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_every_mart_is_a_csv_with_its_columns(folder: Path) -> None:
    for mart in load_marts():
        head = (folder / f"{mart.name}.csv").read_text().splitlines()[0]
        assert head.split(",") == [column.name for column in mart.columns]


def test_a_mart_no_spreadsheet_opens_is_written_as_parquet(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, _, configuration = made
    monkeypatch.setattr("transforms.report.marts.SPREADSHEET_ROWS", 100)
    summary = build_reports(connection, configuration, NIGHT, tmp_path / "night", tmp_path)
    assert "mart_claims_paid_detail.parquet" in summary.mart_files
    assert "mart_trial_balance.csv" in summary.mart_files
    rows = connection.execute(
        "select count(*) from read_parquet(?)", [str(tmp_path / "night" / summary.mart_files[3])]
    ).fetchone()
    assert rows is not None
    assert rows[0] > 100


def test_the_claims_csv_holds_the_lines_of_the_night_and_ties_to_the_request(
    made: Made, folder: Path
) -> None:
    connection, _, _ = made
    paid = connection.execute(
        "select count(*), sum(cast(paid_usd as decimal(18, 2))), min(cycle_date), max(cycle_date)"
        " from read_csv(?, all_varchar = true)",
        [str(folder / "mart_claims_paid_detail.csv")],
    ).fetchone()
    asked = connection.execute(
        "select sum(amount_usd) from funding_line inner join cycle"
        " on funding_line.cycle_id = cycle.cycle_id where night = ? and line_kind = 'CLAIMS'",
        [NIGHT],
    ).fetchone()
    assert paid is not None
    assert asked is not None
    assert paid[0] > 20
    assert paid[1:] == (asked[0], str(NIGHT), str(NIGHT))


def test_the_parts_of_the_billed_dollar_add_up_to_what_was_billed(summary: Summary) -> None:
    assert sum(part.amount_usd for part in summary.dollars) == summary.money.billed_usd > 0


def test_a_night_that_ties_is_right_and_one_cent_makes_it_wrong(
    made: Made, summary: Summary, tmp_path: Path
) -> None:
    assert summary.is_right
    assert all(line.holds for line in summary.conservation)
    connection, _, configuration = made
    connection.execute("begin transaction")
    connection.execute(
        "update funding_line set amount_usd = amount_usd - 0.01 where line_kind = 'CLAIMS'"
        " and cycle_id like 'ACME%'"
    )
    try:
        wrong = build_reports(connection, configuration, NIGHT, tmp_path / "night", tmp_path)
    finally:
        connection.execute("rollback")
    assert not wrong.is_right
    assert "Claims paid are what the funding requests ask for claims" in wrong.wrong
    page = (tmp_path / "night" / "summary.html").read_text()
    assert 'role="alert"' in page
    assert "WRONG" in page


def test_claims_counts_are_those_of_the_rows(made: Made, summary: Summary) -> None:
    _, rows, _ = made
    tonight = [row for row in rows.tables["claim_decision"] if row["night"] == NIGHT]
    returned = [row for row in rows.tables["rejected_claim"] if row["night"] == NIGHT]
    counts = summary.claims
    assert counts.approved == sum(row["decision"] == "APPROVED" for row in tonight)
    assert counts.denied == sum(row["decision"] == "DENIED" for row in tonight)
    assert counts.pended == sum(row["decision"] == "PENDED" for row in tonight)
    assert counts.cancelled == sum(row["decision"] == "CANCELLED" for row in tonight) > 0
    assert counts.returned == len(returned) > 0
    assert counts.received == len(tonight) + len(returned) == 60


def test_the_summary_survives_its_json(folder: Path, summary: Summary) -> None:
    text = (folder / "summary.json").read_text()
    assert summary.to_json() == text
    money = json.loads(text)["money"]["paid_usd"]
    assert isinstance(money, str)
    assert Decimal(money) == summary.money.paid_usd


class Page(html.parser.HTMLParser):
    """Collects what a page refers to, and tables whose header cells have no scope."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.unscoped = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.unscoped += tag == "th" and "scope" not in given
        if tag == "a":
            self.links.append(given.get("href") or "")
        elif tag in {"script", "link", "img", "iframe"} or "src" in given:
            self.loads.append(tag)


@pytest.mark.parametrize(
    "name",
    ["summary.html", f"funding_notice_ACME_{NIGHT}.html", f"funding_notice_BIRCH_{NIGHT}.html"],
)
def test_a_page_loads_nothing_and_links_only_to_files_beside_it(folder: Path, name: str) -> None:
    text = (folder / name).read_text()
    page = Page(text)
    assert page.loads == []
    contracts = f"../contracts/{NIGHT}/index.html"
    assert set(page.links) - {contracts} <= {path.name for path in folder.iterdir()}
    assert (contracts in page.links) == (name == "summary.html")
    assert not re.search(r"url\(|@import", text)
    assert "default-src 'none'" in text
    assert page.unscoped == 0


def test_charts_take_their_colours_from_the_style_sheet(folder: Path) -> None:
    text = (folder / "summary.html").read_text()
    assert text.count("<svg") == 4
    assert not re.search(r'(fill|stroke)="#', text)
    used = set(re.findall(r"var\((--[a-z-]+)\)", text))
    light, _, dark = text.partition("prefers-color-scheme: dark")
    assert used <= set(re.findall(r"(--[a-z-]+):", light))
    assert used <= set(re.findall(r"(--[a-z-]+):", dark))


def test_pages_and_json_name_no_member_and_no_payee_without_a_contract(
    made: Made, folder: Path
) -> None:
    _, rows, _ = made
    members = {row["member_id"] for row in rows.tables["claim_decision"]}
    hidden = {*members, *(row["subscriber_id"] for row in rows.tables["claim_decision"])}
    hidden |= {row["patient_control_number"] for row in rows.tables["claim_decision"]}
    for path in [*folder.glob("*.html"), folder / "summary.json"]:
        text = path.read_text()
        assert "DR A SOLO" not in text
        assert not [value for value in hidden if value in text]


def test_text_from_partners_is_escaped(made: Made, tmp_path: Path) -> None:
    connection, _, configuration = made
    connection.execute("begin transaction")
    connection.execute("update file_drop set remote_name = '<script>alert(1)</script>[red].834'")
    try:
        summary = build_reports(connection, configuration, NIGHT, tmp_path / "night", tmp_path)
    finally:
        connection.execute("rollback")
    assert "<script" not in (tmp_path / "night" / "summary.html").read_text()
    render_summary(summary, Console(file=io.StringIO()))


def test_the_terminal_shows_dollars_requests_and_the_verdict(summary: Summary) -> None:
    console = Console(file=io.StringIO(), width=140)
    render_summary(summary, console)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert f"{summary.money.billed_usd:,.2f}" in shown
    assert "BIRCH & SONS" in shown
    assert "everything adds up" in shown


def test_a_night_with_nothing_in_it_still_has_a_report(made: Made, tmp_path: Path) -> None:
    connection, _, configuration = made
    empty = NIGHT.replace(year=2025)
    summary = build_reports(connection, configuration, empty, tmp_path / "night", tmp_path)
    assert summary.claims.received == 0
    assert summary.dollars == ()
    assert "No partner dropped a file" in (tmp_path / "night" / "summary.html").read_text()


def test_the_notice_tells_what_to_pay_and_where(folder: Path, summary: Summary) -> None:
    text = (folder / f"funding_notice_BIRCH_{NIGHT}.html").read_text()
    request = next(r for r in summary.requests if r.employer_id == "BIRCH")
    for expected in (
        f"{request.request_usd:,.2f}",
        f"{request.balance_usd:,.2f}",
        request.request_number,
        "091000019",
        "BIRCH &amp; SONS",
    ):
        assert expected in text
    assert "1234567" not in text
