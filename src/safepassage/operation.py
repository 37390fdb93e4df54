"""The operation: everything an operation file says, in one value, and what follows from it directly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from safepassage.agreement import Clause, Closure, Limit, Party, Stay, Theatre
from safepassage.fleet import Convoy, Fleet, handling_minutes
from safepassage.people import Evacuation, Group
from safepassage.world import Calendar, Span, World, merge, subtract


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A negotiated evacuation as its file states it. Times of day are minutes of the day, all others minutes of it.

    `convoys` empty: any shape may move. `escorts` None: no movement needs one.
    """

    name: str
    calendar: Calendar
    world: World
    groups: Mapping[str, Group]
    fleets: Mapping[str, Fleet]
    evacuations: Mapping[str, Evacuation]
    convoys: tuple[Convoy, ...] = ()
    escorts: Mapping[str, int] | None = None
    parties: Mapping[str, Party]
    clauses: tuple[Clause, ...] = ()
    hours: tuple[Span, ...] = (Span(0, 24 * 60),)
    load_from: int = 0
    load_until: int = 24 * 60
    slot_minutes: int = 1

    @cached_property
    def theatre(self) -> Theatre:
        return Theatre(
            calendar=self.calendar,
            world=self.world,
            groups=self.groups,
            evacuations=self.evacuations,
            parties=self.parties,
        )

    @cached_property
    def binding(self) -> tuple[Clause, ...]:
        """The clauses in force."""
        return tuple(clause for clause in self.clauses if clause.state == "in force")

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        return tuple(limit for clause in self.binding for limit in clause.limits(self.theatre))

    @cached_property
    def closures(self) -> tuple[Closure, ...]:
        return tuple(closure for clause in self.binding for closure in clause.closures(self.theatre))

    @cached_property
    def load_spans(self) -> tuple[Span, ...]:
        """When loading may start."""
        return self.calendar.daily([Span(self.load_from, self.load_until)])

    def open_spans(self, crossing: str) -> tuple[Span, ...]:
        """When a crossing inspects: its hours, less its closures (clauses not counted)."""
        post = self.world.crossings[crossing]
        return subtract(self.calendar.daily(self.hours if post.hours is None else post.hours), post.closed)

    def passable_spans(self, road: str) -> tuple[Span, ...]:
        """When a road may be used by movements: its hours, where it states any, less its closures (clauses not
        counted).
        """
        way = self.world.roads[road]
        always = (Span(0, self.calendar.end),)
        return subtract(always if way.hours is None else self.calendar.daily(way.hours), way.closed)

    def clause_closed(self, segment: str, *, empty: bool = False) -> tuple[Span, ...]:
        """When clauses keep movements (or empty moves) off a road or crossing."""
        return merge(
            closure.span
            for closure in self.closures
            if closure.segment == segment and (closure.binds_empty or not empty)
        )

    def stay(self, evacuation: str) -> Stay:
        """How long people of an evacuation may be aboard, by all clauses: the shortest limit; a night if one
        allows it.
        """
        said = [stay for clause in self.binding if (stay := clause.stay(evacuation)) is not None]
        limits = [stay.minutes for stay in said if stay.minutes is not None]
        return Stay(minutes=min(limits, default=None), overnight=any(stay.overnight for stay in said))

    @cached_property
    def apart(self) -> tuple[frozenset[str], ...]:
        return tuple(groups for clause in self.binding for groups in clause.apart())

    def load_minutes(self, vehicles: Mapping[str, int]) -> int:
        return handling_minutes({fleet: self.fleets[fleet].load for fleet in vehicles}, vehicles)

    def unload_minutes(self, vehicles: Mapping[str, int]) -> int:
        return handling_minutes({fleet: self.fleets[fleet].unload for fleet in vehicles}, vehicles)

    def seats(self, vehicles: Mapping[str, int]) -> int:
        return sum(self.fleets[fleet].seats * count for fleet, count in vehicles.items())

    @property
    def people(self) -> int:
        """People demanded in all."""
        return sum(evacuation.total for evacuation in self.evacuations.values())

    @property
    def left_behind_hours(self) -> float:
        """Hours that a person left behind counts in the objective: twice the operation's length."""
        return 2 * self.calendar.end / 60
