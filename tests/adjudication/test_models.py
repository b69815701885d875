"""The models of the stage: all run, all say what a row is, all can be said on other engines."""

from pathlib import Path

import pytest
import sqlglot

from transforms.adjudication import stage

MODELS = sorted((Path(__file__).resolve().parents[2] / "sql" / "models").glob("adjudication_*.sql"))
NAMES = [path.stem for path in MODELS]


def test_the_stage_runs_every_model_once() -> None:
    run = [*stage.MODELS_BEFORE_THE_WALK, *stage.MODELS_AFTER_THE_WALK, *stage.OUTPUTS.values()]
    assert sorted(run) == NAMES


@pytest.mark.parametrize("path", MODELS, ids=NAMES)
def test_a_model_tells_its_grain_and_what_absent_rows_mean(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("-- ")
    assert "Grain: " in text.split("\nwith ")[0].split("\nselect")[0]
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if "left join" in line:
            assert lines[number - 1].strip().startswith("-- Absent: "), line


@pytest.mark.parametrize("path", MODELS, ids=NAMES)
@pytest.mark.parametrize("engine", ["postgres", "spark"])
def test_a_model_can_be_said_on_another_engine(path: Path, engine: str) -> None:
    level = sqlglot.ErrorLevel.RAISE
    said = sqlglot.transpile(path.read_text(), read="duckdb", write=engine, unsupported_level=level)
    assert len(said) == 1
