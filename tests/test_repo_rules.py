"""Rules of this repository that no tool checks by itself. Each is shown something that breaks it.

A rule is a function from a folder (a checkout, or one made for the test) to the violations in it.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = ("dags", "edi", "sql", "transforms", "validations")
GENERATED = {".run", ".git", "__pycache__"}
MOST_LINES = 450
CLOCK_READERS = ("dags", "transforms/cli")
"""Folders that may look at the wall clock; everywhere else the night's clock is an argument."""
SELF_CONTAINED = {
    "transforms/sample/calculator": "transforms.sample.calculator",
    "validations/remittance_check.py": "validations.remittance_kernel",
    "validations/remittance_kernel.py": "validations.remittance_kernel",
}
"""Second opinions: they may import nothing of ours but this, or they would share our errors."""

# [x] in a pattern keeps this file from naming what it forbids.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.])/([w]ork|[r]oot|[h]ome|[f]arm)/"),
    "an install source": re.compile(r"[i]ndex-url|[f]ind-links|[p]ypi\.org"),
    "a folder outside the checkout": re.compile(r"(?<![\w/])[s]hared/"),
    "a document that is not here": re.compile(r"([d]esign|[r]equirements|[s]tyle)\.md"),
    "a citation of a document that is not here": re.compile(r"\bR \d{1,2}\.\d{1,2}\b"),
    "unfinished work": re.compile(
        r"\b[T]ODO\b|\b[F]IXME\b|[N]otImplementedError|[m]ark\.xfail|[a]ssert True"
    ),
}
ALLOWED = {(".ci/run", "a folder outside the checkout")}
VAGUE_NAMES = re.compile(r"^(utils?|helpers?|commons?|misc|lib)$")
CLOCKS = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)$")
JUDGES = re.compile(r"\bassert\b|\bassert_\w+\(|pytest\.(raises|fail|warns)")


def files(root: Path, *endings: str) -> Iterator[Path]:
    """Files of a checkout with one of these endings (all files without), generated ones left out."""
    for name, folders, names in os.walk(root):
        folders[:] = sorted(
            f for f in folders if f not in GENERATED and not f.endswith(".egg-info")
        )
        for path in (Path(name, each) for each in sorted(names) if each != ".git"):
            if not endings or path.suffix in endings:
                yield path


