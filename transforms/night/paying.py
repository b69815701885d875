"""Last third of a night: ask for the money, take it in, pay, send.

An employer that is behind has no part in any of it: its approvals and deposits wait in their files
until the night is run again for it.
"""

from collections.abc import Mapping

from transforms.exchange.statements import read_approvals, read_deposits
from transforms.funding import approve as approve_cycle
from transforms.funding import cut_off as cut_off_cycle
from transforms.funding import employer_of_account, open_release
from transforms.funding import record_deposits as post_deposits
from transforms.funding import release as release_cycle
from transforms.night.context import NightContext
from transforms.night.deciding import note_silent
from transforms.night.delivering import try_to_send
from transforms.night.keys import read_value
from transforms.night.partial import EMPLOYER, Trial, behind_of, read_values


def cut_off(night: str, posted: str) -> str:
    """Close the cycle of every employer whose cycle ends this night; return a key.

    One after the other, in employer order: requests and numbers then come out the same however
    the night is spread over tasks.

    Raises:
        PartlyDoneError: Some employers have no cycle; the others have.
    """
    context = NightContext.open(night)
    trial = Trial("cut_off", behind_of(read_value(context.config.lake, posted)))
    for employer_id in sorted(context.configuration.employers):
        if trial.waits(EMPLOYER, employer_id):
            continue
        with trial.of(EMPLOYER, employer_id):
            cut_off_cycle(
                context.warehouse,
                context.configuration,
                employer_id,
                lake=context.config.lake,
                night=context.night,
                at=context.at,
            )
    return trial.publish(context.config.lake, "cut_off", {"posted": posted})


def owner_of(context: NightContext, funding_account_id: str) -> str:
    """Employer id of a funding account; empty when nobody has it."""
    employer = employer_of_account(context.configuration, funding_account_id)
    return employer.employer_id if employer else ""


def approve(night: str, cut: str) -> str:
    """Take in the plan sponsors' answers that came as files; return a key.

    A request without an answer stays calculated, and nothing else waits for it.

    Raises:
        PartlyDoneError: The answers of some employers could not be taken in; the others are.
    """
    context = NightContext.open(night)
    trial = Trial("approve", behind_of(read_value(context.config.lake, cut)))
    for approval in read_approvals(context.config, context.warehouse, context.night):
        employer_id = owner_of(context, approval.funding_account_id)
        if trial.waits(EMPLOYER, employer_id):
            continue
        with trial.of(EMPLOYER, employer_id):
            approve_cycle(
                context.warehouse,
                context.configuration,
                context.config.documents,
                approval,
                night=context.night,
                at=context.at,
            )
    return trial.publish(context.config.lake, "approved", {"cut": cut})


def record_deposits(night: str, approved: str) -> str:
    """Take in the bank's deposits, allocate them, set aside what may be paid; return a key.

    Money is set aside and numbers are given here, one account after the other, so neither depends
    on which account's documents are made first.

    Raises:
        PartlyDoneError: Some accounts could not be served; the others are.
    """
    context = NightContext.open(night)
    trial = Trial("record_deposits", behind_of(read_value(context.config.lake, approved)))
    deposits = read_deposits(context.config, context.warehouse, context.night)
    accounts = sorted({deposit.funding_account_id for deposit in deposits})
    for account in accounts:
        employer_id = owner_of(context, account)
        if trial.waits(EMPLOYER, employer_id):
            continue
        with trial.of(EMPLOYER, employer_id):
            post_deposits(
                context.warehouse,
                context.configuration,
                [deposit for deposit in deposits if deposit.funding_account_id == account],
                night=context.night,
                at=context.at,
            )
    for employer_id in sorted(context.configuration.employers):
        if trial.waits(EMPLOYER, employer_id):
            continue
        with trial.of(EMPLOYER, employer_id):
            open_release(
                context.warehouse,
                context.configuration,
                employer_id,
                night=context.night,
                at=context.at,
            )
    return trial.publish(context.config.lake, "funded", {"approved": approved})


def release(night: str, employers: str, funded: str) -> str:
    """Release every payment that is funded: 835s, ACH, ledger; return a key.

    Raises:
        PartlyDoneError: Some employers' payments stay where they are; the others left.
    """
    context = NightContext.open(night)
    lake = context.config.lake
    trial = Trial("release", behind_of(read_value(lake, funded)))
    released = []
    for employer_id in read_value(lake, employers):
        if trial.waits(EMPLOYER, employer_id):
            continue
        with trial.of(EMPLOYER, employer_id):
            release_cycle(
                context.warehouse,
                context.configuration,
                lake=lake,
                documents=context.config.documents,
                employer_id=employer_id,
                night=context.night,
                at=context.at,
            )
            released.append(employer_id)
    return trial.publish(lake, "released", {"employers": released})


def deliver(
    night: str,
    employers: list[str],
    funded: str,
    released: list[str],
    connections: Mapping[str, str] | None = None,
) -> str:
    """Send every document that waits; return a key with everybody who is behind.

    Raises:
        PartlyDoneError: Documents of some partners still wait in the outbox; nobody else's do.
    """
    context = NightContext.open(night)
    lake = context.config.lake
    values = read_values(lake, released)
    trial = Trial("deliver", behind_of(read_value(lake, funded), *values))
    done = {employer_id for value in values for employer_id in value["employers"]}
    note_silent(trial, lake, employers, done, step="release")
    try_to_send(trial, context, connections)
    return trial.publish(lake, "delivered", {"employers": sorted(done)})
