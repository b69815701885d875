"""What goes wrong in a week, dealt at random by a seed: the same seed, the same week."""

import random
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.soak.partners import Partners, same_moment

AT_THE_PLACES = (
    "lost_download",
    "lost_upload",
    "refusing",
    "refusing_delivery",
    "wrong_host_key",
    "growing",
    "replaced_while_read",
    "two_names",
    "one_control_number",
    "zip_bomb",
    "clock_back",
)
"""What partners, the way to them, and a clock can do."""

IN_PROCESS = ("killed", "disk_full", "warehouse_down")
SCHEDULED = (*IN_PROCESS, "scheduler_killed")
"""What can happen to the machine that does the work."""

BREAKABLE = (
    ("take_in", 6),
    ("answer", 6),
    ("receive", 4),
    ("acknowledge", 6),
    ("enroll", 4),
    ("judge", 4),
    ("post_decisions", 4),
    ("cut_off", 4),
    ("record_deposits", 4),
    ("release", 8),
    ("deliver", 8),
    ("load", 4),
)
"""Steps that change something others can see, and about how many times they do."""

HOSTILE_NAMES = (
    "spaces and (brackets) 1.x12",
    "ünïcödé-Ωμέγα-文件.x12",
    "no..end..x12",
    "~$'\"`;rm -rf.x12",
    "n" * 250 + ".x12",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: Which.
        night: Business date of the night in or before which it does.
        step: Of the machine's: in which step; else empty.
        number: How often, at which change, or which of several, as the kind needs it.
    """

    kind: str
    night: str
    step: str
    number: int

    def __str__(self) -> str:
        where = f" in {self.step}" if self.step else ""
        return f"{self.night} {self.kind}{where} ({self.number})"


def deal(seed: int, nights: Sequence[str], machine: Sequence[str], a_night: int) -> list[Fault]:
    """What goes wrong in which night; no kind comes again before every other came."""
    chance = random.Random(seed)
    deck: list[str] = []
    faults = []
    for night in nights:
        met: set[str] = set()
        while len(met) < a_night:
            deck = deck or chance.sample(
                [*AT_THE_PLACES, *machine], len(AT_THE_PLACES) + len(machine)
            )
            kind = deck.pop()
            if kind in met:
                continue
            met.add(kind)
            step, most = chance.choice(BREAKABLE) if kind in SCHEDULED else ("", 4)
            faults.append(Fault(kind, night, step, chance.randint(1, most)))
    return faults


class Day:
    """What partners drop before a night, in three looks, with that day's faults.

    The first look meets what is wrong, the second finds it mended, and before the third come
    copies: a file is known by what came first.
    """

    def __init__(self, partners: Partners, night: str, faults: Sequence[Fault]) -> None:
        self._partners, self._night = partners, night
        self._faults = {fault.kind: fault for fault in faults}
        self._chance = random.Random(str(faults))
        self._growing: list[tuple[Path, Path]] = []
        self.is_pinned = True

    def hours(self) -> tuple[int, int, int]:
        """Hours of the day at which the system looks; a clock that is set back makes the second the earliest."""
        return (15, 13, 16) if "clock_back" in self._faults else (15, 16, 17)

    def before_the_first_look(self) -> None:
        """Leave the night's files, some in a bad state, and break what breaks."""
        on_server = [p for p in self._partners.originals(self._night) if self._is_on_server(p)]
        victim = self._chance.choice(on_server)
        swapped = self._chance.choice(on_server)
        for source in self._partners.originals(self._night):
            target = self._partners.leave(source.parent.name, source.name, source)
            if "growing" in self._faults and source == victim:
                half = target.with_name(f"{target.name}.part")
                target.rename(half)
                half.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
                self._growing.append((half, source))
            elif "replaced_while_read" in self._faults and source == swapped:
                self._replace_when_read(source, target)
        if fault := self._faults.get("lost_download"):
            self._partners.cut_reads = fault.number
        self._partners.server.faults.refuses = "refusing" in self._faults
        self.is_pinned = "wrong_host_key" not in self._faults

    def _is_on_server(self, source: Path) -> bool:
        inbound = self._partners.inbound(source.parent.name)
        return inbound.is_relative_to(self._partners.server.root)

    def _replace_when_read(self, source: Path, target: Path) -> None:
        """Leave an earlier, shorter state of a file, that becomes the real one under the reader."""
        real = target.parent.parent / f"coming-{source.name}"
        target.replace(real)
        same_moment(real, source)
        target.write_bytes(source.read_bytes()[:-40])
        self._partners.swaps[str(target.relative_to(self._partners.server.root))] = real

    def before_the_second_look(self) -> None:
        """Mend everything."""
        self._partners.cut_reads = 0
        self._partners.server.faults.refuses = False
        self.is_pinned = True
        for half, source in self._growing:
            half.unlink()
            self._partners.dropped = [
                one for one in self._partners.dropped if one.name != source.name
                or one.partner_id != source.parent.name
            ]  # fmt: skip
            self._partners.leave(source.parent.name, source.name, source)

    def before_the_third_look(self) -> None:
        """Leave copies of files that were taken, and what only pretends to be a file."""
        on_offer = self._partners.originals(self._night)
        claims = [p for p in on_offer if p.name.startswith("837")]
        if fault := self._faults.get("two_names"):
            source = self._chance.choice(claims)
            name = HOSTILE_NAMES[fault.number % len(HOSTILE_NAMES)]
            self._partners.leave(source.parent.name, name, source, copy_of=source.name)
        if "one_control_number" in self._faults:
            # Enrollment: claims of a refused file take claim numbers all the same.
            source = self._chance.choice([p for p in on_offer if p.name.startswith("834")])
            altered = self._partners.configuration.parent / f"altered-{self._night}.x12"
            altered.write_bytes(source.read_bytes() + b"\n")
            name = f"zz-again-{self._night}.x12"
            self._partners.leave(source.parent.name, name, altered, copy_of=source.name)
        if "zip_bomb" in self._faults:
            bomb = self._partners.configuration.parent / f"bomb-{self._night}.zip"
            with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("big.x12", bytes(8 << 20))
            partner = self._chance.choice(claims).parent.name
            self._partners.leave(partner, f"zz-{self._night}.zip", bomb, copy_of="bomb")

    def before_the_night(self) -> None:
        """Break the way out."""
        if fault := self._faults.get("lost_upload"):
            self._partners.cut_writes = fault.number
        self._partners.server.faults.refuses = "refusing_delivery" in self._faults

    def after_the_night(self) -> None:
        """Mend the way out."""
        self._partners.cut_writes = 0
        self._partners.server.faults.refuses = False
