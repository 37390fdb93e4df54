"""How long empty vehicles and escorts take from place to place, over roads and empty links, closures kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from safepassage.movement import Hop
from safepassage.operation import Operation
from safepassage.world import DAY, Span, merge

NEVER = 1 << 29


@dataclass(frozen=True, slots=True)
class Way:
    """One hop that empty vehicles may take: a road in one direction, or an empty link. `shut`: when they may not."""

    here: str
    there: str
    minutes: tuple[int, ...]
    shut: tuple[Span, ...]

    def takes(self, time_of_day: int) -> int:
        return self.minutes[time_of_day % len(self.minutes)]


def empty_ways(operation: Operation) -> tuple[Way, ...]:
    """Every hop: roads with their minutes by time of day, and empty links, which hold where both join a pair."""
    world = operation.world
    shut = {
        road.id: merge((*road.closed, *operation.clause_closed(road.id, empty=True))) for road in world.roads.values()
    }
    linked = {pair for link in world.empty_links for pair in (link.between, link.between[::-1])}
    ways = []
    for link in world.empty_links:
        closed = merge(span for road in link.via for span in shut[road])
        ways += [Way(here, there, (link.minutes,), closed) for here, there in (link.between, link.between[::-1])]
    for road in world.roads.values():
        minutes = tuple(road.minutes_at(time) for time in range(DAY)) if road.paces else (road.minutes,)
        pairs = [road.between] if road.one_way else [road.between, road.between[::-1]]
        ways += [Way(*pair, minutes, shut[road.id]) for pair in pairs if pair not in linked]
    return tuple(ways)


class EmptyTravel:
    """When empty vehicles arrive that are free at a place at a given minute; they may wait at places on the way.

    `sources` and `targets` index the tables. `minutes[s, t]` is the shortest time with nothing shut (NEVER: no way).
    Where some way is shut or its minutes vary, `arrival[s, t, minute]` holds the earliest arrival; else it is empty.
    """

    def __init__(self, operation: Operation, sources: Iterable[str], targets: Iterable[str]) -> None:
        self.sources = tuple(dict.fromkeys(sources))
        self.targets = tuple(dict.fromkeys(targets))
        self._calendar = operation.calendar
        self._ways = empty_ways(operation)
        self._places = {place: number for number, place in enumerate(operation.world.places)}
        self._heads = np.array([self._places[way.here] for way in self._ways], dtype=np.int32)
        self._tails = np.array([self._places[way.there] for way in self._ways], dtype=np.int32)
        self.varies = any(way.shut or len(way.minutes) > 1 for way in self._ways)
        rows = [self._places[source] for source in self.sources]
        shortest = np.array([min(way.minutes) for way in self._ways], dtype=np.int64)
        self.minutes = np.full((len(self.sources), len(self.targets)), NEVER, dtype=np.int64)
        for column, target in enumerate(self.targets):
            self.minutes[:, column] = _shortest(
                self._places[target], len(self._places), self._heads, self._tails, shortest
            )[rows]
        size = self._calendar.end + 1
        shape = (len(self.sources), len(self.targets), size) if self.varies else (0, 0, 0)
        self.arrival = np.full(shape, NEVER, dtype=np.int32)
        self._tables: dict[str, NDArray[np.int32]] = {}
        if self.varies:
            for column, target in enumerate(self.targets):
                self.arrival[:, column] = self._table(target)[rows]

    def arrives(self, here: str, there: str, free: int) -> int:
        """The earliest minute at `there`; NEVER where there is no way in time."""
        row, column = self.sources.index(here), self.targets.index(there)
        if free > self._calendar.end:
            return NEVER
        if self.varies:
            return int(self.arrival[row, column, free])
        arrival = free + int(self.minutes[row, column])
        return arrival if arrival <= self._calendar.end else NEVER

    def hops(self, here: str, there: str, free: int) -> tuple[tuple[Hop, ...], ...]:
        """The hops of the earliest way, cut where vehicles wait: each part is one empty move. None if here is there."""
        table = self._table(there)
        moves: list[list[Hop]] = []
        now, place = free, here
        while place != there:
            arrival = int(table[self._places[place], now])
            if arrival >= NEVER:
                raise ValueError(
                    f"no way for empty vehicles from {here} to {there} from {self._calendar.clock(free)} on"
                )
            while int(table[self._places[place], now + 1]) == arrival and not self._way_on(table, place, now, arrival):
                now += 1
            way = self._way_on(table, place, now, arrival)
            assert way is not None, "the table of arrivals names no way on"
            takes = way.takes(self._calendar.time_of_day(now))
            hop = Hop(here=place, there=way.there, departs=now, arrives=now + takes)
            if moves and moves[-1][-1].arrives == now:
                moves[-1].append(hop)
            else:
                moves.append([hop])
            now, place = now + takes, way.there
        return tuple(tuple(move) for move in moves)

    def _way_on(self, table: NDArray[np.int32], place: str, now: int, arrival: int) -> Way | None:
        for way in self._ways:
            if way.here == place:
                done = now + way.takes(self._calendar.time_of_day(now))
                clear = not any(cut.touches(Span(now, done)) for cut in way.shut)
                if done <= self._calendar.end and clear and int(table[self._places[way.there], done]) == arrival:
                    return way
        return None

    def _table(self, target: str) -> NDArray[np.int32]:
        """Earliest arrival at `target` from every place at every minute."""
        if target not in self._tables:
            size = self._calendar.end + 1
            times = np.arange(size)
            takes = np.empty((len(self._ways), size), dtype=np.int32)
            for row, way in enumerate(self._ways):
                takes[row] = np.array(way.minutes)[(self._calendar.time_of_day(0) + times) % len(way.minutes)]
                for cut in way.shut:
                    takes[row][(times < cut.end) & (cut.start < times + takes[row])] = NEVER
            self._tables[target] = _arrivals(self._places[target], len(self._places), self._heads, self._tails, takes)
        return self._tables[target]


@numba.njit(cache=True)
def _shortest(
    target: int, places: int, heads: NDArray[np.int32], tails: NDArray[np.int32], minutes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Minutes from every place to the target (Bellman-Ford)."""
    best = np.full(places, NEVER, np.int64)
    best[target] = 0
    changed = True
    while changed:
        changed = False
        for way in range(len(heads)):
            through = best[tails[way]] + minutes[way]
            if through < best[heads[way]]:
                best[heads[way]] = through
                changed = True
    return best


@numba.njit(cache=True)
def _arrivals(
    target: int, places: int, heads: NDArray[np.int32], tails: NDArray[np.int32], takes: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Earliest arrival at the target from every place at every minute, waiting allowed, from the last minute back."""
    size = takes.shape[1]
    table = np.full((places, size), NEVER, np.int32)
    for minute in range(size - 1, -1, -1):
        table[target, minute] = minute
        if minute + 1 < size:
            for place in range(places):
                if place != target:
                    table[place, minute] = table[place, minute + 1]
        for way in range(len(heads)):
            done = minute + takes[way, minute]
            if done < size and table[tails[way], done] < table[heads[way], minute]:
                table[heads[way], minute] = table[tails[way], done]
    return table
