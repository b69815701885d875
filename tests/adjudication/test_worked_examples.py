"""The worked examples of docs/domain/adjudication.md, through the whole stage, to the cent."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.adjudication.builder import Claim, Line, Span, World, account


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_w1_a_consultation_crosses_the_deductible(world: World) -> None:
    world.post(account("IND_DED", "jane"), 118_785)
    night = world.decide([Claim(101, [Line("99245", "1200.00")])])
    assert night.adjustments(101) == ["CO-45 324.60", "PR-1 312.15", "PR-2 112.65"]
    assert night.line(101)["paid_usd"] == Decimal("450.60")
    assert night.claim(101)["paid_usd"] == Decimal("450.60")
    assert night.claim(101)["patient_responsibility_usd"] == Decimal("424.80")
    assert night.posted(101) == {
        account("IND_DED", "jane"): 31_215,
        account("FAM_DED", "E100001"): 31_215,
        account("IND_OOP", "jane"): 42_480,
        account("FAM_OOP", "E100001"): 42_480,
    }
    assert world.used(account("IND_DED", "jane")) == 150_000
