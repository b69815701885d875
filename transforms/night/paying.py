"""Last third of a night: ask for the money, take it in, pay, send."""

from transforms.exchange.outbox import deliver_documents
from transforms.exchange.statements import read_approvals, read_deposits
from transforms.funding import approve as approve_cycle
from transforms.funding import cut_off as cut_off_cycle
from transforms.funding import open_releases
from transforms.funding import record_deposits as post_deposits
from transforms.funding import release as release_cycle
from transforms.night.context import NightContext
from transforms.night.keys import publish_value, read_value


def cut_off(night: str, posted: str) -> str:
    """Close the cycle of every employer whose cycle ends this night; return a key.

    One after the other, in employer order: requests and numbers then come out the same however
    the night is spread over tasks. One that fails keeps none of the others from its cycle.

    Raises:
        ExceptionGroup: What went wrong for which employers, after all of them were tried.
    """
    context = NightContext.open(night)
    failures = []
    for employer_id in sorted(context.configuration.employers):
        try:
            cut_off_cycle(
                context.warehouse,
                context.configuration,
                employer_id,
                lake=context.config.lake,
                night=context.night,
                at=context.at,
            )
        except Exception as error:  # noqa: BLE001 - told after the others had their turn
            error.add_note(f"employer {employer_id}")
            failures.append(error)
    if failures:
        raise ExceptionGroup("these employers have no cycle", failures)
    return publish_value(context.config.lake, "cut_off", [posted])


def approve(night: str, cut: str) -> str:
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
    return publish_value(context.config.lake, "approved", [cut])


def record_deposits(night: str, approved: str) -> str:
    """Take in the bank's deposits, allocate them, set aside what may be paid; return a key."""
    context = NightContext.open(night)
    deposits = read_deposits(context.config, context.warehouse, context.night)
    post_deposits(
        context.warehouse, context.configuration, deposits, night=context.night, at=context.at
    )
    open_releases(context.warehouse, context.configuration, night=context.night, at=context.at)
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
