"""The outbox: documents wait in the warehouse with the state they announce, and leave from here.

A document is uploaded under a hidden name, noted as UPLOADED, then renamed, then noted as delivered
with an event. The drain may run any number of times and may die anywhere: one that finds a document
UPLOADED whose hidden upload is gone knows that the partner saw it, and does not send it again. An
object store has no hidden names: there a put fails if its key is taken, so the same document under
the same name is sent once for as long as the object lies there.

Each partner is served by itself. What could not be sent waits with the number of attempts and the
last error, and is tried again by the next drain.

Rules with examples: docs/domain/receiving.md
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from edi.exchange.openpgp import OpenPgpError, SecretKey, seal
from edi.exchange.place import ExchangeClient, FileGoneError, FileRefusedError
from transforms.config import PipelineConfig
from transforms.exchange.places import (
    PATIENT,
    PLACE_ERRORS,
    Patience,
    in_threads,
    open_place,
    secret_key,
    with_agreement,
)
from transforms.manifest import digest_of
from transforms.plan.models import Configuration, Partner
from transforms.warehouse import (
    Connection,
    Event,
    Warehouse,
    record_events,
    registered,
    utc_timestamp,
)

BATCH = 500
UPLOADED = "UPLOADED"
FAILED = "FAILED"
DELIVERED = "DELIVERED"
FILE_ERRORS = (FileRefusedError, FileGoneError, OpenPgpError)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueuedDocument:
    """A document that waits. `is_uploaded`: an earlier drain put it under its hidden name."""

    document_id: str
    file_name: str
    content_digest: str
    is_uploaded: bool


class DeliveryError(Exception):
    """Documents of a partner could not be sent; they wait in the outbox."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a drain did.

    Attributes:
        count: Documents that left.
        held_up: Why documents still wait, by partner.
    """

    count: int
    held_up: dict[str, str]


def deliver_documents(
    config: PipelineConfig,
    configuration: Configuration,
    warehouse: Warehouse,
    *,
    at: datetime,
    on: date | None = None,
    patience: Patience = PATIENT,
) -> Delivered:
    """Deliver every document that waits; tell how many left now and for whom some wait.

    Args:
        config: Where contents lie, and the connections.
        configuration: The partners.
        warehouse: Holds the outbox.
        at: Time of delivery, UTC.
        on: Business date of the delivery; None: the date of `at`.
        patience: With lost connections.
    """
    on = on or at.date()
    with warehouse.transaction() as connection:
        waiting = connection.execute(
            "select distinct partner_id from outbox where delivered_at is null order by partner_id"
        ).fetchall()
    delivered, held_up = 0, dict[str, str]()
    for (partner_id,) in waiting:
        try:
            partner = with_agreement(configuration.partners.get(partner_id), on)
            with open_place(config, partner) as place:
                key = secret_key(config, partner.openpgp) if partner.openpgp else None
                drain = _Drain(config, warehouse, partner, place, key, at, on, patience)
                count, failures = drain.deliver()
                delivered += count
                if failures:
                    held_up[partner_id] = f"{len(failures)} documents: {min(failures.values())}"
        except PLACE_ERRORS as error:
            logger.warning("partner %s gets nothing now: %s", partner_id, error)
            held_up[partner_id] = str(error)
            with warehouse.transaction() as connection:
                record_partner_failure(connection, partner_id, str(error), at)
    return Delivered(delivered, held_up)


@dataclass(frozen=True, slots=True)
class _Drain:
    """Everything that waits for one partner, batch after batch."""

    config: PipelineConfig
    warehouse: Warehouse
    partner: Partner
    place: ExchangeClient
    key: SecretKey | None
    at: datetime
    on: date
    patience: Patience

    def deliver(self) -> tuple[int, dict[str, str]]:
        """Deliver in the order of ids; return how many left, and what was said of the others."""
        delivered, last, held_up = 0, "", dict[str, str]()
        while batch := self._next(last):
            last = batch[-1].document_id
            failures: dict[str, str] = {}
            uploaded = self._each(batch, self._upload, failures)
            if fresh := [document for document in uploaded if not document.is_uploaded]:
                with self.warehouse.transaction() as connection:
                    record_uploads(connection, [d.document_id for d in fresh], self.at)
            published = self._each(uploaded, self._publish, failures)
            with self.warehouse.transaction() as connection:
                record_failures(connection, failures, self.at)
                held_up |= failures
                delivered += self._record_delivery(connection, published)
            for document in published:
                self._sealed(document).unlink(missing_ok=True)
        return delivered, held_up

    def _next(self, last: str) -> list[QueuedDocument]:
        with self.warehouse.transaction() as connection:
            rows = connection.execute(
                "select outbox.document_id, outbox.file_name, outbox.content_digest,"
                " coalesce(delivery.delivery_state = 'UPLOADED', false) from outbox"
                " left join delivery on delivery.document_id = outbox.document_id"
                " where outbox.delivered_at is null and outbox.partner_id = ?"
                " and outbox.document_id > ? order by outbox.document_id limit ?",
                [self.partner.partner_id, last, BATCH],
            ).fetchall()
        return [QueuedDocument(*row) for row in rows]

    def _each(
        self,
        documents: Sequence[QueuedDocument],
        act: Callable[[QueuedDocument], None],
        failures: dict[str, str],
    ) -> list[QueuedDocument]:
        """Do something with each document in several threads; return those it worked with."""

        def attempt(document: QueuedDocument) -> QueuedDocument | None:
            try:
                self.patience(lambda: act(document))
            except FILE_ERRORS as error:
                failures[document.document_id] = str(error)
                return None
            return document

        return [d for d in in_threads(self.place.parallel, attempt, documents) if d]

    def _upload(self, document: QueuedDocument) -> None:
        if not document.is_uploaded:
            self.place.stage(self._name(document), self._content(document))

    def _publish(self, document: QueuedDocument) -> None:
        """Make the upload visible; one that is gone was made visible by a drain that died then."""
        name = self._name(document)
        if document.is_uploaded and not self.place.is_staged(name):
            return
        self.place.publish(name, self._content(document))

    def _is_sealed(self) -> bool:
        return self.partner.openpgp is not None and self.partner.openpgp.encrypt_deliveries

    def _name(self, document: QueuedDocument) -> str:
        return f"{document.file_name}.pgp" if self._is_sealed() else document.file_name

    def _sealed(self, document: QueuedDocument) -> Path:
        return self.config.sealed / digest_of((document.document_id,))

    def _content(self, document: QueuedDocument) -> Path:
        """The bytes to send: encrypted ones are made once, so that every attempt sends the same."""
        content = self.config.document_path(document.content_digest)
        openpgp = self.partner.openpgp
        if openpgp is None or not openpgp.encrypt_deliveries:
            return content
        sealed = self._sealed(document)
        if not sealed.exists():
            seal(content, sealed, openpgp.certificate, self.key)
        return sealed

    def _record_delivery(self, connection: Connection, documents: Sequence[QueuedDocument]) -> int:
        """Mark documents as delivered and keep the receipt as an event; return how many were new."""
        names = {d.document_id: self._name(d) for d in documents}
        rows = pa.table({"document_id": list(names), "delivered_name": list(names.values())})
        if not documents:
            return 0
        with registered(connection, "published_document", rows):
            marked = connection.execute(
                "update outbox set delivered_name = published_document.delivered_name,"
                " delivered_at = ? from published_document"
                " where outbox.document_id = published_document.document_id"
                " and outbox.delivered_at is null returning outbox.document_id",
                [utc_timestamp(self.at)],
            ).fetchall()
            connection.execute(
                "update delivery set delivery_state = 'DELIVERED'"
                " where document_id in (select document_id from published_document)"
            )
            connection.execute(
                "delete from delivery where failed_attempt_count = 0"
                " and document_id in (select document_id from published_document)"
            )
        delivered = {row[0] for row in marked}
        record_events(
            connection, [self._receipt(d) for d in documents if d.document_id in delivered]
        )
        return len(delivered)

    def _receipt(self, document: QueuedDocument) -> Event:
        return Event(
            kind="document_delivered",
            business_key=f"document_delivered:{document.document_id}",
            business_date=self.on,
            at=self.at,
            payload={
                "content_digest": document.content_digest,
                "document_id": document.document_id,
                "name": self._name(document),
                "partner_id": self.partner.partner_id,
            },
        )


def record_uploads(connection: Connection, document_ids: Sequence[str], at: datetime) -> None:
    """Note that documents lie at the partner's place under their hidden names."""
    with registered(connection, "uploaded", pa.table({"document_id": list(document_ids)})):
        connection.execute(
            "insert into delivery (document_id, delivery_state, failed_attempt_count, last_error,"
            " last_attempt_at) select document_id, 'UPLOADED', 0, '', cast(? as timestamp)"
            " from uploaded order by document_id"
            " on conflict (document_id) do update set delivery_state = 'UPLOADED',"
            " last_attempt_at = excluded.last_attempt_at",
            [utc_timestamp(at)],
        )


