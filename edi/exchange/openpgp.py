"""OpenPGP: open what partners encrypted and signed for us, seal what we send (pysequoia).

Decrypting runs in a process of its own: the library holds the interpreter while it works, and a
limit on file sizes keeps a message that unpacks to terabytes from filling the disk. The process
serves many messages, one line of JSON each, and reads its key once from its standard input.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

import pysequoia

WORKER = "edi.exchange.openpgp_worker"

NO_KEY = "WRONG_KEY"
BAD_SIGNATURE = "WRONG_SIGNATURE"
DAMAGED = "DAMAGED"
TOO_LARGE = "TOO_LARGE"


class OpenPgpError(Exception):
    """A message cannot be opened; `code` is one of the codes above."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class SecretKey:
    """Our key: armored text and its passphrase, neither of which shows in `repr`."""

    armored: str = field(repr=False)
    passphrase: str = field(default="", repr=False)


class MessageOpener:
    """Decrypts files, and verifies who signed them.

    Args:
        key: What messages are encrypted to.
    """

    def __init__(self, key: SecretKey) -> None:
        self._settings = {"key": key.armored, "passphrase": key.passphrase}
        self._process: subprocess.Popen[str] | None = None
        self._turn = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def open_message(
        self, message: Path, plain: Path, certificates: Sequence[str], most_bytes: int
    ) -> list[str]:
        """Decrypt `message` into `plain`, which exists only after it went well.

        Args:
            message: Encrypted file.
            plain: File to write; on the same disk.
            certificates: Armored certificates, one of which must have signed; none: nobody must.
            most_bytes: The plain file may not become larger.

        Returns:
            Fingerprints of the certificates whose signatures are good.

        Raises:
            OpenPgpError: No key for it, no good signature, damaged, or too large.
        """
        request = {
            "message": str(message),
            "plain": str(plain),
            "certificates": [*certificates],
            "most_bytes": most_bytes,
        }
        with self._turn:
            answer = self._ask(request)
        if "code" in answer:
            plain.unlink(missing_ok=True)
            raise OpenPgpError(answer["code"], answer["message"])
        return list(answer["signers"])

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.communicate()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """One line out, one line back; a process that died is started anew the next time."""
        process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            raise OSError("the OpenPGP process has no pipes")
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.close()
            return {"code": DAMAGED, "message": "the message ended the process that opened it"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, a module of ours
            [sys.executable, "-m", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(self._settings) + "\n")
        return self._process


def read_secret_key(path: Path, passphrase: str) -> SecretKey:
    """Our key from its file.

    Raises:
        ValueError: The file cannot be read, is no secret key, or the passphrase does not open it.
    """
    try:
        armored = path.read_text()
    except (OSError, UnicodeDecodeError):
        raise ValueError("the OpenPGP key file cannot be read as armored text") from None
    try:
        secret = pysequoia.Tsk.from_bytes(armored.encode())
        secret.decryptor(passphrase or None)
    except Exception:  # noqa: BLE001 - the library raises its own kinds, with traces of memory
        raise ValueError("no OpenPGP secret key, or its passphrase is wrong") from None
    return SecretKey(armored, passphrase)


def certificate_fingerprint(armored: str) -> str:
    """Fingerprint of a partner's certificate.

    Raises:
        ValueError: It is no armored certificate, holds a secret key, or is revoked.
    """
    if "PRIVATE KEY BLOCK" in armored:
        raise ValueError("this is a secret key: write the partner's public certificate")
    try:
        certificate = pysequoia.Cert.from_bytes(armored.encode())
    except Exception:  # noqa: BLE001 - the library raises its own kinds
        raise ValueError("this is no armored OpenPGP certificate") from None
    if certificate.is_revoked:
        raise ValueError("this certificate is revoked")
    return str(certificate.fingerprint)


def seal(content: Path, sealed: Path, certificate: str, signer: SecretKey | None) -> None:
    """Encrypt a file to a partner's certificate, signed when we have a key; appears whole.

    Raises:
        OpenPgpError: Nothing can be encrypted to the certificate, or the key does not sign.
    """
    sealed.parent.mkdir(parents=True, exist_ok=True)
    temporary = sealed.with_name(f".{sealed.name}")
    try:
        pysequoia.encrypt_file(
            str(content),
            str(temporary),
            [pysequoia.Cert.from_bytes(certificate.encode())],
            signer=None
            if signer is None
            else pysequoia.Tsk.from_bytes(signer.armored.encode()).signer(
                signer.passphrase or None
            ),
            armor=False,
        )
    except Exception:  # noqa: BLE001 - the library raises its own kinds
        temporary.unlink(missing_ok=True)
        raise OpenPgpError(NO_KEY, "the partner's certificate cannot be encrypted to") from None
    temporary.replace(sealed)
