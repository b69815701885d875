"""What is new, what is a duplicate, which night takes it, and how documents leave."""

import hashlib
import os
from datetime import UTC, datetime, timedelta

from tests.exchange.conftest import AT, NIGHT
from transforms.config import PipelineConfig
from transforms.exchange.outbox import deliver_documents
from transforms.exchange.register import take_files
from transforms.exchange.taking import receive_partner
from transforms.plan.models import Configuration, Partner
from transforms.warehouse import Warehouse, queue_document


def drop(config: PipelineConfig, name: str, content: bytes, minute: int = 0) -> None:
    path = config.drops / "sub123" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    moment = datetime(2026, 3, 5, 20, minute, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))


def drops_of(warehouse: Warehouse) -> list[tuple[str, str]]:
    with warehouse.transaction() as connection:
        return connection.execute(
            "select remote_name, drop_status from file_drop order by modified_at"
        ).fetchall()


def test_a_new_file_is_kept_under_its_digest(
    config: PipelineConfig, warehouse: Warehouse, partner: Partner
) -> None:
    drop(config, "a.x12", b"an ISA-a")
    assert receive_partner(config, warehouse, partner, at=AT, on=NIGHT) == 1
    file_id = hashlib.sha256(b"an ISA-a").hexdigest()
    assert config.raw_path(file_id).read_bytes() == b"an ISA-a"
    assert [f.file_id for f in take_files(warehouse, NIGHT, at=AT)] == [file_id]


def test_a_drop_listed_again_is_nothing_new(
    config: PipelineConfig, warehouse: Warehouse, partner: Partner
) -> None:
    drop(config, "a.x12", b"an ISA-a")
    receive_partner(config, warehouse, partner, at=AT, on=NIGHT)
    assert receive_partner(config, warehouse, partner, at=AT, on=NIGHT) == 0
    assert drops_of(warehouse) == [("a.x12", "RECEIVED")]


def test_known_bytes_under_a_new_name_are_a_duplicate_answered_by_the_stored_acknowledgment(
    config: PipelineConfig, warehouse: Warehouse, partner: Partner
) -> None:
    drop(config, "a.x12", b"an ISA-a")
    receive_partner(config, warehouse, partner, at=AT, on=NIGHT)
    (taken,) = take_files(warehouse, NIGHT, at=AT)
    with warehouse.transaction() as connection:
        queue_document(
            connection,
            config.documents,
            document_id=f"999/{taken.file_id}/0",
            document_kind="999",
            partner_id="sub123",
            file_name="a.999",
            content=b"the 999",
            about=taken.file_id,
            night=NIGHT,
        )
    for minute, name in enumerate(("again.x12", "third.x12"), start=1):
        drop(config, name, b"an ISA-a", minute)
        receive_partner(config, warehouse, partner, at=AT, on=NIGHT)
        receive_partner(config, warehouse, partner, at=AT, on=NIGHT)
    assert [status for _, status in drops_of(warehouse)] == [
        "RECEIVED",
        "DUPLICATE_FILE",
        "DUPLICATE_FILE",
    ]
    with warehouse.transaction() as connection:
        queued = connection.execute("select content_digest, file_name from outbox").fetchall()
    assert len(queued) == 3
    assert {digest for digest, _ in queued} == {hashlib.sha256(b"the 999").hexdigest()}
    assert len({name for _, name in queued}) == 3


def test_the_same_name_with_other_bytes_is_a_new_file(
    config: PipelineConfig, warehouse: Warehouse, partner: Partner
) -> None:
    drop(config, "a.x12", b"an ISA-a")
    receive_partner(config, warehouse, partner, at=AT, on=NIGHT)
    drop(config, "a.x12", b"an ISA-b", minute=1)
    assert receive_partner(config, warehouse, partner, at=AT, on=NIGHT) == 1
    assert [f.remote_name for f in take_files(warehouse, NIGHT, at=AT)] == ["a.x12", "a.x12"]


def test_what_comes_after_a_night_has_opened_waits_for_the_next(
    config: PipelineConfig, warehouse: Warehouse, partner: Partner
) -> None:
    drop(config, "a.x12", b"an ISA-a")
    receive_partner(config, warehouse, partner, at=AT, on=NIGHT)
    first = take_files(warehouse, NIGHT, at=AT)
    drop(config, "late.x12", b"an ISA-late")
    receive_partner(config, warehouse, partner, at=AT, on=NIGHT)
    assert take_files(warehouse, NIGHT, at=AT) == first
    next_night = NIGHT + timedelta(days=1)
    assert [f.remote_name for f in take_files(warehouse, next_night, at=AT)] == ["late.x12"]


def test_the_outbox_delivers_each_document_once_and_again_after_a_crash_the_same_file(
    config: PipelineConfig, warehouse: Warehouse, configuration: Configuration
) -> None:
    with warehouse.transaction() as connection:
        for number in range(3):
            queue_document(
                connection,
                config.documents,
                document_id=f"999/{number}",
                document_kind="999",
                partner_id="sub123",
                file_name=f"{number}.999",
                content=f"content {number}".encode(),
                about="file",
                night=NIGHT,
            )
    assert deliver_documents(config, configuration, warehouse, at=AT).count == 3
    assert deliver_documents(config, configuration, warehouse, at=AT).count == 0
    with warehouse.transaction() as connection:  # a crash after the put, before the mark
        connection.execute("update outbox set delivered_at = null where document_id = '999/1'")
    assert deliver_documents(config, configuration, warehouse, at=AT).count == 1
    sent = sorted((config.outbound / "sub123").iterdir())
    assert [path.name for path in sent] == ["0.999", "1.999", "2.999"]
    assert sent[1].read_text() == "content 1"
