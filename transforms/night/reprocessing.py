"""What doing something again would change, said before it is done.

Three things can be done again safely: an employer that is behind is finished in its night, a file
nobody could read is read, and a file that was refused as a whole is taken anew when today's guides
accept it. Decisions that a cycle may hold are never made again here: for those it says what today's
configuration would decide, and a person decides what follows.

Rules with examples: docs/domain/reprocessing.md
"""

import hashlib
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from edi import read_to_parquet
from transforms.adjudication import adjudicate as decide
from transforms.config import PipelineConfig
from transforms.exchange.interchanges import input_files, row_count
from transforms.intake import MATCHED_CLAIM_FILE, employer_claims
from transforms.manifest import recorded_key, renew_manifest
from transforms.night.context import NightContext
from transforms.night.deciding import unfinished_employers
from transforms.night.freezing import freeze_history
from transforms.night.keys import publish_value, read_value
from transforms.warehouse import Connection, record_event

FINISH = "FINISH"
READ = "READ"
TAKE_ANEW = "TAKE_ANEW"
NOTHING = "NOTHING"

FILES = (
    "select file_id, partner_id, status, cast(night as varchar),"
    " cast(received_date as varchar) from file_register"
    " where content_kind = 'x12' and (night = ? or (night is null and received_date <= ?))"
    " and (? = '' or starts_with(file_id, ?)) and (? = '' or partner_id = ?)"
    " order by partner_id, file_id"
)

DECIDED = (
    "select decision_id, decision, paid_usd from claim_decision"
    " where night = ? and employer_id = ? order by decision_id"
)


def plan_reprocessing(night: str, file: str = "", employer: str = "", partner: str = "") -> str:
    """Find out what doing something of a night again would change; change nothing, return a key.

    Args:
        night: Business date, `YYYY-MM-DD`.
        file: File id or its first digits; empty: no file, or all of the partner.
        employer: Employer id; empty: every employer that is behind.
        partner: Partner whose files are meant; empty: any.
    """
    context = NightContext.open(night)
    entries = [*_files(context, file, partner)] if file or partner else []
    if not file and not partner:
        entries += _employers(context, employer)
    text = "\n".join(f"- {entry['name']}: {entry['says']}" for entry in entries)
    return publish_value(
        context.config.lake,
        "reprocessing",
        {
            "night": night,
            "entries": entries,
            "text": text or "- nothing in this night is meant by these parameters",
            "changes": sum(entry["action"] != NOTHING for entry in entries),
        },
    )


def apply_reprocessing(planned: str) -> str:
    """Do what was planned and said; return the night that is to be run now, empty for none."""
    lake = PipelineConfig.from_environment().lake
    plan = read_value(lake, planned)
    context = NightContext.open(plan["night"])
    for entry in plan["entries"]:
        if entry["action"] == TAKE_ANEW:
            take_anew(context, entry["file_id"], date.fromisoformat(entry["read_on"]))
    acted = {entry["action"] for entry in plan["entries"]}
    return str(plan["night"]) if acted & {FINISH, READ} else ""


def told(planned: str) -> str:
    """What a plan says, for the screen."""
    plan = read_value(PipelineConfig.from_environment().lake, planned)
    return f"Night {plan['night']}:\n\n{plan['text']}\n\n{plan['changes']} of these would be done."


def _files(context: NightContext, file: str, partner: str) -> list[dict[str, Any]]:
    with context.warehouse.transaction() as connection:
        rows = connection.execute(
            FILES, [context.night, context.night, file, file, partner, partner]
        ).fetchall()
        known = [(row, _verdicts(connection, row[0])) for row in rows]
    return [_file(context, row, was) for row, was in known]


def _verdicts(connection: Connection, file_id: str) -> tuple[int, int]:
    """Sets of a file that were accepted, and refused."""
    rows = connection.execute(
        "select acceptance_code = 'R', count(*) from transaction_set where file_id = ? group by 1",
        [file_id],
    ).fetchall()
    counts = {bool(refused): int(count) for refused, count in rows}
    return counts.get(False, 0), counts.get(True, 0)


def _file(context: NightContext, row: tuple[Any, ...], was: tuple[int, int]) -> dict[str, Any]:
    """What reading a file again would give, beside what it gave."""
    file_id, partner_id, status, night, received = row
    entry = {"name": f"file {file_id[:12]} of {partner_id}", "file_id": file_id, "action": NOTHING}
    with tempfile.TemporaryDirectory() as folder:
        try:
            read_to_parquet(
                context.config.raw_path(file_id), Path(folder), threads=context.config.threads
            )
        except Exception as error:  # noqa: BLE001 - told, not raised: nothing is changed here
            return {**entry, "says": f"still cannot be read: {type(error).__name__}"}
        sets = pq.read_table(Path(folder, "transaction_sets.parquet"), columns=["acceptance_code"])
        codes = sets["acceptance_code"].to_pylist()
        claims, members = (row_count(Path(folder, f"{n}.parquet")) for n in ("claims", "members"))
    refused = codes.count("R")
    accepted = len(codes) - refused
    today = f"{accepted} sets accepted and {refused} refused, {claims} claims, {members} members"
    if status == "RECEIVED":
        where = f"in its night {night}" if night else "on arrival"
        return {**entry, "action": READ, "says": f"is read {where}: {today}"}
    if status == "REJECTED" and accepted:
        return {
            **entry,
            "action": TAKE_ANEW,
            "read_on": night or received,
            "says": f"was refused as a whole; today {today}: it is answered again and decided in the"
            " next night",
        }
    if (accepted, refused) == was:
        return {**entry, "says": f"would be read the same: {today}"}
    return {
        **entry,
        "says": f"was read with {was[0]} sets accepted and {was[1]} refused, today {today}; what was"
        " used is not taken twice: ask the sender for what was refused",
    }


