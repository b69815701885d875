"""The SQL we ship means the same on every engine, keeps money exact, and says what it gives.

`violations` judges the text of one statement. Every rule is shown a statement that breaks it, so a
rule that sees nothing cannot hide.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
import sqlglot
from ruamel.yaml import YAML
from sqlglot import exp

from transforms.warehouse.dialect import to_postgres
from transforms.warehouse.errors import DialectError

REPOSITORY = Path(__file__).resolve().parent.parent
SQL_FILES = sorted(
    path for folder in ("sql", "validations") for path in (REPOSITORY / folder).rglob("*.sql")
)
DOCUMENTED = sorted((REPOSITORY / "sql" / "marts").glob("*.sql"))
UNORDERED = (exp.GroupConcat, exp.ArrayAgg, exp.First, exp.Last, exp.AnyValue)
ENGINE_ONLY: tuple[tuple[str, type[exp.Expr]], ...] = (
    ("pivot", exp.Pivot),
    ("struct", exp.Struct),
    ("try_cast", exp.TryCast),
    ("median", exp.Median),
    ("arg_max", exp.ArgMax),
    ("arg_max", exp.ArgMin),
    ("regexp_full_match", exp.RegexpFullMatch),
)
ENGINE_ONLY_NAMES = frozenset({"hash", "struct_pack", "row", "regexp_full_match", "list_aggregate"})


def is_money(node: exp.Expr) -> bool:
    """Say whether an expression reads an amount."""
    return any(column.name.endswith(("_usd", "_cents")) for column in node.find_all(exp.Column))


def is_date(node: exp.Expr) -> bool:
    """Say whether an expression is plainly a date."""
    if isinstance(node, exp.Cast):
        return node.is_type("date")
    return isinstance(node, exp.Column) and node.name.endswith("_date")


def engine_only(tree: exp.Expr) -> Iterator[str]:
    """Constructs one engine alone understands, or each understands its own way."""
    for name, kind in ENGINE_ONLY:
        if tree.find(kind):
            yield name
    for function in tree.find_all(exp.Anonymous):
        if function.name.lower() in ENGINE_ONLY_NAMES:
            yield function.name.lower()


def engine_only_clauses(tree: exp.Expr) -> Iterator[str]:
    """Clauses of one engine's grammar."""
    for group in tree.find_all(exp.Group):
        if group.args.get("all"):
            yield "group by all"
    for join in tree.find_all(exp.Join):
        if (join.args.get("method") or "").upper() == "ASOF":
            yield "asof join"
    for table in tree.find_all(exp.TableAlias):
        if table.columns and isinstance(table.parent, exp.Table | exp.Unnest | exp.Lateral):
            yield "generate_series(...) t(x)"


def unnamed_columns(tree: exp.Expr) -> Iterator[str]:
    """A star in a select list: what it gives depends on the table, not on the statement."""
    for star in tree.find_all(exp.Star):
        holder = star.parent.parent if isinstance(star.parent, exp.Column) else star.parent
        if isinstance(holder, exp.Select):
            yield "exclude" if star.args.get("except_") else "select *"


def uncertain(tree: exp.Expr) -> Iterator[str]:
    """Constructs whose result is not fixed, or has another type on another engine."""
    for aggregate in tree.find_all(*UNORDERED):
        if not isinstance(aggregate.this, exp.Order) and not aggregate.find(exp.WithinGroup):
            yield "unordered aggregate"
    for minus in tree.find_all(exp.Sub):
        if is_date(minus.left) and is_date(minus.right):
            yield "date - date"
    for cut in tree.find_all(exp.DateTrunc, exp.TimestampTrunc):
        if not isinstance(cut.parent, exp.Cast):
            yield "date_trunc without a cast"
    for select in tree.find_all(exp.Select):
        yield from reused_aliases(select)


def null_in_join(tree: exp.Expr) -> Iterator[str]:
    """`a is null or ...` as a condition of a join: DuckDB 2.0 lost rows of one; fill the null before."""
    for join in tree.find_all(exp.Join):
        condition = join.args.get("on")
        if condition is None:
            continue
        for either in condition.find_all(exp.Or):
            if any(isinstance(side.unnest(), exp.Is) for side in either.flatten()):
                yield "is null or ... in a join"


def inexact_money(tree: exp.Expr) -> Iterator[str]:
    """Constructs that turn an amount into a floating-point number."""
    for division in tree.find_all(exp.Div):
        if is_money(division):
            yield "/ on money"
    for average in tree.find_all(exp.Avg):
        if is_money(average):
            yield "avg on money"
    for cast in tree.find_all(exp.Cast):
        if cast.is_type("double", "float") and is_money(cast.this):
            yield "float of money"
    for column in tree.find_all(exp.ColumnDef):
        if column.name.endswith("_usd") and not column.args["kind"].is_type("decimal"):
            yield "_usd column that is no decimal"


