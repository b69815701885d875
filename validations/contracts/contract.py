"""A contract as data: what is read of a dataset, and what it promises."""

from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

SAMPLE_ROWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a dataset promises.

    Attributes:
        dataset: Its name, which is the file's.
        title: What it holds, for people.
        scope: Column that says whose rows they are: `employer_id` or `file_id`.
        key: Columns that name a row.
        columns: All columns, in any order.
        is_open: Whether there may be further columns.
        required: Columns that are never null.
        values: Column to the values it may have.
        patterns: Column to a regular expression its texts match from the start.
        at_least: Column to its smallest value; amounts (`_usd`) in cents.
        not_after: Pairs of dates; the first is not after the second.
        summary: SELECT over `dataset` that gives one row a scope, its first column; empty: none.
        equal: Pairs of columns of the summary.
    """

    dataset: str
    title: str
    scope: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    required: tuple[str, ...] = ()
    values: dict[str, list[str]]
    patterns: dict[str, str]
    at_least: dict[str, int]
    not_after: tuple[tuple[str, str], ...] = ()
    summary: str = ""
    equal: tuple[tuple[str, str], ...] = ()
    is_open: bool = False

    def fits(self, columns: Collection[str]) -> bool:
        """Whether a dataset with these columns has the shape promised."""
        wanted = set(self.columns)
        return wanted <= set(columns) if self.is_open else wanted == set(columns)

    @property
    def sampled_columns(self) -> tuple[str, ...]:
        """Columns a sample must hold for the contract to be judged, the scope among them."""
        named = {
            *self.required,
            *self.values,
            *self.patterns,
            *self.at_least,
            *(column for pair in self.not_after for column in pair),
        }
        return (self.scope, *sorted(named - {self.scope}))

    @property
    def sample_sql(self) -> str:
        """SELECT of the sample over `dataset`: the same rows for the same data."""
        chosen = ", ".join(
            f'cast({name} * 100 as bigint) as "{name}"' if name.endswith("_usd") else f'"{name}"'
            for name in self.sampled_columns
        )
        key = " || '|' || ".join(f"cast({name} as varchar)" for name in self.key)
        return f"select {chosen} from dataset order by md5({key}), {key} limit {SAMPLE_ROWS}"


def load_contracts() -> dict[str, Contract]:
    """Every contract of this folder by its dataset."""
    contracts = {}
    for entry in sorted(files("validations.contracts").iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".yaml"):
            document = YAML(typ="safe", pure=True).load(entry.read_text(encoding="utf-8"))
            contract = _contract(entry.name.removesuffix(".yaml"), document)
            contracts[contract.dataset] = contract
    return contracts


def _contract(dataset: str, document: dict[str, Any]) -> Contract:
    lists = ("key", "columns", "required")
    pairs = ("not_after", "equal")
    return Contract(
        dataset=dataset,
        **{
            "values": {},
            "patterns": {},
            "at_least": {},
            **document,
            **{name: tuple(document.get(name, ())) for name in lists},
            **{name: tuple(map(tuple, document.get(name, ()))) for name in pairs},
        },
    )
