"""A tiny operation built from its parts, and a plain way to make plans by hand: one trip after another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

from safepassage.agreement import Clause, Party
from safepassage.fleet import Convoy, Fleet, Handling
from safepassage.movement import EmptyMove, Hop, Inspection, LeftBehind, Leg, Movement, Timetable
from safepassage.operation import Operation
from safepassage.people import Count, Evacuation, Group
from safepassage.world import Calendar, Crossing, EmptyLink, Pace, Place, Road, Span, World

DAY = 24 * 60


def clock(text: str, day: int = 1) -> int:
    """Minute of the operation of a time such as `06:30` on a day, the first being 1."""
    hours, minutes = text.split(":")
    return (day - 1) * DAY + int(hours) * 60 + int(minutes)


def hours(text: str) -> tuple[Span, ...]:
    """`06:00-18:00` as minutes of the day."""
    start, end = text.split("-")
    return (Span(clock(start), clock(end)),)


PLACES = (
    Place(id="town", name="Town", bays=1),
    Place(id="gate", name="Gate"),
    Place(id="city", name="City", capacity=258, capacity_per_day=258),
    Place(id="camp", name="Camp"),
    Place(id="village", name="Village"),
    Place(id="ford", name="Ford"),
    Place(id="bridge", name="Bridge"),
)
ROADS = (
    Road(
        between=("town", "gate"),
        minutes=30,
        consent=("government", "opposition"),
        hazard=0.01,
        paces=(Pace(hours("18:00-24:00")[0], 45),),
    ),
    Road(
        between=("gate", "city"), minutes=60, hours=hours("05:00-20:00"), closed=(Span(clock("14:00"), clock("15:00")),)
    ),
    Road(between=("gate", "camp"), minutes=40, one_way=True),
    Road(between=("town", "bridge"), minutes=20),
    Road(between=("bridge", "gate"), minutes=25),
    Road(between=("village", "ford"), minutes=20, hazard=0.02),
    Road(between=("ford", "city"), minutes=40, consent=("opposition",)),
    Road(between=("town", "ford"), minutes=50),
)
CROSSINGS = (
    Crossing(at="gate", people_per_hour=600, consent=("government",)),
    Crossing(at="ford", people_per_hour=600, lanes=2, closed=(Span(clock("12:00"), clock("13:00")),)),
)


def valley(
    *clauses: Clause,
    places: Iterable[Place] = PLACES,
    roads: Iterable[Road] = ROADS,
    crossings: Iterable[Crossing] = CROSSINGS,
    **changes: Any,
) -> Operation:
    """Two sites, two crossings, one city: 150 civilians and 8 lying wounded of the town, 100 civilians of the village.

    Two buses load for 20 minutes and unload for 20. From the town they drive 30 minutes to the gate (45 from 18:00),
    are inspected for 10 (100 seats at 600 an hour) and drive 60 to the city: 140 minutes. From the village: 20 + 20
    + 10 + 40 + 20 = 110 minutes; empty, the link from the city to the village takes 45 and goes by the ford's road.
    """
    handling = Handling(minutes=10, per_vehicle=5)
    parts: dict[str, Any] = {
        "name": "Valley",
        "calendar": Calendar(starts=datetime(2016, 12, 15, tzinfo=timezone(timedelta(hours=2))), days=2),
        "world": World(
            places={place.id: place for place in places},
            roads={road.id: road for road in roads},
            crossings={crossing.at: crossing for crossing in crossings},
            empty_links=(EmptyLink(between=("city", "village"), minutes=45, via=("ford--city",)),),
        ),
        "groups": {
            "civilian": Group(id="civilian", name="Civilians"),
            "fighter": Group(id="fighter", name="Fighters"),
            "lying": Group(id="lying", name="Lying wounded", weight=4),
        },
        "fleets": {
            "buses": Fleet(
                id="buses",
                seats=50,
                carries=("civilian", "fighter"),
                stands={"town": 2, "village": 2},
                load=handling,
                unload=handling,
            ),
            "ambulances": Fleet(
                id="ambulances", seats=4, carries=("lying",), stands={"town": 2}, load=handling, unload=handling
            ),
            "cars": Fleet(
                id="cars",
                seats=5,
                carries=("civilian",),
                stands={"village": 10},
                load=handling,
                unload=handling,
                one_way=True,
            ),
        },
        "evacuations": {
            "out": Evacuation(
                id="out",
                origin="town",
                to=("city", "camp"),
                people={"civilian": Count.exactly(150), "lying": Count.exactly(8)},
                out_at=("gate",),
            ),
            "over": Evacuation(
                id="over",
                origin="village",
                to=("city",),
                people={"civilian": Count.exactly(100)},
                out_at=("ford",),
            ),
        },
        "convoys": (
            Convoy(vehicles={"buses": 2}),
            Convoy(vehicles={"buses": 1}),
            Convoy(vehicles={"buses": 1, "ambulances": 2}),
            Convoy(vehicles={"cars": 10}),
        ),
        "escorts": {"town": 1, "village": 1},
        "parties": {id: Party(id=id, name=id.capitalize()) for id in ("government", "opposition")},
        "clauses": clauses,
        "hours": hours("06:00-18:00"),
        "load_from": clock("05:00"),
        "load_until": clock("18:00"),
    }
    return Operation(**(parts | changes))


@dataclass(frozen=True, kw_only=True)
class Trip:
    """A movement before its times are known: everything else follows from its start."""

    id: str
    evacuation: str
    way: tuple[str, ...]
    vehicles: Mapping[str, int]
    people: Mapping[str, Mapping[str, int]]
    starts: int


def timed(operation: Operation, trip: Trip) -> Movement:
    """The movement of a trip that loads, drives, is inspected and unloads without a gap."""
    world, calendar = operation.world, operation.calendar
    now = trip.starts + operation.load_minutes(trip.vehicles)
    loading, legs, inspections = Span(trip.starts, now), [], []
    handed_over = None
    for here, there in zip(trip.way, (*trip.way[1:], None), strict=True):
        if here in world.crossings:
            slot = world.crossings[here].slot(operation.seats(trip.vehicles), operation.slot_minutes)
            inspections.append(Inspection(crossing=here, starts=now, ends=now + slot))
            now += slot
        if here in operation.evacuations[trip.evacuation].out_at:
            handed_over = now
        if there is not None:
            road = next(road for road in world.roads.values() if {here, there} == set(road.between))
            arrives = now + road.minutes_at(calendar.time_of_day(now))
            legs.append(Leg(road=road.id, here=here, there=there, departs=now, arrives=arrives))
            now = arrives
    return Movement(
        id=trip.id,
        evacuation=trip.evacuation,
        origin=trip.way[0],
        destination=trip.way[-1],
        vehicles=trip.vehicles,
        people=trip.people,
        loading=loading,
        legs=tuple(legs),
        inspections=tuple(inspections),
        handed_over=now if not operation.evacuations[trip.evacuation].out_at else handed_over,
        arrived=now,
        unloading=Span(now, now + operation.unload_minutes(trip.vehicles)),
    )


def emptied(
    operation: Operation, way: Sequence[str], starts: int, vehicles: Mapping[str, int], escorts: int = 1
) -> EmptyMove:
    """An empty move over these places: the link between two where there is one, the road where there is none."""
    now, hops = starts, []
    for here, there in pairwise(way):
        links = [link for link in operation.world.empty_links if {here, there} == set(link.between)]
        roads = [road for road in operation.world.roads.values() if {here, there} == set(road.between)]
        minutes = links[0].minutes if links else roads[0].minutes_at(operation.calendar.time_of_day(now))
        hops.append(Hop(here=here, there=there, departs=now, arrives=now + minutes))
        now += minutes
    return EmptyMove(vehicles=vehicles, escorts=escorts, hops=tuple(hops))


def plan(
    operation: Operation,
    movements: Iterable[Movement],
    empty_moves: Iterable[EmptyMove] = (),
    *,
    frozen_until: int | None = None,
) -> Timetable:
    """The timetable of these movements: who is left behind and every figure, leg by leg and group by group."""
    movements = tuple(movements)
    waiting = {(e.id, group): people for e in operation.evacuations.values() for group, people in e.demand().items()}
    weighted = plain = exposure = 0.0
    for movement in movements:
        for groups in movement.people.values():
            for group, people in groups.items():
                for leg in movement.legs:
                    exposure += people * (
                        operation.world.roads[leg.road].hazard if leg.road in operation.world.roads else 0
                    )
                if movement.ending == "arrived" and movement.unloading is not None:
                    plain += people * movement.unloading.end / 60
                    weighted += people * operation.groups[group].weight * movement.unloading.end / 60
                    waiting[movement.evacuation, group] = waiting.get((movement.evacuation, group), 0) - people
    left = [
        LeftBehind(evacuation=evacuation, group=group, people=people, why="not planned")
        for (evacuation, group), people in waiting.items()
        if people > 0
    ]
    for behind in left:
        weighted += behind.people * operation.groups[behind.group].weight * 2 * operation.calendar.end / 60
    return Timetable(
        operation=operation.name,
        operation_hash="",
        version="0",
        seed=0,
        movements=movements,
        empty_moves=tuple(empty_moves),
        left_behind=tuple(left),
        outcome="people left behind" if left else "everyone carried",
        objective=weighted,
        person_hours=plain,
        exposure=exposure,
        frozen_until=frozen_until,
    )


M1 = Trip(
    id="m1",
    evacuation="out",
    way=("town", "gate", "city"),
    vehicles={"buses": 2},
    people={"buses": {"civilian": 100}},
    starts=clock("06:00"),
)
M2 = Trip(
    id="m2",
    evacuation="over",
    way=("village", "ford", "city"),
    vehicles={"buses": 2},
    people={"buses": {"civilian": 100}},
    starts=clock("06:10"),
)
M3 = Trip(
    id="m3",
    evacuation="out",
    way=("town", "gate", "city"),
    vehicles={"buses": 1, "ambulances": 2},
    people={"buses": {"civilian": 50}, "ambulances": {"lying": 8}},
    starts=clock("10:00"),
)


def one_after_another(operation: Operation, *trips: Trip, back: int | None = clock("08:20")) -> Timetable:
    """The valley's plan, with these trips in the place of those of the same name.

    m1: 100 of the town. 06:00 loading, 06:20, at the gate 06:50 to 07:00, in the city 08:00, done 08:20.
    m2: 100 of the village. 06:10 loading, 06:30, at the ford 06:50 to 07:00, in the city 07:40, done 08:00.
    The buses and the escort of m1 go back empty at 08:20 and are in the town at 09:50.
    m3: the others of the town. 10:00 loading, 10:25, at the gate 10:55 to 11:01 (58 seats), in the city 12:01,
    done 12:26.
    """
    chosen = {trip.id: trip for trip in (M1, M2, M3, *trips)}
    empty = () if back is None else (emptied(operation, ("city", "gate", "town"), back, {"buses": 2}),)
    return plan(operation, (timed(operation, trip) for trip in chosen.values()), empty)
