"""The outbox: documents wait in the warehouse with the state they announce, and leave from here.

The drain may run any number of times and may die anywhere: a document is put under its own name
first and marked delivered after, so the worst a crash does is put the same bytes under the same
name again.
"""

from datetime import datetime

from transforms.config import PipelineConfig
from transforms.exchange.register import folder_exchange
from transforms.plan.models import Configuration
from transforms.warehouse import Warehouse, utc_timestamp

BATCH = 500


def deliver_documents(
    config: PipelineConfig, configuration: Configuration, warehouse: Warehouse, *, at: datetime
) -> int:
    """Deliver every document that waits, in the order of its id; return how many left now."""
    delivered = 0
    while True:
        with warehouse.transaction() as connection:
            waiting = connection.execute(
                "select document_id, partner_id, file_name, content_digest from outbox"
                " where delivered_at is null order by document_id limit ?",
                [BATCH],
            ).fetchall()
        if not waiting:
            return delivered
        for _, partner_id, file_name, content_digest in waiting:
            exchange = folder_exchange(config, configuration.partners[partner_id])
            exchange.put(file_name, config.document_path(content_digest))
        with warehouse.transaction() as connection:
            for document_id, _, file_name, _ in waiting:
                connection.execute(
                    "update outbox set delivered_name = ?, delivered_at = ? where document_id = ?",
                    [file_name, utc_timestamp(at), document_id],
                )
        delivered += len(waiting)
