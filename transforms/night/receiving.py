"""First third of a night: files in, tables out, acknowledgments queued.

Every step may be run again at any time: what is done is found by its key and left alone.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edi import read_to_parquet
from transforms.config import PipelineConfig
from transforms.exchange.interchanges import (
    known_interchanges,
    record_reading,
    repeated_interchanges,
)
from transforms.exchange.register import receive_partner, take_files
from transforms.manifest import Manifest, code_digest, digest_of, publish_stage
from transforms.night.context import NightContext
from transforms.night.keys import balanced_bundles, publish_value, read_value

MOST_BUNDLES = 32
"""Tasks cost about a second each whatever they do: many files share one."""

BUNDLE_BYTES = 48 << 20
ACKNOWLEDGED_AT_ONCE = 200


def prepare(night: str) -> str:
    """Bring the warehouse to the current schema and check the configuration; return the night."""
    context = NightContext.open(night)
    context.warehouse.migrate()
    return night


def receive(night: str, drops: str = "") -> str:
    """Take in new drops of every partner; return the key of the night's listing.

    Args:
        night: Business date, `YYYY-MM-DD`.
        drops: Folder under which partners' inbound folders lie; empty: as configured.
    """
    context = NightContext.open(night)
    config = context.config.with_drops(drops)
    for partner_id in sorted(context.configuration.partners):
        receive_partner(
            config,
            context.warehouse,
            context.configuration.partners[partner_id],
            at=context.at,
            on=context.night,
        )
    listing = [
        asdict(listed) for listed in take_files(context.warehouse, context.night, at=context.at)
    ]
    for listed in listing:
        listed["received_date"] = listed["received_date"].isoformat()
    known = known_interchanges(context.warehouse, context.night)
    x12 = [f["file_id"] for f in listing if f["content_kind"] == "x12"]
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
    """Read every file of a bundle into tables and findings; return the key of the readings."""
    value = read_value(PipelineConfig.from_environment().lake, bundle)
    context = NightContext.open(value["night"])
    readings = []
    for file in value["files"]:
        repeated = [tuple(entry) for entry in value["repeated"].get(file["file_id"], [])]
        readings.append({**file, "read_key": read_file(context, file["file_id"], repeated)})
    return publish_value(context.config.lake, "readings", readings)


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


def acknowledge(night: str, reads: list[str]) -> str:
    """Record what was read, number its claims and queue TA1s and 999s; return the key of all readings.

    The readings are in the order of the listing, so numbers do not depend on how files were bundled.
    """
    context = NightContext.open(night)
    lake = context.config.lake
    readings = sorted(
        (reading for key in reads for reading in read_value(lake, key)),
        key=lambda r: (r["partner_id"], r["remote_name"], r["file_id"]),
    )
    recorded = []
    for start in range(0, len(readings), ACKNOWLEDGED_AT_ONCE):
        with context.warehouse.transaction() as connection:
            recorded += [
                record_reading(context, connection, reading)
                for reading in readings[start : start + ACKNOWLEDGED_AT_ONCE]
            ]
    return publish_value(lake, "acknowledged", recorded)
