"""Partners' drops in an S3 bucket (boto3, any endpoint): ETags tell versions, puts are conditional.

An object appears whole, so there is nothing to stage. A put under a key that exists fails; then
the object must be ours (it carries the digest of its name and document), or it is refused.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
)
from botocore.exceptions import (
    ConnectionError as BotoConnectionError,
)

from edi.exchange.connections import Connection
from edi.exchange.place import (
    CHUNK_BYTES,
    FileChangedError,
    FileGoneError,
    FileRefusedError,
    PlaceRefusedError,
    PlaceUnreachableError,
    RemoteFile,
)

TIMEOUT_SECONDS = 30
GONE = {"404", "NoSuchKey", "NotFound"}
CHANGED = {"412", "PreconditionFailed", "ConditionalRequestConflict", "409"}
BUSY = {"500", "502", "503", "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout"}
DOCUMENT_MARK = "document"


class S3Exchange:
    """List and fetch the objects below an inbound prefix, put below an outbound one.

    Args:
        connection: Keys, region and endpoint; without keys what the machine is given.
        bucket: Name of the bucket.
        inbound: Key prefix the partner drops below, without slash at its end.
        outbound: Key prefix we deliver below.
    """

    parallel = 16

    def __init__(self, connection: Connection, bucket: str, inbound: str, outbound: str) -> None:
        self._bucket = bucket
        self._inbound = inbound
        self._outbound = outbound
        self._client: Any = boto3.client(
            "s3",
            aws_access_key_id=connection.user or None,
            aws_secret_access_key=connection.secret or None,
            region_name=connection.region or None,
            endpoint_url=connection.endpoint_url or None,
            config=Config(
                connect_timeout=TIMEOUT_SECONDS,
                read_timeout=TIMEOUT_SECONDS,
                max_pool_connections=self.parallel,
                retries={"total_max_attempts": 1},  # the caller tries again, and counts
            ),
        )

    def list_files(self) -> list[RemoteFile]:
        """Objects right below the inbound prefix in name order; deeper ones are none."""
        prefix = f"{self._inbound}/"
        with _told():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix, Delimiter="/"
            )
            found = [entry for page in pages for entry in page.get("Contents", ())]
        return sorted(
            RemoteFile(name, entry["Size"], entry["LastModified"], entry["ETag"].strip('"'))
            for entry in found
            if (name := entry["Key"].removeprefix(prefix))
        )

    def fetch(self, remote: RemoteFile, write: Callable[[bytes], object]) -> None:
        """Give an object's bytes to `write`; the version listed or none."""
        received = 0
        with _told():
            body = self._client.get_object(
                Bucket=self._bucket, Key=self._key(remote), IfMatch=remote.version
            )["Body"]
            with body:
                while chunk := body.read(CHUNK_BYTES):
                    received += len(chunk)
                    write(chunk)
        if received != remote.byte_count:
            raise PlaceUnreachableError("the object did not arrive whole")

    def archive(self, remote: RemoteFile, folder: str, spare_folder: str) -> bool:
        """Copy the version taken below `folder`, then remove that version and no other."""
        key = self._key(remote)
        target = f"{self._inbound}/{folder}/{remote.name}"
        if self._head(target) is not None:
            target = f"{self._inbound}/{spare_folder}/{remote.name}"
        try:
            with _told():
                self._client.copy_object(
                    Bucket=self._bucket,
                    Key=target,
                    CopySource={"Bucket": self._bucket, "Key": key},
                    CopySourceIfMatch=remote.version,
                )
                current = self._head(key)
                if current is None or current["ETag"].strip('"') != remote.version:
                    return False
                self._client.delete_object(Bucket=self._bucket, Key=key, IfMatch=remote.version)
        except (FileChangedError, FileGoneError):
            return False
        return True

    def stage(self, name: str, content: Path) -> None:
        """Nothing to do: an object never shows half of itself."""

    def is_staged(self, name: str) -> bool:
        """Never: what was put is published."""
        return False

    def publish(self, name: str, content: Path) -> None:
        """Put the object unless its key is taken; taken by the same document is as good."""
        key = f"{self._outbound}/{name}"
        with content.open("rb") as body:
            mark = hashlib.file_digest(body, "sha256").hexdigest()
            body.seek(0)
            try:
                with _told():
                    self._client.put_object(
                        Bucket=self._bucket,
                        Key=key,
                        Body=body,
                        IfNoneMatch="*",
                        Metadata={DOCUMENT_MARK: mark},
                    )
            except FileChangedError:
                there = self._head(key)
                if there is None:
                    raise PlaceUnreachableError("another put was under way") from None
                if there["Metadata"].get(DOCUMENT_MARK) != mark:
                    raise FileRefusedError("another file lies under this name") from None

    def close(self) -> None:
        """End the pooled connections."""
        self._client.close()

    def _key(self, remote: RemoteFile) -> str:
        return f"{self._inbound}/{remote.name}"

    def _head(self, key: str) -> dict[str, Any] | None:
        try:
            with _told():
                found: dict[str, Any] = self._client.head_object(Bucket=self._bucket, Key=key)
                return found
        except FileGoneError:
            return None


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the service in the words of every place."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in GONE:
            raise FileGoneError("the object is not there any more") from None
        if code in CHANGED:
            raise FileChangedError("the object changed since it was listed") from None
        if code in BUSY:
            raise PlaceUnreachableError(f"the service is busy: {code}") from None
        raise PlaceRefusedError(f"the service refuses: {code}") from None
    except (BotoConnectionError, HTTPClientError) as error:
        raise PlaceUnreachableError(f"no connection: {type(error).__name__}") from None
    except BotoCoreError as error:
        raise PlaceRefusedError(
            f"the connection's settings do not work: {type(error).__name__}"
        ) from None