def record_failures(connection: Connection, failures: dict[str, str], at: datetime) -> None:
    """Count a failed attempt of each document and keep what was said."""
    if not failures:
        return
    rows = pa.table({"document_id": list(failures), "last_error": list(failures.values())})
    with registered(connection, "failed", rows):
        connection.execute(
            "insert into delivery (document_id, delivery_state, failed_attempt_count, last_error,"
            " last_attempt_at) select document_id, 'FAILED', 1, last_error, cast(? as timestamp)"
            " from failed order by document_id"
            " on conflict (document_id) do update set"
            " delivery_state = 'FAILED',"
            " failed_attempt_count = delivery.failed_attempt_count + 1,"
            " last_error = excluded.last_error, last_attempt_at = excluded.last_attempt_at",
            [utc_timestamp(at)],
        )


def record_partner_failure(
    connection: Connection, partner_id: str, message: str, at: datetime
) -> None:
    """Count a failed attempt of everything that waits for a partner; uploads stay UPLOADED."""
    connection.execute(
        "insert into delivery (document_id, delivery_state, failed_attempt_count, last_error,"
        " last_attempt_at) select document_id, 'FAILED', 1, ?, cast(? as timestamp) from outbox"
        " where partner_id = ? and delivered_at is null order by document_id"
        " on conflict (document_id) do update set"
        " failed_attempt_count = delivery.failed_attempt_count + 1,"
        " last_error = excluded.last_error, last_attempt_at = excluded.last_attempt_at",
        [message, utc_timestamp(at), partner_id],
    )
