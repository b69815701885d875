"""Watches the partners' places: an event of the asset `drops` when something comes or changes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent


class DropTrigger(BaseEventTrigger):
    """Looks at every partner's place again and again and tells whose changed.

    At the first look everything that lies there is new: a start catches up. A file that is still
    being written changes from look to look, so its end is told too.

    Args:
        seconds: Between two looks.
    """

    def __init__(self, seconds: float = 30.0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Say how the triggerer makes this trigger."""
        return f"{DropTrigger.__module__}.DropTrigger", {"seconds": self.seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield the ids of the partners whose place changed; never ends."""
        from transforms.night.arriving import places_seen

        seen: dict[str, str] = {}
        while True:
            try:
                now = await asyncio.to_thread(places_seen)
            except Exception:
                self.log.exception("the partners' places cannot be looked at; trying again")
                now = seen
            changed = sorted(
                partner for partner, digest in now.items() if seen.get(partner) != digest
            )
            seen = now
            if changed:
                yield TriggerEvent({"partners": changed})  # type: ignore[no-untyped-call]
            await asyncio.sleep(self.seconds)
