"""The process that decrypts: settings on the first line of its input, then a request a line.

`resource` limits every file it writes, so a message that unpacks without end stops there.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import pysequoia

MEANINGS = (
    ("No key to decrypt", "WRONG_KEY", "it is not encrypted to our key"),
    ("no valid signatures", "WRONG_SIGNATURE", "no good signature of this partner is on it"),
    (
        "Unexpected message structure",
        "WRONG_SIGNATURE",
        "its signature cannot be read inside a compressed message: sign without compression",
    ),
    ("File too large", "TOO_LARGE", "it unpacks to more than is allowed"),
)
"""What the library's words mean: a part of its text, our code, our words."""

OTHERWISE = ("DAMAGED", "it is damaged or ended early")


def main() -> None:
    """Answer requests until the input ends."""
    settings = json.loads(sys.stdin.readline())
    secret = pysequoia.Tsk.from_bytes(settings["key"].encode())
    for line in sys.stdin:
        answer = _open(secret, settings["passphrase"] or None, json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _open(secret: Any, passphrase: str | None, request: dict[str, Any]) -> dict[str, Any]:
    """Decrypt one file; a file half written is removed."""
    most_bytes = int(request["most_bytes"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))
    certificates = [pysequoia.Cert.from_bytes(text.encode()) for text in request["certificates"]]
    try:
        opened = pysequoia.decrypt_file(
            request["message"],
            request["plain"],
            decryptor=secret.decryptor(passphrase),
            store=(lambda _: certificates) if certificates else None,
        )
    except Exception as error:  # noqa: BLE001 - the library raises RuntimeError for everything
        Path(request["plain"]).unlink(missing_ok=True)
        said = str(error)
        code, message = next(
            ((code, words) for part, code, words in MEANINGS if part in said), OTHERWISE
        )
        return {"code": code, "message": message}
    return {"signers": sorted({str(sig.certificate) for sig in opened.valid_sigs})}


if __name__ == "__main__":
    main()
