"""Documents to send wait in the outbox, written in the transaction of the state they announce.

Content lies under its SHA-256 in the documents folder before its row exists: a row without content
cannot be, content without a row is harmless.
"""

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from transforms.warehouse.errors import DocumentConflictError
from transforms.warehouse.protocols import Connection
from transforms.warehouse.rows import read_integer, registered


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxDocument:
    """One document on its way.

    Attributes:
        document_id: From business keys: its kind and what it answers, announces or pays.
        document_kind: TA1, 999, 277CA, 835, ACH, FUNDING_NOTICE.
        partner_id: Who receives it.
        file_name: Name at the receiver. Names no person.
        content_digest: SHA-256 of the content, its name in the documents folder.
        byte_count: Length of the content.
        about: Key of what it announces: file id, payment id, cycle id.
        night: Business date.
    """

    document_id: str
    document_kind: str
    partner_id: str
    file_name: str
    content_digest: str
    byte_count: int
    about: str
    night: date


def store_document(documents_folder: Path, content: bytes) -> str:
    """Keep content under its SHA-256 and return that; content already there is left alone."""
    digest = hashlib.sha256(content).hexdigest()
    path = documents_folder / digest[:2] / digest
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{digest}-{os.getpid()}-{threading.get_ident()}")
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    return digest


def queue_document(
    connection: Connection,
    documents_folder: Path,
    *,
    document_id: str,
    document_kind: str,
    partner_id: str,
    file_name: str,
    content: bytes,
    about: str,
    night: date,
) -> str:
    """Store one document and queue it; return the digest of its content.

    For many documents store them before the transaction and use `queue_documents`.

    Raises:
        DocumentConflictError: The id was queued before with another content or receiver.
    """
    digest = store_document(documents_folder, content)
    queue_documents(
        connection,
        [
            OutboxDocument(
                document_id=document_id,
                document_kind=document_kind,
                partner_id=partner_id,
                file_name=file_name,
                content_digest=digest,
                byte_count=len(content),
                about=about,
                night=night,
            )
        ],
    )
    return digest


def queue_documents(connection: Connection, documents: Sequence[OutboxDocument]) -> int:
    """Queue stored documents; return how many were new. Queued before: nothing happens.

    Raises:
        DocumentConflictError: An id was queued before with another content or receiver.
    """
    if not documents:
        return 0
    rows = pa.Table.from_pylist([asdict(document) for document in documents])
    with registered(connection, "queued_documents", rows):
        changed = connection.execute(
            "select queued.document_id from queued_documents as queued"
            " join outbox on outbox.document_id = queued.document_id"
            " where outbox.content_digest <> queued.content_digest"
            " or outbox.partner_id <> queued.partner_id"
            " order by queued.document_id limit 1"
        ).fetchone()
        if changed is not None:
            raise DocumentConflictError(
                f"document {changed[0]!r} is in the outbox with another content or receiver"
            )
        return read_integer(
            connection,
            "insert into outbox (document_id, document_kind, partner_id, file_name,"
            " content_digest, byte_count, about, night)"
            " select document_id, document_kind, partner_id, file_name, content_digest,"
            " byte_count, about, night from queued_documents as queued"
            " where not exists (select 1 from outbox"
            " where outbox.document_id = queued.document_id)"
            " order by document_id",
        )
