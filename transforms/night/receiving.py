"""First third of a night: files in, tables out, acknowledgments queued.

Every step may be run again at any time: what is done is found by its key and left alone.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from edi import read_to_parquet
from transforms.config import PipelineConfig
from transforms.exchange.interchanges import (
    known_interchanges,
    record_readings,
    repeated_interchanges,
    row_count,
)
from transforms.exchange.places import PLACE_ERRORS
from transforms.exchange.register import take_files
from transforms.exchange.taking import receive_partner
from transforms.manifest import (
    Manifest,
    adopt_manifest,
    code_digest,
    digest_of,
    publish_stage,
)
from transforms.night.context import NightContext
from transforms.night.keys import balanced_bundles, publish_value, read_value
from transforms.night.partial import FILE, Trial, behind_of, read_values
from transforms.warehouse import Connection, record_event

MOST_BUNDLES = 32
"""Tasks cost about a second each whatever they do: many files share one."""

BUNDLE_BYTES = 48 << 20

logger = logging.getLogger(__name__)


def prepare(night: str) -> str:
    """Bring the warehouse to the current schema and check the configuration; return the night."""
    context = NightContext.open(night)
    context.warehouse.migrate()
    return night


def receive(night: str, drops: str = "", connections: Mapping[str, str] | None = None) -> str:
    """Take in new drops of every partner; return the key of the night's listing.

    A partner whose place does not answer has its finding; the others are taken in all the same.

    Args:
        night: Business date, `YYYY-MM-DD`.
        drops: Folder under which partners' inbound folders lie; empty: as configured.
        connections: URLs of connections by name, beside those of the environment.
    """
    context = NightContext.open(night)
    config = context.config.with_drops(drops).with_connections(connections)
    for partner_id, partner in sorted(context.configuration.partners.items()):
        try:
            receive_partner(config, context.warehouse, partner, at=context.at, on=context.night)
        except PLACE_ERRORS as error:
            logger.warning("nothing taken from partner %s: %s", partner_id, error)
    listing = [
        asdict(listed) for listed in take_files(context.warehouse, context.night, at=context.at)
    ]
    for listed in listing:
        listed["received_date"] = listed["received_date"].isoformat()
    x12 = [f["file_id"] for f in listing if f["content_kind"] == "x12"]
    known = known_interchanges(context.warehouse, context.night, but=x12)
    repeated = repeated_interchanges({f: config.raw_path(f) for f in x12}, known)
    return publish_value(
        config.lake, "listing", {"night": night, "files": listing, "repeated": repeated}
    )


def read_bundles(listing: str) -> list[str]:
    """Split the X12 files of a listing into bundles of about equal bytes; return their keys."""
    lake = PipelineConfig.from_environment().lake
    value = read_value(lake, listing)
    files = {f["file_id"]: f for f in value["files"] if f["content_kind"] == "x12"}
    total = sum(f["byte_count"] for f in files.values())
    most = min(MOST_BUNDLES, 1 + total // BUNDLE_BYTES)
    sizes = [(file_id, file["byte_count"] + 1) for file_id, file in files.items()]
    return [
        publish_value(
            lake,
            "bundle",
            {
                "night": value["night"],
                "files": [files[file_id] for file_id in bundle],
                "repeated": {f: value["repeated"][f] for f in bundle if f in value["repeated"]},
            },
        )
        for bundle in balanced_bundles(sizes, most)
    ]


def read_files(bundle: str) -> str:
    """Read every file of a bundle into tables and findings; return the key of the readings.

    Raises:
        PartlyDoneError: Some files could not be read at all; the others are.
    """
    value = read_value(PipelineConfig.from_environment().lake, bundle)
    context = NightContext.open(value["night"])
    trial = Trial("read_files")
    readings = []
    for file in value["files"]:
        repeated = [tuple(entry) for entry in value["repeated"].get(file["file_id"], [])]
        with trial.of(FILE, file["file_id"]):
            arrived = date.fromisoformat(file["received_date"])
            adopt_manifest(context.config.lake, context.night, "read", file["file_id"], arrived)
            read_key = read_file(context, file["file_id"], repeated)
            readings.append({**file, "read_key": read_key})
    return trial.publish(context.config.lake, "readings", {"files": readings})


def read_file(context: NightContext, file_id: str, repeated: Sequence[tuple[Any, ...]]) -> str:
    """Read one raw file into the lake unless that was done; return its lake key."""

    def build(folder: Path) -> None:
        read_to_parquet(
            context.config.raw_path(file_id),
            folder,
            threads=context.config.threads,
            duplicate_control_numbers=repeated,
        )

    proposed = Manifest(
        stage="read",
        scope=file_id,
        night=context.night,
        inputs=(file_id, digest_of("|".join(entry) for entry in repeated)),
        configuration="",
        code=code_digest(),
    )
    return publish_stage(context.config.lake, proposed, build)


def acknowledge(night: str, bundles: list[str], reads: list[str]) -> str:
    """Record what was read, number its claims and queue TA1s and 999s; return the key of all readings.

    The readings are in the order of the listing, so numbers do not depend on how files were bundled.
    A file that was not read is named as behind and stays unanswered. One with claims that is read
    only after the night's claims were taken belongs to the next night.

    Raises:
        PartlyDoneError: Some files could not be recorded; the others are.
    """
    context = NightContext.open(night)
    lake = context.config.lake
    values = read_values(lake, reads)
    trial = Trial("acknowledge", behind_of(*values))
    readings = sorted((r for value in values for r in value["files"]), key=place_in_listing)
    listed = [file for value in read_values(lake, bundles) for file in value["files"]]
    read_ids = {reading["file_id"] for reading in readings}
    for file in sorted(listed, key=place_in_listing):
        if file["file_id"] not in read_ids and not trial.waits(FILE, file["file_id"]):
            trial.stop(FILE, file["file_id"], "its task ended without a word", step="read_files")
    readings = hand_over_late_claims(context, readings)
    recorded: dict[str, dict[str, Any]] = {}

    def record(together: Sequence[Mapping[str, Any]]) -> None:
        with context.warehouse.transaction() as connection:
            found = record_readings(context, connection, together)
        recorded.update(found)

    trial.of_several(FILE, readings, "file_id", record)
    unread = [file for file in listed if trial.waits(FILE, file["file_id"])]
    return trial.publish(
        lake,
        "acknowledged",
        {
            "files": [recorded[r["file_id"]] for r in readings if r["file_id"] in recorded],
            "unread": sorted(unread, key=place_in_listing),
        },
    )


def place_in_listing(file: Mapping[str, Any]) -> tuple[str, str, str]:
    """Order of the files of a night."""
    return file["partner_id"], file["remote_name"], file["file_id"]


def hand_over_late_claims(
    context: NightContext, readings: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Leave files to the next night whose claims came to light after this night took its claims.

    The others are returned. The night's payments may be on their way; what they hold does not
    change any more.
    """
    with context.warehouse.transaction() as connection:
        taken = taken_claim_files(connection, context.night)
        if taken is None:
            return list(readings)
        late = [
            reading["file_id"]
            for reading in readings
            if reading["file_id"] not in taken
            and row_count(context.config.lake / reading["read_key"] / "claims.parquet")
        ]
        for file_id in late:
            connection.execute(
                "update file_register set night = null where file_id = ? and night = ?",
                [file_id, context.night],
            )
            record_event(
                connection,
                "file_handed_over",
                f"file_handed_over:{context.night}:{file_id}",
                context.night,
                context.at,
                {"file_id": file_id},
            )
    return [reading for reading in readings if reading["file_id"] not in late]


def taken_claim_files(connection: Connection, night: date) -> frozenset[str] | None:
    """Files whose claims a night took when it first judged them; None when it has not."""
    row = connection.execute(
        "select payload from event where business_key = ?", [f"claims_taken:{night}"]
    ).fetchone()
    return None if row is None else frozenset(json.loads(row[0])["file_ids"])
