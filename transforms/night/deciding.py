"""Second third of a night: who is covered, which claims come in, what each of them is paid.

Compute runs on Parquet and never holds the warehouse; a step opens it only to freeze what it will
read and to post what it decided.
"""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.adjudication import adjudicate as decide
from transforms.enrollment import apply_enrollment, post_enrollment
from transforms.exchange.claim_answers import answer_claims
from transforms.exchange.interchanges import input_files
from transforms.intake import MATCHED_CLAIM_FILE, employer_claims, judge_claims
from transforms.manifest import (
    Manifest,
    code_digest,
    digest_of,
    publish_stage,
    recorded_manifest,
)
from transforms.night.context import NightContext
from transforms.night.freezing import freeze_enrollment, freeze_history, held_files
from transforms.night.keys import balanced_bundles, publish_value, read_value
from transforms.night.partial import EMPLOYER, Trial, behind_of, read_values
from transforms.night.receiving import taken_claim_files
from transforms.warehouse import (
    Connection,
    event_number_of,
    insert_parquet,
    record_event,
    replace_scope,
)

MOST_BUNDLES = 32


def employers(night: str) -> list[str]:
    """Open the night for every employer; return the keys of bundles of employers.

    The event that later marks new knowledge about members is recorded here, in employer order, so
    that its number does not depend on which employer's task runs first.
    """
    context = NightContext.open(night)
    names = sorted(context.configuration.employers)
    with context.warehouse.transaction() as connection:
        for employer_id in names:
            record_event(
                connection,
                "enrollment_opened",
                f"enrollment_opened:{night}:{employer_id}",
                context.night,
                context.at,
                {"employer_id": employer_id},
            )
    bundles = balanced_bundles([(name, 1) for name in names], MOST_BUNDLES)
    return [publish_value(context.config.lake, "employers", bundle) for bundle in bundles]


def enroll(night: str, employers: str, acknowledged: str) -> str:
    """Apply the night's 834 records of a bundle of employers; return the key of the new knowledge.

    An employer waits while a file that may enroll its people is not read, or while an earlier
    night of it is not finished: its members would be missing and their claims denied.

    Raises:
        PartlyDoneError: Some employers failed; the others are enrolled.
    """
    context = NightContext.open(night)
    lake = context.config.lake
    readings = read_value(lake, acknowledged)
    files = [file for file in readings["files"] if file["members"]]
    unread = unread_enrollment(context, readings["unread"])
    unfinished = unfinished_nights(context)
    trial = Trial("enroll")
    enrolled = []
    for employer_id in read_value(lake, employers):
        if employer_id in unfinished:
            cause = f"its night {unfinished[employer_id]} is not finished: that one first"
            trial.stop(EMPLOYER, employer_id, cause)
        elif employer_id in unread:
            trial.stop(EMPLOYER, employer_id, f"file {unread[employer_id]} is not read")
        else:
            with trial.of(EMPLOYER, employer_id):
                enroll_key = enroll_employer(context, employer_id, files)
                enrolled.append({"employer_id": employer_id, "enroll_key": enroll_key})
    return trial.publish(lake, "enrolled", {"employers": enrolled})


def unread_enrollment(context: NightContext, unread: list[dict[str, Any]]) -> dict[str, str]:
    """Employers whose people an unread file may enroll, each with the id of such a file."""
    partners = context.configuration.partners
    return {
        employer_id: file["file_id"]
        for file in unread
        for employer_id in partners[file["partner_id"]].employer_ids
    }


def unfinished_nights(context: NightContext) -> dict[str, str]:
    """Employers with an earlier night that was opened and not decided, each with the first."""
    with context.warehouse.transaction() as connection:
        rows = connection.execute(
            "select event_kind, cast(business_date as varchar), business_key from event"
            " where event_kind in ('enrollment_opened', 'decisions_posted')"
            " and business_date < ? order by business_date desc, business_key",
            [context.night],
        ).fetchall()
    done = {tuple(key.split(":")[1:]) for kind, _, key in rows if kind == "decisions_posted"}
    opened = [(day, key.split(":")) for kind, day, key in rows if kind == "enrollment_opened"]
    return {key[2]: day for day, key in opened if tuple(key[1:]) not in done}


def enroll_employer(context: NightContext, employer_id: str, files: list[dict[str, Any]]) -> str:
    """Apply the night's 834 records of one employer and post them; return the lake key."""
    lake = context.config.lake
    event_number = opening_event(context, employer_id)
    current_key = freeze_enrollment(context, employer_id, event_number)
    proposed = Manifest(
        stage="enroll",
        scope=employer_id,
        night=context.night,
        inputs=(current_key, *sorted(file["read_key"] for file in files)),
        configuration=context.configuration.digest,
        code=code_digest(),
        as_of_event=event_number,
    )

    def build(folder: Path) -> None:
        apply_enrollment(
            configuration=context.configuration,
            employer_id=employer_id,
            files=input_files(lake, files),
            current=lake / current_key,
            folder=folder,
            event_number=event_number,
            night=context.night,
            held=held_files(lake, current_key),
        )

    key = publish_stage(lake, proposed, build)
    posted = f"enrollment_posted:{context.night}:{employer_id}"
    with context.warehouse.transaction() as connection:
        # Posting takes back what this night wrote before: after a later night that would make
        # current again what the later one closed.
        if event_number_of(connection, posted) is None:
            post_enrollment(connection, lake / key, event_number)
            record_event(
                connection,
                "enrollment_posted",
                posted,
                context.night,
                context.at,
                {"employer_id": employer_id, "enroll_key": key},
            )
    return key


