"""The page in a real browser: nothing is fetched, nothing overflows, dark is dark."""

import shutil
from pathlib import Path

import pytest

from tests.report.night_money import NIGHT
from tests.report.night_rows import believable_night
from transforms.plan.loader import load_configuration
from transforms.report import build_reports

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt: chromium)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    connection, _, configuration = believable_night(load_configuration(ROOT), claims_per_cycle=20)
    home = tmp_path_factory.mktemp("home")
    build_reports(connection, configuration, NIGHT, home / "night", home)
    connection.close()
    return home / "night"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_open_from_a_file_without_a_request_or_an_error(folder: Path, scheme: str) -> None:
    from playwright.sync_api import sync_playwright

    requested: list[str] = []
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(
            viewport={"width": 1280, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page.on("request", lambda request: requested.append(request.url))
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        for path in sorted(folder.glob("*.html")):
            page.goto(path.as_uri())
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow == 0
            background = page.evaluate("getComputedStyle(document.body).backgroundColor")
            levels = [int(part) for part in background.strip("rgb()").split(",")]
            assert (max(levels) < 80) == (scheme == "dark")
            fills = page.evaluate(
                "[...document.querySelectorAll('svg .mark-rect path')].map("
                "path => getComputedStyle(path).fill)"
            )
            assert "rgb(0, 0, 0)" not in fills
        assert requested == [path.as_uri() for path in sorted(folder.glob("*.html"))]
        assert errors == []
        browser.close()
