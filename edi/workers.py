"""Workers: blocks run side by side, stand in line for what must run in file order, and come out in order."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from edi.carry import Carry

Result = TypeVar("Result")


def in_order(job: Callable[[int], Result], count: int, workers: int) -> Iterator[Result]:
    """Results of the jobs 0, 1, 2 ... in that order, `workers` of them at work and one waiting."""
    if workers == 1 or count == 1:
        yield from map(job, range(count))
        return
    pending: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for number in range(count):
            pending.append(pool.submit(job, number))
            if len(pending) > workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


class Line:
    """Blocks stand in line here for the part that must run in file order."""

    def __init__(self, carry: Carry) -> None:
        self.carry = carry
        self.number = 0
        self.failed = False
        self.turn = threading.Condition()

    def advance(self, number: int, step: Callable[[Carry], Carry]) -> None:
        """Wait for the turn of block `number`, then move the carry on."""
        with self.turn:
            self.turn.wait_for(lambda: self.number == number or self.failed)
            if self.failed:
                raise RuntimeError("an earlier block failed")
        carry = step(self.carry)
        with self.turn:
            self.carry = carry
            self.number = number + 1
            self.turn.notify_all()

    def fail(self) -> None:
        """Let the others give up."""
        with self.turn:
            self.failed = True
            self.turn.notify_all()
