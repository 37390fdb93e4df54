"""The room: one record that many look at. It folds once what many ask for, and wakes those who wait for news."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar, cast

from safepassage.control import Record
from safepassage.events import Event
from safepassage.log import LogUnavailable, Receipt
from safepassage.operation import Operation
from safepassage.situation import Situation
from safepassage.web.access import Sight

T = TypeVar("T")
PICTURES_MOST = 64
LOOK_SECONDS = 1.0
"""How often the log is looked at for what other programs wrote into it."""


class Room:
    """A record and its listeners. Every method may be called from any thread, unless it says otherwise.

    `demonstration`: what is shown is no live operation, and whoever comes is let in. `tiles`: a basemap's file.
    """

    def __init__(self, record: Record, *, demonstration: bool = False, tiles: Path | None = None) -> None:
        self.record, self.demonstration, self.tiles = record, demonstration, tiles
        self._lock = threading.RLock()
        self._pictures: OrderedDict[tuple[object, ...], Situation] = OrderedDict()
        self._drawn: OrderedDict[tuple[int, Hashable], tuple[Situation, object]] = OrderedDict()
        self._listeners: set[asyncio.Event] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.closing = False

    @property
    def operation(self) -> Operation:
        return self.record.operation

    @property
    def seq(self) -> int:
        """The number of the newest line that was taken in."""
        return self.record.seq

    def situation(self, sight: Sight, as_of: datetime | None = None, known_at: datetime | None = None) -> Situation:
        """The picture that a sight is shown, folded anew only where something came in or the minute changed."""
        with self._lock:
            live = as_of is None and known_at is None
            instant = self.record.instant if live else as_of
            minute = None if instant is None else instant.replace(second=0, microsecond=0)
            key = (self.record.seq, sight.sensitivities, bool(sight.future), live, minute if live else as_of, known_at)
            picture = self._pictures.get(key)
            if picture is None:
                everything = all(sight.folds(event) for _, event in self.record.came_in)
                shown = None if everything else sight.folds
                picture = self.record.situation(as_of, known_at, shown=shown)
                self._pictures[key] = picture
                while len(self._pictures) > PICTURES_MOST:
                    self._pictures.popitem(last=False)
            else:
                self._pictures.move_to_end(key)
            return picture

    def kept(self, situation: Situation, name: Hashable, make: Callable[[], T]) -> T:
        """What is made from a picture, made once as long as the picture is kept."""
        key = (id(situation), name)
        with self._lock:
            held = self._drawn.get(key)
            if held is None or held[0] is not situation:
                held = self._drawn[key] = (situation, make())
                while len(self._drawn) > PICTURES_MOST:
                    self._drawn.popitem(last=False)
            return cast(T, held[1])

    def came_in(self, sight: Sight, after: int, most: int | None = None) -> list[tuple[int, Event | None]]:
        """The lines beyond `after` in order; None in place of an event that the sight does not read."""
        with self._lock:
            lines = self.record.came_in
            first = len(lines)
            while first and lines[first - 1][0] > after:
                first -= 1
            found = lines[first : None if most is None else first + most]
        return [(seq, event if sight.reads(event) else None) for seq, event in found]

    def append(self, events: Sequence[Event]) -> tuple[Receipt, ...]:
        """Takes events into the log and wakes who waits. Raises LogUnavailable, with nothing recorded."""
        with self._lock:
            receipts = self.record.append(events)
        self._wake()
        return receipts

    def refresh(self) -> None:
        """Takes in what other programs appended. Raises LogUnavailable."""
        with self._lock:
            before = self.record.seq
            self.record.refresh()
            after = self.record.seq
        if after != before:
            self._wake()

    # Those who wait

    async def look(self) -> None:
        """Looks at the log until it is cancelled. A log that cannot be had is asked again; whoever writes is told."""
        self._loop = asyncio.get_running_loop()
        while True:
            try:
                await asyncio.to_thread(self.refresh)
            except LogUnavailable:
                await asyncio.sleep(5 * LOOK_SECONDS)
            await asyncio.sleep(LOOK_SECONDS)

    def _wake(self) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        for listener in self._listeners:
            listener.set()

    def end(self) -> None:
        """Sends everyone who waits home: the room closes."""
        self.closing = True
        self._wake_all()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever something came in, and when the room closes. From the event loop only."""
        news = asyncio.Event()
        self._listeners.add(news)
        try:
            yield news
        finally:
            self._listeners.discard(news)
