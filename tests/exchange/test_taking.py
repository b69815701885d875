"""Finished files are taken once, whatever happens on the way; unfinished ones wait and are told of."""

import errno
import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edi.exchange.place import FileRefusedError, PlaceRefusedError, PlaceUnreachableError
from edi.exchange.raw_store import IncomingFile
from tests.exchange.conftest import (
    AT,
    NIGHT,
    query,
    with_connection,
)
from tests.exchange.servers import FaultyServer, SftpPlaceServer
from tests.exchange.systems import OLD, WHOLE, System, folder_system, interchange, system
from tests.exchange.test_unpacking import zipped
from transforms.exchange.interchanges import repeated_interchanges
from transforms.exchange.register import take_files


def test_many_files_are_taken_in_one_look_and_none_in_the_next(system: System) -> None:
    contents = {f"{n:03}.x12": interchange(b"%d" % n) for n in range(60)}
    for name, content in contents.items():
        system.drop(name, content)
    assert system.receive() == 60
    assert system.receive() == 0
    assert system.drops() == [
        (name, "RECEIVED", hashlib.sha256(content).hexdigest())
        for name, content in contents.items()
    ]
    assert system.raw() == set(contents.values())
    assert len(query(system.warehouse, "select * from event")) == 60


__all__ = ["folder_system", "system"]  # fixtures


def test_names_that_still_are_written_wait_and_are_taken_under_their_own_name(
    system: System,
) -> None:
    for ending in (".part", ".tmp", ".FILEPART", ".crdownload"):
        system.drop(f"a.x12{ending}", WHOLE)
    system.drop(".hidden", WHOLE)
    assert system.receive() == 0
    assert {reason for _, reason in system.waits()} == {"TEMPORARY_NAME"}
    (system.inbound / "a.x12.part").rename(system.inbound / "a.x12")
    assert system.receive() == 1
    assert "a.x12.part" not in dict(system.waits())


def test_what_stays_unfinished_is_told_once_and_goes_on_waiting(system: System) -> None:
    system.drop("a.x12.part", WHOLE)
    system.receive()
    assert system.findings() == []
    for hours in (23, 24, 48):
        system.receive(hours)
    assert system.findings() == [("a.x12.part", "UNFINISHED")]
    assert system.waits() == [("a.x12.part", "TEMPORARY_NAME")]


def test_an_interchange_without_its_end_waits_is_taken_whole_when_it_is(system: System) -> None:
    system.drop("a.x12", WHOLE[:-20])
    assert system.receive() == 0
    assert system.waits() == [("a.x12", "ENDED_EARLY")]
    assert system.raw() == set()
    system.drop("a.x12", WHOLE)
    assert system.receive() == 1
    assert (system.waits(), system.findings()) == ([], [])


def test_an_interchange_that_never_gets_its_end_is_taken_as_it_is_and_told(system: System) -> None:
    system.drop("a.x12", WHOLE[:-20], OLD)
    system.drop("b.x12", WHOLE[:-20] + b"~", AT + timedelta(hours=1))  # a clock ahead of ours
    assert system.receive() == 1
    assert system.findings() == [("a.x12", "ENDED_EARLY")]
    assert system.waits() == [("b.x12", "ENDED_EARLY")]


def test_an_archive_that_is_cut_waits_too_and_is_refused_when_it_stays_so(system: System) -> None:
    cut = zipped(("a.x12", WHOLE * 50))[:-30]
    system.drop("a.zip", cut)
    assert system.receive() == 0
    assert system.waits() == [("a.zip", "ENDED_EARLY")]
    assert system.receive(hours=30) == 1
    assert system.findings() == [("a.zip", "DAMAGED")]


def test_a_file_that_grows_between_two_looks_waits(system: System, sftp: SftpPlaceServer) -> None:
    path = system.drop("a.csv", b"one\n")

    def grow(name: str, server: FaultyServer) -> None:
        sftp.faults.on_read = lambda name, server: None
        (system.inbound / "b.csv").write_bytes(b"one\ntwo\n")

    system.drop("b.csv", b"one\n")
    sftp.faults.on_read = grow
    taken = system.receive()
    assert path.exists()
    assert (taken, system.waits()) == (1, [("b.csv", "CHANGING")])
    assert system.receive() == 1
    assert system.waits() == []


