"""Every kind of place lists, gives, takes and archives alike; what is wrong is told without secrets."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh
import boto3
import pytest

from edi.exchange.connections import ConnectionSettingError, connection_named, parse_connection
from edi.exchange.folder import FolderExchange
from edi.exchange.place import (
    CHUNK_BYTES,
    ExchangeClient,
    FileChangedError,
    FileGoneError,
    FileRefusedError,
    PlaceRefusedError,
    PlaceUnreachableError,
    RemoteFile,
)
from edi.exchange.s3 import S3Exchange
from edi.exchange.sftp import SftpExchange
from tests.exchange.servers import PASSWORD, SftpPlaceServer, public_text

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
BUCKET = "drops-of-partners"


class Partners:
    """The partner's side of a place: what it drops, and what it sees of ours."""

    def __init__(self, root: Path | None, s3: Any = None) -> None:
        self.root, self.s3 = root, s3

    def drop(self, name: str, content: bytes) -> None:
        if self.root:
            (self.root / "in" / name).write_bytes(content)
        else:
            self.s3.put_object(Bucket=BUCKET, Key=f"in/{name}", Body=content)

    def seen(self, folder: str) -> dict[str, bytes]:
        if self.root:
            found = sorted((self.root / folder).rglob("*"))
            return {
                str(p.relative_to(self.root / folder)): p.read_bytes()
                for p in found
                if p.is_file() and not p.name.startswith(".")
            }
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{folder}/").get("Contents", [])
        return {
            entry["Key"].removeprefix(f"{folder}/"): self.s3.get_object(
                Bucket=BUCKET, Key=entry["Key"]
            )["Body"].read()
            for entry in listed
        }


def s3_client(url: str) -> Any:
    connection = parse_connection(url)
    return boto3.client(
        "s3",
        endpoint_url=connection.endpoint_url,
        region_name=connection.region,
        aws_access_key_id=connection.user,
        aws_secret_access_key=connection.secret,
    )


@pytest.fixture(params=["folder", "sftp", "s3"])
def place_and_partner(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[ExchangeClient, Partners]]:
    if request.param == "s3":
        url = request.getfixturevalue("s3_url")
        s3 = s3_client(url)
        s3.create_bucket(Bucket=BUCKET)
        place: ExchangeClient = S3Exchange(parse_connection(url), BUCKET, "in", "out")
        partners = Partners(None, s3)
    elif request.param == "sftp":
        server: SftpPlaceServer = request.getfixturevalue("sftp")
        place = SftpExchange(parse_connection(server.url()), "in", "out")
        partners = Partners(server.root)
    else:
        (tmp_path / "in").mkdir()
        place = FolderExchange(tmp_path / "in", tmp_path / "out")
        partners = Partners(tmp_path)
    yield place, partners
    place.close()
    place.close()
    if request.param == "s3":
        for entry in partners.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            partners.s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
        partners.s3.delete_bucket(Bucket=BUCKET)
        partners.s3.close()


def fetched(place: ExchangeClient, remote: RemoteFile) -> bytes:
    pieces: list[bytes] = []
    place.fetch(remote, pieces.append)
    return b"".join(pieces)


def test_every_place_lists_by_name_and_gives_the_bytes_that_were_dropped(
    place_and_partner: tuple[ExchangeClient, Partners],
) -> None:
    place, partners = place_and_partner
    assert place.list_files() == []
    contents = {"b.x12": b"second", "a b ü.x12": b"first", "empty": b"", "n" * 255: b"long name"}
    for name, content in contents.items():
        partners.drop(name, content)
    listed = place.list_files()
    assert [remote.name for remote in listed] == sorted(contents)
    assert {r.name: fetched(place, r) for r in listed} == contents
    assert all(remote.byte_count == len(contents[remote.name]) for remote in listed)


def test_every_place_refuses_to_give_another_file_than_the_one_listed(
    place_and_partner: tuple[ExchangeClient, Partners],
) -> None:
    place, partners = place_and_partner
    partners.drop("a.x12", b"one")
    (listed,) = place.list_files()
    partners.drop("a.x12", b"another")
    with pytest.raises(FileChangedError):
        fetched(place, listed)
    with pytest.raises(FileGoneError):
        fetched(place, RemoteFile("gone.x12", 3, listed.modified_at, listed.version))


