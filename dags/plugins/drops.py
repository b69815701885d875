"""Watches the partners' places: an event of the asset `drops` when something comes or changes."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent
from asgiref.sync import sync_to_async

GATHER_SECONDS = 1.0
"""Drops of several partners within this time are told together."""

MOST_LOOKS = 32
"""Places looked at in one moment; one that hangs takes one of them."""


class DropTrigger(BaseEventTrigger):
    """Looks at every partner's place again and again and tells whose changed.

    Each partner is looked at by itself: one that does not answer delays nobody else. At the first
    look everything that lies there is new: a start catches up. A file that is still being written
    changes from look to look, so its end is told too.

    Args:
        seconds: Between two looks at a place.
    """

    def __init__(self, seconds: float = 30.0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Say how the triggerer makes this trigger."""
        return f"{DropTrigger.__module__}.DropTrigger", {"seconds": self.seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield the ids of the partners whose place changed; never ends."""
        from dags.connections import connections_of_partners
        from transforms.night.arriving import partner_ids

        changed: asyncio.Queue[str] = asyncio.Queue()
        watches: dict[str, asyncio.Task[None]] = {}
        connections: dict[str, str] = {}
        threads = ThreadPoolExecutor(MOST_LOOKS)
        try:
            while True:
                try:
                    connections.update(await sync_to_async(connections_of_partners)())
                    for partner_id in await asyncio.to_thread(partner_ids):
                        if partner_id not in watches:  # new in the configuration
                            watch = self._watch(partner_id, connections, changed, threads)
                            watches[partner_id] = asyncio.create_task(watch)
                except Exception:
                    self.log.exception("the configuration cannot be read; trying again")
                try:
                    told = {await asyncio.wait_for(changed.get(), self.seconds)}
                except TimeoutError:
                    continue
                await asyncio.sleep(min(GATHER_SECONDS, self.seconds))
                while not changed.empty():
                    told.add(changed.get_nowait())
                yield TriggerEvent({"partners": sorted(told)})  # type: ignore[no-untyped-call]
        finally:
            for task in watches.values():
                task.cancel()
            threads.shutdown(wait=False, cancel_futures=True)

    async def _watch(
        self,
        partner_id: str,
        connections: dict[str, str],
        changed: asyncio.Queue[str],
        threads: ThreadPoolExecutor,
    ) -> None:
        """Look at one partner's place for ever; say when something there is new or different."""
        from transforms.night.arriving import place_seen

        seen = ""
        loop = asyncio.get_running_loop()
        while True:
            try:
                now = await loop.run_in_executor(threads, place_seen, partner_id, connections)
            except Exception:
                self.log.exception("the place of %s cannot be looked at; trying again", partner_id)
                now = seen
            if now and now != seen:
                changed.put_nowait(partner_id)
            seen = now
            await asyncio.sleep(self.seconds)
