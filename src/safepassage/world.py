"""Where and when: the days of an operation, its places, roads, crossings, and the ways between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

DAY = 24 * 60


class Span(NamedTuple):
    """A half-open stretch of minutes: `start` belongs to it, `end` does not."""

    start: int
    end: int

    def touches(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same minutes as sorted spans that neither touch nor overlap."""
    merged: list[Span] = []
    for span in sorted(span for span in spans if span.start < span.end):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """The minutes of `spans` that are in none of `taken`."""
    left = list(merge(spans))
    for cut in merge(taken):
        left = [
            part
            for span in left
            for part in (Span(span.start, min(span.end, cut.start)), Span(max(span.start, cut.end), span.end))
            if part.start < part.end
        ]
    return tuple(left)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days of an operation. Minutes count from `starts`; a day is a calendar day in its fixed offset."""

    starts: datetime
    days: int

    def __post_init__(self) -> None:
        if self.starts.utcoffset() is None:
            raise ValueError("starts needs an offset, such as 2016-12-15T06:00:00+02:00")
        if self.starts.second or self.starts.microsecond:
            raise ValueError("starts is in whole minutes: leave the seconds at 00")
        if self.days < 1:
            raise ValueError(f"days = {self.days}: an operation lasts at least 1 day")

    @cached_property
    def start_of_day(self) -> int:
        """Minute at which the first calendar day began, zero or less."""
        return -(self.starts.hour * 60 + self.starts.minute)

    @cached_property
    def end(self) -> int:
        """Minute of the midnight that ends the last day: nothing happens after it."""
        return self.start_of_day + self.days * DAY

    def day(self, minute: int) -> int:
        """Calendar day of a minute, the first day being 0."""
        return (minute - self.start_of_day) // DAY

    def day_span(self, day: int) -> Span:
        start = self.start_of_day + day * DAY
        return Span(start, start + DAY)

    def time_of_day(self, minute: int) -> int:
        """Minutes since that day's midnight."""
        return (minute - self.start_of_day) % DAY

    def minute(self, when: datetime) -> int:
        """Whole minutes from `starts` to `when`, a time with an offset (rounded down)."""
        return int((when - self.starts) // timedelta(minutes=1))

    def when(self, minute: int) -> datetime:
        return self.starts + timedelta(minutes=minute)

    def clock(self, minute: int) -> str:
        """A minute as people say it: `day 2 (16 Dec) 10:00`."""
        when = self.when(minute)
        return f"day {self.day(minute) + 1} ({when.day} {when:%b}) {when:%H:%M}"

    def daily(self, hours: Iterable[Span]) -> tuple[Span, ...]:
        """Hours of each day, in minutes of the day, as spans over the whole operation."""
        hours = tuple(hours)
        spans = (
            Span(max(0, start + span.start), min(self.end, start + span.end))
            for start in range(self.start_of_day, self.end, DAY)
            for span in hours
        )
        return merge(spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A site, a crossing's place, a reception place, a depot or a waypoint. `at` is (latitude, longitude), WGS84."""

    id: str
    name: str
    name_ar: str = ""
    aliases: tuple[str, ...] = ()
    at: tuple[float, float] | None = None
    held_by: str = ""
    bays: int | None = None
    capacity: int | None = None
    capacity_per_day: int | None = None
    population: int | None = None

    def __post_init__(self) -> None:
        for key in ("bays", "capacity", "capacity_per_day", "population"):
            value = getattr(self, key)
            if value is not None and value < 0:
                raise ValueError(f"{key} = {value}: give zero or more, or leave it out")
        if self.at is not None and not (-90 <= self.at[0] <= 90 and -180 <= self.at[1] <= 180):
            raise ValueError(f"at = {list(self.at)}: give [latitude, longitude] in degrees")


class Pace(NamedTuple):
    """A road's minutes for those who enter it in these hours of the day (minutes of the day)."""

    hours: Span
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """A segment between two places, both ways unless `one_way`.

    `consent`: the parties who must agree to passage. `hazard`: the chance of an incident per movement. `hours`: when it
    may be used, in minutes of the day (None: always). `closed`: spans in minutes of the operation. `paces`: other
    minutes at some hours of the day, by the instant of entering.
    """

    between: tuple[str, str]
    minutes: int
    km: float | None = None
    consent: tuple[str, ...] = ()
    hazard: float = 0.0
    one_way: bool = False
    hours: tuple[Span, ...] | None = None
    closed: tuple[Span, ...] = ()
    paces: tuple[Pace, ...] = ()

    def __post_init__(self) -> None:
        if self.between[0] == self.between[1]:
            raise ValueError(f"between = {list(self.between)}: a road joins two different places")
        if self.minutes < 1:
            raise ValueError(f"minutes = {self.minutes}: a road takes at least 1 minute")
        if not 0 <= self.hazard <= 1:
            raise ValueError(f"hazard = {self.hazard}: a chance lies between 0 and 1")
        if self.km is not None and self.km < 0:
            raise ValueError(f"km = {self.km}: give zero or more")

    @property
    def id(self) -> str:
        return "--".join(self.between)

    def minutes_at(self, time_of_day: int) -> int:
        """Minutes it takes one who enters at this minute of the day."""
        for pace in self.paces:
            if pace.hours.start <= time_of_day < pace.hours.end:
                return pace.minutes
        return self.minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """An inspection at a place. `people_per_hour` is per lane; `hours` None means the operation's hours."""

    at: str
    people_per_hour: int
    lanes: int = 1
    consent: tuple[str, ...] = ()
    hours: tuple[Span, ...] | None = None
    closed: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if self.people_per_hour < 1:
            raise ValueError(f"people_per_hour = {self.people_per_hour}: give 1 or more; use `closed` for a shut crossing")
        if self.lanes < 1:
            raise ValueError(f"lanes = {self.lanes}: give 1 or more; use `closed` for a shut crossing")

    @property
    def id(self) -> str:
        return self.at

    def slot(self, seats: int, slot_minutes: int) -> int:
        """Minutes of one lane that a convoy of so many seats books, a multiple of `slot_minutes`."""
        unit = self.people_per_hour * slot_minutes
        return -(-seats * 60 // unit) * slot_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyLink:
    """What empty vehicles take between two places, both ways, and the roads it goes by (none: nothing binds it)."""

    between: tuple[str, str]
    minutes: int
    via: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.minutes < 1:
            raise ValueError(f"minutes = {self.minutes}: an empty move takes at least 1 minute")


@dataclass(frozen=True, kw_only=True)
class World:
    """Places, roads, crossings and empty links, with look-ups by id."""

    places: Mapping[str, Place]
    roads: Mapping[str, Road]
    crossings: Mapping[str, Crossing]
    empty_links: tuple[EmptyLink, ...] = ()
    _exits: Mapping[str, tuple[tuple[str, Road], ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        exits: dict[str, list[tuple[str, Road]]] = {place: [] for place in self.places}
        for road in self.roads.values():
            here, there = road.between
            exits[here].append((there, road))
            if not road.one_way:
                exits[there].append((here, road))
        frozen = {place: tuple(roads) for place, roads in exits.items()}
        object.__setattr__(self, "_exits", MappingProxyType(frozen))

    def exits(self, place: str) -> tuple[tuple[str, Road], ...]:
        """The roads that lead out of a place, each with the place it leads to."""
        return self._exits[place]

    def road(self, here: str, there: str) -> Road | None:
        """The road one may take from `here` to `there`, if there is one."""
        for place, road in self._exits.get(here, ()):
            if place == there:
                return road
        return None

    def segment_consent(self, segment: str) -> tuple[str, ...]:
        """The parties whose consent a road or crossing needs."""
        held: Road | Crossing = self.roads[segment] if segment in self.roads else self.crossings[segment]
        return held.consent
