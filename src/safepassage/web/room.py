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


class _Made:
    """What is made once, by the first who asks; others who ask meanwhile wait for it, and nobody else does."""

    __slots__ = ("_lock", "_value")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: object = None

    def value(self, make: Callable[[], T]) -> T:
        with self._lock:
            if self._value is None:
                self._value = make()
            return cast(T, self._value)


class Room:
    """A record and its listeners. Every method may be called from any thread, unless it says otherwise.

    `demonstration`: what is shown is no live operation, and whoever comes is let in. `tiles`: a basemap's file.
    `unavailable`: why the log cannot be had now, as far as the room has seen; empty: it can.
    """

    def __init__(self, record: Record, *, demonstration: bool = False, tiles: Path | None = None) -> None:
        self.record, self.demonstration, self.tiles = record, demonstration, tiles
        self._lock = threading.RLock()
        self._pictures: OrderedDict[Hashable, _Made] = OrderedDict()
        self._drawn: OrderedDict[Hashable, _Made] = OrderedDict()
        self._listeners: set[asyncio.Event] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.unavailable = ""
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
        live = as_of is None and known_at is None
        instant = self.record.instant if live else as_of
        minute = None if instant is None else instant.replace(second=0, microsecond=0)

        def fold() -> Situation:
            everything = all(sight.folds(event) for _, event in self.record.came_in)
            if everything and live:
                with self._lock:  # the record's own fold, which appending changes
                    return self.record.situation()
            return self.record.situation(as_of, known_at, shown=None if everything else sight.folds)

        key = (self.record.seq, sight.sensitivities, sight.future, live, minute if live else as_of, known_at)
        return self._once(self._pictures, key, fold)

    def kept(self, situation: Situation, name: Hashable, make: Callable[[], T]) -> T:
        """What is made from a picture, made once as long as the picture is kept."""
        _, value = self._once(self._drawn, (id(situation), name), lambda: (situation, make()))
        return value

    def _once(self, held: OrderedDict[Hashable, _Made], key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            made = held.setdefault(key, _Made())
            held.move_to_end(key)
            while len(held) > PICTURES_MOST:
                held.popitem(last=False)
        return made.value(make)

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
        """Looks at the log until it is cancelled. Where it cannot be had, listeners are told, and it is asked again."""
        self._loop = asyncio.get_running_loop()
        while True:
            before, self.unavailable = self.unavailable, await asyncio.to_thread(self._missing)
            if self.unavailable != before:
                self._wake_all()
            await asyncio.sleep(5 * LOOK_SECONDS if self.unavailable else LOOK_SECONDS)

    def _missing(self) -> str:
        try:
            self.refresh()
        except LogUnavailable as error:
            return str(error)
        return ""

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
