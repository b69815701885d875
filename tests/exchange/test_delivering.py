"""Documents leave once, in spite of everything; one partner that is down keeps nobody waiting."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pysequoia
import pytest

from edi.exchange.folder import FolderExchange
from tests.exchange.conftest import (
    AT,
    HASTY,
    NIGHT,
    partner_at,
    query,
    sftp_partner,
    with_connection,
)
from tests.exchange.servers import FaultyServer, SftpPlaceServer
from tests.exchange.test_places import s3_client
from tests.night.crashes import Crash, dying_at
from transforms.config import PipelineConfig
from transforms.exchange.outbox import deliver_documents
from transforms.plan.models import Configuration, Partner
from transforms.warehouse import Warehouse, queue_document


class Sender:
    """A system that sends, and its partners."""

    def __init__(
        self, config: PipelineConfig, warehouse: Warehouse, configuration: Configuration
    ) -> None:
        self.config, self.warehouse, self.configuration = config, warehouse, configuration

    def partner(self, partner_id: str, change: Callable[[Partner], Partner]) -> None:
        """Replace a partner."""
        partners = dict(self.configuration.partners)
        partners[partner_id] = change(partners[partner_id])
        self.configuration = replace(self.configuration, partners=partners)

    def queue(self, count: int, partner_id: str = "sub123") -> None:
        with self.warehouse.transaction() as connection:
            for number in range(count):
                queue_document(
                    connection,
                    self.config.documents,
                    document_id=f"999/{partner_id}/{number}",
                    document_kind="999",
                    partner_id=partner_id,
                    file_name=f"999-{number}.x12",
                    content=f"{partner_id} {number}".encode(),
                    about="file",
                    night=NIGHT,
                )

    def deliver(self) -> int:
        delivered = deliver_documents(
            self.config, self.configuration, self.warehouse, at=AT, on=NIGHT, patience=HASTY
        )
        waiting = query(
            self.warehouse, "select distinct partner_id from outbox where delivered_at is null"
        )
        assert set(delivered.held_up) == {row[0] for row in waiting}
        return delivered.count

    def deliveries(self) -> list[tuple[Any, ...]]:
        columns = "document_id, delivery_state, failed_attempt_count, last_error"
        return query(self.warehouse, f"select {columns} from delivery order by document_id")

    def receipts(self) -> int:
        statement = "select payload from event where event_kind = 'document_delivered'"
        return len(query(self.warehouse, statement))


@pytest.fixture
def sender(config: PipelineConfig, warehouse: Warehouse, configuration: Configuration) -> Sender:
    return Sender(config, warehouse, configuration)


@pytest.fixture
def sftp_sender(sender: Sender, sftp: SftpPlaceServer) -> Sender:
    sender.config = with_connection(sender.config, sftp.url())
    sender.partner("sub123", sftp_partner)
    return sender


def arrived(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())} if folder.exists() else {}


def expected(count: int, partner_id: str = "sub123") -> dict[str, bytes]:
    return {f"999-{n}.x12": f"{partner_id} {n}".encode() for n in range(count)}


def test_documents_arrive_whole_and_once_with_a_receipt(
    sftp_sender: Sender, sftp: SftpPlaceServer
) -> None:
    sftp_sender.queue(40)
    assert sftp_sender.deliver() == 40
    assert sftp_sender.deliver() == 0
    assert arrived(sftp.root / "out") == expected(40)
    assert sftp_sender.receipts() == 40
    assert sftp_sender.deliveries() == []


def test_a_connection_lost_in_the_middle_of_an_upload_shows_nobody_half_a_file(
    sftp_sender: Sender, sftp: SftpPlaceServer
) -> None:
    seen: list[str] = []

    def cut(name: str, server: FaultyServer) -> None:
        if len(seen) == 3:
            server.drop_connection()
        seen.append(name)
        assert all(path.name.startswith(".sending-") for path in (sftp.root / "out").iterdir())

    sftp.faults.on_write = cut
    sftp_sender.queue(8)
    assert sftp_sender.deliver() == 8
    assert arrived(sftp.root / "out") == expected(8)
    assert len(seen) > 8


def test_what_the_partner_took_before_we_died_is_not_sent_again(
    sftp_sender: Sender, sftp: SftpPlaceServer
) -> None:
    def take_it_and_die(name: str, server: FaultyServer) -> None:
        (sftp.root / name.lstrip("/")).unlink()
        server.drop_connection()

    sftp_sender.queue(1)
    sftp.faults.on_rename = take_it_and_die
    sftp_sender.config = replace(sftp_sender.config)
    once = replace(HASTY, attempts=1)
    deliver_documents(
        sftp_sender.config,
        sftp_sender.configuration,
        sftp_sender.warehouse,
        at=AT,
        on=NIGHT,
        patience=once,
    )
    assert [row[1:3] for row in sftp_sender.deliveries()] == [("UPLOADED", 1)]
    sftp.faults.on_rename = lambda name, server: None
    assert sftp_sender.deliver() == 1
    assert arrived(sftp.root / "out") == {}
    assert sftp_sender.receipts() == 1


def test_a_partner_that_is_down_keeps_nobody_waiting_and_is_seen(
    sftp_sender: Sender, sftp: SftpPlaceServer
) -> None:
    sftp_sender.config = with_connection(sftp_sender.config, sftp.url(password="hunter2"))
    sftp_sender.queue(2)
    sftp_sender.queue(1, "acmehr")
    sftp_sender.queue(1, "north")
    for _ in range(3):
        sftp_sender.deliver()
    assert arrived(sftp_sender.config.outbound / "acmehr") == expected(1, "acmehr")
    assert arrived(sftp_sender.config.outbound / "north") == expected(1, "north")
    message = "the server refuses our account, key or password"
    assert sftp_sender.deliveries() == [
        ("999/sub123/0", "FAILED", 3, message),
        ("999/sub123/1", "FAILED", 3, message),
    ]
    sftp_sender.config = with_connection(sftp_sender.config, sftp.url())
    assert sftp_sender.deliver() == 2
    assert [row[1:3] for row in sftp_sender.deliveries()] == [("DELIVERED", 3)] * 2


def test_one_document_that_is_refused_waits_alone(
    sftp_sender: Sender, sftp: SftpPlaceServer
) -> None:
    import asyncssh

    def disk_full(name: str, server: FaultyServer) -> None:
        if name.endswith("999-1.x12"):
            raise asyncssh.SFTPFailure("disk full")

    sftp.faults.on_write = disk_full
    sftp_sender.queue(3)
    assert sftp_sender.deliver() == 2
    (waiting,) = sftp_sender.deliveries()
    assert waiting[:3] == ("999/sub123/1", "FAILED", 1)
    assert "x12" not in waiting[3]
    sftp.faults.on_write = lambda name, server: None
    assert sftp_sender.deliver() == 1
    assert arrived(sftp.root / "out") == expected(3)


def test_without_an_agreement_or_a_connection_documents_wait(sender: Sender) -> None:
    sender.queue(1)
    sender.queue(1, "north")
    sender.partner("north", lambda p: p.model_copy(update={"baa_date": None}))
    sender.partner("sub123", sftp_partner)
    assert sender.deliver() == 0
    errors = [row[3] for row in sender.deliveries()]
    assert errors == [
        "no business associate agreement is in force",
        "there is no connection TEST: set ASO_CONNECTION_TEST or an Airflow connection",
    ]


def test_a_partner_that_left_keeps_the_others_served(sender: Sender) -> None:
    sender.queue(1, "gone")
    sender.queue(1)
    assert sender.deliver() == 1
    assert [row[0] for row in sender.deliveries()] == ["999/gone/0"]


def test_deliveries_are_encrypted_to_the_partner_who_sees_that_they_are_ours(
    sender: Sender, tmp_path: Path
) -> None:
    ours, theirs = (pysequoia.Tsk.generate(f"{n} <{n}@example.com>") for n in ("tpa", "partner"))
    (tmp_path / "key.asc").write_text(str(ours))
    sender.config = replace(sender.config, connections={"OURS": f"openpgp://{tmp_path}/key.asc"})
    pgp = {"connection": "OURS", "certificate": str(theirs.extract_certificate())}
    sender.partner(
        "sub123",
        lambda p: partner_at(p, kind="folder", inbound="sub123", outbound="sub123", openpgp=pgp),
    )
    sender.queue(2)
    assert sender.deliver() == 2
    sent = arrived(sender.config.outbound / "sub123")
    assert sorted(sent) == ["999-0.x12.pgp", "999-1.x12.pgp"]
    store = [ours.extract_certificate()]
    plain = [
        pysequoia.decrypt(content, decryptor=theirs.decryptor(), store=lambda _: store)
        for content in sent.values()
    ]
    assert [p.bytes for p in plain] == [b"sub123 0", b"sub123 1"]
    assert list(sender.config.sealed.iterdir()) == []


def test_a_bucket_gets_each_document_once_and_never_over_another(
    sender: Sender, s3_url: str
) -> None:
    s3 = s3_client(s3_url)
    s3.create_bucket(Bucket="remits")
    s3.put_object(Bucket="remits", Key="out/999-1.x12", Body=b"theirs")
    sender.config = with_connection(sender.config, s3_url)
    place = {"kind": "s3", "connection": "TEST", "bucket": "remits"}
    sender.partner("sub123", lambda p: partner_at(p, **place, inbound="in", outbound="out"))
    sender.queue(3)
    assert sender.deliver() == 2
    assert [row[:3] for row in sender.deliveries()] == [("999/sub123/1", "FAILED", 1)]
    assert s3.get_object(Bucket="remits", Key="out/999-1.x12")["Body"].read() == b"theirs"
    with sender.warehouse.transaction() as connection:  # a crash after the put, before the mark
        connection.execute("update outbox set delivered_at = null where document_id like '%/0'")
    assert sender.deliver() == 1
    s3.close()


def test_dying_anywhere_while_sending_sends_everything_once(
    tmp_path: Path, configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, shown = FolderExchange.publish, list[str]()

    def counting(place: FolderExchange, name: str, content: Path) -> None:
        publish(place, name, content)
        shown.append(name)
        (place.outbound / name).unlink()  # the partner is quick

    monkeypatch.setattr(FolderExchange, "publish", counting)
    crashes = 0
    for point in range(0, 200, 3):
        home = tmp_path / str(point)
        config = PipelineConfig(
            home=home,
            configuration=tmp_path,
            drops=home / "drops",
            warehouse_url=f"duckdb:///{home}/warehouse.duckdb",
        )
        warehouse = Warehouse(config.warehouse_url)
        warehouse.migrate()
        sender = Sender(config, warehouse, configuration)
        sender.queue(2)
        shown.clear()
        try:
            with dying_at(point):
                sender.deliver()
        except Crash:
            crashes += 1
            sender.deliver()
        else:
            break
        finally:
            # The rename itself is a point to die at: then the file was shown, and not sent again.
            still = [p for p in (config.outbound / "sub123").iterdir() if p.name in expected(2)]
            assert sorted([*shown, *(p.name for p in still)]) == sorted(expected(2)), point
            assert query(warehouse, "select count(*) from outbox where delivered_at is null") == [
                (0,)
            ]
            assert sender.receipts() == 2
    assert crashes > 3
