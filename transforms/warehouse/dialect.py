"""SQL is written once, in DuckDB's dialect; this says it in PostgreSQL's.

sqlglot translates. What it leaves to the reader, and what would give another type on the other
side, is put right here, so that a statement means the same on both; tests/sql runs both on the same
rows. What cannot be said raises instead of being left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import ErrorLevel, TokenType, exp

from transforms.warehouse.errors import DialectError

PARAMETER = "parameter__"

MISSING_FUNCTIONS = frozenset({"hash", "struct_pack"})
"""Functions sqlglot passes on by name though PostgreSQL has none of that name."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement for PostgreSQL.

    Attributes:
        text: With `$1`, `$2`, ... where DuckDB has `?`.
        parameters: Which parameters it reads, from 1 in the order of the question marks.
        table: Table it makes or writes to; empty for a query.
        is_temporary: Whether it makes a temporary table.
        is_query: Whether it gives rows.
    """

    text: str
    parameters: tuple[int, ...]
    table: str = ""
    is_temporary: bool = False
    is_query: bool = False


@lru_cache(maxsize=2048)
def to_postgres(text: str) -> tuple[Statement, ...]:
    """Translate a text of DuckDB statements.

    Raises:
        DialectError: A statement cannot be said in PostgreSQL.
    """
    try:
        trees = sqlglot.parse(_named(text), read="duckdb")
        return tuple(
            statement for tree in trees if tree is not None for statement in _statements(tree)
        )
    except sqlglot.errors.SqlglotError as error:
        reason = str(error).split("\n", 1)[0]
        raise DialectError(f"a statement cannot be said in PostgreSQL: {reason}") from error


def _named(text: str) -> str:
    """Write names for the question marks of a text, so that each keeps its number in any order."""
    places = [
        token.start
        for token in sqlglot.tokenize(text, read="duckdb")
        if token.token_type is TokenType.PLACEHOLDER
    ]
    for number, place in reversed(list(enumerate(places, start=1))):
        text = f"{text[:place]}{PARAMETER}{number}{text[place + 1 :]}"
    return text


def _statements(tree: exp.Expr) -> Iterator[Statement]:
    if isinstance(tree, exp.Create) and tree.args.get("replace"):
        kind, name = str(tree.args["kind"]).lower(), _table(tree)
        yield Statement(f'drop {kind} if exists pg_temp."{name}"', (), name, is_temporary=True)
        tree.set("replace", False)
    parameters = []
    for node in reversed(list(tree.walk())):  # what is inside another comes before it
        if isinstance(node, exp.Column) and node.name.startswith(PARAMETER):
            parameters.append(int(node.name.removeprefix(PARAMETER)))
        mended = _mended(node)
        if mended is not node:
            node.replace(mended)
    yield Statement(
        text=tree.sql("postgres", unsupported_level=ErrorLevel.RAISE, comments=False),
        parameters=tuple(sorted(set(parameters))),
        table="" if isinstance(tree, exp.Query) else _table(tree),
        is_temporary=tree.find(exp.TemporaryProperty) is not None,
        is_query=isinstance(tree, exp.Query) or bool(tree.args.get("returning")),
    )


def _table(tree: exp.Expr) -> str:
    """Table a statement makes, changes or drops; else the kind of the statement."""
    inside = tree.this if isinstance(tree.this, exp.Expr) else tree
    table = inside.find(exp.Table) or tree.find(exp.Table)
    return type(tree).__name__.lower() if table is None else str(table.name)


def _mended(node: exp.Expr) -> exp.Expr:
    """Say one node so that PostgreSQL gives the same value of the same type."""
    if isinstance(node, exp.Column) and node.name.startswith(PARAMETER):
        return exp.Parameter(this=exp.Literal.number(node.name.removeprefix(PARAMETER)))
    if isinstance(node, exp.ToDays):
        raise sqlglot.errors.UnsupportedError("function to_days: add whole days to the date")
    if isinstance(node, exp.Struct):
        raise sqlglot.errors.UnsupportedError("a struct")
    if isinstance(node, exp.Anonymous) and node.name.lower() in MISSING_FUNCTIONS:
        raise sqlglot.errors.UnsupportedError(f"function {node.name}")
    if isinstance(node, exp.IntDiv | exp.Year | exp.Month | exp.Day | exp.Extract):
        return exp.cast(node.copy(), "bigint")  # DuckDB's type; PostgreSQL gives numeric
    if isinstance(node, exp.DateFromParts):
        parts = [exp.cast(node.args[name].copy(), "integer") for name in ("year", "month", "day")]
        return exp.Anonymous(this="make_date", expressions=parts)
    if isinstance(node, exp.SHA2):  # PostgreSQL digests bytes, not texts
        node.set("this", exp.func("convert_to", node.this.copy(), exp.Literal.string("UTF8")))
        return node
    if isinstance(node, exp.DataType) and node.this in {exp.DType.INT128, exp.DType.UINT128}:
        return exp.DataType.build("decimal(38, 0)")
    if isinstance(node, exp.IgnoreNulls) and isinstance(node.this, exp.AnyValue):
        return node.this.copy()  # it ignores nulls in PostgreSQL as well
    return node
