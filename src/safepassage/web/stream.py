"""The live stream: what comes into the log, as server-sent events whose id is its number there, or as a long poll.

A client that was away sends the last number it has (`Last-Event-ID`, or `after`), and is given what it missed.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from safepassage.events import Event
from safepassage.web.access import Sight
from safepassage.web.room import Room

BEAT_SECONDS = 15.0
"""How often a quiet stream says that it is there, and is asked whether another program ended its session."""
WAIT_SECONDS_MOST = 55.0
AT_ONCE = 500
"""Lines sent before the next are looked up."""
KEPT_MOST = 64
RETRY = b"retry: 2000\n\n"


class Stream:
    """What came in, written once for all who listen."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._sent: OrderedDict[tuple[int, int, Sight], tuple[int, bytes]] = OrderedDict()

    async def frames(
        self, sight: Sight, after: int, may_listen: Callable[[], Awaitable[bool]], endings: Callable[[], int]
    ) -> AsyncIterator[bytes]:
        """The stream beyond `after`, until the viewer goes, may no longer listen, or the room closes.

        `endings` moves whenever somebody's session ended: then it is asked before anything more is sent.
        """
        log, ended = not self.room.unavailable, -1
        yield RETRY + b"id: %d\n" % after + _told("ready", {"seq": self.room.seq, "now": self._now, "log": log})
        loop = asyncio.get_running_loop()
        beat_at = loop.time() + BEAT_SECONDS
        with self.room.listening() as news:
            beat = loop.call_at(beat_at, news.set)
            try:
                while not self.room.closing:
                    if ended != (ended := endings()) and not await may_listen():
                        return
                    if log == bool(self.room.unavailable):
                        log = not log
                        yield _told("log", {"log": log})
                    if self.room.seq > after:
                        after, frames = self._beyond(after, sight)
                        yield frames
                        continue
                    await news.wait()
                    news.clear()
                    if loop.time() >= beat_at:
                        if not await may_listen():
                            return
                        beat_at = loop.time() + BEAT_SECONDS
                        beat = loop.call_at(beat_at, news.set)
                        yield _told("here", {"now": self._now})
            finally:
                beat.cancel()

    async def poll(self, sight: Sight, after: int, seconds: float) -> dict[str, Any]:
        """What came in beyond `after`, as soon as something did or the time is over. `more`: ask again at once."""
        with self.room.listening() as news, suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, WAIT_SECONDS_MOST)):
                while self.room.seq <= after and not self.room.closing:
                    await news.wait()
                    news.clear()
        lines = self.room.came_in(sight, after, AT_ONCE)
        seq = lines[-1][0] if lines else after
        events = [line_value(*line) for line in lines]
        log = not self.room.unavailable
        return {"seq": seq, "now": self._now, "log": log, "events": events, "more": seq < self.room.seq}

    @property
    def _now(self) -> str:
        """The room's clock, by which a client knows when the minute changes and how old what it shows is."""
        return self.room.record.now.isoformat(timespec="seconds")

    def _beyond(self, after: int, sight: Sight) -> tuple[int, bytes]:
        """The frames beyond a number and the number of the last, made once for all who wait for the same."""
        key = (after, self.room.seq, sight)
        made = self._sent.get(key)
        if made is None:
            lines = self.room.came_in(sight, after, AT_ONCE)
            made = self._sent[key] = (lines[-1][0], b"".join(_frame(seq, event) for seq, event in lines))
            while len(self._sent) > KEPT_MOST:
                self._sent.popitem(last=False)
        return made


def line_value(seq: int, event: Event | None) -> dict[str, Any]:
    """A line as JSON; of one that may not be read, its number alone."""
    if event is None:
        return {"seq": seq}
    return {
        "seq": seq,
        "id": event.id,
        "kind": event.what.kind,
        "happened": event.happened.earliest.isoformat(timespec="minutes"),
        "who": "" if event.source is None else event.source.origin,
    }


def _told(kind: str, value: dict[str, Any]) -> bytes:
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"event: {kind}\ndata: {data}\n\n".encode()


def _frame(seq: int, event: Event | None) -> bytes:
    return b"id: %d\n" % seq + _told("event", line_value(seq, event))
