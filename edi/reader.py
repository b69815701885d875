"""Reads an X12 file into tables and findings: in blocks, by several threads, in bounded memory.

Bad data never raises: it becomes findings and verdicts. Only a broken machine does, or a mistake of ours.
"""

import os
import queue
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from edi import findings, unmapped, verdicts
from edi.blocks import Block, BlockResult
from edi.carry import Carry
from edi.column_plan import column_plans, tables
from edi.compile import compiled_guide, envelope_only
from edi.envelope import EnvelopeJudge
from edi.envelope_segments import CleanSets
from edi.guides.registry import Guide, versions_read
from edi.kernels.walk import OFFSET, SEGMENT
from edi.layout import Kind, Piece, divide_file
from edi.outcome import Conservation, Outcome
from edi.parquet import TableWriter
from edi.segments import LONGEST_ID, SLACK, SPARE, UNNAMED, BlockPlace, Room
from edi.sums import Sums, cents_of
from edi.workers import Line, in_order

BLOCK = 4 << 20
SMALLEST_BLOCK = 1 << 10
PARTS_AT_ONCE = 16  # of skipped bytes held before they are written
FRESH = Piece(0, 0, Kind.SEGMENTS)  # stands for the end of the file


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """A file read into memory.

    Attributes:
        tables: Arrow tables by name: interchanges, functional_groups, transaction_sets, findings, and
            the record tables of every guide (those that the file has nothing for are empty).
        outcome: Counts and conservation.
    """

    tables: dict[str, pa.Table]
    outcome: Outcome

    def __repr__(self) -> str:
        """What was read, table by table: counts only, no value of the file."""
        found = self.outcome
        rows = [
            f"  {name}: {table.num_rows:,} rows, {table.num_columns} columns"
            for name, table in self.tables.items()
            if table.num_rows
        ]
        head = (
            f"Reading of {found.bytes:,} bytes, {found.content_kind or 'no guide we read'}:"
            f" {found.sets_accepted:,} of {found.sets:,} sets accepted, {found.findings:,} findings"
        )
        return "\n".join([head, *rows])

    @property
    def findings(self) -> pa.Table:
        """Every finding, in file order; those on envelopes last."""
        return self.tables["findings"]