def opening_event(context: NightContext, employer_id: str) -> int:
    """Number of the event that opened the night for an employer."""
    business_key = f"enrollment_opened:{context.night}:{employer_id}"
    with context.warehouse.transaction() as connection:
        number = event_number_of(connection, business_key)
    if number is None:
        raise LookupError(f"{business_key} is not recorded: run the step `employers` first")
    return number


def unfinished_employers(connection: Connection, night: date) -> set[str]:
    """Employers for whom a night was opened and not decided."""
    rows = connection.execute(
        "select event_kind, business_key from event where business_date = ?"
        " and event_kind in ('enrollment_opened', 'decisions_posted')",
        [night],
    ).fetchall()
    named: dict[str, set[str]] = {"enrollment_opened": set(), "decisions_posted": set()}
    for kind, key in rows:
        named[kind].add(key.split(":")[2])
    return named["enrollment_opened"] - named["decisions_posted"]


def judge(night: str, acknowledged: str, employers: list[str], enrolled: list[str]) -> str:
    """Match the night's claims to members and return what cannot be decided; return a key.

    Claims of an employer that is behind wait: they are neither returned nor decided, and counted.
    """
    context = NightContext.open(night)
    lake = context.config.lake
    readings = read_value(lake, acknowledged)
    values = read_values(lake, enrolled)
    trial = Trial("judge", behind_of(readings, *values))
    enroll_keys = {
        entry["employer_id"]: entry["enroll_key"]
        for value in values
        for entry in value["employers"]
    }
    note_silent(trial, lake, employers, set(enroll_keys), step="enroll")
    files = take_claims(context, readings["files"])
    proposed = Manifest(
        stage="judge",
        scope=scope_without(trial.employers),
        night=context.night,
        inputs=(*sorted(enroll_keys.values()), *sorted(file["read_key"] for file in files)),
        configuration=context.configuration.digest,
        code=code_digest(),
    )

    def build(folder: Path) -> None:
        judge_claims(
            configuration=context.configuration,
            files=input_files(lake, files),
            enrollment=[lake / enroll_keys[employer_id] for employer_id in sorted(enroll_keys)],
            folder=folder,
            night=context.night,
            waiting=trial.employers,
        )

    key = publish_stage(lake, proposed, build)
    judged = {"judge_key": key, "enroll_keys": enroll_keys, "files": files}
    return trial.publish(lake, "judged", judged)


def note_silent(
    trial: Trial, lake: Path, employers: list[str], done: set[str], *, step: str
) -> None:
    """Name as behind every employer of whom nothing came back: its task was killed."""
    for employer_id in sorted(name for key in employers for name in read_value(lake, key)):
        if employer_id not in done and not trial.waits(EMPLOYER, employer_id):
            trial.stop(EMPLOYER, employer_id, "its task ended without a word", step=step)


def scope_without(waiting: frozenset[str]) -> str:
    """Scope of a judgement: `all`, or all without some, which is made anew when they are back."""
    return f"without:{digest_of(sorted(waiting))}" if waiting else "all"