def test_every_place_shows_an_upload_only_when_it_is_whole_and_once(
    place_and_partner: tuple[ExchangeClient, Partners], tmp_path: Path
) -> None:
    place, partners = place_and_partner
    document = tmp_path / "document"
    document.write_bytes(b"999")
    for _ in range(2):  # a drain that died and is run again
        place.stage("a.999", document)
        place.publish("a.999", document)
        assert not place.is_staged("a.999")
    assert partners.seen("out") == {"a.999": b"999"}


def test_every_place_moves_what_was_taken_and_only_that(
    place_and_partner: tuple[ExchangeClient, Partners],
) -> None:
    place, partners = place_and_partner
    partners.drop("a.x12", b"one")
    (listed,) = place.list_files()
    assert place.archive(listed, "done", "done-2")
    assert partners.seen("in") == {"done/a.x12": b"one"}
    partners.drop("a.x12", b"next one")
    (again,) = place.list_files()
    assert not place.archive(listed, "done", "done-2")  # gone, and another file has its name
    assert place.archive(again, "done", "done-2")
    assert partners.seen("in") == {"done/a.x12": b"one", "done-2/a.x12": b"next one"}


@pytest.mark.parametrize("name", ["../secret", "..", "", "a/../../secret"])
@pytest.mark.parametrize("kind", ["folder", "sftp"])
def test_a_name_that_climbs_out_is_refused(
    kind: str, name: str, sftp: SftpPlaceServer, tmp_path: Path
) -> None:
    (sftp.root / "secret").write_text("secret")
    place: ExchangeClient = FolderExchange(sftp.root / "in", sftp.root / "out")
    if kind == "sftp":
        place = SftpExchange(parse_connection(sftp.url()), "in", "out")
    remote = RemoteFile(name, 6, EPOCH)
    try:
        with pytest.raises(FileRefusedError):
            fetched(place, remote)
        with pytest.raises(FileRefusedError):
            place.stage(name, sftp.root / "secret")
    finally:
        place.close()


def test_links_folders_and_pipes_are_no_drops(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "in" / "link.x12").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "folder").mkdir()
    os.mkfifo(tmp_path / "in" / "pipe")
    place = FolderExchange(tmp_path / "in", tmp_path / "out")
    assert place.list_files() == []
    with pytest.raises(FileRefusedError):
        fetched(place, RemoteFile("link.x12", 6, EPOCH))


def test_another_host_key_than_the_pinned_one_ends_the_connection(sftp: SftpPlaceServer) -> None:
    other = public_text(asyncssh.generate_private_key("ssh-ed25519"))
    place = SftpExchange(parse_connection(sftp.url(host_key=other)), "in", "out")
    with pytest.raises(PlaceRefusedError, match="another host key"):
        place.list_files()
    place.close()


def test_an_rsa_key_pinned_where_the_server_has_another_kind_is_another_key(
    sftp: SftpPlaceServer,
) -> None:
    other = public_text(asyncssh.generate_private_key("ecdsa-sha2-nistp256"))
    place = SftpExchange(parse_connection(sftp.url(host_key=other)), "in", "out")
    with pytest.raises((PlaceRefusedError, PlaceUnreachableError)):
        place.list_files()
    place.close()


def test_a_wrong_password_is_told_without_it(sftp: SftpPlaceServer) -> None:
    place = SftpExchange(parse_connection(sftp.url(password="hunter2")), "in", "out")
    with pytest.raises(PlaceRefusedError, match="refuses our account") as refused:
        place.list_files()
    place.close()
    assert "hunter2" not in str(refused.value)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    key = public_text(asyncssh.generate_private_key("ssh-ed25519"))
    connection = parse_connection(f"sftp://u:p@127.0.0.1:1/?host_key={key.replace(' ', '%20')}")
    place = SftpExchange(connection, "in", "out")
    with pytest.raises(PlaceUnreachableError):
        place.list_files()
    place.close()


def test_a_lost_connection_is_made_anew_by_the_next_call(sftp: SftpPlaceServer) -> None:
    (sftp.root / "in" / "a.x12").write_bytes(b"x" * 10)
    place = SftpExchange(parse_connection(sftp.url()), "in", "out")
    (listed,) = place.list_files()
    sftp.faults.on_read = lambda name, server: server.drop_connection()
    with pytest.raises(PlaceUnreachableError):
        fetched(place, listed)
    sftp.faults.on_read = lambda name, server: None
    assert fetched(place, listed) == b"x" * 10
    place.close()


