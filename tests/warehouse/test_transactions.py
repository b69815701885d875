"""Threads and processes share one warehouse; nothing is lost, nothing is half done."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import psycopg
import pytest

from tests.postgres_server import free_port
from transforms.warehouse import (
    Warehouse,
    WarehouseBusyError,
    WarehouseError,
    read_integer,
)

ROOT = Path(__file__).resolve().parents[2]

ADD_ROWS = """
import sys
from transforms.warehouse import Warehouse
warehouse = Warehouse(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with warehouse.transaction() as connection:
        seen = connection.execute("select available_cents from funding_balance").fetchone()[0]
        connection.execute("update funding_balance set available_cents = ?", [seen + 1])
    print("done", flush=True)
"""

# Two rows of one transaction; a reader that ever sees one without the other found half of it.
PAIRS_FOR_EVER = """
import sys, itertools
from datetime import UTC, date, datetime
from transforms.warehouse import Warehouse, give_numbers, record_event, read_integer
warehouse = Warehouse(sys.argv[1])
print("ready", flush=True)
while True:
    with warehouse.transaction() as connection:
        number = 1 + read_integer(connection, "select count(*) from event")
        record_event(connection, "tick", f"tick:{number}", date(2026, 3, 2),
                     datetime(2026, 3, 2, tzinfo=UTC), {"number": number})
        give_numbers(connection, "icn", "26", f"tick:{number}")
"""


def start(script: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def put_balance(warehouse: Warehouse) -> None:
    with warehouse.transaction() as connection:
        connection.execute("insert into funding_balance values ('ACME-CLAIMS', 0)")


def balance(warehouse: Warehouse) -> int:
    with warehouse.transaction() as connection:
        return read_integer(connection, "select available_cents from funding_balance")


def test_four_processes_that_read_and_write_back_lose_no_addition(warehouse: Warehouse) -> None:
    put_balance(warehouse)
    workers = [start(ADD_ROWS, warehouse.url, "15") for _ in range(4)]
    for worker in workers:
        worker.communicate(timeout=120)
    assert [worker.returncode for worker in workers] == [0, 0, 0, 0]
    assert balance(warehouse) == 60


def test_eight_threads_that_read_and_write_back_lose_no_addition(warehouse: Warehouse) -> None:
    put_balance(warehouse)

    def add() -> None:
        for _ in range(10):
            with warehouse.transaction() as connection:
                seen = read_integer(connection, "select available_cents from funding_balance")
                connection.execute("update funding_balance set available_cents = ?", [seen + 1])

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert balance(warehouse) == 80


def test_a_transaction_whose_body_raises_leaves_nothing(warehouse: Warehouse) -> None:
    def write_and_fail() -> None:
        with warehouse.transaction() as connection:
            connection.execute("insert into funding_balance values ('ACME-CLAIMS', 5)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with warehouse.transaction() as connection:
        assert read_integer(connection, "select count(*) from funding_balance") == 0


def test_a_transaction_inside_another_is_refused_at_once(warehouse: Warehouse) -> None:
    started = time.monotonic()
    with (
        warehouse.transaction(),
        pytest.raises(WarehouseError, match="inside another"),
        warehouse.transaction(),
    ):
        pass
    assert time.monotonic() - started < 5


def test_waiting_ends_with_an_error_that_says_so(warehouse: Warehouse) -> None:
    holder = start(
        "import sys, time\n"
        "from transforms.warehouse import Warehouse\n"
        "with Warehouse(sys.argv[1]).transaction():\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)",
        warehouse.url,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        hasty = Warehouse(warehouse.url, patience_seconds=0.3)
        with pytest.raises(WarehouseBusyError, match="locked"), hasty.transaction():
            pass
    finally:
        holder.kill()
        holder.communicate()


@pytest.mark.slow
def test_killed_in_a_commit_loop_it_is_never_inconsistent(warehouse: Warehouse) -> None:
    highest = 0
    for round_number in range(12):
        worker = start(PAIRS_FOR_EVER, warehouse.url)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        time.sleep(0.05 + 0.013 * round_number)
        os.kill(worker.pid, signal.SIGKILL)
        worker.communicate()
        with warehouse.transaction() as connection:
            events = read_integer(connection, "select count(*) from event")
            newest = read_integer(connection, "select coalesce(max(event_number), 0) from event")
            given = read_integer(connection, "select count(*) from control_number_given")
            last = read_integer(
                connection, "select coalesce(max(last_value), 0) from control_number"
            )
        assert events == newest == given == last
        assert events >= highest
        highest = events
    assert highest > 12


def test_a_url_of_another_kind_is_refused_without_showing_its_password() -> None:
    with pytest.raises(WarehouseError) as refused:
        Warehouse("mysql://aso:secret@host/warehouse")
    assert "mysql" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_readers_see_the_published_state_while_a_writer_holds_the_file(
    warehouse: Warehouse,
) -> None:
    put_balance(warehouse)
    warehouse.publish_copy()
    with warehouse.transaction() as writing:
        writing.execute("update funding_balance set available_cents = 7")
        with warehouse.read() as reading:
            assert read_integer(reading, "select available_cents from funding_balance") == 0


def test_a_new_copy_is_seen_while_an_old_one_is_still_open(warehouse: Warehouse) -> None:
    put_balance(warehouse)
    warehouse.publish_copy()
    with warehouse.read() as old:
        with warehouse.transaction() as connection:
            connection.execute("update funding_balance set available_cents = 7")
        warehouse.publish_copy()
        with warehouse.read() as new:
            assert read_integer(new, "select available_cents from funding_balance") == 7
        assert read_integer(old, "select available_cents from funding_balance") == 0


def test_publishing_while_others_write_gives_whole_copies(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    worker = start(PAIRS_FOR_EVER, warehouse.url)
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        for _ in range(10):
            warehouse.publish_copy()
            with warehouse.read() as connection:
                events = read_integer(connection, "select count(*) from event")
                given = read_integer(connection, "select count(*) from control_number_given")
            assert events == given
    finally:
        worker.kill()
        worker.communicate()
    assert not list(tmp_path.glob(".published-*"))


def test_there_is_nothing_to_read_before_there_is_a_warehouse(url: str) -> None:
    with pytest.raises(WarehouseError, match="for readers yet"), Warehouse(url).read():
        pass


@pytest.mark.parametrize(
    "statement",
    [
        "insert into funding_balance values ('X', 1)",
        "delete from funding_balance",
        "update funding_balance set available_cents = 1",
        "drop table funding_balance",
        "create table another (a integer)",
        "truncate funding_balance",
    ],
)
def test_a_reader_changes_nothing(warehouse: Warehouse, statement: str) -> None:
    put_balance(warehouse)
    warehouse.publish_copy()
    with warehouse.read() as connection:
        connection.execute("create or replace temporary table mine as select 1 as a")
        with pytest.raises((duckdb.Error, WarehouseError)):
            connection.execute(statement)
    assert balance(warehouse) == 0


def test_a_server_that_is_not_there_is_waited_for_and_then_named() -> None:
    url = f"postgresql://aso:secret@127.0.0.1:{free_port()}/aso"
    gone = Warehouse(url, patience_seconds=0.2)
    with pytest.raises(WarehouseBusyError) as busy, gone.transaction():
        pass
    assert "secret" not in str(busy.value)


def test_a_database_that_cannot_hold_every_name_is_refused(postgres: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as session:
        session.execute("create database latin template template0 encoding 'LATIN1' locale 'C'")
    other = Warehouse(postgres.removesuffix("/aso") + "/latin")
    with pytest.raises(WarehouseError, match="must be UTF-8 and sort texts by their bytes"):
        other.migrate()


def test_whoever_writes_past_the_lock_still_meets_the_check(postgres_url: str) -> None:
    Warehouse(postgres_url).migrate()
    with psycopg.connect(postgres_url) as session:
        session.execute("insert into funding_balance values ('ACME-CLAIMS', 5)")
        with pytest.raises(psycopg.errors.CheckViolation):
            session.execute("update funding_balance set available_cents = available_cents - 6")
