"""What happens when a file arrives, at any hour: it is taken in, read and answered.

The night takes the file later and finds it read and answered. The clock of these steps is the moment
the run became due, so a run that is repeated writes the same times and bytes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from transforms.config import PipelineConfig
from transforms.exchange.interchanges import (
    answer_readings,
    known_interchanges,
    repeated_interchanges,
)
from transforms.exchange.places import PLACE_ERRORS, open_place
from transforms.exchange.register import drop_id_of
from transforms.exchange.taking import receive_partner
from transforms.night.context import NightContext
from transforms.night.delivering import try_to_send
from transforms.night.keys import publish_value
from transforms.night.partial import (
    FILE,
    PARTNER,
    PartlyDoneError,
    Trial,
    behind_of,
    read_values,
)
from transforms.plan.loader import load_configuration

UNREAD = (
    "select r.file_id, r.partner_id, d.remote_name, r.byte_count, r.content_kind,"
    " cast(r.received_date as varchar) as received_date from file_register as r"
    " inner join file_drop as d on d.drop_id = r.first_drop_id"
    " where r.night is null and r.status = 'RECEIVED' and r.content_kind = 'x12'"
    " order by r.partner_id, d.remote_name, r.file_id"
)
FILE_COLUMNS = (
    "file_id",
    "partner_id",
    "remote_name",
    "byte_count",
    "content_kind",
    "received_date",
)


def partner_ids() -> list[str]:
    """Partners of the configuration in force."""
    config = PipelineConfig.from_environment()
    return sorted(load_configuration(config.configuration).partners)


def place_seen(partner_id: str, connections: Mapping[str, str] | None = None) -> str:
    """Digest of what lies at a partner's place now; it changes when a drop comes or grows.

    Empty when nothing lies there, or it cannot be looked at: receiving it will say why.
    """
    config = PipelineConfig.from_environment().with_connections(connections)
    partner = load_configuration(config.configuration).partners.get(partner_id)
    if partner is None:
        return ""
    try:
        with open_place(config, partner) as place:
            lines = sorted(drop_id_of(partner_id, remote) for remote in place.list_files())
    except (OSError, *PLACE_ERRORS):
        return ""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""


def take_in(at: str, connections: Mapping[str, str] | None = None) -> str:
    """Take in new drops of every partner; return the key of all files that no night has and nobody read.

    Args:
        at: Moment the run became due, ISO 8601 with zone.
        connections: URLs of connections by name, beside those of the environment.

    Raises:
        PartlyDoneError: Some partners' places could not be served; the others are.
    """
    context = NightContext.at_moment(datetime.fromisoformat(at))
    context.warehouse.migrate()
    trial = Trial("take_in")
    for partner_id in sorted(context.configuration.partners):
        with trial.of(PARTNER, partner_id):
            receive_partner(
                context.config.with_connections(connections),
                context.warehouse,
                context.configuration.partners[partner_id],
                at=context.at,
                on=context.night,
            )
    with context.warehouse.transaction() as connection:
        files = [
            dict(zip(FILE_COLUMNS, row, strict=True))
            for row in connection.execute(UNREAD).fetchall()
        ]
    names = [str(file["file_id"]) for file in files]
    known = known_interchanges(context.warehouse, None, but=names)
    paths = {file_id: context.config.raw_path(file_id) for file_id in names}
    return trial.publish(
        context.config.lake,
        "arrived",
        {
            "night": context.night.isoformat(),
            "files": files,
            "repeated": repeated_interchanges(paths, known),
        },
    )


def answer(
    at: str,
    arrived: str,
    bundles: list[str],
    reads: list[str],
    connections: Mapping[str, str] | None = None,
) -> str:
    """Queue TA1s and 999s of what was read, send what waits, publish the copy for readers.

    Raises:
        PartlyDoneError: A file was not read or not answered, or a partner did not take its documents.
    """
    context = NightContext.at_moment(datetime.fromisoformat(at))
    lake = context.config.lake
    values = read_values(lake, reads)
    trial = Trial("answer", behind_of(*values, *read_values(lake, [arrived])))
    readings = {reading["file_id"]: reading for value in values for reading in value["files"]}
    files = [file["file_id"] for value in read_values(lake, bundles) for file in value["files"]]
    for file_id in files:
        if file_id not in readings and not trial.waits(FILE, file_id):
            trial.stop(FILE, file_id, "its task ended without a word", step="read_files")

    def answer_all(together: Sequence[Mapping[str, Any]]) -> None:
        with context.warehouse.transaction() as connection:
            answer_readings(context, connection, together)

    read = [readings[file_id] for file_id in files if file_id in readings]
    trial.of_several(FILE, read, "file_id", answer_all)
    try_to_send(trial, context, connections)
    if readings or not context.warehouse.is_published:
        context.warehouse.publish_copy()
    key = publish_value(lake, "answered", sorted(readings))
    if trial.behind:
        raise PartlyDoneError(key, trial.behind)
    return key
