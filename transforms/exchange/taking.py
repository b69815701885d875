"""Takes what a partner dropped: finished files once, unpacked, safe before anybody is told.

A look at a place lists it, fetches what is new in several threads, and lists it again: what changed
meanwhile is still being written and waits. Then one transaction registers a batch as sets, and only
after that originals are moved to the partner's archive. A crash anywhere costs fetching a batch
again and nothing else.

Rules with examples: docs/domain/receiving.md
"""

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from edi.exchange import unpacking
from edi.exchange.connections import ConnectionSettingError
from edi.exchange.openpgp import MessageOpener
from edi.exchange.place import (
    ExchangeClient,
    FileChangedError,
    FileGoneError,
    FileRefusedError,
    RemoteFile,
)
from edi.exchange.raw_store import IncomingFile, TooLargeError, keep_file, sync_folders
from edi.exchange.unpacking import Unpacker, UnpackingError, UnpackingLimits, is_complete
from transforms.config import PipelineConfig
from transforms.exchange import findings as codes
from transforms.exchange import waiting
from transforms.exchange.findings import ExchangeFinding, record_findings
from transforms.exchange.places import (
    PATIENT,
    PLACE_ERRORS,
    NoAgreementError,
    Patience,
    in_threads,
    open_place,
    secret_key,
    with_agreement,
)
from transforms.exchange.register import (
    DropContent,
    TakenDrop,
    drop_id_of,
    mark_archived,
    printable,
    register_drops,
    seen_drops,
    unarchived_drops,
)
from transforms.exchange.waiting import Waiting, record_look
from transforms.plan.models import Partner
from transforms.warehouse import Warehouse