def take_claims(context: NightContext, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Files with claims, as the night took them when it judged first; they stay the same for ever."""
    claims = [file for file in files if file["claims"]]
    with context.warehouse.transaction() as connection:
        taken = taken_claim_files(connection, context.night)
        if taken is None:
            taken = frozenset(file["file_id"] for file in claims)
            record_event(
                connection,
                "claims_taken",
                f"claims_taken:{context.night}",
                context.night,
                context.at,
                {"file_ids": sorted(taken)},
            )
    return [file for file in claims if file["file_id"] in taken]


def acknowledge_claims(night: str, judged: str) -> str:
    """Queue a 277CA for every file with claims, as its partner wants it; return `judged`.

    A file with claims that wait is answered when they are judged: its answer tells of all its claims.
    """
    context = NightContext.open(night)
    value = read_value(context.config.lake, judged)
    answer_claims(context, value["files"], context.config.lake / value["judge_key"])
    return judged


def adjudicate(night: str, employers: str, judged: str) -> str:
    """Decide every accepted claim of a bundle of employers; return the key of the decisions.

    Raises:
        PartlyDoneError: Some employers failed; the others are decided.
    """
    context = NightContext.open(night)
    lake = context.config.lake
    value = read_value(lake, judged)
    trial = Trial("adjudicate", behind_of(value))
    decisions = []
    for name in read_value(lake, employers):
        if not trial.waits(EMPLOYER, name):
            with trial.of(EMPLOYER, name):
                decisions_key = adjudicate_employer(context, name, value)
                decisions.append({"employer_id": name, "decisions_key": decisions_key})
    return trial.publish(lake, "adjudicated", {"decisions": decisions})


def adjudicate_employer(context: NightContext, employer_id: str, judged: dict[str, Any]) -> str:
    """Decide one employer's claims of the night; return the lake key of its decisions.

    The decisions are named by the employer's own claims: who else was judged beside them is all
    the same.
    """
    lake = context.config.lake
    enroll_key = judged["enroll_keys"][employer_id]
    claims = employer_claims(lake / judged["judge_key"], employer_id)
    digest = hashlib.sha256(claims.joinpath(MATCHED_CLAIM_FILE).read_bytes()).hexdigest()
    named = set(pq.read_table(claims / MATCHED_CLAIM_FILE, columns=["file_id"])[0].to_pylist())
    files = [file for file in judged["files"] if file["file_id"] in named]
    history_key = freeze_history(
        context,
        employer_id,
        opening_event(context, employer_id),
        claims=claims,
        claims_digest=digest,
        files=files,
    )
    manifest = recorded_manifest(
        lake,
        Manifest(
            stage="adjudicate",
            scope=employer_id,
            night=context.night,
            inputs=(
                history_key,
                enroll_key,
                digest,
                *sorted(file["read_key"] for file in files),
            ),
            configuration=context.configuration.digest,
            code=code_digest(),
        ),
    )

    def build(folder: Path) -> None:
        decide(
            configuration=context.configuration,
            employer_id=employer_id,
            files=input_files(lake, files),
            judged=claims,
            enrollment=lake / enroll_key,
            history=lake / history_key,
            folder=folder,
            night=context.night,
            decisions_key=manifest.key,
        )

    return publish_stage(lake, manifest, build)


def post_decisions(night: str, employers: list[str], judged: str, adjudicated: list[str]) -> str:
    """Post claim states and accumulators, employer by employer in order; return their key.

    Lines and adjustments follow in `load`: nothing that pays reads them from the warehouse.

    Raises:
        PartlyDoneError: Some employers failed; the others are posted.
    """
    context = NightContext.open(night)
    lake = context.config.lake
    value = read_value(lake, judged)
    values = read_values(lake, adjudicated)
    trial = Trial("post_decisions", behind_of(value, *values))
    decisions = {
        str(entry["employer_id"]): str(entry["decisions_key"])
        for done in values
        for entry in done["decisions"]
    }
    note_silent(trial, lake, employers, set(decisions), step="adjudicate")
    with context.warehouse.transaction() as connection:
        replace_scope(
            connection,
            "rejected_claim",
            lake / value["judge_key"] / "rejected_claim.parquet",
            {"night": context.night},
        )
    for employer_id in sorted(decisions):
        with trial.of(EMPLOYER, employer_id), context.warehouse.transaction() as connection:
            post_employer(context, connection, employer_id, decisions[employer_id])
    with context.warehouse.transaction() as connection:
        post_waiting(context, connection, value["judge_key"], trial.employers)
    return trial.publish(lake, "posted", {"decisions": decisions})


def post_waiting(
    context: NightContext, connection: Connection, judge_key: str, employers: frozenset[str]
) -> None:
    """Note the claims that wait for an employer that is behind; none when nobody is."""
    folder = context.config.lake / judge_key
    paths = [
        employer_claims(folder, employer_id) / MATCHED_CLAIM_FILE
        for employer_id in sorted(employers)
    ]
    columns = ["file_id", "claim_index", "employer_id", "charge_usd"]
    tables = [
        pq.read_table(path, columns=columns)
        for path in (folder / "waiting_claim.parquet", *paths)
        if path.exists()
    ]
    rows = pa.concat_tables(tables)
    nights = pa.repeat(pa.scalar(context.night), len(rows))
    replace_scope(
        connection, "waiting_claim", rows.append_column("night", nights), {"night": context.night}
    )


def post_employer(
    context: NightContext, connection: Connection, employer_id: str, decisions_key: str
) -> None:
    """Post one employer's decisions of the night; posted before: nothing happens."""
    business_key = f"decisions_posted:{context.night}:{employer_id}"
    if event_number_of(connection, business_key) is not None:
        return
    folder = context.config.lake / decisions_key
    for table in ("claim_decision", "accumulator_transaction"):
        insert_parquet(connection, table, folder / f"{table}.parquet")
    record_event(
        connection,
        "decisions_posted",
        business_key,
        context.night,
        context.at,
        {"employer_id": employer_id, "decisions_key": decisions_key},
    )


def posted_decisions(context: NightContext) -> list[tuple[str, str]]:
    """Employer and decisions key of everything posted this night, in employer order."""
    with context.warehouse.transaction() as connection:
        rows = connection.execute(
            "select payload from event where event_kind = 'decisions_posted'"
            " and business_date = ? order by business_key",
            [context.night],
        ).fetchall()
    payloads = [json.loads(payload) for (payload,) in rows]
    return [(str(p["employer_id"]), str(p["decisions_key"])) for p in payloads]