def reused_aliases(select: exp.Select) -> Iterator[str]:
    """An alias read again in the same select list: other engines look for a column of that name."""
    made: set[str] = set()
    for projection in select.expressions:
        read = {
            column.name
            for column in projection.find_all(exp.Column)
            if not column.table and column.parent_select is select
        }
        if read & made:
            yield "alias reuse"
        if isinstance(projection, exp.Alias) and projection.alias not in read:
            made.add(projection.alias)


RULES: tuple[Callable[[exp.Expr], Iterator[str]], ...] = (
    engine_only,
    engine_only_clauses,
    unnamed_columns,
    uncertain,
    null_in_join,
    inexact_money,
)


def violations(sql: str) -> list[str]:
    """Names of the rules that a text of DuckDB statements breaks."""
    trees = [tree for tree in sqlglot.parse(sql, read="duckdb") if tree]
    return sorted({name for tree in trees for rule in RULES for name in rule(tree)})


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: path.stem)
def test_a_sql_file_keeps_the_rules(path: Path) -> None:
    assert violations(path.read_text()) == []


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("select a, sum(b) from t group by all", "group by all"),
        ("select * from t", "select *"),
        ("select t.* from t", "select *"),
        ("select * exclude (a) from t", "exclude"),
        ("select arg_max(a, b) from t", "arg_max"),
        ("select t.a from t asof join u on t.a >= u.a", "asof join"),
        ("pivot t on a using sum(b)", "pivot"),
        ("select {'a': 1} as b from t", "struct"),
        ("select hash(a) from t", "hash"),
        ("select try_cast(a as integer) as b from t", "try_cast"),
        ("select a + 1 as b, b * 2 as c from t", "alias reuse"),
        ("select median(a) from t", "median"),
        ("select regexp_full_match(a, 'x') from t", "regexp_full_match"),
        ("select x from generate_series(1, 3) as t(x)", "generate_series(...) t(x)"),
        ("select end_date - begin_date as days from t", "date - date"),
        ("select cast(a as date) - cast(b as date) as days from t", "date - date"),
        ("select date_trunc('month', a) as b from t", "date_trunc without a cast"),
        ("select string_agg(a, ',') from t", "unordered aggregate"),
        (
            "select t.a from t join u on t.a = u.a and (u.b is null or t.b < u.b)",
            "is null or ... in a join",
        ),
        ("select t.a from t left join u on (t.b < u.b) or u.b is null", "is null or ... in a join"),
        ("select paid_usd / 2 as half from t", "/ on money"),
        ("select sum(paid_cents) / count(*) as mean from t", "/ on money"),
        ("select avg(paid_usd) as mean from t", "avg on money"),
        ("select cast(paid_usd as double) as b from t", "float of money"),
        ("create table t (paid_usd double)", "_usd column that is no decimal"),
    ],
)
def test_each_sql_rule_finds_what_it_forbids(sql: str, rule: str) -> None:
    assert rule in violations(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) as n from t",
        "select string_agg(a, ',' order by a) from t",
        "select cast(date_trunc('month', a) as date) as b from t",
        "select date_diff('day', begin_date, end_date) as days from t",
        "select paid_cents // 2 as half from t",
        "select t.a from t left join u on t.a = u.a where u.a is null or t.b < u.b",
        "select cast(sum(t.paid_usd) as decimal(18, 2)) as paid_usd from t",
        "create table t (paid_usd decimal(14, 2))",
    ],
)
def test_what_every_engine_understands_is_allowed(sql: str) -> None:
    assert violations(sql) == []


DATED = """
    with dated as (
        select sent.code, known.valid_from
        from (select distinct code from service) as sent
        left join known on known.code = sent.code
    )
    select service.id from service
    inner join dated on dated.code = service.code
    inner join served on served.id = service.id
"""


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("rows", [10, 5_000])
def test_duckdb_keeps_the_rows_whose_bound_is_null(rows: int, threads: int) -> None:
    """A filter over two tables becomes a condition of their join: the shape that lost rows once."""
    bounds = [None if code % 3 == 0 else code for code in range(12)]
    wanted = [
        number
        for number in range(rows)
        if (bound := bounds[number % 12]) is None or number % 7 < bound
    ]
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute("create table known (code integer, valid_from integer)")
        there = [(code, bound) for code, bound in enumerate(bounds) if bound is not None]
        connection.executemany("insert into known values (?, ?)", there)
        connection.execute(
            f"create table service as select i as id, i % 12 as code from range({rows}) as r(i)"
        )
        connection.execute(
            f"create table served as select i as id, i % 7 as day from range({rows}) as r(i)"
        )
        filtered = "where dated.valid_from is null or served.day < dated.valid_from"
        filled = "where served.day < coalesce(dated.valid_from, 999)"
        for condition in (filtered, filled, filtered.replace("where", "and (") + ")"):
            found = connection.execute(f"{DATED} {condition} order by service.id").fetchall()
            assert [number for (number,) in found] == wanted, condition


