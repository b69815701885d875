"""Last third of a night: ask for the money, take it in, pay, send."""

from transforms.exchange.outbox import deliver_documents
from transforms.exchange.statements import read_approvals, read_deposits
from transforms.funding import approve as approve_cycle
from transforms.funding import cut_off as cut_off_cycle
from transforms.funding import record_deposits as post_deposits
from transforms.funding import release as release_cycle
from transforms.night.context import NightContext
from transforms.night.keys import publish_value, read_value


def cut_off(night: str, employers: str, posted: str) -> str:
    """Close the cycle of every employer whose cycle ends this night; return a key."""
    context = NightContext.open(night)
    for employer_id in read_value(context.config.lake, employers):
        cut_off_cycle(
            context.warehouse,
            context.configuration,
            employer_id,
            lake=context.config.lake,
            night=context.night,
            at=context.at,
        )
    return publish_value(context.config.lake, "cut_off", [posted, employers])


def approve(night: str, cut: list[str]) -> str:
    """Take in the plan sponsors' answers that came as files; return a key.

    A request without an answer stays calculated, and nothing else waits for it.
    """
    context = NightContext.open(night)
    for approval in read_approvals(context.config, context.warehouse, context.night):
        approve_cycle(
            context.warehouse,
            context.configuration,
            context.config.documents,
            approval,
            night=context.night,
            at=context.at,
        )
    return publish_value(context.config.lake, "approved", sorted(cut))


def record_deposits(night: str, approved: str) -> str:
    """Take in the bank's deposits and allocate them; return a key."""
    context = NightContext.open(night)
    deposits = read_deposits(context.config, context.warehouse, context.night)
    post_deposits(
        context.warehouse, context.configuration, deposits, night=context.night, at=context.at
    )
    return publish_value(context.config.lake, "funded", [approved])


def release(night: str, employers: str, funded: str) -> str:
    """Release every payment that is funded: 835s, ACH, ledger; return a key."""
    context = NightContext.open(night)
    for employer_id in read_value(context.config.lake, employers):
        release_cycle(
            context.warehouse,
            context.configuration,
            lake=context.config.lake,
            documents=context.config.documents,
            employer_id=employer_id,
            night=context.night,
            at=context.at,
        )
    return publish_value(context.config.lake, "released", [funded, employers])


def deliver(night: str, released: list[str]) -> str:
    """Send every document that waits; return a key."""
    context = NightContext.open(night)
    deliver_documents(context.config, context.configuration, context.warehouse, at=context.at)
    return publish_value(context.config.lake, "delivered", sorted(released))