def test_a_file_replaced_while_it_is_read_is_not_taken_half_and_half(
    system: System, sftp: SftpPlaceServer
) -> None:
    system.drop("a.csv", b"x" * (3 << 20))

    def replace_it(name: str, server: FaultyServer) -> None:
        if len(sftp.faults.reads) == 2:
            system.drop("a.csv", b"y" * (3 << 20), AT)

    sftp.faults.on_read = replace_it
    assert system.receive() == 0
    assert system.waits() == [("a.csv", "CHANGING")]
    assert system.raw() == set()
    assert system.receive() == 1
    assert system.raw() == {b"y" * (3 << 20)}


def test_a_connection_lost_in_the_middle_is_made_anew_and_the_file_taken_once(
    system: System, sftp: SftpPlaceServer
) -> None:
    for n in range(5):
        system.drop(f"{n}.csv", b"%d" % n * (1 << 20))

    def cut(name: str, server: FaultyServer) -> None:
        if len(sftp.faults.reads) == 3:
            server.drop_connection()

    sftp.faults.on_read = cut
    assert system.receive() == 5
    assert len(system.drops()) == 5
    assert system.raw() == {b"%d" % n * (1 << 20) for n in range(5)}
    assert system.leftovers() == []


def test_a_place_that_keeps_failing_is_left_and_what_came_half_is_no_file(
    system: System, sftp: SftpPlaceServer
) -> None:
    system.drop("a.csv", b"x" * 1000)
    sftp.faults.on_read = lambda name, server: server.drop_connection()
    with pytest.raises(PlaceUnreachableError) as lost:
        system.receive()
    assert "a.csv" not in str(lost.value)
    assert (system.drops(), system.raw(), system.leftovers()) == ([], set(), [])
    with pytest.raises(PlaceUnreachableError):
        system.receive()
    assert system.findings() == [("", "UNREACHABLE")]
    sftp.faults.on_read = lambda name, server: None
    assert system.receive() == 1


def test_a_wrong_password_is_not_tried_again(system: System, sftp: SftpPlaceServer) -> None:
    system.config = with_connection(system.config, sftp.url(password="hunter2"))
    system.drop("a.x12", WHOLE)
    with pytest.raises(PlaceRefusedError):
        system.receive()
    assert sftp.faults.reads == []


def test_a_full_disk_stops_the_look_and_registers_nothing(
    folder_system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        folder_system.drop(f"{n}.x12", interchange(b"%d" % n))
    write = IncomingFile.write

    def full(incoming: IncomingFile, chunk: bytes) -> None:
        if b"~2~" in chunk:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(incoming, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(IncomingFile, "write", full)
        with pytest.raises(OSError, match="No space left"):
            folder_system.receive()
    assert (folder_system.drops(), folder_system.leftovers()) == ([], [])
    assert folder_system.receive() == 4


def test_a_file_that_may_not_be_read_is_told_of_and_the_others_are_taken(
    folder_system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edi.exchange import folder

    folder_system.drop("a.x12", interchange(b"a"))
    folder_system.drop("b.x12", interchange(b"b"))
    really = folder._open

    def refuse(path: Path) -> Any:
        if path.name == "a.x12":
            raise FileRefusedError("the file cannot be opened: Permission denied")
        return really(path)

    monkeypatch.setattr(folder, "_open", refuse)
    assert folder_system.receive() == 1
    assert folder_system.findings() == [("a.x12", "FILE_REFUSED")]


def test_equal_bytes_under_two_names_are_one_file_and_a_duplicate(folder_system: System) -> None:
    folder_system.drop("b.x12", WHOLE)
    folder_system.drop("a.x12", WHOLE)
    assert folder_system.receive() == 2
    assert [row[:2] for row in folder_system.drops()] == [
        ("a.x12", "RECEIVED"),
        ("b.x12", "DUPLICATE_FILE"),
    ]
    assert len(take_files(folder_system.warehouse, NIGHT, at=AT)) == 1


def test_of_two_files_with_one_control_number_the_second_is_refused(folder_system: System) -> None:
    folder_system.drop("a.x12", interchange(b"a"))
    folder_system.drop("b.x12", interchange(b"b"))
    folder_system.receive()
    first, second = take_files(folder_system.warehouse, NIGHT, at=AT)
    paths = {f.file_id: folder_system.config.raw_path(f.file_id) for f in (first, second)}
    assert repeated_interchanges(paths, set()) == {second.file_id: [("ZZ", "SUB123", "000000042")]}
