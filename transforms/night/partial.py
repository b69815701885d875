"""A step that is done but for some employers or files: what it hands on, and what it says.

One employer or one file must not stop the others. A step therefore works through all it was given,
keeps what failed, hands on the rest and only then fails: the task is red and may be cleared, and
the steps behind it go on for everybody else. What failed is carried along to the gate.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from transforms.night.keys import publish_value, read_value

EMPLOYER = "employer"
FILE = "file"
PARTNER = "partner"
DELIVERY = "delivery"
AT_ONCE = 500
"""Files that are worked on in one transaction."""

Item = Mapping[str, Any]
PACKAGES = ("edi.", "validations.", "transforms.")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Behind:
    """Somebody for whom the night stopped at a step.

    Attributes:
        kind: `employer`, `file`, `partner` or `delivery`.
        name: Employer id, or the file's id.
        step: Step to clear when the cause is mended.
        cause: Kind of error, with its message when that is ours. Names no person.
    """

    kind: str
    name: str
    step: str
    cause: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} stopped at {self.step}: {self.cause}"


class PartlyDoneError(RuntimeError):
    """Some employers or files failed; the others are done. `result` is the key to hand on."""

    def __init__(self, result: str, failures: Iterable[Behind]) -> None:
        self.result = result
        self.failures = tuple(failures)
        super().__init__(
            "; ".join(map(str, self.failures))
            + "\n  do   Mend the cause, then clear this task with everything after it."
            " The others went on."
        )


class Trial:
    """Runs the parts of a step one by one and keeps what failed.

    Args:
        step: Name of the step.
        behind: Who was behind before the step; they are not tried.
    """

    def __init__(self, step: str, behind: Iterable[Behind] = ()) -> None:
        self._step = step
        self._before = set(behind)
        self._failures: set[Behind] = set()

    def waits(self, kind: str, name: str) -> bool:
        """Whether the night stopped for this employer or file."""
        stopped = self._before | self._failures
        return any((one.kind, one.name) == (kind, name) for one in stopped)

    @property
    def behind(self) -> list[Behind]:
        """Everybody for whom the night has stopped, in order."""
        return sorted(self._before | self._failures)

    @property
    def employers(self) -> frozenset[str]:
        """Ids of the employers for whom the night has stopped."""
        return frozenset(one.name for one in self.behind if one.kind == EMPLOYER)

    @contextmanager
    def of(self, kind: str, name: str) -> Iterator[None]:
        """Do the work for one employer or file; an error of it ends here."""
        try:
            yield
        except Exception as error:
            logger.exception("%s %s fails in %s", kind, name, self._step)
            self._failures.add(Behind(kind, name, self._step, cause_of(error)))

    def of_several(
        self, kind: str, items: Sequence[Item], name: str, work: Callable[[Sequence[Item]], object]
    ) -> None:
        """Do work that is quicker for many at once; where it fails, do it for each by itself.

        Args:
            kind: What the items are.
            items: Mappings that hold their names under `name`.
            name: The key of an item's name.
            work: Called with some items, as one transaction that leaves nothing when it fails.
        """
        for start in range(0, len(items), AT_ONCE):
            batch = items[start : start + AT_ONCE]
            attempt = Trial(self._step)
            with attempt.of(kind, "several at once"):
                work(batch)
            for item in batch if attempt.behind else ():
                with self.of(kind, item[name]):
                    work([item])

    def stop(self, kind: str, name: str, cause: str, *, step: str = "") -> None:
        """Note that an employer or file waits for something else; no failure of this step."""
        self._before.add(Behind(kind, name, step or self._step, cause))

    def publish(self, lake: Path, kind: str, value: dict[str, Any]) -> str:
        """Store what is handed on, with who is behind; return its key.

        Raises:
            PartlyDoneError: This step failed for somebody; it holds the key.
        """
        key = publish_value(lake, kind, {**value, "behind": [asdict(one) for one in self.behind]})
        if self._failures:
            raise PartlyDoneError(key, sorted(self._failures))
        return key


def cause_of(error: BaseException) -> str:
    """Kind of an error, with its message when it is one of ours: others may quote data."""
    kind = type(error).__name__
    is_ours = type(error).__module__.startswith(PACKAGES)
    return f"{kind}: {str(error).splitlines()[0]}" if is_ours and str(error) else kind


def behind_of(*values: dict[str, Any]) -> set[Behind]:
    """Everybody whom values of earlier steps name as behind."""
    return {Behind(**one) for value in values for one in value["behind"]}


def read_values(lake: Path, keys: Iterable[str]) -> list[dict[str, Any]]:
    """Values that mapped tasks left; one whose task ended without a word left none."""
    return [read_value(lake, key) for key in keys]


@contextmanager
def handing_on(hand_on: Callable[[str, str], object]) -> Iterator[None]:
    """Give the scheduler the result of a step that is partly done, before the step fails."""
    try:
        yield
    except PartlyDoneError as partly:
        hand_on("return_value", partly.result)
        raise
