"""Second third of a night: who is covered, which claims come in, what each of them is paid.

Compute runs on Parquet and never holds the warehouse; a step opens it only to freeze what it will
read and to post what it decided.
"""

import json
from pathlib import Path
from typing import Any

from transforms.adjudication import adjudicate as decide
from transforms.enrollment import apply_enrollment, post_enrollment
from transforms.exchange.interchanges import input_files
from transforms.intake import judge_claims
from transforms.manifest import Manifest, code_digest, publish_stage, recorded_manifest
from transforms.night.context import NightContext
from transforms.night.freezing import freeze_enrollment, freeze_history, held_files
from transforms.night.keys import balanced_bundles, publish_value, read_value
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
    """Apply the night's 834 records of a bundle of employers; return the key of the new knowledge."""
    context = NightContext.open(night)
    files = [f for f in read_value(context.config.lake, acknowledged) if f["members"]]
    enrolled = [
        {"employer_id": employer_id, "enroll_key": enroll_employer(context, employer_id, files)}
        for employer_id in read_value(context.config.lake, employers)
    ]
    return publish_value(
        context.config.lake, "enrolled", {"acknowledged": acknowledged, "employers": enrolled}
    )


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
    with context.warehouse.transaction() as connection:
        post_enrollment(connection, lake / key, event_number)
    return key


def opening_event(context: NightContext, employer_id: str) -> int:
    """Number of the event that opened the night for an employer."""
    business_key = f"enrollment_opened:{context.night}:{employer_id}"
    with context.warehouse.transaction() as connection:
        number = event_number_of(connection, business_key)
    if number is None:
        raise LookupError(f"{business_key} is not recorded: run the step `employers` first")
    return number


def judge(night: str, enrolled: list[str]) -> str:
    """Match the night's claims to members and return what cannot be decided; return a key."""
    context = NightContext.open(night)
    lake = context.config.lake
    values = [read_value(lake, key) for key in enrolled]
    readings = read_value(lake, values[0]["acknowledged"]) if values else []
    files = [file for file in readings if file["claims"]]
    enroll_keys = {
        entry["employer_id"]: entry["enroll_key"]
        for value in values
        for entry in value["employers"]
    }
    proposed = Manifest(
        stage="judge",
        scope="all",
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
        )

    key = publish_stage(lake, proposed, build)
    judged = {"judge_key": key, "enroll_keys": enroll_keys, "files": files}
    return publish_value(lake, "judged", judged)


def adjudicate(night: str, employers: str, judged: str) -> str:
    """Decide every accepted claim of a bundle of employers; return the key of the decisions."""
    context = NightContext.open(night)
    lake = context.config.lake
    value = read_value(lake, judged)
    decisions = [
        {"employer_id": name, "decisions_key": adjudicate_employer(context, name, value)}
        for name in read_value(lake, employers)
    ]
    return publish_value(
        lake, "adjudicated", {"judge_key": value["judge_key"], "decisions": decisions}
    )


def adjudicate_employer(context: NightContext, employer_id: str, judged: dict[str, Any]) -> str:
    """Decide one employer's claims of the night; return the lake key of its decisions."""
    lake = context.config.lake
    history_key = freeze_history(context, employer_id, opening_event(context, employer_id))
    enroll_key = judged["enroll_keys"][employer_id]
    manifest = recorded_manifest(
        lake,
        Manifest(
            stage="adjudicate",
            scope=employer_id,
            night=context.night,
            inputs=(history_key, enroll_key, judged["judge_key"]),
            configuration=context.configuration.digest,
            code=code_digest(),
        ),
    )

    def build(folder: Path) -> None:
        decide(
            configuration=context.configuration,
            employer_id=employer_id,
            files=input_files(lake, judged["files"]),
            judged=lake / judged["judge_key"],
            enrollment=lake / enroll_key,
            history=lake / history_key,
            folder=folder,
            night=context.night,
            decisions_key=manifest.key,
        )

    return publish_stage(lake, manifest, build)


def post_decisions(night: str, adjudicated: list[str]) -> str:
    """Post claim states and accumulators, employer by employer in order; return their key.

    Lines and adjustments follow in `load`: nothing that pays reads them from the warehouse.
    """
    context = NightContext.open(night)
    lake = context.config.lake
    values = [read_value(lake, key) for key in adjudicated]
    decisions = sorted(
        (entry for value in values for entry in value["decisions"]),
        key=lambda entry: str(entry["employer_id"]),
    )
    for judge_key in sorted({value["judge_key"] for value in values}):
        with context.warehouse.transaction() as connection:
            replace_scope(
                connection,
                "rejected_claim",
                lake / judge_key / "rejected_claim.parquet",
                {"night": context.night},
            )
    for entry in decisions:
        with context.warehouse.transaction() as connection:
            post_employer(context, connection, entry["employer_id"], entry["decisions_key"])
    return publish_value(lake, "posted", decisions)


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