WAREHOUSE_FOLDERS = ("exchange", "funding", "ledger", "night", "report", "trace")
"""Stages whose statements run on the warehouse, whichever of its kinds that is."""

ON_THE_ENGINE = {"contracts.py"}
"""Modules of those stages whose statements read Parquet in the engine."""

STATEMENT = re.compile(r"\s*(select|with|insert|update|delete|create)\s", re.IGNORECASE)
UNCHECKED = {
    "select some_name from some_name as kept some_name",  # its ends are joins named elsewhere
    "with today's configuration",  # a sentence
    "select min(journal_id) from (((",  # put together of two statements that are checked alone
}


def statements_in(source: str) -> list[str]:
    """Texts of a module that begin as statements; a name stands for what is put into them."""
    tree = ast.parse(source)
    parts = {
        id(part)
        for text in ast.walk(tree)
        if isinstance(text, ast.JoinedStr)
        for part in text.values
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "some_name"
                for part in node.values
            )
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
        ):
            text = re.sub(r"\{\w+\}", "1", node.value.replace("{limit}", ""))
        else:
            continue
        if STATEMENT.match(text) and not text.startswith(tuple(UNCHECKED)):
            found.append(text)
    return found


def in_postgres(sql: str) -> list[str]:
    """Why a text of statements cannot be said in PostgreSQL."""
    try:
        to_postgres(sql)
    except DialectError as error:
        return [error.problem]
    return []


@pytest.mark.parametrize("path", [p for p in SQL_FILES if "sql" in p.parts], ids=lambda p: p.stem)
def test_a_sql_file_can_be_said_in_postgresql(path: Path) -> None:
    assert in_postgres(path.read_text()) == []


@pytest.mark.parametrize("folder", WAREHOUSE_FOLDERS)
def test_statements_for_the_warehouse_keep_the_rules_of_sql_files(folder: str) -> None:
    found_files = sorted((REPOSITORY / "transforms" / folder).rglob("*.py"))
    paths = [path for path in found_files if path.name not in ON_THE_ENGINE]
    wrong = [
        (path.name, statement[:60], found)
        for path in paths
        for statement in statements_in(path.read_text())
        if (found := [*violations(statement), *in_postgres(statement)])
    ]
    assert wrong == []
    assert sum(len(statements_in(path.read_text())) for path in paths) > 1


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("A = 'select a from t'", ["select a from t"]),
        ("A = f'select {x} from t'", ["select some_name from t"]),
        ("A = 'selected'", []),
        ("A = 'delete from t where a = {b}'", ["delete from t where a = 1"]),
    ],
)
def test_statements_are_found_in_a_module(source: str, found: list[str]) -> None:
    assert statements_in(source) == found


@pytest.mark.parametrize(
    "sql",
    ["select hash(a) from t", "select struct_pack(a := b) from t", "select a + to_days(1) from t"],
)
def test_what_postgresql_has_not_is_named(sql: str) -> None:
    assert in_postgres(sql) != []


def select_list(sql: str) -> list[str]:
    """Column names a statement gives, in order."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    return [name.lower() for name in tree.named_selects] if isinstance(tree, exp.Query) else []


def undocumented(sql: Path) -> list[str]:
    """What the YAML beside a mart gets wrong: missing, no grain, other columns or another order."""
    beside = sql.with_suffix(".yaml")
    if not beside.exists():
        return [f"{beside.name} is missing"]
    documented = YAML(typ="safe", pure=True).load(beside.read_text())
    wrong = [] if documented.get("grain") else ["no grain"]
    columns = [column["name"] for column in documented.get("columns", [])]
    if columns != select_list(sql.read_text()):
        wrong.append(f"columns {columns} are not the select list")
    return wrong


def test_there_are_marts_to_judge() -> None:
    assert len(DOCUMENTED) >= 5
    assert len(SQL_FILES) >= 40


@pytest.mark.parametrize("path", DOCUMENTED, ids=lambda path: path.stem)
def test_a_mart_has_its_grain_and_columns_written_beside_it(path: Path) -> None:
    assert undocumented(path) == []


@pytest.mark.parametrize(
    ("yaml", "wrong"),
    [
        (None, "missing"),
        ("columns: [{name: a}, {name: b}]", "no grain"),
        ("grain: [a]\ncolumns: [{name: b}, {name: a}]", "select list"),
        ("grain: [a]\ncolumns: [{name: a}]", "select list"),
    ],
)
def test_a_mart_that_is_documented_wrongly_is_found(
    tmp_path: Path, yaml: str | None, wrong: str
) -> None:
    mart = tmp_path / "mart_a.sql"
    mart.write_text("select a, c as b from t")
    if yaml is not None:
        mart.with_suffix(".yaml").write_text(yaml)
    assert any(wrong in text for text in undocumented(mart))
