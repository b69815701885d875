"""Holds what the night made so far against its contracts, before any money is asked for by name.

One task, because importing Great Expectations costs seconds; it reads summaries and a sample. Whose
rows break a contract is behind from here on: the others go on.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from transforms.engine import open_engine
from transforms.manifest import recorded_key
from transforms.night.context import NightContext
from transforms.night.keys import read_value
from transforms.night.partial import EMPLOYER, Trial, behind_of
from transforms.warehouse import select_table
from validations.contracts.contract import Contract, load_contracts
from validations.contracts.suites import DatasetRows, Judged, judge_datasets

READ = ("claims", "service_lines", "members", "coverages")
ENROLLED = ("eligibility_span", "member")
DECIDED = ("claim_decision", "line_decision", "line_adjustment")
DRAWN_UP = {
    "payment": "select {columns} from payment inner join cycle"
    " on cycle.cycle_id = payment.cycle_id where cycle.night = ?",
    "funding_line": "select {columns} from funding_line inner join cycle"
    " on cycle.cycle_id = funding_line.cycle_id where cycle.night = ?",
    "funding_request": "select {columns} from funding_request inner join cycle"
    " on cycle.cycle_id = funding_request.cycle_id where cycle.night = ?",
}
REQUEST_COLUMNS = ("cycle_id", "net_usd")


class ContractError(ValueError):
    """Rows of an employer break the contract of a dataset; the message names promises, no values."""


def check_contracts(night: str, cut: str) -> str:
    """Hold every dataset of the night against its contract; return a key.

    The pages lie under `reports/contracts/<night>/`. An employer whose rows break a contract waits;
    a dataset that is not its employers' own, or of another shape, lets all wait that are in it.

    Raises:
        PartlyDoneError: Some employers break a contract; the others go on.
    """
    context = NightContext.open(night)
    trial = Trial("check_contracts", behind_of(read_value(context.config.lake, cut)))
    contracts = load_contracts()
    employers = [
        employer_id
        for employer_id in sorted(context.configuration.employers)
        if not trial.waits(EMPLOYER, employer_id)
    ]
    with tables_of_the_night(context, contracts, employers) as (engine, names):
        judged = judge_datasets(
            {name: rows_of(engine, contracts[name]) for name in names}, contracts, at=context.at
        )
        broken: dict[str, list[str]] = {}
        for one in judged:
            for promise in one.broken:
                said = f"{one.contract.dataset}: {promise.promise} ({promise.row_count} rows)"
                for employer_id in employers_of(engine, one.contract, promise.scopes):
                    broken.setdefault(employer_id, []).append(said)
    write_docs(context.config.reports / "contracts" / night, judged)
    for employer_id in employers:
        if employer_id in broken:
            with trial.of(EMPLOYER, employer_id):
                raise ContractError("; ".join(sorted(set(broken[employer_id]))))
    return trial.publish(context.config.lake, "contracts", {"cut": cut})


@contextmanager
def tables_of_the_night(
    context: NightContext, contracts: dict[str, Contract], employers: Sequence[str]
) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[str]]]:
    """An engine with every dataset the night has, as a view of its name with its scope, and their names.

    What a stage made for an employer is shown for those given: others stopped before and may have
    left anything.
    """
    lake, night = context.config.lake, context.night
    with context.warehouse.transaction() as connection:
        rows = connection.execute(
            "select file_id from file_register where night = ? and content_kind = 'x12'"
            " order by file_id",
            [night],
        ).fetchall()
        drawn_up = {
            name: select_table(
                connection,
                query.format(columns=_qualified(name, contracts)),
                [night],
            )
            for name, query in DRAWN_UP.items()
        }
    folders = {
        "read": [
            (file_id, folder)
            for (file_id,) in rows
            for folder in _made(lake, night, "read", file_id)
        ],
        "enroll": [
            (name, folder) for name in employers for folder in _made(lake, night, "enroll", name)
        ],
        "judge": [("", folder) for folder in _made(lake, night, "judge", "all")],
        "adjudicate": [
            (name, folder)
            for name in employers
            for folder in _made(lake, night, "adjudicate", name)
        ],
    }
    names = []
    with open_engine(threads=context.config.threads) as engine:
        for stage, tables in (
            ("read", READ),
            ("enroll", ENROLLED),
            ("judge", ("matched_claim",)),
            ("adjudicate", DECIDED),
        ):
            names += [
                table
                for table in tables
                if show_files(engine, table, contracts[table].scope, folders[stage])
            ]
        for name, table in drawn_up.items():
            engine.register(name, table)
            if name in contracts:
                names.append(name)
        yield engine, names


def _qualified(name: str, contracts: dict[str, Contract]) -> str:
    """Columns of a warehouse table with the employer of their cycle."""
    columns = contracts[name].columns if name in contracts else REQUEST_COLUMNS
    return ", ".join(
        f"{'cycle' if column == 'employer_id' else name}.{column}" for column in columns
    )


def _made(lake: Path, night: object, stage: str, scope: str) -> list[Path]:
    """Folder a stage made for a scope; none when it did not get that far."""
    try:
        folder = lake / recorded_key(lake, night, stage, scope)  # type: ignore[arg-type]
    except FileNotFoundError:
        return []
    return [folder] if folder.is_dir() else []


def show_files(
    engine: duckdb.DuckDBPyConnection,
    table: str,
    scope: str,
    folders: Sequence[tuple[str, Path]],
) -> bool:
    """Show the files of a table as one view that says whose each row is; False without any."""
    files = [(name, folder / f"{table}.parquet") for name, folder in folders]
    files = [(name, path) for name, path in files if path.exists()]
    if not files:
        return False
    listed = ", ".join(_text(str(path)) for _, path in files)
    if scope in pq.read_schema(files[0][1]).names:
        query = f"select * from read_parquet([{listed}], union_by_name = true)"
    else:
        engine.register(
            f"{table}_file",
            pa.table(
                {"path": [str(path) for _, path in files], scope: [name for name, _ in files]}
            ),
        )
        query = (
            f"select {table}_file.{scope}, found.* exclude (filename)"
            f" from read_parquet([{listed}], union_by_name = true, filename = true) as found"
            f" inner join {table}_file on {table}_file.path = found.filename"
        )
    engine.execute(f"create view {table} as {query}")
    return True


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def rows_of(engine: duckdb.DuckDBPyConnection, contract: Contract) -> DatasetRows:
    """What a contract is judged on: all rows summed up, and a sample of them."""
    engine.execute(f"create or replace view dataset as select * from {contract.dataset}")
    columns = tuple(row[0] for row in engine.execute("describe dataset").fetchall())
    ((count,),) = engine.execute("select count(*) from dataset").fetchall()
    if not contract.fits(columns):
        return DatasetRows(columns, count, pa.table({}).to_pandas(), None)
    sample = engine.sql(contract.sample_sql).to_arrow_table().to_pandas(date_as_object=False)
    summary = engine.sql(contract.summary).to_arrow_table().to_pandas()
    return DatasetRows(columns, count, sample, summary)


def employers_of(
    engine: duckdb.DuckDBPyConnection, contract: Contract, scopes: Sequence[str]
) -> list[str]:
    """Employers whose rows those of a scope are, or have become; of no scope: all in the dataset."""
    if contract.scope == "employer_id" and scopes:
        return list(scopes)
    known = {row[0] for row in engine.execute("select view_name from duckdb_views()").fetchall()}
    if contract.scope == "employer_id":
        origins = [(contract.dataset, "")]
    else:
        origins = [("matched_claim", "file_id"), ("eligibility_span", "source_file_id")]
    found: set[str] = set()
    for table, file_column in origins:
        if table not in known and table not in DRAWN_UP:
            continue
        query = f"select distinct employer_id from {table}"
        if file_column and scopes:
            query += f" where {file_column} in ({', '.join(map(_text, scopes))})"
        found |= {str(row[0]) for row in engine.execute(query).fetchall()}
    return sorted(found)


def write_docs(folder: Path, judged: Sequence[Judged]) -> None:
    """Write one page a dataset and a list of them; the same results give the same bytes."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
    try:
        for one in judged:
            (temporary / f"{one.contract.dataset}.html").write_text(one.page, encoding="utf-8")
        (temporary / "index.html").write_text(_index(judged), encoding="utf-8")
        temporary.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _index(judged: Sequence[Judged]) -> str:
    rows = "".join(
        f'<tr><td><a href="{one.contract.dataset}.html">{escape(one.contract.title)}</a></td>'
        f"<td>{one.row_count:,}</td><td>{one.promise_count}</td>"
        f"<td>{escape('; '.join(sorted(b.promise for b in one.broken)) or 'all hold')}</td></tr>\n"
        for one in judged
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Contracts of the night</title>'
        "<style>body{font:15px sans-serif;margin:2rem}td,th{padding:.3rem 1rem;text-align:left}"
        "</style><h1>Contracts of the night</h1><p>What every dataset promised whoever reads it"
        " next, judged on summaries of all rows and a sample.</p><table><tr><th>Dataset</th>"
        "<th>Rows</th><th>Promises</th><th>Broken</th></tr>\n" + rows + "</table></html>\n"
    )
