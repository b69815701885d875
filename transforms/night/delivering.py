"""Sends the documents that wait in the outbox, for the steps that made some."""

from collections.abc import Mapping

from transforms.exchange.outbox import Delivered, DeliveryError, deliver_documents
from transforms.night.context import NightContext
from transforms.night.partial import DELIVERY, Trial


def send_waiting(context: NightContext, connections: Mapping[str, str] | None) -> Delivered:
    """Send every document that waits; `held_up` of the result names the partners that took none."""
    return deliver_documents(
        context.config.with_connections(connections),
        context.configuration,
        context.warehouse,
        at=context.at,
        on=context.night,
    )


def try_to_send(trial: Trial, context: NightContext, connections: Mapping[str, str] | None) -> None:
    """Send every document that waits; a partner that takes none is behind, nobody else is."""
    with trial.of(DELIVERY, "outbox"):
        sent = send_waiting(context, connections)
        for partner_id, message in sorted(sent.held_up.items()):
            with trial.of(DELIVERY, partner_id):
                raise DeliveryError(message)
