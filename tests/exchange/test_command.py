"""`aso exchange` shows what is stuck without naming anybody, and sends what waits."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.exchange.conftest import REPOSITORY, sftp_partner
from tests.exchange.systems import System, folder_system
from tests.exchange.test_delivering import Sender, sender
from transforms.config import PipelineConfig

__all__ = ["folder_system", "sender"]  # fixtures


@pytest.fixture
def at_home(config: PipelineConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASO_HOME", str(config.home))
    monkeypatch.setenv("ASO_CONFIGURATION", str(REPOSITORY))
    monkeypatch.setenv("ASO_DROPS", str(config.drops))
    monkeypatch.delenv("ASO_WAREHOUSE", raising=False)


def aso(*arguments: str) -> Result:
    from transforms.cli.main import app

    return CliRunner().invoke(app, ["exchange", *arguments], env={"COLUMNS": "200"})


@pytest.mark.usefixtures("at_home")
def test_status_shows_what_is_stuck_and_masks_names_unless_asked(
    sender: Sender, folder_system: System
) -> None:
    assert aso("status").exit_code == 0
    sender.queue(3)
    sender.partner("sub123", sftp_partner)
    sender.deliver()
    folder_system.drop("DOE_JANE.zip", b"no zip")
    folder_system.drop("DOE_JOHN.part", b"")
    folder_system.receive()
    shown = aso("status")
    assert shown.exit_code == 1
    assert "there is no connection TEST" in shown.output
    assert "NOT_AS_NAMED" in shown.output
    assert "TEMPORARY_NAME" in shown.output
    assert "DOE" not in shown.output
    assert "DOE_JANE.zip" in aso("status", "--names").output


@pytest.mark.usefixtures("at_home")
def test_deliver_sends_what_waits_and_check_asks_every_place(
    sender: Sender, config: PipelineConfig
) -> None:
    sender.queue(2)
    assert "2 documents delivered" in aso("deliver").output
    assert len(list(Path(config.outbound / "sub123").iterdir())) == 2
    checked = aso("check")
    assert checked.exit_code == 0
    assert "answers, 0 files" in checked.output
