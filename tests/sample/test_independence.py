"""The answers are worth something because nothing is shared with what they judge."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "transforms" / "sample"


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", sorted((SAMPLE / "calculator").glob("*.py")), ids=lambda p: p.name)
def test_the_calculator_imports_only_itself_and_a_yaml_reader(path: Path) -> None:
    for name in imports(path):
        package = name.partition(".")[0]
        is_own = name.startswith("transforms.sample.calculator")
        assert is_own or package in sys.stdlib_module_names or package == "ruamel", name


@pytest.mark.parametrize("path", sorted(SAMPLE.glob("*.py")), ids=lambda p: p.name)
def test_the_sample_imports_no_other_part_of_the_product(path: Path) -> None:
    for name in imports(path):
        package = name.partition(".")[0]
        assert package not in {"edi", "validations", "dags", "sql"}, name
        if package == "transforms":
            assert name.startswith("transforms.sample"), name


@pytest.mark.parametrize(
    "name", ["cost_share", "cycles", "family", "funding", "history", "money", "pricing"]
)
def test_amounts_never_become_floating_point(name: str) -> None:
    for node in ast.walk(ast.parse((SAMPLE / "calculator" / f"{name}.py").read_text())):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Name) and node.id == "float")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            assert ast.unparse(node.left).startswith("Fraction(")