def test_a_server_without_posix_rename_gets_the_file_all_the_same(
    sftp: SftpPlaceServer, tmp_path: Path
) -> None:
    sftp.faults.offers_posix_rename = False
    place = SftpExchange(parse_connection(sftp.url()), "in", "out")
    (tmp_path / "document").write_bytes(b"999")
    for _ in range(2):
        place.stage("a.999", tmp_path / "document")
        place.publish("a.999", tmp_path / "document")
    (tmp_path / "document").write_bytes(b"another 999")
    place.stage("a.999", tmp_path / "document")
    with pytest.raises(FileRefusedError, match="another file"):
        place.publish("a.999", tmp_path / "document")
    place.close()
    assert (sftp.root / "out" / "a.999").read_bytes() == b"999"


def test_s3_never_writes_over_an_object_that_is_not_ours(s3_url: str, tmp_path: Path) -> None:
    s3 = s3_client(s3_url)
    s3.create_bucket(Bucket="taken-keys")
    s3.put_object(Bucket="taken-keys", Key="out/a.999", Body=b"theirs")
    place = S3Exchange(parse_connection(s3_url), "taken-keys", "in", "out")
    (tmp_path / "document").write_bytes(b"999")
    with pytest.raises(FileRefusedError, match="another file"):
        place.publish("a.999", tmp_path / "document")
    assert s3.get_object(Bucket="taken-keys", Key="out/a.999")["Body"].read() == b"theirs"
    place.close()
    s3.close()


def test_s3_tells_a_missing_bucket_and_a_missing_server_apart(s3_url: str) -> None:
    missing = S3Exchange(parse_connection(s3_url), "no-such-bucket", "in", "out")
    with pytest.raises((PlaceRefusedError, FileGoneError)):
        missing.list_files()
    missing.close()
    url = "s3://a:b@/?region=us-east-1&endpoint_url=http%3A%2F%2F127.0.0.1%3A1"
    down = S3Exchange(parse_connection(url), "bucket", "in", "out")
    with pytest.raises(PlaceUnreachableError):
        down.list_files()
    down.close()


@pytest.mark.parametrize(
    "megabytes", [24, pytest.param(2048, marks=pytest.mark.slow, id="two gigabytes")]
)
def test_a_large_file_comes_in_pieces_of_a_megabyte(sftp: SftpPlaceServer, megabytes: int) -> None:
    path = sftp.root / "in" / "large.x12"
    with path.open("wb") as file:
        file.truncate(megabytes << 20)
    place = SftpExchange(parse_connection(sftp.url()), "in", "out")
    (listed,) = place.list_files()
    sizes: list[int] = []
    place.fetch(listed, lambda piece: sizes.append(len(piece)))
    place.close()
    assert sum(sizes) == megabytes << 20
    assert max(sizes) <= CHUNK_BYTES


KEY = "ssh-ed25519%20AAAAC3Nz+a/b=="


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sftp://u:p@h/", "host_key is needed"),
        (f"sftp://u@h/?host_key={KEY}", "a password or key_file is needed"),
        (f"sftp://:p@h/?host_key={KEY}", "host and user are needed"),
        (f"sftp://u:p@h:x/?host_key={KEY}", "not a URL"),
        (f"sftp://u:p@h/?host_key={KEY}&known_hosts=none", "unknown option known_hosts"),
        ("ftp://u:p@h/", "must begin with"),
        ("s3://id@/", "key id and secret, or neither"),
        ("s3://a:b@/?region=x&region=y", "region is given more than once"),
        ("openpgp://:secret@/", "path of a key file"),
    ],
)
def test_a_connection_that_lacks_something_is_refused_without_its_secret(
    url: str, words: str
) -> None:
    with pytest.raises(ConnectionSettingError, match=words) as refused:
        connection_named({"ONE": url}, "ONE", "sftp")
    assert "connection ONE" in str(refused.value)
    assert "secret" not in str(refused.value).replace("key id and secret", "")


def test_a_connection_keeps_its_secret_out_of_sight_and_its_key_exact() -> None:
    connection = parse_connection(
        f"sftp://u:{PASSWORD.replace('@', '%40').replace('/', '%2F')}@h/?host_key={KEY}"
    )
    assert connection.secret == PASSWORD
    assert connection.host_keys == ("ssh-ed25519 AAAAC3Nz+a/b==",)
    assert PASSWORD not in repr(connection)


def test_a_connection_of_another_kind_or_of_no_name_is_refused() -> None:
    check: Callable[..., Any] = connection_named
    with pytest.raises(ConnectionSettingError, match="there is no connection ONE"):
        check({}, "ONE", "sftp")
    with pytest.raises(ConnectionSettingError, match="is of kind s3, sftp is needed"):
        check({"ONE": "s3://a:b@/"}, "ONE", "sftp")
