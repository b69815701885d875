"""What is packed comes out as it went in, within its limits; what cannot be opened is explained."""

import gzip
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pysequoia
import pytest

from edi.exchange.openpgp import (
    MessageOpener,
    SecretKey,
    certificate_fingerprint,
    read_secret_key,
    seal,
)
from edi.exchange.unpacking import (
    PlainFile,
    Unpacker,
    UnpackingError,
    UnpackingLimits,
    is_complete,
    kind_of,
)

INTERCHANGE = b"ISA*00*one~IEA*1*000000001~"


@dataclass(frozen=True)
class Keys:
    """Ours, a partner's and a stranger's."""

    ours: pysequoia.Tsk
    partner: pysequoia.Tsk
    stranger: pysequoia.Tsk

    @property
    def our_key(self) -> SecretKey:
        return SecretKey(str(self.ours))

    @property
    def certificate(self) -> str:
        return str(self.partner.extract_certificate())


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys(*(pysequoia.Tsk.generate(f"{n} <{n}@example.com>") for n in ("tpa", "pa", "st")))


@pytest.fixture
def unpacker(tmp_path: Path, keys: Keys) -> Iterator[Unpacker]:
    folder = tmp_path / "work"
    folder.mkdir()
    with MessageOpener(keys.our_key) as opener:
        yield Unpacker(folder, opener=opener, certificates=(keys.certificate,))