BATCH_FILES = 2000
BATCH_BYTES = 2 << 30
MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one new file: a drop taken, a reason to wait, or a finding; or it was gone."""

    remote: RemoteFile
    taken: TakenDrop | None = None
    waiting: Waiting | None = None
    finding: ExchangeFinding | None = None


def receive_partner(
    config: PipelineConfig,
    warehouse: Warehouse,
    partner: Partner,
    *,
    at: datetime,
    on: date,
    patience: Patience = PATIENT,
) -> int:
    """Take in every new and finished drop of a partner; return how many there were.

    Args:
        config: Where raw files go, and the connections.
        warehouse: Holds the register.
        partner: Whose place is looked at.
        at: Time of receipt, UTC.
        on: Business date of receipt: the received date of every claim in the files.
        patience: With lost connections.

    What keeps the partner from being served becomes a finding of the night as well.

    Raises:
        ExchangeError: The place cannot be reached or refuses us. What was taken before stays taken.
        ConnectionSettingError: The connection or our key is missing or wrong.
        NoAgreementError: No agreement is in force.
    """
    try:
        return _look(config, warehouse, partner, at, on, patience)
    except PLACE_ERRORS as error:
        record_unreachable(warehouse, partner.partner_id, error, at=at, on=on)
        raise


def _look(  # noqa: PLR0917 - the arguments of `receive_partner`
    config: PipelineConfig,
    warehouse: Warehouse,
    partner: Partner,
    at: datetime,
    on: date,
    patience: Patience,
) -> int:
    with_agreement(partner, on)
    openpgp = partner.openpgp
    opener = MessageOpener(secret_key(config, openpgp)) if openpgp else None
    try:
        with open_place(config, partner) as place:
            look = _Look(config.raw, warehouse, partner, place, opener, at, on, patience)
            return look.take()
    finally:
        if opener:
            opener.close()


def record_unreachable(
    warehouse: Warehouse, partner_id: str, error: Exception, *, at: datetime, on: date
) -> None:
    """Keep as a finding of the night that a partner's place could not be served, and why."""
    code = {NoAgreementError: codes.NO_AGREEMENT, ConnectionSettingError: codes.NO_CONNECTION}.get(
        type(error), codes.UNREACHABLE
    )
    finding = ExchangeFinding(
        partner_id=partner_id, code=code, message=str(error), since=on.isoformat()
    )
    with warehouse.transaction() as connection:
        record_findings(connection, [finding], at=at, on=on)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at a partner's place."""

    raw: Path
    warehouse: Warehouse
    partner: Partner
    place: ExchangeClient
    opener: MessageOpener | None
    at: datetime
    on: date
    patience: Patience

    def take(self) -> int:
        """List, fetch, register, archive."""
        listed = self.patience(self.place.list_files)
        with self.warehouse.transaction() as connection:
            seen = seen_drops(connection, self.partner.partner_id)
        fresh, waits = self._sort_out([r for r in listed if self._drop_id(r) not in seen])
        found = [self._told_too_large(remote) for remote in fresh if self._is_too_large(remote)]
        fresh = [remote for remote in fresh if not self._is_too_large(remote)]
        taken = 0
        for batch in _batches(fresh):
            outcomes = self._fetch(batch)
            waits += [outcome.waiting for outcome in outcomes if outcome.waiting]
            found += [o.finding for o in outcomes if o.finding and not o.taken]
            taken += self._register([outcome for outcome in outcomes if outcome.taken])
        with self.warehouse.transaction() as connection:
            found += record_look(connection, self.partner, waits, at=self.at)
            record_findings(connection, found, at=self.at, on=self.on)
        self._archive(listed)
        return taken

    def _drop_id(self, remote: RemoteFile) -> str:
        return drop_id_of(self.partner.partner_id, remote)

    def _sort_out(self, new: Sequence[RemoteFile]) -> tuple[list[RemoteFile], list[Waiting]]:
        """What may be fetched, and what waits by its name alone."""
        exchange = self.partner.exchange
        fresh: list[RemoteFile] = []
        waits: list[Waiting] = []
        for remote in new:
            if remote.name.startswith(".") or remote.name.lower().endswith(
                exchange.unfinished_endings
            ):
                waits.append(Waiting(remote, waiting.TEMPORARY_NAME))
            elif not fnmatch.fnmatchcase(remote.name, exchange.pattern):
                waits.append(Waiting(remote, waiting.OTHER_NAME))
            else:
                fresh.append(remote)
        return fresh, waits

    def _is_too_large(self, remote: RemoteFile) -> bool:
        return remote.byte_count > self.partner.exchange.limits.received_megabytes * MEGABYTE

    def _told_too_large(self, remote: RemoteFile) -> ExchangeFinding:
        most = self.partner.exchange.limits.received_megabytes
        return self._finding(remote, codes.TOO_LARGE, f"larger than {most} MB: it was left there")

    def _finding(self, remote: RemoteFile, code: str, message: str) -> ExchangeFinding:
        return ExchangeFinding(
            partner_id=self.partner.partner_id,
            code=code,
            message=message,
            remote_name=printable(remote.name),
            drop_id=self._drop_id(remote),
        )

    def _fetch(self, batch: Sequence[RemoteFile]) -> list[Outcome]:
        """Fetch and unpack in several threads, in the order given; then look again.

        What is not in the second listing as it was in the first is still being written. A file that
        has gone meanwhile was read whole, and is taken.
        """
        outcomes = in_threads(self.place.parallel, self._take, batch)
        now = {remote.name: remote for remote in self.patience(self.place.list_files)}
        return [
            outcome
            if now.get(outcome.remote.name, outcome.remote) == outcome.remote
            else Outcome(outcome.remote, waiting=Waiting(outcome.remote, waiting.CHANGING))
            for outcome in outcomes
        ]

    def _take(self, remote: RemoteFile) -> Outcome:
        try:
            return self.patience(lambda: self._take_once(remote))
        except FileChangedError:
            return Outcome(remote, waiting=Waiting(remote, waiting.CHANGING))
        except FileGoneError:
            return Outcome(remote)
        except FileRefusedError as error:
            return Outcome(remote, finding=self._finding(remote, codes.FILE_REFUSED, str(error)))
        except TooLargeError:
            return Outcome(remote, finding=self._told_too_large(remote))

    def _take_once(self, remote: RemoteFile) -> Outcome:
        """Fetch one file, unpack it, keep what it holds: as it came and plain."""
        most_bytes = self.partner.exchange.limits.received_megabytes * MEGABYTE
        with (
            IncomingFile(self.raw, most_bytes) as incoming,
            TemporaryDirectory(dir=self.raw, prefix=".unpacking-") as folder,
        ):
            self.place.fetch(remote, incoming.write)
            if incoming.byte_count != remote.byte_count:
                raise FileChangedError("the file is not as long as the listing said")
            plain: list[unpacking.PlainFile] = []
            finding = None
            try:
                plain = self._unpacker(Path(folder)).unpack(incoming.path, remote.name)
                is_whole = plain[0].path is not None or is_complete(incoming.path)
            except UnpackingError as error:
                finding = self._finding(remote, error.code, str(error))
                is_whole = error.code not in unpacking.ENDED_EARLY
            if not is_whole and self._may_still_grow(remote):
                return Outcome(remote, waiting=Waiting(remote, waiting.ENDED_EARLY))
            if not is_whole and finding is None:
                message = "an interchange without its end: taken as it is, after waiting"
                finding = self._finding(remote, codes.ENDED_EARLY, message)
            received_digest = incoming.keep()
            contents = tuple(
                self._kept(content, received_digest, remote.byte_count) for content in plain
            )
        taken = TakenDrop(
            drop_id=self._drop_id(remote),
            remote=remote,
            received_digest=received_digest,
            contents=contents,
            refusal_code="" if contents or finding is None else finding.code,
        )
        return Outcome(remote, taken=taken, finding=finding)

    def _unpacker(self, folder: Path) -> Unpacker:
        limits, openpgp = self.partner.exchange.limits, self.partner.openpgp
        is_signed = openpgp is not None and openpgp.signed_drops == "required"
        return Unpacker(
            folder,
            UnpackingLimits(
                plain_bytes=limits.plain_megabytes * MEGABYTE,
                total_bytes=limits.total_megabytes * MEGABYTE,
                ratio=limits.ratio,
                files=limits.files,
                depth=limits.depth,
            ),
            opener=self.opener,
            certificates=(openpgp.certificate,) if openpgp and is_signed else (),
            must_be_encrypted=openpgp is not None and openpgp.encrypted_drops == "required",
        )

    def _kept(
        self, plain: unpacking.PlainFile, received_digest: str, byte_count: int
    ) -> DropContent:
        """A plain file of the drop, safe under its digest."""
        file_id = received_digest
        if plain.path is not None:
            file_id, byte_count = keep_file(self.raw, plain.path)
        return DropContent(
            file_id=file_id,
            byte_count=byte_count,
            name=plain.name,
            unpacking=plain.chain,
            signers=plain.signers,
        )

    def _may_still_grow(self, remote: RemoteFile) -> bool:
        """Whether a file without its end changed so lately that more of it may come."""
        hours = self.partner.exchange.unfinished_hours
        return hours > 0 and self.at - remote.modified_at < timedelta(hours=hours)

    def _register(self, outcomes: Sequence[Outcome]) -> int:
        """Register what was taken in one transaction, once its bytes are on the disk.

        With it what was found about it: a drop that is registered is not looked at again.
        """
        drops = [outcome.taken for outcome in outcomes if outcome.taken]
        if drops:
            digests = {drop.received_digest for drop in drops}
            digests |= {content.file_id for drop in drops for content in drop.contents}
            sync_folders(self.raw, digests)
            with self.warehouse.transaction() as connection:
                register_drops(connection, self.partner, drops, at=self.at, on=self.on)
                found = [outcome.finding for outcome in outcomes if outcome.finding]
                record_findings(connection, found, at=self.at, on=self.on)
        return len(drops)

    def _archive(self, listed: Sequence[RemoteFile]) -> None:
        """Move what is registered to the partner's archive; what is gone already counts as moved."""
        folder = self.partner.exchange.archive
        if folder is None:
            return
        with self.warehouse.transaction() as connection:
            drop_ids = unarchived_drops(connection, self.partner.partner_id)
        there = {self._drop_id(remote): remote for remote in listed}
        day = f"{folder}/{self.on:%Y-%m-%d}"

        def move(drop_id: str) -> None:
            remote = there.get(drop_id)
            if remote is not None:
                spare = f"{day}-{drop_id[:12]}"
                self.patience(lambda: self.place.archive(remote, day, spare))

        if drop_ids:
            in_threads(self.place.parallel, move, drop_ids)
            with self.warehouse.transaction() as connection:
                mark_archived(connection, drop_ids, at=self.at)


def _batches(files: Sequence[RemoteFile]) -> Iterator[list[RemoteFile]]:
    """Files in their order, as many at once as a crash may cost to fetch again."""
    batch: list[RemoteFile] = []
    byte_count = 0
    for remote in files:
        if batch and (len(batch) == BATCH_FILES or byte_count + remote.byte_count > BATCH_BYTES):
            yield batch
            batch, byte_count = [], 0
        batch.append(remote)
        byte_count += remote.byte_count
    if batch:
        yield batch
