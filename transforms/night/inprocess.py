"""A night in one process, step after step: for tests, benchmarks and a quick look.

The same steps in the same order as the scheduled run, without its retries, pools and workers.
"""

from collections.abc import Callable
from typing import TypeVar

from transforms.night import steps
from transforms.night.partial import PartlyDoneError

Result = TypeVar("Result")
Observe = Callable[[str, Callable[[], object]], object]
"""Runs one named step; the default just runs it. A benchmark times it, a test interrupts it."""


def run_step(name: str, step: Callable[[], object]) -> object:
    """Run a step without looking at it."""
    return step()


def run_night(night: str, drops: str = "", *, observe: Observe = run_step) -> str:
    """Run every step of a night; return the key of its report.

    A step that is done but for some employers or files hands on the rest, as in the scheduled run;
    the gate at the end then fails.

    Args:
        night: Business date, `YYYY-MM-DD`.
        drops: Folder of the partners' drops; empty: as configured.
        observe: Called with the name of each step and the step itself.
    """

    def step(name: str, call: Callable[[], Result]) -> Result:
        result: list[Result] = []

        def partly() -> None:
            try:
                result.append(call())
            except PartlyDoneError as error:  # the gate tells
                result.append(error.result)  # type: ignore[arg-type]

        observe(name, partly)
        return result[0]

    def mapped(name: str, call: Callable[[str], Result], over: list[str]) -> list[Result]:
        return [step(name, lambda key=key: call(key)) for key in over]  # type: ignore[misc]

    step("prepare", lambda: steps.prepare(night))
    listing = step("receive", lambda: steps.receive(night, drops))
    bundles = step("read_bundles", lambda: steps.read_bundles(listing))
    reads = mapped("read_files", steps.read_files, bundles)
    acknowledged = step("acknowledge", lambda: steps.acknowledge(night, bundles, reads))
    employers = step("employers", lambda: steps.employers(night))
    enrolled = mapped("enroll", lambda key: steps.enroll(night, key, acknowledged), employers)
    judged = step("judge", lambda: steps.judge(night, acknowledged, employers, enrolled))
    decided = mapped("adjudicate", lambda key: steps.adjudicate(night, key, judged), employers)
    posted = step("post_decisions", lambda: steps.post_decisions(night, employers, judged, decided))
    cut = step("cut_off", lambda: steps.cut_off(night, posted))
    kept = step("check_contracts", lambda: steps.check_contracts(night, cut))
    approved = step("approve", lambda: steps.approve(night, kept))
    funded = step("record_deposits", lambda: steps.record_deposits(night, approved))
    released = mapped("release", lambda key: steps.release(night, key, funded), employers)
    delivered = step("deliver", lambda: steps.deliver(night, employers, funded, released))
    loaded = step("load", lambda: steps.load(night, delivered))
    reported = step("report", lambda: steps.report(night, loaded))
    return step("check_night", lambda: steps.check_night(night, reported))