def read(
    path: Path | str,
    *,
    threads: int = 1,
    near_misses: Collection[str] | None = None,
    wanted: Collection[str] | None = None,
) -> Reading:
    """Read a small file into memory: for notebooks and tests; `read_to_parquet` is for bulk."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = read_to_parquet(
            Path(path), Path(folder), threads=threads, near_misses=near_misses, wanted=wanted
        )
        found = {path.stem: pq.read_table(path) for path in Path(folder).glob("*.parquet")}
    named = tables() if wanted is None else {*wanted, *records()}
    empty = {name: tables()[name].schema.empty_table() for name in named if name not in found}
    return Reading(dict(sorted((empty | found).items())), outcome)


def read_to_parquet(
    path: Path,
    folder: Path,
    *,
    threads: int = 2,
    duplicate_control_numbers: Collection[tuple[str, str, str]] = (),
    near_misses: Collection[str] | None = None,
    wanted: Collection[str] | None = None,
    block_bytes: int = BLOCK,
    progress: Callable[[int], None] | None = None,
) -> Outcome:
    """Read a file into `<table>.parquet` files and outcome.json.

    Args:
        path: The file: X12 interchanges, plain bytes.
        folder: An existing folder for the output. The same bytes give the same files, whatever the
            threads and the block size.
        threads: Worker threads; each table has one more that writes it.
        duplicate_control_numbers: (ISA05, ISA06, ISA13), blanks stripped, of interchanges received
            before; such interchanges are rejected with TA105 025.
        near_misses: Versions that are no guide's but are read as one with a note (`also` in
            edi/guides/registry.yaml); None for all of them. Groups of any other version are refused.
        wanted: Record tables to write beside the records themselves (claims, members ...), for which alone
            a file is read faster; None for all. It is then not judged what columns hold
            (`unmapped_segments` counts every segment of a body).
        block_bytes: Bytes of file a worker holds at a time.
        progress: Called now and then with the bytes read so far.

    Raises:
        OSError: The file cannot be read or the folder not be written.
        ValueError: A near miss is not in the registry, or no guide fills a wanted table.
    """
    unknown = sorted(set(wanted or ()) - set(tables()))
    if unknown:
        raise ValueError(f"no guide fills a table {', '.join(unknown)}")
    file = os.open(path, os.O_RDONLY)
    try:
        versions = versions_read(near_misses)
        reader = FileReader(
            file, folder, duplicate_control_numbers, threads, versions, wanted=wanted
        )
        reader.progress = progress
        try:
            reader.read(max(block_bytes, SMALLEST_BLOCK))
        finally:
            reader.close()
        return reader.conclude()
    finally:
        os.close(file)


class FileReader:
    """Reads one open file; see `read_to_parquet`."""

    def __init__(
        self,
        file: int,
        folder: Path,
        duplicate_control_numbers: Collection[tuple[str, str, str]],
        threads: int,
        versions: Mapping[str, Guide],
        *,
        wanted: Collection[str] | None = None,
    ) -> None:
        self.file = file
        self.folder = folder
        self.size = os.fstat(file).st_size
        self.threads = threads
        self.pieces = divide_file(file, self.size, threads, versions)
        self.judge = EnvelopeJudge(duplicate_control_numbers, versions)
        self.writers = {"findings": TableWriter(folder / "findings.parquet", findings.SCHEMA)}
        self.wanted = None if wanted is None else frozenset(wanted) | records()
        for name, table in tables().items():
            if self.wanted is None or name in self.wanted:
                path = folder / f"{name}.parquet"
                self.writers[name] = TableWriter(path, table.schema, table.distinct)
        for path in folder.iterdir():  # what an earlier reading left does not belong to this one
            if path.suffix == ".parquet" and path.stem in {unmapped.TABLE, *tables()}:
                path.unlink()
        if self.wanted is None:
            path = folder / f"{unmapped.TABLE}.parquet"
            self.writers[unmapped.TABLE] = TableWriter(path, unmapped.SCHEMA, unmapped.DISTINCT)
        self.records, self.charges, self.found = Sums(), Sums(), Sums()
        self.cents_in_rows = 0
        self.counts = {"envelope": 0, "mapped": 0, "unmapped": 0, "unexpected": 0, "unread": 0}
        self.counts["empty"] = 0
        self.segments = 0
        self.segments_kept = 0
        self.kinds: list[str] = []
        self.tables: set[str] = set()  # that the guides met fill
        self.progress: Callable[[int], None] | None = None

    # -- blocks

    def read(self, block_bytes: int) -> None:
        """Read every piece in file order."""
        carry = Carry()
        for number, piece in enumerate(self.pieces):
            if piece.kind is Kind.SEGMENTS:
                following = (p for p in self.pieces[number + 1 :] if p.kind is Kind.SEGMENTS)
                ends = next(following, FRESH).fresh
                carry = self.read_segments(piece, carry, block_bytes, ends=ends)
            else:
                self.keep_skipped(piece, carry)
                if piece.kind is Kind.GIANT:
                    carry = self.skip_giant(piece, carry)
                elif piece.kind is Kind.JUNK:
                    self.note_junk(piece, carry.segments)
                carry.line_end = None
            carry.position = piece.end
        self.segments = carry.segments
        self.judge.finish(carry.segments, self.size)

    def read_segments(self, piece: Piece, carry: Carry, block_bytes: int, *, ends: bool) -> Carry:
        """Read one piece of segments; returns the carry behind it."""
        compiled = envelope_only()
        if piece.version:
            compiled = compiled_guide(piece.version, self.wanted)
        if compiled.plan is not None and compiled.plan.content_kind not in self.kinds:
            self.kinds.append(compiled.plan.content_kind)
            self.tables |= {table.table for table in compiled.plan.tables}
        if piece.fresh:
            carry.begin_anew(compiled)
        size = min(block_bytes, piece.end - piece.start)
        blocks = -(-(piece.end - piece.start) // size)
        line = Line(carry)
        rooms: queue.LifoQueue[Room] = queue.LifoQueue()
        workers = min(self.threads, blocks)
        for _ in range(workers):
            rooms.put(Room(size + SLACK + SPARE))

        def job(number: int) -> BlockResult:
            room = rooms.get()
            try:
                block = Block(self.file, BlockPlace(piece, number, size), compiled, room)
                line.advance(number, block.advance)
                is_last = ends and number == blocks - 1
                return block.finish(last=is_last, keep_all=self.wanted is None)
            except BaseException:
                line.fail()
                raise
            finally:
                rooms.put(room)

        for result in in_order(job, blocks, workers):
            self.take(result)
            if self.progress is not None:
                self.progress(result.origin)
        return line.carry

    def keep(self, rows: pa.Table) -> None:
        """Write what the other tables do not hold."""
        self.writers[unmapped.TABLE].add(rows)
        spans = pc.subtract(rows["segment_end"], rows["segment_start"])
        self.segments_kept += pc.sum(spans).as_py() or 0

    def keep_skipped(self, piece: Piece, carry: Carry) -> None:
        """Keep the bytes of a piece that is not read as segments; a large one part by part."""
        if self.wanted is not None:
            return
        writer = self.writers[unmapped.TABLE]
        parts = (
            os.pread(self.file, min(unmapped.CHUNK, piece.end - at), at)
            for at in range(piece.start, piece.end, unmapped.CHUNK)
        )
        set_index = carry.sets - 1 if carry.set_start >= 0 else -1
        rows = unmapped.skipped_rows(piece, parts, segments=carry.segments, set_index=set_index)
        for number, row in enumerate(rows, 1):
            self.keep(row)
            if number % PARTS_AT_ONCE == 0:
                writer.cut()

    def skip_giant(self, piece: Piece, carry: Carry) -> Carry:
        """Count a segment that is too long to be read, and report it."""
        inside = carry.set_start >= 0
        index = carry.sets - 1 if inside else -1
        row = {
            **findings.envelope_finding("SET", "1", piece.start, set_index=index),
            "segment_index": carry.segments,
            "segment_position": carry.segments - carry.set_start + 1 if inside else 0,
            "segment_id": chr(UNNAMED) * LONGEST_ID,
            "level": "SEGMENT",
            "code": "8",
            "message": "segment is longer than 65,536 bytes and was skipped",
        }
        self.writers["findings"].add(findings.findings_table([row], self.writers["findings"].rows))
        self.found.add(np.array([index]), None)
        if not inside:
            self.judge.stray_content(carry.segments, piece.start)
        self.counts["unexpected"] += 1
        carry.segments += 1
        carry.previous_end = piece.end
        return carry

    def note_junk(self, piece: Piece, segments: int) -> None:
        """Report bytes outside every interchange."""
        count = piece.end - piece.start
        self.judge.findings.append(
            findings.envelope_finding(
                "TA1",
                "024",
                piece.start,
                segment_index=segments if segments else -1,
                message=f"{count} bytes lie outside every interchange and were not read",
            )
        )

    def take(self, result: BlockResult) -> None:
        """Take the results of a block, in file order."""
        self.take_envelope(result)
        for fate, count in result.counts.items():
            self.counts[fate] += count
        if len(result.findings):
            self.take_findings(result)
        for name, table in result.tables.items():
            self.writers[name].add(numbered(table, tables()[name].index, self.writers[name].rows))
        if result.unmapped is not None:
            self.keep(result.unmapped)
        plan = result.compiled.plan
        if plan is None or plan.outer.table not in result.tables:
            return
        records = result.tables[plan.outer.table]
        sets = records["set_index"].to_numpy()
        self.records.add(sets, None)
        if plan.outer.total in records.column_names:
            cents = cents_of(records[plan.outer.total])
            self.charges.add(sets, cents)
            self.cents_in_rows += int(cents.sum())

    def take_findings(self, result: BlockResult) -> None:
        """Write a block's findings."""
        writer = self.writers["findings"]
        table = findings.body_findings(
            result.compiled,
            result.findings,
            set_index=result.finding_set,
            position=result.finding_position,
            sent_id=result.finding_segment_id,
            segments_before=result.segments_before,
            origin=result.origin,
            first_index=writer.rows,
        )
        writer.add(table)
        self.found.add(result.finding_set, None)

    def take_envelope(self, result: BlockResult) -> None:
        """Judge the block's envelope and the findings outside every set in the order of the file.

        The first of them names what is wrong with an interchange, wherever blocks are cut.
        """
        stray = result.findings[result.finding_set < 0].astype(np.int64)
        indexes = stray[:, SEGMENT] + result.segments_before
        offsets = stray[:, OFFSET] + result.origin
        at = 0
        for segment in result.envelope:
            if isinstance(segment, CleanSets):
                behind = int(segment.segment_start[0])
            else:
                behind = segment.segment_index
            if at < len(indexes) and indexes[at] < behind:
                self.judge.stray_content(int(indexes[at]), int(offsets[at]))
                at = int(np.searchsorted(indexes, behind))
            self.judge.take(segment)
        if at < len(indexes):
            self.judge.stray_content(int(indexes[at]), int(offsets[at]))

    # -- the end

    def close(self) -> None:
        """Close the record tables; their last row groups are written side by side.

        Tables that only guides not met fill get no file, records aside: creating dozens of empty files
        takes longer than reading a small one.
        """
        filled = {unmapped.TABLE, *records(), *self.tables}
        writers = [
            writer
            for name, writer in self.writers.items()
            if name != "findings" and (writer.rows or name in filled)
        ]
        for writer in writers:
            writer.flush()
        for writer in writers:
            writer.close()

    def conclude(self) -> Outcome:
        """Write the envelope tables, the findings on them and outcome.json."""
        judge, count = self.judge, self.judge.sets.count
        totals = verdicts.SetTotals(
            self.found.by_set(count), self.records.by_set(count), self.charges.by_set(count)
        )
        writer = self.writers["findings"]
        writer.add(findings.findings_table(judge.findings, writer.rows))
        writer.close()
        sets = verdicts.transaction_set_table(judge, totals)
        for name, table in (
            ("interchanges", verdicts.interchange_table(judge)),
            ("functional_groups", verdicts.functional_group_table(judge, sets)),
            ("transaction_sets", sets),
        ):
            envelope_writer = TableWriter(self.folder / f"{name}.parquet", table.schema)
            envelope_writer.add(table)
            envelope_writer.close()
        count_of_records = sum(self.writers[table].rows for table in records())
        outcome = Outcome(
            bytes=self.size,
            segments=self.segments,
            interchanges=len(judge.interchanges),
            sets=count,
            sets_accepted=int(pc.sum(pc.equal(sets["acceptance_code"], "A")).as_py() or 0),
            records=count_of_records,
            findings=writer.rows,
            unmapped_segments=self.counts["unmapped"],
            content_kind="+".join(self.kinds),
            conservation=self.conservation(totals),
        )
        kept = outcome.conservation
        if not kept.holds(self.segments, count_of_records) or (
            self.wanted is None and self.segments_kept != self.segments - kept.segments_mapped
        ):
            raise AssertionError(f"reading lost something: {outcome}")
        outcome.write(self.folder)
        return outcome

    def conservation(self, totals: verdicts.SetTotals) -> Conservation:
        """Where everything came out."""
        sizes = dict.fromkeys(Kind, 0)
        for piece in self.pieces:
            sizes[piece.kind] += piece.end - piece.start
        return Conservation(
            bytes_in=self.size,
            bytes_consumed=sum(sizes.values()),
            bytes_blank=sizes[Kind.BLANK],
            bytes_junk=sizes[Kind.JUNK],
            bytes_skipped=sizes[Kind.GIANT],
            segments_envelope=self.counts["envelope"],
            segments_mapped=self.counts["mapped"],
            segments_unmapped=self.counts["unmapped"],
            segments_unexpected=self.counts["unexpected"],
            segments_unread=self.counts["unread"],
            empty_segments=self.counts["empty"],
            records_in_sets=int(totals.records.sum()),
            charge_cents_in_sets=int(totals.charge_cents.sum()),
            charge_cents_in_rows=self.cents_in_rows,
        )


def records() -> frozenset[str]:
    """The record table of every guide."""
    return frozenset(plan.record for plan in column_plans().values())


def numbered(table: pa.Table, index: str, first: int) -> pa.Table:
    """The table with its own row numbers, which run through the file."""
    if not index:
        return table
    numbers = pa.array(np.arange(first, first + len(table)))
    return table.append_column(index, numbers)
