"""Names, packings, archives, crashes and numbers of drops: what the register says in the end."""

import hashlib
import logging
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pysequoia
import pytest

from edi.exchange.place import PlaceUnreachableError
from edi.exchange.raw_store import IncomingFile
from tests.dags.state import differences, state_of
from tests.exchange.conftest import (
    AT,
    NIGHT,
    partner_at,
    query,
    sftp_partner,
    with_connection,
)
from tests.exchange.servers import SftpPlaceServer
from tests.exchange.systems import OLD, WHOLE, System, folder_system, interchange, system
from tests.exchange.test_places import s3_client
from tests.exchange.test_unpacking import zipped
from tests.night.crashes import Crash, dying_at
from transforms.config import PipelineConfig
from transforms.exchange.register import take_files
from transforms.plan.models import Partner
from transforms.warehouse import Warehouse
from transforms.warehouse.duckdb_file import DuckDBFile


def names_nobody_wants() -> list[bytes]:
    return [
        b"spaces in a name.x12",
        "ümläut ☂.x12".encode(),
        b"x" * 255,
        b"new\nline.x12",
        b"escape\x1b[31m.x12",
        b"latin-\xfc.x12",
        b"'; drop table file_drop; --.x12",
        b"$(touch pwned).x12",
        b"up..x12",
        b"%2e%2e%2fsecret",
    ]


__all__ = ["folder_system", "system"]  # fixtures


@pytest.mark.parametrize("where", ["folder", "sftp"])
def test_names_are_only_ever_text(
    where: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    system: System = request.getfixturevalue("folder_system" if where == "folder" else "system")
    system.inbound.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names_nobody_wants()):
        path = os.path.join(os.fsencode(system.inbound), name)  # noqa: PTH118 - names are bytes here
        Path(os.fsdecode(path)).write_bytes(interchange(b"%d" % number))
    count = len(names_nobody_wants())
    assert system.receive() == count
    assert system.receive() == 0
    names = [name for name, *_ in system.drops()]
    assert len(set(names)) == count
    assert all(name.isprintable() for name in names)
    assert {p.name for p in system.config.raw.glob("*/*")} == {row[2] for row in system.drops()}
    assert not list(tmp_path.rglob("pwned*"))


def test_nothing_of_a_file_shows_in_logs_or_errors(
    system: System, sftp: SftpPlaceServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    system.drop("DOE_JANE_1970.x12", b"PK\x03\x04 DOE JANE")
    system.receive(hours=48)
    system.drop("DOE_JANE_1971.x12", b"x" * 5000)
    sftp.faults.on_read = lambda name, server: server.drop_connection()
    with pytest.raises(PlaceUnreachableError) as lost:
        system.receive()
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("asyncssh")]
    messages = [
        str(row[0]) for row in query(system.warehouse, "select message from exchange_finding")
    ]
    for text in (*ours, *messages, str(lost.value)):
        assert "DOE" not in text


def test_the_archive_gets_what_was_taken_and_nothing_else(system: System) -> None:
    system.partner = sftp_partner(system.partner, archive="taken")
    system.drop("a.x12", WHOLE)
    system.drop("b.x12.part", WHOLE)
    assert system.receive() == 1
    assert (system.inbound / "taken" / "2026-03-05" / "a.x12").read_bytes() == WHOLE
    assert sorted(p.name for p in system.inbound.iterdir()) == ["b.x12.part", "taken"]
    again = interchange(b"again")
    system.drop("a.x12", again)
    assert system.receive() == 1
    (spare,) = system.inbound.glob("taken/2026-03-05-*/a.x12")
    assert spare.read_bytes() == again
    archived = "select count(*) from received_drop where archived_at is not null"
    assert query(system.warehouse, archived) == [(2,)]


def test_a_packed_drop_keeps_both_digests_and_the_chain(
    folder_system: System, tmp_path: Path
) -> None:
    ours, theirs = (pysequoia.Tsk.generate(f"{n} <{n}@example.com>") for n in ("tpa", "partner"))
    (tmp_path / "key.asc").write_text(str(ours))
    folder_system.config = replace(
        folder_system.config, connections={"OURS": f"openpgp://{tmp_path}/key.asc"}
    )
    folder_system.partner = partner_at(
        folder_system.partner,
        kind="folder",
        inbound="sub123",
        outbound="sub123",
        openpgp={"connection": "OURS", "certificate": str(theirs.extract_certificate())},
    )
    archive = zipped(("one.x12", interchange(b"one")), ("two.x12", interchange(b"two")))
    message = bytes(
        pysequoia.encrypt(archive, [ours.extract_certificate()], signer=theirs.signer())
    )
    stranger = bytes(
        pysequoia.encrypt(archive, [theirs.extract_certificate()], signer=theirs.signer())
    )
    folder_system.drop("claims.zip.pgp", message)
    folder_system.drop("plain.x12", WHOLE)
    folder_system.drop("other.pgp", stranger)
    assert folder_system.receive() == 3
    assert folder_system.receive() == 0
    taken = take_files(folder_system.warehouse, NIGHT, at=AT)
    assert [(f.remote_name, f.content_kind) for f in taken] == [
        ("claims.zip.pgp/one.x12", "x12"),
        ("claims.zip.pgp/two.x12", "x12"),
        ("other.pgp", "unknown"),
        ("plain.x12", "unknown"),
    ]
    assert folder_system.config.raw_path(taken[1].file_id).read_bytes() == interchange(b"two")
    rows = query(
        folder_system.warehouse,
        "select c.unpacking, r.received_digest from drop_content as c"
        " join received_drop as r on r.drop_id = c.received_drop_id order by c.content_number",
    )
    digest = hashlib.sha256(message).hexdigest()
    assert rows == [("openpgp > zip:0", digest), ("openpgp > zip:1", digest)]
    assert folder_system.config.raw_path(digest).read_bytes() == message
    assert folder_system.findings() == [("other.pgp", "WRONG_KEY"), ("plain.x12", "NOT_ENCRYPTED")]
    rejected = "select count(*) from file_register where status = 'REJECTED'"
    assert query(folder_system.warehouse, rejected) == [(2,)]


