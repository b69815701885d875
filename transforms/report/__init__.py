"""Reports of a night: marts as CSV, a summary as JSON, page and terminal text, funding notices."""

import shutil
import tempfile
from datetime import date
from pathlib import Path

from transforms.plan.models import Configuration
from transforms.report.budgets import BudgetError, load_budgets
from transforms.report.figures import read_figures
from transforms.report.marts import build_marts, load_marts, write_mart
from transforms.report.pages import write_funding_notices, write_summary_page
from transforms.report.summary import SUMMARY_FILE, Summary, read_summary
from transforms.report.terminal import render_summary
from transforms.warehouse import Connection, bound_memory

__all__ = [
    "SUMMARY_FILE",
    "BudgetError",
    "Summary",
    "build_marts",
    "build_reports",
    "load_budgets",
    "read_summary",
    "render_summary",
]

MEMORY_LIMIT = "1500MB"


def build_reports(
    connection: Connection, configuration: Configuration, night: date, folder: Path, home: Path
) -> Summary:
    """Write every report of a night; the same state gives the same bytes.

    Args:
        connection: On the warehouse or the published copy of it; only temporary tables are made.
        configuration: Names, banks and contacts.
        night: Business date.
        folder: Where the reports go: files of the marts, `summary.json`, `summary.html` and one
            `funding_notice_*.html` a cycle. Replaced as a whole when it holds an earlier report.
        home: Root of the running system; its lake tells how many bytes of each file were read.

    Raises:
        FileExistsError: The folder holds something that is no report; it is left alone.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / SUMMARY_FILE).exists():
        raise FileExistsError(f"{folder} holds something else than a report: name another folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
    try:
        with tempfile.TemporaryDirectory(prefix="report-") as scratch:
            bound_memory(connection, MEMORY_LIMIT)
            build_marts(connection, night, Path(scratch))
            summary = read_figures(
                connection,
                configuration,
                night,
                lake=home / "lake",
                mart_files=[
                    write_mart(connection, mart, night, Path(scratch), temporary)
                    for mart in load_marts()
                ],
            )
        summary.write(temporary)
        write_summary_page(summary, temporary)
        write_funding_notices(summary, configuration, temporary)
        temporary.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return summary
