"""Where a partner's place is and how we are let in: read from URLs, kept out of every message.

    sftp://USER:PASSWORD@HOST:PORT/?host_key=ssh-ed25519%20AAAA...
    sftp://USER@HOST/?host_key=...&key_file=/etc/aso/id_ed25519      (its passphrase as PASSWORD)
    s3://KEY_ID:SECRET@/?region=us-east-1&endpoint_url=https%3A%2F%2Fs3.example.com
    openpgp://:PASSPHRASE@/etc/aso/tpa.asc                           (our secret key)

Every part is percent-encoded as URLs are. An SFTP host without its key pinned is refused: a first
connection that trusts whoever answers is no protection. `host_key` may be given several times, so
that a server can change its key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

ENVIRONMENT_PREFIX = "ASO_CONNECTION_"
SFTP_PORT = 22

OPTIONS = {
    "sftp": {"host_key", "key_file"},
    "s3": {"region", "endpoint_url"},
    "openpgp": set[str](),
}


class ConnectionSettingError(ValueError):
    """A connection is missing or not in its form; the message says what, never the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A way into one place. Secrets do not show in its `repr`.

    Attributes:
        kind: `sftp`, `s3` or `openpgp`.
        host: Name or address; empty for S3 and keys.
        port: TCP port.
        user: Account or access key id.
        secret: Password, secret access key, or the passphrase of `key_file`; empty: none.
        key_file: Secret SSH key, or our OpenPGP key; None: none.
        host_keys: Public keys the server may show, as `ssh-ed25519 AAAA...`.
        region: AWS region; empty: the default.
        endpoint_url: Of an S3 service that is not AWS; empty: AWS.
    """

    kind: str
    host: str = ""
    port: int = SFTP_PORT
    user: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    key_file: Path | None = None
    host_keys: tuple[str, ...] = ()
    region: str = ""
    endpoint_url: str = ""


def connections_from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """URLs of connections by name, of variables `ASO_CONNECTION_<NAME>`."""
    return {
        name.removeprefix(ENVIRONMENT_PREFIX): value
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX) and value
    }


def connection_url(  # noqa: PLR0917 - the parts of a URL in their order
    kind: str,
    host: str = "",
    port: int | None = None,
    user: str = "",
    secret: str = "",
    path: str = "",
    options: Mapping[str, str | Sequence[str]] | None = None,
) -> str:
    """Put a URL together from plain parts; the inverse of `parse_connection`."""
    account = f"{quote(user, safe='')}:{quote(secret, safe='')}@" if user or secret else "@"
    given = [
        f"{name}={quote(value, safe='')}"
        for name, values in (options or {}).items()
        for value in ([values] if isinstance(values, str) else values)
        if value
    ]
    place = f"{host}:{port}" if port else host
    return f"{kind}://{account}{place}{quote(path) or '/'}{'?' if given else ''}{'&'.join(given)}"


def connection_named(urls: Mapping[str, str], name: str, kind: str) -> Connection:
    """Return the connection of that name.

    Raises:
        ConnectionSettingError: There is none, it is of another kind, or its URL lacks something.
    """
    url = urls.get(name)
    if url is None:
        raise ConnectionSettingError(
            f"there is no connection {name}: set {ENVIRONMENT_PREFIX}{name} or an Airflow connection"
        )
    try:
        connection = parse_connection(url)
    except ConnectionSettingError as error:
        raise ConnectionSettingError(f"connection {name}: {error}") from None
    if connection.kind != kind:
        raise ConnectionSettingError(
            f"connection {name} is of kind {connection.kind}, {kind} is needed"
        )
    return connection


def parse_connection(url: str) -> Connection:
    """Read one URL.

    Raises:
        ConnectionSettingError: It is not in one of the forms above.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or SFTP_PORT
        options = _options(parts.query)
    except ValueError:
        raise ConnectionSettingError("not a URL") from None
    if parts.scheme not in OPTIONS:
        raise ConnectionSettingError(f"a URL must begin with {', '.join(sorted(OPTIONS))}")
    if unknown := sorted(set(options) - OPTIONS[parts.scheme]):
        raise ConnectionSettingError(f"unknown option {', '.join(unknown)}")
    connection = Connection(
        kind=parts.scheme,
        host=parts.hostname or "",
        port=port,
        user=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
        key_file=_key_file(parts, options),
        host_keys=tuple(options.get("host_key", ())),
        region=_only(options, "region"),
        endpoint_url=_only(options, "endpoint_url"),
    )
    _check(connection)
    return connection


def _options(query: str) -> dict[str, list[str]]:
    """Options of a query; a plus sign stays one, because keys are full of them."""
    options: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        name, separator, value = pair.partition("=")
        if not separator:
            raise ConnectionSettingError(f"option {unquote(name)} has no value")
        options.setdefault(unquote(name), []).append(unquote(value))
    return options


def _check(connection: Connection) -> None:
    if connection.kind == "sftp":
        if not connection.host or not connection.user:
            raise ConnectionSettingError("host and user are needed")
        if not connection.host_keys:
            raise ConnectionSettingError("host_key is needed: pin the key of the server")
        if not connection.secret and connection.key_file is None:
            raise ConnectionSettingError("a password or key_file is needed")
    if connection.kind == "s3" and bool(connection.user) != bool(connection.secret):
        raise ConnectionSettingError("give key id and secret, or neither")
    if connection.kind == "openpgp" and connection.key_file is None:
        raise ConnectionSettingError("the path of a key file is needed")


def _key_file(parts: SplitResult, options: Mapping[str, list[str]]) -> Path | None:
    path = unquote(parts.path) if parts.scheme == "openpgp" else _only(options, "key_file")
    return Path(path) if path.strip("/") else None


def _only(options: Mapping[str, list[str]], name: str) -> str:
    values = options.get(name, [""])
    if len(values) != 1:
        raise ConnectionSettingError(f"{name} is given more than once")
    return values[0]