def received(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "received"
    path.write_bytes(content)
    return path


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # no clock in it
    return buffer.getvalue()


def encrypted(
    content: bytes, recipient: pysequoia.Tsk, signer: pysequoia.Tsk | None = None
) -> bytes:
    signs = signer.signer() if signer else None
    return bytes(pysequoia.encrypt(content, [recipient.extract_certificate()], signer=signs))


def opened(unpacker: Unpacker, path: Path, name: str) -> list[tuple[str, str, bytes]]:
    def content(plain: PlainFile) -> bytes:
        return (plain.path or path).read_bytes()

    return [(p.name, p.chain, content(p)) for p in unpacker.unpack(path, name)]


def refusal(unpacker: Unpacker, path: Path, name: str = "a") -> str:
    with pytest.raises(UnpackingError) as refused:
        unpacker.unpack(path, name)
    return refused.value.code


def test_a_plain_file_is_its_own_content(unpacker: Unpacker, tmp_path: Path) -> None:
    path = received(tmp_path, INTERCHANGE)
    assert unpacker.unpack(path, "a.x12") == [PlainFile(None, "", "a.x12")]


def test_gzip_zip_and_openpgp_open_in_one_another_and_tell_the_chain(
    unpacker: Unpacker, keys: Keys, tmp_path: Path
) -> None:
    archive = zipped(("one.x12", INTERCHANGE), ("two.gz", gzip.compress(b"ISA-two")))
    message = encrypted(archive, keys.ours, keys.partner)
    path = received(tmp_path, message)
    assert opened(unpacker, path, "claims.zip.pgp") == [
        ("one.x12", "openpgp > zip:0", INTERCHANGE),
        ("two", "openpgp > zip:1 > gzip", b"ISA-two"),
    ]
    fingerprint = certificate_fingerprint(keys.certificate)
    assert {f.signers for f in unpacker.unpack(path, "claims.zip.pgp")} == {(fingerprint,)}


def test_a_message_in_armor_or_in_binary_is_known_by_its_bytes(
    unpacker: Unpacker, keys: Keys, tmp_path: Path
) -> None:
    recipients = [keys.ours.extract_certificate()]
    binary = pysequoia.encrypt(INTERCHANGE, recipients, signer=keys.partner.signer(), armor=False)
    assert kind_of(bytes(binary)[:64]) == "openpgp"
    assert opened(unpacker, received(tmp_path, bytes(binary)), "no-ending") == [
        ("no-ending", "openpgp", INTERCHANGE)
    ]


@pytest.mark.parametrize(
    "head", [b"ISA*00*", b"\xef\xbb\xbfISA*00*", b"bank_reference,", b"", b"\n", b"PK", b"\x1f\x8b"]
)
def test_text_is_plain(head: bytes) -> None:
    assert kind_of(head) == "plain"


def test_a_message_to_another_key_is_told_so(
    unpacker: Unpacker, keys: Keys, tmp_path: Path
) -> None:
    path = received(tmp_path, encrypted(INTERCHANGE, keys.stranger, keys.partner))
    assert refusal(unpacker, path) == "WRONG_KEY"


@pytest.mark.parametrize("signer", ["stranger", "nobody"])
def test_a_message_that_the_partner_did_not_sign_is_refused(
    signer: str, unpacker: Unpacker, keys: Keys, tmp_path: Path
) -> None:
    by = keys.stranger if signer == "stranger" else None
    path = received(tmp_path, encrypted(INTERCHANGE, keys.ours, by))
    assert refusal(unpacker, path) == "WRONG_SIGNATURE"
    assert list(unpacker.folder.iterdir()) == []  # no plain text of it is left


def test_a_tampered_or_cut_message_is_damaged_and_leaves_nothing(
    unpacker: Unpacker, keys: Keys, tmp_path: Path
) -> None:
    message = bytearray(
        pysequoia.encrypt(
            INTERCHANGE * 1000,
            [keys.ours.extract_certificate()],
            signer=keys.partner.signer(),
            armor=False,
        )
    )
    cut = received(tmp_path, bytes(message[:-200]))
    assert refusal(unpacker, cut) == "DAMAGED"
    message[len(message) // 2] ^= 1
    assert refusal(unpacker, received(tmp_path, bytes(message))) == "DAMAGED"
    assert list(unpacker.folder.iterdir()) == []


def test_without_a_key_an_encrypted_drop_is_refused_and_a_plain_one_where_encryption_is_agreed(
    tmp_path: Path, keys: Keys
) -> None:
    path = received(tmp_path, encrypted(INTERCHANGE, keys.ours))
    assert refusal(Unpacker(tmp_path), path) == "NO_KEY"
    strict = Unpacker(tmp_path, must_be_encrypted=True)
    assert refusal(strict, received(tmp_path, INTERCHANGE)) == "NOT_ENCRYPTED"


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", b"\x1f\x8b\x08 no stream"])
def test_what_only_looks_like_an_archive_is_damaged(
    content: bytes, unpacker: Unpacker, tmp_path: Path
) -> None:
    assert refusal(unpacker, received(tmp_path, content)) == "DAMAGED"


def test_archives_that_ended_early_or_were_changed_are_damaged(
    unpacker: Unpacker, tmp_path: Path
) -> None:
    whole = zipped(("one.x12", INTERCHANGE * 100))
    assert refusal(unpacker, received(tmp_path, whole[: len(whole) // 2])) == "DAMAGED"
    changed = bytearray(whole)
    changed[50] ^= 0xFF
    assert refusal(unpacker, received(tmp_path, bytes(changed))) == "DAMAGED"
    stream = gzip.compress(INTERCHANGE * 100)
    assert refusal(unpacker, received(tmp_path, stream[:-9])) == "DAMAGED"


def test_a_file_named_zip_that_is_none_is_told_so_but_an_interchange_is_read_whatever_its_name(
    unpacker: Unpacker, tmp_path: Path
) -> None:
    assert refusal(unpacker, received(tmp_path, b"no zip"), "claims.zip") == "NOT_AS_NAMED"
    path = received(tmp_path, INTERCHANGE)
    assert opened(unpacker, path, "claims.zip") == [("claims.zip", "", INTERCHANGE)]


def test_an_empty_archive_and_one_with_a_password_are_refused(
    unpacker: Unpacker, tmp_path: Path
) -> None:
    assert refusal(unpacker, received(tmp_path, zipped())) == "EMPTY_ARCHIVE"
    locked = bytearray(zipped(("one.x12", INTERCHANGE)))
    locked[6] |= 1
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    assert refusal(unpacker, received(tmp_path, bytes(locked))) == "NO_KEY"


def test_names_in_an_archive_are_text_and_never_paths(unpacker: Unpacker, tmp_path: Path) -> None:
    names = ["../../escape.x12", "/etc/passwd", "C:\\evil.x12", "a/b/c.x12", "x" * 300]
    path = received(tmp_path, zipped(*((name, b"ISA" + name.encode()) for name in names)))
    found = opened(unpacker, path, "a.zip")
    assert [content for _, _, content in found] == [b"ISA" + name.encode() for name in names]
    written = {p.name for p in tmp_path.rglob("*") if p.is_file()}
    assert written == {"received", "0", "1", "2", "3", "4"}


def bombs() -> dict[str, tuple[bytes, UnpackingLimits]]:
    zeros = bytes(30 << 20)
    many = zipped(*((str(n), b"x") for n in range(30)))
    deep = INTERCHANGE
    for _ in range(5):
        deep = gzip.compress(deep)
    return {
        "ratio of a zip": (zipped(("a", zeros)), UnpackingLimits()),
        "ratio of a gzip": (gzip.compress(zeros), UnpackingLimits()),
        "one plain file": (gzip.compress(b"x" * 2000), UnpackingLimits(plain_bytes=1999)),
        "all files": (
            zipped(("a", b"x" * 900), ("b", b"y" * 900)),
            UnpackingLimits(total_bytes=1799),
        ),
        "all files over two levels": (
            zipped(*((str(n), gzip.compress(b"x" * 900)) for n in range(3))),
            UnpackingLimits(total_bytes=2000),
        ),
        "count": (many, UnpackingLimits(files=29)),
        "count over two levels": (zipped(("a", many), ("b", many)), UnpackingLimits(files=50)),
        "depth": (deep, UnpackingLimits(depth=4)),
    }


@pytest.mark.parametrize("name", bombs())
def test_a_bomb_is_stopped_at_its_limit(name: str, tmp_path: Path) -> None:
    content, limits = bombs()[name]
    folder = tmp_path / "work"
    folder.mkdir()
    assert refusal(Unpacker(folder, limits), received(tmp_path, content)) == "TOO_LARGE"
    assert sum(p.stat().st_size for p in folder.iterdir()) <= 10 << 20


def test_a_message_that_unpacks_beyond_its_limit_is_stopped_while_it_is_written(
    tmp_path: Path, keys: Keys
) -> None:
    path = received(tmp_path, encrypted(bytes(3 << 20), keys.ours))
    with MessageOpener(keys.our_key) as opener:
        limits = UnpackingLimits(plain_bytes=1 << 20)
        assert refusal(Unpacker(tmp_path, limits, opener=opener), path) == "TOO_LARGE"
        small = received(tmp_path, encrypted(INTERCHANGE, keys.ours))  # the same process goes on
        assert len(Unpacker(tmp_path, limits, opener=opener).unpack(small, "a")) == 1


def test_limits_are_no_lower_than_they_say(tmp_path: Path) -> None:
    limits = UnpackingLimits(plain_bytes=900, total_bytes=1800, files=2, depth=1)
    content = zipped(("a", b"x" * 900), ("b", b"y" * 900))
    assert len(Unpacker(tmp_path, limits).unpack(received(tmp_path, content), "a")) == 2


def test_what_we_seal_the_partner_opens_and_sees_that_it_is_ours(
    tmp_path: Path, keys: Keys
) -> None:
    sealed = tmp_path / "deep" / "sealed"
    seal(received(tmp_path, INTERCHANGE), sealed, keys.certificate, keys.our_key)
    ours = keys.ours.extract_certificate()
    plain = pysequoia.decrypt(
        sealed.read_bytes(), decryptor=keys.partner.decryptor(), store=lambda _: [ours]
    )
    assert plain.bytes == INTERCHANGE
    assert [s.certificate for s in plain.valid_sigs] == [ours.fingerprint]


def test_keys_that_cannot_be_used_are_refused_before_they_are_needed(
    tmp_path: Path, keys: Keys
) -> None:
    with pytest.raises(ValueError, match="no armored OpenPGP certificate"):
        certificate_fingerprint("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n")
    with pytest.raises(ValueError, match="secret key"):
        certificate_fingerprint(str(keys.ours))
    with pytest.raises(ValueError, match="cannot be read"):
        read_secret_key(tmp_path / "missing.asc", "")
    (tmp_path / "public.asc").write_text(keys.certificate)
    with pytest.raises(ValueError, match="no OpenPGP secret key"):
        read_secret_key(tmp_path / "public.asc", "")


@pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not on this machine")
def test_messages_of_gnupg_open_and_a_signature_inside_compression_is_explained(
    tmp_path: Path, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = Path("/tmp") / f"g{abs(hash(tmp_path)) % 10**8}"  # its socket allows short paths only
    home.mkdir(mode=0o700)

    def gpg(*arguments: str, given: bytes = b"") -> bytes:
        fixed = ["gpg", "--homedir", str(home), "--batch", "--yes", "--trust-model", "always"]
        return subprocess.run(
            [*fixed, "--pinentry-mode", "loopback", "--passphrase", "", *arguments],
            input=given,
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout

    try:
        gpg("--import", given=keys.our_key.armored.encode())
        gpg("--quick-gen-key", "sender@example.com", "ed25519", "sign")
        certificate = gpg("--export", "--armor", "sender@example.com").decode()
        send = ["-r", "tpa@example.com", "-u", "sender@example.com", "--sign", "--encrypt"]
        plain = gpg("--compress-algo", "none", *send, given=INTERCHANGE)
        compressed = gpg(*send, given=INTERCHANGE * 10)
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)
    folder = tmp_path / "work"
    folder.mkdir()
    with MessageOpener(keys.our_key) as opener:
        strict = Unpacker(folder, opener=opener, certificates=(certificate,))
        assert opened(strict, received(tmp_path, plain), "a")[0][2] == INTERCHANGE
        with pytest.raises(UnpackingError, match="sign without compression"):
            strict.unpack(received(tmp_path, compressed), "a")
        trusting = Unpacker(folder, opener=opener)
        assert opened(trusting, received(tmp_path, compressed), "a")[0][2] == INTERCHANGE * 10


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        (INTERCHANGE, True),
        (INTERCHANGE + b"\r\n\x1a", True),
        (b"\xef\xbb\xbf" + INTERCHANGE, True),
        (INTERCHANGE * 500, True),
        (b"ISA*00*one\nIEA*1*000000001\n", True),
        (INTERCHANGE[:-1], True),  # the number is whole, only the terminator is missing
        (INTERCHANGE[:-3], False),
        (b"ISA*00*one~ST*837*", False),
        (INTERCHANGE + b"ISA*00*two~ST*", False),
        (b"ISA", True),
        (b"a,b,c\n1,2", True),
        (b"", True),
    ],
)
def test_an_interchange_without_its_end_is_known(
    content: bytes, whole: bool, tmp_path: Path
) -> None:
    assert is_complete(received(tmp_path, content)) is whole


def test_secrets_do_not_show(keys: Keys) -> None:
    shown = repr(SecretKey("armored secret", "passphrase"))
    assert "secret" not in json.dumps(shown).replace("SecretKey", "")
