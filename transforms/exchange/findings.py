"""What a person should know about an exchange: told once, kept, never a reason to stop a night.

Rules with examples: docs/domain/receiving.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from transforms.manifest import digest_of
from transforms.warehouse import Connection, registered, utc_timestamp

UNREACHABLE = "UNREACHABLE"
UNFINISHED = "UNFINISHED"
ENDED_EARLY = "ENDED_EARLY"
TOO_LARGE = "TOO_LARGE"
FILE_REFUSED = "FILE_REFUSED"
NO_AGREEMENT = "NO_AGREEMENT"
NO_CONNECTION = "NO_CONNECTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeFinding:
    """One finding.

    Attributes:
        partner_id: At whose place.
        code: What it is, e.g. UNFINISHED, WRONG_KEY.
        message: For people; no names of files, no content, no secrets.
        remote_name: The file's name as registered; empty: the whole place.
        drop_id: The drop it is about; empty: a name that waits, or the whole place.
        since: Tells two findings of one name and code apart.
    """

    partner_id: str
    code: str
    message: str
    remote_name: str = ""
    drop_id: str = ""
    since: str = ""

    @property
    def finding_id(self) -> str:
        """Digest of what it is about: found again it is the same finding."""
        return digest_of((self.partner_id, self.code, self.remote_name, self.drop_id or self.since))


def record_findings(
    connection: Connection, findings: Sequence[ExchangeFinding], *, at: datetime, on: date
) -> None:
    """Add findings that are not known yet."""
    if not findings:
        return
    rows = {
        finding.finding_id: {
            "finding_id": finding.finding_id,
            "partner_id": finding.partner_id,
            "remote_name": finding.remote_name,
            "drop_id": finding.drop_id,
            "finding_code": finding.code,
            "message": finding.message,
            "found_at": utc_timestamp(at),
            "night": on,
        }
        for finding in findings
    }
    with registered(connection, "found", pa.Table.from_pylist(list(rows.values()))):
        connection.execute(
            "insert into exchange_finding (finding_id, partner_id, remote_name, drop_id,"
            " finding_code, message, found_at, night)"
            " select finding_id, partner_id, remote_name, drop_id, finding_code, message,"
            " found_at, night from found where not exists (select 1 from exchange_finding"
            " where exchange_finding.finding_id = found.finding_id) order by finding_id"
        )