def take_anew(context: NightContext, file_id: str, read_on: date) -> None:
    """Give a file that was refused as a whole to the next night, to be read and answered anew."""
    with context.warehouse.transaction() as connection:
        row = connection.execute(
            "select status, cast(received_date as varchar) from file_register where file_id = ?",
            [file_id],
        ).fetchone()
        if row is None or row[0] != "REJECTED":
            return  # done before
        for day in {read_on, date.fromisoformat(row[1])}:
            renew_manifest(context.config.lake, day, "read", file_id)
        connection.execute(
            "update file_register set status = 'RECEIVED', night = null where file_id = ?",
            [file_id],
        )
        connection.execute("delete from transaction_set where file_id = ?", [file_id])
        connection.execute("delete from interchange where file_id = ?", [file_id])
        count = connection.execute(
            "select count(*) from event where event_kind = 'file_taken_anew'"
            " and starts_with(business_key, ?)",
            [f"file_taken_anew:{file_id}:"],
        ).fetchone()
        number = 1 + int(count[0] if count else 0)
        record_event(
            connection,
            "file_taken_anew",
            f"file_taken_anew:{file_id}:{number}",
            context.night,
            context.at,
            {"file_id": file_id},
        )


def _employers(context: NightContext, employer: str) -> list[dict[str, Any]]:
    with context.warehouse.transaction() as connection:
        behind = unfinished_employers(connection, context.night)
        waiting = dict(
            connection.execute(
                "select employer_id, count(*) from waiting_claim where night = ? group by 1",
                [context.night],
            ).fetchall()
        )
    entries = []
    for name in sorted(behind):
        if employer in {"", name}:
            says = f"is behind; {waiting.get(name, 0)} claims wait: the night is finished for it"
            entries.append({"name": f"employer {name}", "action": FINISH, "says": says})
    if employer and employer not in behind:
        entries.append(
            {"name": f"employer {employer}", "action": NOTHING, "says": _shadow(context, employer)}
        )
    return entries


def _shadow(context: NightContext, employer_id: str) -> str:
    """Decide an employer's claims of a night once more, aside, and say what would be different."""
    lake = context.config.lake
    try:
        judged = lake / recorded_key(lake, context.night, "judge", "all")
        enrollment = lake / recorded_key(lake, context.night, "enroll", employer_id)
    except FileNotFoundError:
        return "has nothing in this night"
    with context.warehouse.transaction() as connection:
        before = {
            row[0]: row[1:]
            for row in connection.execute(DECIDED, [context.night, employer_id]).fetchall()
        }
        files = connection.execute(
            "select file_id, partner_id, remote_name, cast(received_date as varchar) from"
            " (select r.file_id, r.partner_id, d.remote_name, r.received_date, r.status"
            " from file_register as r inner join file_drop as d on d.drop_id = r.first_drop_id"
            " where r.night = ? and r.content_kind = 'x12') as taken where status = 'READ'"
            " order by partner_id, remote_name, file_id",
            [context.night],
        ).fetchall()
        number = connection.execute(
            "select event_number from event where business_key = ?",
            [f"enrollment_opened:{context.night}:{employer_id}"],
        ).fetchone()
    readings = [
        {
            "file_id": file_id,
            "partner_id": partner_id,
            "remote_name": remote_name,
            "received_date": received,
            "first_icn": 0,
            "read_key": recorded_key(lake, context.night, "read", file_id),
        }
        for file_id, partner_id, remote_name, received in files
    ]
    readings = [r for r in readings if row_count(lake / r["read_key"] / "claims.parquet")]
    claims = employer_claims(judged, employer_id)
    history = freeze_history(
        context,
        employer_id,
        int(number[0] if number else 0),
        claims=claims,
        claims_digest=hashlib.sha256((claims / MATCHED_CLAIM_FILE).read_bytes()).hexdigest(),
        files=readings,
    )
    with tempfile.TemporaryDirectory() as folder:
        decide(
            configuration=context.configuration,
            employer_id=employer_id,
            files=input_files(lake, readings),
            judged=claims,
            enrollment=enrollment,
            history=lake / history,
            folder=Path(folder),
            night=context.night,
            decisions_key="shadow",
        )
        table = pq.read_table(
            Path(folder, "claim_decision.parquet"), columns=["decision_id", "decision", "paid_usd"]
        )
        after = {
            row["decision_id"]: (row["decision"], row["paid_usd"]) for row in table.to_pylist()
        }
    other = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    if not other:
        return f"would be decided the same: {len(after)} decisions"
    was = sum(before[key][1] for key in other if key in before)
    now = sum(after[key][1] for key in other if key in after)
    return (
        f"with today's configuration {len(other)} of {len(after)} decisions would be different, paid"
        f" {now:,.2f} USD instead of {was:,.2f}; decided claims are corrected by replacements, not here"
    )
