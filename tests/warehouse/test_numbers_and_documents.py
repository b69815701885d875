"""A document keeps its numbers and its bytes; another document never gets them."""

from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.warehouse import (
    DocumentConflictError,
    NumberConflictError,
    Warehouse,
    give_numbers,
    number_documents,
    number_runs,
    queue_document,
    read_integer,
)
from transforms.warehouse.migrations import apply_migrations

NIGHT = date(2026, 3, 12)
SCRATCH = duckdb.connect(":memory:")
apply_migrations(SCRATCH)


def test_a_document_gets_the_same_numbers_again_and_the_next_one_others(
    warehouse: Warehouse,
) -> None:
    with warehouse.transaction() as connection:
        assert give_numbers(connection, "icn", "26", "file-a", count=4, first=101) == 101
        assert give_numbers(connection, "icn", "26", "file-b") == 105
        assert give_numbers(connection, "icn", "27", "file-b") == 1
    with warehouse.transaction() as connection:
        assert give_numbers(connection, "icn", "26", "file-a", count=4) == 101
        assert give_numbers(connection, "icn", "26", "file-c") == 106


@pytest.mark.parametrize("count", [0, 3, 5])
def test_a_document_cannot_change_how_many_numbers_it_has(warehouse: Warehouse, count: int) -> None:
    with warehouse.transaction() as connection:
        give_numbers(connection, "icn", "26", "file-a", count=4)
        with pytest.raises(NumberConflictError):
            give_numbers(connection, "icn", "26", "file-a", count=count)


BATCHES = st.lists(st.lists(st.sampled_from("abcdefghijkl"), max_size=8), max_size=6)


def require_own_numbers(batches: list[list[str]]) -> None:
    known: dict[str, int] = {}
    SCRATCH.execute("begin transaction")
    try:
        for batch in batches:
            numbers = number_documents(SCRATCH, "payment_trace", "ACME", batch, first=31)
            assert set(numbers) == set(batch)
            assert all(known.get(key, number) == number for key, number in numbers.items())
            known.update(numbers)
            known["single"] = give_numbers(SCRATCH, "payment_trace", "ACME", "single", first=31)
        assert len(set(known.values())) == len(known)
        assert all(number >= 31 for number in known.values())
    finally:
        SCRATCH.execute("rollback")


@settings(max_examples=40)
@given(BATCHES)
def test_numbers_are_never_shared_and_never_change(batches: list[list[str]]) -> None:
    require_own_numbers(batches)


@pytest.mark.slow
@settings(max_examples=400)
@given(BATCHES)
def test_numbers_of_many_documents_are_never_shared_and_never_change(
    batches: list[list[str]],
) -> None:
    require_own_numbers(batches)


def test_numbers_in_bulk_follow_the_order_given(warehouse: Warehouse) -> None:
    with warehouse.transaction() as connection:
        assert number_documents(connection, "group", "x", ["c", "a", "b"]) == {
            "c": 1,
            "a": 2,
            "b": 3,
        }
        assert number_documents(connection, "group", "x", ["d", "a"]) == {"a": 2, "d": 4}


def test_runs_of_numbers_are_those_of_one_document_after_the_other(warehouse: Warehouse) -> None:
    counts = {"c": 3, "a": 1, "b": 2}
    with warehouse.transaction() as connection:
        assert give_numbers(connection, "icn", "26", "a", count=1) == 1
        assert number_runs(connection, "icn", "26", counts) == {"c": 2, "a": 1, "b": 5}
        assert number_runs(connection, "icn", "26", counts) == {"c": 2, "a": 1, "b": 5}
        assert number_runs(connection, "icn", "26", {}) == {}
        assert give_numbers(connection, "icn", "26", "b", count=2) == 5
        assert give_numbers(connection, "icn", "26", "d") == 7
        for wrong in ({"c": 2}, {"e": 0}):
            with pytest.raises(NumberConflictError):
                number_runs(connection, "icn", "26", wrong)


def queue(warehouse: Warehouse, folder: Path, content: bytes, partner_id: str = "lakeside") -> str:
    with warehouse.transaction() as connection:
        return queue_document(
            connection,
            folder,
            document_id="835:payment-1",
            document_kind="835",
            partner_id=partner_id,
            file_name="835_1.edi",
            content=content,
            about="payment-1",
            night=NIGHT,
        )


def test_queueing_twice_makes_one_row_and_keeps_the_content(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    digest = queue(warehouse, tmp_path / "documents", b"ISA*00~")
    assert queue(warehouse, tmp_path / "documents", b"ISA*00~") == digest
    assert (tmp_path / "documents" / digest[:2] / digest).read_bytes() == b"ISA*00~"
    with warehouse.transaction() as connection:
        rows = connection.execute(
            "select document_id, content_digest, byte_count, delivered_at from outbox"
        ).fetchall()
    assert rows == [("835:payment-1", digest, 7, None)]


@pytest.mark.parametrize(("content", "partner"), [(b"other", "lakeside"), (b"ISA*00~", "north")])
def test_one_id_never_gets_another_content_or_receiver(
    warehouse: Warehouse, tmp_path: Path, content: bytes, partner: str
) -> None:
    queue(warehouse, tmp_path / "documents", b"ISA*00~")
    with pytest.raises(DocumentConflictError, match="835:payment-1"):
        queue(warehouse, tmp_path / "documents", content, partner)
    with warehouse.transaction() as connection:
        assert read_integer(connection, "select count(*) from outbox") == 1
