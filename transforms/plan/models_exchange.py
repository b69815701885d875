"""Where a partner's files come from and go to, how they are packed, and what is too much."""

from datetime import datetime, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from edi.exchange.openpgp import certificate_fingerprint
from transforms.plan.models_base import ConfigurationModel, Count, Flag, Identifier

UNFINISHED_ENDINGS = (".part", ".tmp", ".filepart", ".crdownload", ".partial", ".uploading")
"""Names that senders give files they are still writing."""


def _remote_path(value: str) -> str:
    if {".", ".."} & set(value.split("/")):
        raise ValueError("write the path without . and ..")
    return value


def _time_of_day(value: Any) -> time:
    if isinstance(value, time):
        return value
    try:
        return datetime.strptime(str(value), "%H:%M").time()  # noqa: DTZ007 - a time, no moment
    except ValueError:
        raise ValueError("write a time of day as 18:00") from None


def _certificate(value: str) -> str:
    certificate_fingerprint(value)
    return value


RemotePath = Annotated[
    str,
    StringConstraints(pattern=r"^/?[^/\x00-\x1f]+(/[^/\x00-\x1f]+)*$", max_length=500),
    AfterValidator(_remote_path),
]
"""A folder at a partner's place: no slash at its end, no way up."""

ConnectionName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,59}$")]
"""Name of a connection; the secret itself comes from the environment or from Airflow."""

Certificate = Annotated[str, AfterValidator(_certificate)]
Ending = Annotated[str, StringConstraints(pattern=r"^\.[a-z0-9]{1,20}$")]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Megabytes = Annotated[int, Field(ge=1, le=1_000_000)]


class ExchangeLimits(ConfigurationModel):
    """What a drop may be and become at most.

    Attributes:
        received_megabytes: As it is dropped.
        plain_megabytes: One file after unpacking.
        total_megabytes: All files of one drop after unpacking.
        ratio: Plain bytes for one packed byte, above the first megabyte.
        files: Files in one drop.
        depth: Packings inside one another.
    """

    received_megabytes: Megabytes = 4096
    plain_megabytes: Megabytes = 8192
    total_megabytes: Megabytes = 16384
    ratio: Annotated[int, Field(ge=2, le=10_000)] = 200
    files: Annotated[int, Field(ge=1, le=100_000)] = 1000
    depth: Annotated[int, Field(ge=1, le=10)] = 4


class _Place(ConfigurationModel):
    """What is the same wherever a partner's files lie.

    Attributes:
        pattern: Which names are meant for us; `*` and `?` as in a shell. Others wait for a person.
        archive: Folder beside the drops that taken ones are moved to; left out: they stay.
        unfinished_endings: Endings of names of files that are still being written.
        unfinished_hours: How long an unfinished file may wait before somebody is told. An
            interchange without its end is then taken as it is.
        expected_by: Time of day in Chicago by which something comes, `18:00`; left out: any time.
        expected_on: Days of the week of which that is said, Monday is 1.
    """

    pattern: Annotated[str, StringConstraints(pattern=r"^[^/\x00-\x1f]{1,100}$")] = "*"
    archive: Identifier | None = None
    unfinished_endings: tuple[Ending, ...] = UNFINISHED_ENDINGS
    unfinished_hours: Count = 24
    limits: ExchangeLimits = ExchangeLimits()
    expected_by: TimeOfDay | None = None
    expected_on: tuple[Weekday, ...] = (1, 2, 3, 4, 5)


class FolderPlace(_Place):
    """Folders below the roots of the running system."""

    kind: Literal["folder"]
    inbound: Identifier
    outbound: Identifier


class SftpPlace(_Place):
    """Folders of an SFTP server."""

    kind: Literal["sftp"]
    connection: ConnectionName
    inbound: RemotePath
    outbound: RemotePath


class S3Place(_Place):
    """Key prefixes of an S3 bucket."""

    kind: Literal["s3"]
    connection: ConnectionName
    bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    inbound: RemotePath
    outbound: RemotePath


Exchange = Annotated[FolderPlace | SftpPlace | S3Place, Field(discriminator="kind")]


class OpenPgp(ConfigurationModel):
    """Encryption agreed with a partner.

    Attributes:
        connection: Connection that names our secret key.
        certificate: The partner's armored public certificate.
        encrypted_drops: Whether what it drops must be encrypted or may be.
        signed_drops: Whether encrypted drops must carry a good signature of the certificate.
        encrypt_deliveries: Whether what it gets is encrypted to the certificate and signed by us.
    """

    connection: ConnectionName
    certificate: Certificate
    encrypted_drops: Literal["required", "allowed"] = "required"
    signed_drops: Literal["required", "not_checked"] = "required"
    encrypt_deliveries: Flag = True


def place_connections(
    exchange: FolderPlace | SftpPlace | S3Place, openpgp: OpenPgp | None
) -> list[str]:
    """Names of the connections a partner's exchange needs."""
    names = [] if isinstance(exchange, FolderPlace) else [exchange.connection]
    return [*names, *([openpgp.connection] if openpgp else [])]
