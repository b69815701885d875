"""Airflow as it runs in production: a drop answered, a person asked, the operator's page driven."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb
import pytest

from tests.dags.test_recovery import aso, wait_for
from transforms.night.airflow_api import FINISHED, AirflowApi
from transforms.night.services import NEEDED, AirflowServices

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

NIGHT = "2026-03-05"
CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
SHOTS = os.environ.get("ASO_SCREENSHOTS", "")
"""Folder for pictures of the page; empty: none are kept."""

HARD_TO_READ = """() => {
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = one => {
    for (; one; one = one.parentElement) {
      const found = numbers(getComputedStyle(one).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")]
    .filter(one => !one.closest("svg, .skip") && [...one.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .filter(one => {
      const a = light(numbers(getComputedStyle(one).color)), b = light(behind(one));
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    }).map(one => one.outerHTML.slice(0, 80));
}"""
"""Elements whose text has less contrast than WCAG 2 AA asks for, 4.5 to 1."""

UNNAMED = """() => [
  ...[...document.querySelectorAll("input:not([type=hidden])")].filter(one => !one.labels.length),
  ...[...document.querySelectorAll("button, a, [role=region]")].filter(
    one => !one.innerText.trim() && !one.getAttribute("aria-label")),
  ...[...document.querySelectorAll("th")].filter(one => !one.scope),
  ...[...document.querySelectorAll("section")].filter(one => !one.querySelector("h2")),
].map(one => one.outerHTML.slice(0, 80))"""
"""What a screen reader could not name or place."""


class Live:
    """A running Airflow on a home in which one night ran without any approval."""

    def __init__(self, services: AirflowServices, home: Path, drops: Path) -> None:
        self.services, self.home, self.drops = services, home, drops
        self.api = AirflowApi.of(services)

    def call(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.services.port, timeout=60)
        with closing(connection):
            connection.request(method, path, body or None, given)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    def token(self, user: str) -> str:
        passwords = json.loads((self.services.home / "passwords.json").read_text())
        login = json.dumps({"username": user, "password": passwords[user]})
        _, _, text = self.call("POST", "/auth/token", login, Content_Type="application/json")
        return str(json.loads(text)["access_token"])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.home / "published.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    aso(
        "sample",
        str(folder / "sample"),
        *("--night", NIGHT, "--employers", "2", "--members", "60", "--claims", "200"),
    )
    drops = folder / "sample" / "drops"
    shutil.rmtree(drops / "approvals")
    settings = {
        "ASO_HOME": str(folder / "state"),
        "ASO_CONFIGURATION": str(folder / "sample" / "config"),
        "ASO_DROPS": str(drops),
    }
    aso("night", "run", NIGHT, **settings)
    paused = {
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "operator:admin,reader:viewer",
    }
    with AirflowServices(folder / "airflow", {**settings, **paused}) as services:
        passwords = services.home / "passwords.json"
        passwords.write_text(json.dumps({"operator": services.password, "reader": "look"}))
        services.migrate()
        services.start(*NEEDED, "triggerer")
        running = Live(services, folder / "state", drops)
        wait_for("Airflow", running.api.is_ready, services)
        for dag_id in ("nightly", "receive", "approve_funding", "reprocess"):
            wait_for(dag_id, lambda dag_id=dag_id: running.api.has_dag(dag_id), services)  # type: ignore[misc]
        running.api.set_pool("warehouse", 1, "one writer")
        yield running


def unpaused(live: Live, dag_id: str, is_paused: bool = False) -> None:
    live.api._call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": is_paused})


def test_a_drop_is_answered_within_two_minutes(live: Live) -> None:
    unpaused(live, "receive")
    original = sorted(live.drops.glob("*/837p-*.x12"))[0]
    content = original.read_bytes()
    number = content.split(b"*")[13]
    fresh = content.replace(b"*" + number + b"*", b"*000000777*", 1)
    fresh = fresh.replace(b"IEA*1*" + number, b"IEA*1*000000777")
    outbound = live.home / "outbound" / original.parent.name
    before = set(outbound.glob("999-*"))
    original.with_name("dropped-now.x12").write_bytes(fresh)
    dropped = time.monotonic()
    wait_for("the 999", lambda: set(outbound.glob("999-*")) - before != set(), live.services)
    seconds = time.monotonic() - dropped
    assert seconds < 120
    unpaused(live, "receive", is_paused=True)


def questions(live: Live) -> list[dict[str, Any]]:
    path = "/api/v2/dags/~/dagRuns/~/hitlDetails?" + urlencode({"response_received": "false"})
    found: list[dict[str, Any]] = live.api._call("GET", path)["hitl_details"]
    return found


def respond(live: Live, asked: dict[str, Any], option: str) -> None:
    one = asked["task_instance"]
    path = (
        f"/api/v2/dags/{one['dag_id']}/dagRuns/{one['dag_run_id']}/taskInstances/{one['task_id']}"
    )
    path += f"/{one['map_index']}/hitlDetails"
    live.api._call("PATCH", path, {"chosen_options": [option], "params_input": {}})


def test_each_request_is_asked_by_itself_and_the_answer_is_an_event(live: Live) -> None:
    unpaused(live, "approve_funding")
    run_id = live.api.trigger("approve_funding", {})
    wait_for("two questions", lambda: len(questions(live)) == 2, live.services)
    first, second = sorted(questions(live), key=lambda one: str(one["subject"]))
    assert "funding request" in first["subject"]
    assert "| CLAIMS |" in first["body"]
    respond(live, first, "Approve")

    def states() -> dict[str, str]:
        return dict(live.rows("select employer_id, state from cycle"))

    wait_for(
        "the request",
        lambda: min(states().values()) != "CALCULATED" or len(set(states().values())) == 2,
        live.services,
    )
    assert sorted(states().values())[0] == "CALCULATED"  # nothing waited for the other answer
    (approved,) = live.rows("select approved_by from cycle_approval")
    assert approved == ("operator",)
    respond(live, second, "Reject")
    wait_for(
        "the end", lambda: live.api.run_state("approve_funding", run_id) in FINISHED, live.services
    )
    assert live.api.run_state("approve_funding", run_id) == "success"
    with duckdb.connect(str(live.home / "warehouse.duckdb"), read_only=True) as connection:
        events = connection.execute(
            "select event_kind, count(*) from event where event_kind in"
            " ('cycle_approved', 'approval_refused') group by 1 order by 1"
        ).fetchall()
    assert events == [("approval_refused", 1), ("cycle_approved", 1)]
    again = live.api.trigger("approve_funding", {})
    wait_for(
        "a second run",
        lambda: live.api.run_state("approve_funding", again) in FINISHED,
        live.services,
    )
    assert questions(live) == []  # what was asked is not asked again by itself


def test_nobody_sees_the_page_without_signing_in_and_a_reader_starts_nothing(live: Live) -> None:
    for path in ("/operations/", f"/operations/night/{NIGHT}", "/operations/file/0"):
        assert live.call("GET", path)[0] == 401
    assert live.call("POST", "/operations/run/nightly", "token=x")[0] == 401
    reader = f"Bearer {live.token('reader')}"
    status, headers, page = live.call("GET", "/operations/", Authorization=reader)
    assert status == 200
    assert "<form" not in page
    assert (
        "default-src 'none'"
        in {k.lower(): v for k, v in headers.items()}["content-security-policy"]
    )
    operators = live.call("GET", "/operations/", Authorization=f"Bearer {live.token('operator')}")[
        2
    ]
    stolen = operators.split('name="token" value="')[1].split('"')[0]
    form = urlencode({"token": stolen, "night": NIGHT})
    assert live.call("POST", "/operations/run/nightly", form, Authorization=reader)[0] == 403


def test_a_form_from_elsewhere_is_refused(live: Live) -> None:
    operator = f"Bearer {live.token('operator')}"
    page = live.call("GET", "/operations/", Authorization=operator)[2]
    token = page.split('name="token" value="')[1].split('"')[0]
    good, bad = urlencode({"token": token}), urlencode({"token": token + "x"})

    def post(form: str, path: str = "/operations/run/reprocess", **headers: str) -> int:
        return live.call("POST", path, form, Authorization=operator, **headers)[0]

    assert post(bad) == post("") == 403
    assert post(good, Origin="https://elsewhere.example") == 403
    assert post(good, Sec_Fetch_Site="cross-site") == 403
    assert post(good, path="/operations/run/no_such_dag") == 404


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt: chromium)")
def test_the_page_in_a_browser(live: Live) -> None:
    from playwright.sync_api import sync_playwright

    address = f"http://127.0.0.1:{live.services.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": 1366, "height": 768},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            context.add_cookies(
                [{"name": "_token", "value": live.token("operator"), "url": address}]
            )
            page = context.new_page()
            errors: list[str] = []
            page.on("console", lambda message: errors.append(message.text))  # noqa: B023
            file_id = live.rows(
                "select file_id from file_drop where remote_name = 'zz-wrong-segment-count.x12'"
            )[0][0]
            for name, path in (
                ("overview", "/operations/"),
                ("night", f"/operations/night/{NIGHT}"),
                ("file", f"/operations/file/{file_id}"),
            ):
                page.goto(address + path)
                wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                assert page.evaluate(wide) == 0, name
                assert page.evaluate(HARD_TO_READ) == [], (name, scheme)
                assert page.evaluate(UNNAMED) == [], name
                if SHOTS:
                    page.screenshot(path=f"{SHOTS}/operations-{name}-{scheme}.png")
            assert errors == []
            context.close()
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.context.add_cookies(
            [{"name": "_token", "value": live.token("operator"), "url": address}]
        )
        page.goto(f"{address}/operations/file/{file_id}")
        page.get_by_label("Why you need to see them").fill("the sender asks")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # the button, without a mouse
        page.get_by_text("Unmasked for you").wait_for()
        page.goto(f"{address}/operations/")
        page.get_by_role("button", name=f"Run {NIGHT} again").click()
        page.get_by_text("nightly is started").wait_for()
        page.goto(f"{address}/plugin/operations")
        page.frame_locator("iframe").get_by_role("heading", name="Operations").wait_for()
        if SHOTS:
            page.wait_for_timeout(1500)
            page.screenshot(path=f"{SHOTS}/operations-in-airflow.png")
        browser.close()
    with duckdb.connect(str(live.home / "warehouse.duckdb"), read_only=True) as connection:
        payload = connection.execute(
            "select payload from event where event_kind = 'values_unmasked'"
        ).fetchall()
    assert [json.loads(text)["reason"] for (text,) in payload] == ["the sender asks"]
    runs = live.api._call("GET", "/api/v2/dags/nightly/dagRuns")["dag_runs"]
    assert [run["conf"] for run in runs] == [{"night": NIGHT}]


def run_command(*arguments: str) -> Callable[[], subprocess.CompletedProcess[str]]:
    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "transforms.night.run", *arguments],
            check=False, capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    return run


def test_up_says_where_it_is_and_down_ends_it_and_nothing_else(tmp_path: Path) -> None:
    up, down = (run_command(word, "--home", str(tmp_path)) for word in ("--up", "--down"))
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as other:
        try:
            started = up()
            assert started.returncode == 0, started.stdout
            assert "http://127.0.0.1:" in started.stdout
            assert "passwords.json" in started.stdout
            assert "is up already" in up().stdout
            noted = json.loads((tmp_path / "server.json").read_text())
            assert down().returncode == 0
            assert not Path(f"/proc/{noted['pid']}").exists()
            assert "is not up" in down().stdout
            assert other.poll() is None
        finally:
            down()
            other.kill()