def test_a_zip_bomb_is_kept_explained_and_counted_and_the_rest_is_taken(
    folder_system: System,
) -> None:
    folder_system.drop("bomb.zip", zipped(("a", bytes(40 << 20))))
    folder_system.drop("good.x12", WHOLE)
    assert folder_system.receive() == 2
    assert folder_system.findings() == [("bomb.zip", "TOO_LARGE")]
    assert len(folder_system.raw()) == 2
    assert folder_system.leftovers() == []


def test_a_file_larger_than_agreed_is_left_where_it_is(folder_system: System) -> None:
    folder_system.partner = partner_at(
        folder_system.partner,
        kind="folder",
        inbound="sub123",
        outbound="sub123",
        limits={"received_megabytes": 1},
    )
    path = folder_system.drop("large.x12", bytes((1 << 20) + 1))
    assert folder_system.receive() == 0
    assert folder_system.findings() == [("large.x12", "TOO_LARGE")]
    assert path.exists()


def test_names_that_were_not_agreed_wait_for_a_person(folder_system: System) -> None:
    folder_system.partner = partner_at(
        folder_system.partner, kind="folder", inbound="sub123", outbound="sub123", pattern="*.x12"
    )
    folder_system.drop("readme.txt", b"hello")
    folder_system.drop("a.x12", WHOLE)
    assert folder_system.receive() == 1
    assert folder_system.waits() == [("readme.txt", "OTHER_NAME")]
    folder_system.receive(hours=25)
    assert folder_system.findings() == [("readme.txt", "UNFINISHED")]


def test_objects_of_a_bucket_are_taken_once_by_their_etag_and_moved(
    config: PipelineConfig, warehouse: Warehouse, partner: Partner, s3_url: str
) -> None:
    s3 = s3_client(s3_url)
    s3.create_bucket(Bucket="claims")
    at_bucket = partner_at(
        partner,
        kind="s3",
        connection="TEST",
        bucket="claims",
        inbound="in",
        outbound="out",
        archive="taken",
    )
    system = System(with_connection(config, s3_url), warehouse, at_bucket, config.drops)
    s3.put_object(Bucket="claims", Key="in/a.x12", Body=WHOLE)
    assert system.receive(hours=24 * 300) == 1
    s3.put_object(Bucket="claims", Key="in/a.x12", Body=interchange(b"two"))
    assert system.receive(hours=24 * 300) == 1
    keys = [e["Key"] for e in s3.list_objects_v2(Bucket="claims")["Contents"]]
    assert sorted(key.split("/")[1] for key in keys) == ["taken", "taken"]
    assert [row[1] for row in system.drops()] == ["RECEIVED", "RECEIVED"]
    s3.close()


def test_dying_anywhere_and_looking_again_comes_to_the_same(
    tmp_path: Path, configuration: Any, partner: Partner
) -> None:
    def system_at(name: str) -> System:
        home = tmp_path / name
        config = PipelineConfig(
            home=home,
            configuration=tmp_path,
            drops=home / "drops",
            warehouse_url=f"duckdb:///{home}/warehouse.duckdb",
        )
        warehouse = Warehouse(config.warehouse_url)
        warehouse.migrate()
        archiving = partner_at(
            partner, kind="folder", inbound="sub123", outbound="sub123", archive="taken"
        )
        system = System(config, warehouse, archiving, config.drops / "sub123")
        system.drop("a.x12", interchange(b"a"))
        system.drop("again.x12", interchange(b"a"))
        system.drop("both.zip", zipped(("1", interchange(b"1")), ("2", interchange(b"2"))))
        system.drop("c.x12.part", b"")
        system.drop("damaged.zip", b"PK\x03\x04", OLD)
        return system

    undisturbed = system_at("undisturbed")
    undisturbed.receive()
    expected = state_of(undisturbed.config.home)
    crashes = 0
    for point in range(0, 1000, 9):
        system = system_at(f"dying-{point}")
        try:
            with dying_at(point):
                system.receive()
        except Crash:
            crashes += 1
            system.receive()
            assert differences(state_of(system.config.home), expected) == [], point
        else:
            break
    assert crashes > 3


@pytest.mark.parametrize(
    ("count", "seconds"), [(600, 15), pytest.param(10_000, 60, marks=pytest.mark.slow)]
)
def test_thousands_of_files_are_registered_as_sets(
    folder_system: System, count: int, seconds: float
) -> None:
    for n in range(count):
        folder_system.drop(f"{n:05}.x12", interchange(b"%d" % n))
    statements = 0
    execute = DuckDBFile._connect

    class Counting:
        __class__ = duckdb.DuckDBPyConnection  # type: ignore[assignment]  # what isinstance() asks

        def __init__(self, real: Any) -> None:
            self.real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self.real, name)

        def execute(self, *arguments: Any) -> Any:
            nonlocal statements
            statements += 1
            return self.real.execute(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            DuckDBFile, "_connect", lambda self, patience: Counting(execute(self, patience))
        )
        started = time.perf_counter()
        assert folder_system.receive() == count
        assert time.perf_counter() - started < seconds
    assert statements < 200
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IncomingFile, "write", pytest.fail)  # nothing is fetched a second time
        assert folder_system.receive() == 0