def parsed(root: Path, *folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Python files under folders of a checkout, with their syntax trees."""
    for path in files(root, ".py"):
        name = path.relative_to(root).as_posix()
        if name.startswith(folders):
            yield name, ast.parse(path.read_text())


def forbidden_words(root: Path) -> list[str]:
    """Texts that tell of another machine or place, or of work left undone."""
    found = []
    for path in files(root):
        name = path.relative_to(root).as_posix()
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue  # no text
        found += [
            f"{name}: {what}: {match.group()}"
            for what, pattern in FORBIDDEN.items()
            if (name, what) not in ALLOWED
            for match in pattern.finditer(text)
        ]
    return found


def long_files(root: Path) -> list[str]:
    """Python and SQL files too long to be read in one sitting."""
    lengths = {path: len(path.read_text().splitlines()) for path in files(root, ".py", ".sql")}
    return [f"{path.name}: {lines} lines" for path, lines in lengths.items() if lines > MOST_LINES]


def undescribed_folders(root: Path) -> list[str]:
    """Folders with code of their own and no README.md that says what goes in and out."""
    folders = {
        path.parent
        for path in files(root, ".py", ".sql")
        if path.name != "__init__.py" and path.parent != root
    }
    top = {root / "tests" if "tests" in f.relative_to(root).parts else f for f in folders}
    return [
        str(folder.relative_to(root))
        for folder in sorted(top)
        if not (folder / "README.md").exists()
        or not 5 <= len((folder / "README.md").read_text().splitlines()) <= 80
    ]


def vague_names(root: Path) -> list[str]:
    """Modules and folders named by mechanism, or in another spelling than the rest."""
    found = []
    for path in files(root, ".py"):
        inside = path.relative_to(root).with_suffix("")
        found += [str(inside) for part in inside.parts if VAGUE_NAMES.match(part)]
        found += [str(inside) for part in inside.parts if not re.match(r"^\.?[a-z0-9_]+$", part)]
    return found


def clock_reads(root: Path) -> list[str]:
    """Calls that read the wall clock where the clock must be an argument."""
    found = []
    for name, tree in parsed(root, *PACKAGES):
        if name.startswith(CLOCK_READERS):
            continue
        found += [
            f"{name}:{node.lineno}: {ast.unparse(node)}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and CLOCKS.search(ast.unparse(node))
        ]
    return found


def shared_judgement(root: Path) -> list[str]:
    """Imports by which a second opinion would lean on the first."""
    found = []
    for folder, allowed in SELF_CONTAINED.items():
        for name, tree in parsed(root, folder):
            modules: list[str] = []
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom):
                    modules.append(node.module or ".")
                elif isinstance(node, ast.Import):
                    modules += [alias.name for alias in node.names]
            found += [
                f"{name}: {module}"
                for module in modules
                if module.split(".")[0] in {*PACKAGES, "."} and not module.startswith(allowed)
            ]
    return found


def checks_nothing(root: Path) -> list[str]:
    """Tests without an assertion, an expected error or a call of a checker: they cannot fail."""
    found = []
    functions = [
        (name, node)
        for name, tree in parsed(root, "tests/")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]
    judging = {function.name for _, function in functions if JUDGES.search(ast.unparse(function))}
    for name, function in functions:
        calls = {
            call.func.id
            for call in ast.walk(function)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        }
        if function.name.startswith("test_") and not ({function.name} | calls) & judging:
            found.append(f"{name}: {function.name}")
    return found


def floating_lock_lines(root: Path) -> list[str]:
    """Lines of a lock that are no exact pin of a package."""
    return [
        f"{lock.name}: {line}"
        for lock in sorted(root.glob("requirements*.lock"))
        for line in lock.read_text().splitlines()
        if not re.fullmatch(r"[a-z0-9._-]+==[a-z0-9.+!]+", line)
    ]


def broken_import_contracts(root: Path) -> list[str]:
    """Names of import contracts of pyproject.toml that a checkout breaks."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    result = subprocess.run(
        [*command, "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )
    broken = [line for line in result.stdout.splitlines() if line.endswith(" BROKEN")]
    return broken if broken or result.returncode == 0 else [result.stdout + result.stderr]


RULES: list[tuple[Callable[[Path], list[str]], str, str]] = [
    (forbidden_words, "edi/a.py", "# see /ro" + "ot/notes\n"),
    (forbidden_words, "docs/a.md", "as R 4" + ".5 says\n"),
    (forbidden_words, "edi/a.py", "raise Not" + "ImplementedError\n"),
    (forbidden_words, "docs/a.md", "in shar" + "ed/cases\n"),
    (forbidden_words, "requirements.lock", "--index" + "-url x\n"),
    (long_files, "edi/a.py", "a = 1\n" * (MOST_LINES + 1)),
    (undescribed_folders, "edi/new/a.py", "a = 1\n"),
    (vague_names, "edi/utils.py", ""),
    (vague_names, "edi/helpers/reading.py", ""),
    (vague_names, "edi/Reading.py", ""),
    (clock_reads, "transforms/a.py", "import datetime\nx = datetime.datetime.now(datetime.UTC)\n"),
    (clock_reads, "edi/a.py", "from datetime import date\nx = date.today()\n"),
    (clock_reads, "sql/a.py", "import time\nx = time.time()\n"),
    (shared_judgement, "transforms/sample/calculator/a.py", "from transforms.plan import b\n"),
    (shared_judgement, "validations/remittance_check.py", "import edi.writing\n"),
    (checks_nothing, "tests/test_a.py", "def test_it_runs():\n    print(1)\n"),
    (floating_lock_lines, "requirements.lock", "numpy>=2\n"),
    (broken_import_contracts, "edi/a.py", "import transforms\n"),
    (broken_import_contracts, "validations/a.py", "from transforms import x\n"),
    (broken_import_contracts, "transforms/a.py", "import airflow\n"),
    (broken_import_contracts, "edi/a.py", "import typer\n"),
]


@pytest.mark.parametrize("rule", list(dict.fromkeys(rule for rule, _, _ in RULES)))
def test_the_repository_keeps_the_rule(rule: Callable[[Path], list[str]]) -> None:
    assert rule(REPOSITORY) == []


@pytest.mark.parametrize(("rule", "planted", "text"), RULES)
def test_the_rule_finds_what_was_planted(
    tmp_path: Path, rule: Callable[[Path], list[str]], planted: str, text: str
) -> None:
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    assert rule(tmp_path) == []
    path = tmp_path / planted
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert len(rule(tmp_path)) == 1


def test_an_allowed_place_is_allowed_one_thing_only(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_text("$PWD/../shar" + "ed/cases\n")
    assert forbidden_words(tmp_path) == []
    (tmp_path / ".ci" / "run").write_text("/ro" + "ot/cases\n")
    assert forbidden_words(tmp_path) != []
