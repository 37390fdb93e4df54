"""Every rule and every kind of clause, broken in a valid plan: the check has to find each and name the right one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from plans import (
    CROSSINGS,
    M1,
    M2,
    M3,
    PLACES,
    ROADS,
    Trip,
    clock,
    emptied,
    hours,
    one_after_another,
    plan,
    timed,
    valley,
)
from worlds import hub

from safepassage import planner
from safepassage.agreement import Clause
from safepassage.check import Report, check_plan
from safepassage.clauses.aboard import Aboard
from safepassage.clauses.apart import Apart
from safepassage.clauses.consent import Consent, Withheld
from safepassage.clauses.last import Last
from safepassage.clauses.lockstep import Lockstep
from safepassage.clauses.order import Order
from safepassage.clauses.quota import Quota
from safepassage.clauses.tranches import Tranches
from safepassage.clauses.window import Window
from safepassage.fleet import Convoy
from safepassage.movement import Hop, Inspection, Leg, Movement, Timetable
from safepassage.operation import Operation
from safepassage.people import Count
from safepassage.world import Crossing, EmptyLink, Pace, Place, Road, Span

Edit = Callable[[Timetable], Timetable]


class Case(NamedTuple):
    says: str
    rules: frozenset[str]
    operation: Operation
    timetable: Timetable


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def breaks(
    rule: str,
    says: str,
    *edits: Edit,
    given: Operation | None = None,
    trips: tuple[Trip, ...] = (),
    back: int | None = clock("08:20"),
) -> Case:
    """A valid plan of the valley, edited, judged under `given`; its figures are those of what the edits left.

    `rule`: the one rule or clause that this breaks; several, where one cannot be broken without the other.
    """
    operation = given or valley()
    timetable = one_after_another(operation, *trips, back=back)
    for edit in edits:
        timetable = edit(timetable)
    timetable = plan(operation, timetable.movements, timetable.empty_moves)
    return Case(says, frozenset(filter(None, rule.split(" and "))), operation, timetable)


def keeps(says: str, *edits: Edit, **changes: Any) -> Case:
    return breaks("", says, *edits, **changes)


# What is edited


def movement(id: str, change: Callable[[Movement], Movement]) -> Edit:
    return lambda timetable: replace(
        timetable, movements=tuple(change(m) if m.id == id else m for m in timetable.movements)
    )


def with_(id: str, **fields: Any) -> Edit:
    return movement(id, lambda m: replace(m, **fields))


def leg(id: str, number: int, **fields: Any) -> Edit:
    return movement(
        id, lambda m: replace(m, legs=tuple(replace(x, **fields) if i == number else x for i, x in enumerate(m.legs)))
    )


def more(*trips: Trip) -> Edit:
    return lambda timetable: replace(
        timetable, movements=(*timetable.movements, *(timed(valley(), trip) for trip in trips))
    )


def without(id: str) -> Edit:
    return lambda timetable: replace(timetable, movements=tuple(m for m in timetable.movements if m.id != id))


def boards(id: str, **people: dict[str, int]) -> Edit:
    """So many people of each group in each fleet."""
    return with_(id, people=people)


def empty(way: str, at: str, day: int = 1, escorts: int = 1, **vehicles: int) -> Edit:
    """One more empty move, in the minutes that it takes."""
    move = emptied(valley(), way.split(), clock(at, day), vehicles, escorts)
    return lambda timetable: replace(timetable, empty_moves=(*timetable.empty_moves, move))


def back(**fields: Any) -> Edit:
    return lambda timetable: replace(timetable, empty_moves=(replace(timetable.empty_moves[0], **fields),))


def goes_back(*hops: str) -> Edit:
    """By hops such as `city gate 08:20 09:20`."""
    made = []
    for here, there, departs, arrives in map(str.split, hops):
        made.append(Hop(here=here, there=there, departs=clock(departs), arrives=clock(arrives)))
    return back(hops=tuple(made))


def retimed(m: Movement, start: Callable[[int], int], end: Callable[[int], int]) -> Movement:
    assert m.arrived is not None and m.unloading is not None
    return replace(
        m,
        loading=Span(start(m.loading.start), end(m.loading.end)),
        legs=tuple(replace(x, departs=start(x.departs), arrives=end(x.arrives)) for x in m.legs),
        inspections=tuple(replace(x, starts=start(x.starts), ends=end(x.ends)) for x in m.inspections),
        handed_over=None if m.handed_over is None else end(m.handed_over),
        arrived=end(m.arrived),
        unloading=Span(start(m.unloading.start), end(m.unloading.end)),
    )


def longer(id: str, at: str, by: int) -> Edit:
    """What ends at this time takes longer by so many minutes, and all that follows is later."""
    now = clock(at)
    return movement(id, lambda m: retimed(m, *[lambda t: t + by if t >= now else t] * 2))


def waits(id: str, at: str, by: int) -> Edit:
    """What ends at this time ends then, and all that follows is later by so many minutes."""
    now = clock(at)
    return movement(id, lambda m: retimed(m, lambda t: t + by if t >= now else t, lambda t: t + by if t > now else t))


# What is changed in the operation


def on_road(id: str, **fields: Any) -> Operation:
    return valley(roads=road(id, **fields))


def at_place(id: str, **fields: Any) -> Operation:
    return valley(places=place(id, **fields))


def demanding(**people: int) -> Operation:
    """The valley with other people to bring out of the town."""
    counts = {group: Count.exactly(number) for group, number in people.items()}
    return valley(evacuations=evacuation("out", people=counts))


def withholds(party: str, segment: str, start: str, end: str) -> Operation:
    row = Withheld(by=party, on=(segment,), from_=clock(start), until=clock(end))
    return valley(Consent(id="yes", withheld=(row,)))


def at_night(*clauses: Clause) -> Operation:
    return valley(*clauses, hours=hours("00:00-24:00"), load_from=0, load_until=clock("24:00"))


def place(id: str, **fields: Any) -> tuple[Place, ...]:
    return tuple(replace(p, **fields) if p.id == id else p for p in PLACES)


def road(id: str, **fields: Any) -> tuple[Road, ...]:
    return tuple(replace(r, **fields) if r.id == id else r for r in ROADS)


def crossing(id: str, **fields: Any) -> tuple[Crossing, ...]:
    return tuple(replace(c, **fields) if c.at == id else c for c in CROSSINGS)


def shut(start: str, end: str) -> tuple[Span, ...]:
    return (Span(clock(start), clock(end)),)


def evacuation(id: str, **fields: Any) -> dict[str, Any]:
    evacuations = valley().evacuations
    return {**evacuations, id: replace(evacuations[id], **fields)}


def fleet(id: str, **fields: Any) -> dict[str, Any]:
    fleets = valley().fleets
    return {**fleets, id: replace(fleets[id], **fields)}


def linked(*links: EmptyLink) -> Any:
    return replace_world(valley(), empty_links=links)


def replace_world(operation: Operation, **fields: Any) -> Operation:
    world = operation.world
    kept: dict[str, Any] = {key: getattr(world, key) for key in ("places", "roads", "crossings", "empty_links")}
    return replace(operation, world=type(world)(**(kept | fields)))


def two_at_the_town(bays: int = 1, **changes: Any) -> Operation:
    """With buses and escorts for two movements from the town at once."""
    buses = fleet("buses", stands={"town": 3, "village": 2})
    return valley(places=place("town", bays=bays), fleets=buses, escorts={"town": 2, "village": 1}, **changes)


def starting(trip: Trip, at: str, day: int = 1) -> Trip:
    return replace(trip, starts=clock(at, day))


def going(trip: Trip, *way: str) -> Trip:
    return replace(trip, way=way)


def to_camp(at: str = "10:00", day: int = 1) -> Trip:
    return going(starting(M3, at, day), "town", "gate", "camp")


def by_the_ford(trip: Trip, at: str) -> Trip:
    return going(starting(trip, at), "town", "ford", "city")


def turned_back(m: Movement) -> Movement:
    """It leaves the town, is stopped at the gate and comes back."""
    first = m.legs[0]
    home = Leg(road=first.road, here="gate", there="town", departs=first.arrives, arrives=first.arrives + 30)
    return replace(
        m,
        legs=(first, home),
        inspections=(),
        handed_over=None,
        arrived=home.arrives,
        unloading=Span(home.arrives, home.arrives + 25),
        ending="turned back",
        turned_back=first.arrives,
    )


BY_CARS = replace(M2, vehicles={"cars": 10}, people={"cars": {"civilian": 50}}, starts=clock("06:00"))
CARS_AGAIN = replace(BY_CARS, id="m4", starts=clock("13:00"))

PEOPLE = (
    breaks("rule 1", "one more is carried than demanded", given=demanding(civilian=149, lying=8)),
    breaks("rule 1", "a movement carries nobody", boards("m2")),
    breaks("rule 1", "a movement carries none of the groups it lists", boards("m2", buses={"civilian": 0})),
    breaks("rule 1", "people of a group nobody demanded", boards("m2", buses={"civilian": 99, "fighter": 1})),
    breaks("rule 1", "people of an evacuation nobody agreed", with_("m2", evacuation="under")),
    breaks("rule 1 and rule 2", "fewer than none of a group", boards("m2", buses={"civilian": 100, "fighter": -1})),
    keeps("a movement for a single person", boards("m3", ambulances={"lying": 1})),
    keeps("people left behind and listed", boards("m3", buses={"civilian": 49})),
)  # fmt: skip

SEATS = (
    breaks("rule 2", "101 people on 100 seats", boards("m1", buses={"civilian": 101}),
           boards("m3", buses={"civilian": 49}, ambulances={"lying": 8})),
    breaks("rule 2", "9 lying wounded in two ambulances",
           boards("m3", buses={"civilian": 49}, ambulances={"lying": 9}),
           given=demanding(civilian=149, lying=9)),
    breaks("rule 2", "lying wounded in a bus", boards("m3", buses={"civilian": 42, "lying": 8})),
    breaks("rule 2", "a civilian in an ambulance", boards("m3", buses={"civilian": 49}, ambulances={"civilian": 1})),
    breaks("rule 2", "people in a fleet that does not come along",
           boards("m3", buses={"civilian": 49}, cars={"civilian": 1})),
    breaks("rule 2", "a convoy that was not agreed", given=valley(convoys=(Convoy(vehicles={"buses": 2}),))),
    breaks("rule 2", "a convoy with more of another fleet", given=valley(convoys=(
        Convoy(vehicles={"buses": 2}), Convoy(vehicles={"buses": 1, "ambulances": 1})))),
    breaks("rule 2", "vehicles of no fleet", with_("m2", vehicles={"trucks": 2})),
    breaks("rule 2", "no vehicle of a fleet", with_("m2", vehicles={"buses": 0})),
    breaks("rule 2", "no vehicles at all", with_("m2", vehicles={})),
    breaks("rule 2", "any convoy may move, but none of no fleet", with_("m2", vehicles={"buses": 2, "trucks": 1}),
           given=valley(convoys=())),
    breaks("rule 2", "any convoy may move, but not fewer than no vehicles",
           with_("m2", vehicles={"buses": 2, "cars": -1}), given=valley(convoys=())),
    breaks("rule 1 and rule 2", "any convoy may move, but one of no vehicles carries nobody",
           with_("m2", vehicles={}, people={}), given=valley(convoys=())),
    breaks("rule 2", "people in no fleet", boards("m2", buses={"civilian": 99}, trucks={"civilian": 1})),
    keeps("any convoy where none is listed", given=valley(convoys=())),
)  # fmt: skip

LOADING = (
    breaks("rule 3", "loading takes 5 minutes more", longer("m3", "10:25", 5)),
    breaks("rule 3", "loading takes 1 minute less", longer("m3", "10:25", -1)),
    breaks("rule 3", "unloading takes 1 minute less", longer("m3", "12:26", -1)),
    breaks("rule 3", "unloading takes 5 minutes more", longer("m3", "12:26", 5)),
    breaks("rule 3", "loading starts a minute early", given=valley(load_from=clock("06:01"))),
    breaks("rule 3", "loading starts when the hours of loading end", given=valley(load_until=clock("10:00"))),
    breaks("rule 3", "two load at one bay", trips=(starting(M3, "06:19"),), given=two_at_the_town()),
    breaks("rule 3", "one loads where there is no bay", given=at_place("village", bays=0)),
    keeps("one loads when the other has loaded", trips=(starting(M3, "06:20"),), given=two_at_the_town()),
    keeps("loading starts in the last minute", given=valley(load_from=clock("06:00"), load_until=clock("10:01"))),
)  # fmt: skip

ROUTES = (
    breaks("rule 4", "a leg takes a minute less than the road", longer("m3", "10:55", -1)),
    breaks("rule 4", "a leg takes a minute more than the road", longer("m3", "12:01", 1)),
    breaks("rule 4", "a leg takes another hour's minutes", longer("m3", "10:55", -15),
           given=on_road("town--gate", paces=(Pace(hours("10:25-10:26")[0], 45),))),
    breaks("rule 4", "the road closes for its last minute", given=on_road("gate--city", closed=shut("12:00", "12:30"))),
    breaks("rule 4", "the road opens a minute after it enters",
           given=on_road("gate--city", closed=shut("10:55", "11:02"))),
    breaks("rule 4", "the road's hours end while it is on it", given=on_road("gate--city", hours=hours("05:00-12:00"))),
    breaks("rule 4", "it drives against a one-way road",
           given=on_road("ford--city", between=("city", "ford"), one_way=True)),
    breaks("rule 4", "it passes none of its handovers", trips=(going(M3, "town", "ford", "city"),)),
    breaks("rule 4", "it passes two of its handovers", trips=(going(M3, "town", "bridge", "gate", "city"),),
           given=valley(evacuations=evacuation("out", out_at=("gate", "bridge")))),
    breaks("rule 4", "it passes a place twice", trips=(going(M3, "town", "bridge", "town", "gate", "city"),)),
    breaks("rule 4", "it goes where its people do not go", trips=(to_camp(),),
           given=valley(evacuations=evacuation("out", to=("city",)))),
    breaks("rule 4", "it sets out from where its people are not", trips=(going(M3, "bridge", "gate", "city"),),
           given=valley(
        fleets=fleet("buses", stands={"town": 2, "village": 2, "bridge": 1})
        | {"ambulances": replace(valley().fleets["ambulances"], stands={"bridge": 2})},
        escorts={"town": 1, "village": 1, "bridge": 1})),
    breaks("rule 4", "it says it goes elsewhere than its legs do", with_("m3", destination="camp")),
    breaks("rule 4", "it takes a road that does not exist", leg("m3", 0, road="town--gate-by-night")),
    breaks("rule 4", "it takes a road that joins other places", leg("m3", 0, road="bridge--gate")),
    breaks("rule 4", "it is planned to turn back", movement("m3", turned_back)),
    keeps("it takes a longer way", trips=(going(M3, "town", "bridge", "gate", "city"),)),
    keeps("it goes to the other destination", trips=(to_camp(),)),
    keeps("the road closes as it leaves it", given=on_road("gate--city", closed=shut("12:01", "12:30"))),
    keeps("the evening's slower road", trips=(starting(M3, "17:40"),), given=valley(hours=hours("06:00-24:00"),
          roads=road("gate--city", hours=None))),
)  # fmt: skip

CROSSING = (
    breaks("rule 5", "an inspection takes a minute less", longer("m3", "11:01", -1)),
    breaks("rule 5", "an inspection takes 4 minutes more", longer("m3", "11:01", 4)),
    breaks("rule 5", "a slot shorter than the slot minutes", longer("m3", "11:05", -4), given=valley(slot_minutes=5)),
    breaks("rule 5", "an inspection is left out", longer("m3", "11:01", -6), with_("m3", inspections=())),
    breaks("rule 5", "an inspection at a crossing out of its way", movement("m3", lambda m: replace(
        m, inspections=(*m.inspections, Inspection(crossing="ford", starts=clock("11:30"), ends=clock("11:36")))))),
    breaks("rule 5", "no inspection at the last place", longer("m2", "07:50", -10),
           movement("m2", lambda m: replace(m, inspections=m.inspections[:1])),
           given=valley(crossings=(*CROSSINGS, Crossing(at="city", people_per_hour=600, lanes=3))),
           back=clock("08:30")),
    breaks("rule 5", "two in one lane", trips=(starting(M3, "05:59"),), given=two_at_the_town(bays=2)),
    breaks("rule 5", "three in two lanes", back=None,
           trips=(by_the_ford(M3, "05:40"), by_the_ford(M1, "05:42")),
           given=two_at_the_town(
               bays=2, evacuations=evacuation("out", out_at=("ford",)))),
    breaks("rule 5", "the crossing opens a minute later",
           given=valley(crossings=crossing("gate", hours=hours("06:51-18:00")))),
    breaks("rule 5", "the crossing shuts before the slot ends", given=valley(hours=hours("06:00-11:00"))),
    breaks("rule 5", "a pause inside the slot", given=valley(hours=(*hours("06:00-10:57"), *hours("10:58-18:00")))),
    breaks("rule 5", "the crossing is closed", given=valley(crossings=crossing("gate", closed=shut("10:30", "10:56")))),
    keeps("the next in the lane as the one before leaves", trips=(starting(M3, "06:05"),),
          given=two_at_the_town(bays=2)),
    keeps("two in two lanes", trips=(starting(M3, "05:59"),),
          given=two_at_the_town(bays=2, crossings=crossing("gate", lanes=2))),
    keeps("the slot ends as the crossing shuts", given=valley(hours=hours("06:50-11:01"))),
    keeps("a crossing at the first and the last place", given=valley(
        crossings=(*CROSSINGS, *(Crossing(at=at, people_per_hour=6000, lanes=2) for at in ("town", "city")))),
        trips=(starting(M3, "10:10"),), back=clock("08:30")),
)  # fmt: skip

WAITING = (
    breaks("rule 6", "it waits loaded before it leaves", waits("m3", "10:25", 5)),
    breaks("rule 6", "it waits before its slot", waits("m3", "10:55", 5)),
    breaks("rule 6", "it waits after its slot", movement("m3", lambda m: retimed(
        m, lambda t: t + 5 if t >= clock("11:01") else t, lambda t: t + 5 if t > clock("11:01") else t))),
    breaks("rule 6", "it waits to unload", waits("m3", "12:01", 5)),
    breaks("rule 6", "it leaves before it has loaded", waits("m3", "10:25", -5)),
    breaks("rule 6", "its slot starts before it is there", waits("m3", "10:55", -2)),
    breaks("rule 6", "it unloads before it is there", waits("m3", "12:01", -1)),
    breaks("rule 6", "it arrives later than its last leg", with_("m3", arrived=clock("12:05"))),
    breaks("rule 1 and rule 6", "it never unloads", with_("m3", unloading=None)),
    breaks("rule 6", "it arrives and unloads later than its last leg ends",
           with_("m3", arrived=clock("12:06"), unloading=Span(clock("12:06"), clock("12:31")))),
    breaks("rule 6", "it never arrives", with_("m3", arrived=None)),
    breaks("handover", "handed over when its slot starts", with_("m3", handed_over=clock("10:55"))),
    breaks("handover", "never handed over", with_("m3", handed_over=None)),
    breaks("handover", "handed over on arrival though out at the gate", with_("m3", handed_over=clock("12:01"))),
    breaks("handover", "handed over at the gate though out on arrival", with_("m3", handed_over=clock("11:01")),
           given=valley(evacuations=evacuation("out", out_at=()))),
    keeps("handed over on arrival where no crossing is named", given=valley(evacuations=evacuation("out", out_at=()))),
)  # fmt: skip

VEHICLES = (
    breaks("rule 7", "a bus too few", given=valley(fleets=fleet("buses", stands={"town": 1, "village": 2}))),
    breaks("rule 7", "its buses never came back", back=None),
    breaks("rule 7", "no escort", given=valley(escorts={"village": 1})),
    breaks("rule 7", "its escort did not come back", back(escorts=0)),
    breaks("rule 7", "more escorts go back than came", back(escorts=3)),
    breaks("rule 7", "the buses go back before they are empty", back=clock("07:59")),
    breaks("rule 7", "more buses go back than came", back(vehicles={"buses": 5})),
    breaks("rule 7", "loading starts before the buses are back", trips=(starting(M3, "09:49"),)),
    breaks("rule 7", "the way back is a minute short", goes_back("city gate 08:20 09:19", "gate town 09:19 09:49")),
    breaks("rule 7", "the way back leads over no road", goes_back("city town 08:20 09:50")),
    breaks("rule 7", "the way back jumps", goes_back("city ford 08:20 09:00", "gate town 09:00 09:30")),
    breaks("rule 7", "the way back waits on the way", goes_back("city gate 08:20 09:20", "gate town 09:25 09:55")),
    breaks("rule 7", "the way back leaves before it is there",
           goes_back("city gate 08:20 09:20", "gate town 09:15 09:45")),
    breaks("rule 7", "the way back is closed", given=on_road("gate--city", closed=shut("08:00", "08:21"))),
    breaks("rule 7", "the way back goes against a one-way road", given=on_road("gate--city", one_way=True)),
    breaks("rule 7", "the link's minutes hold, not the road's",
           goes_back("city gate 08:20 09:20", "gate town 09:20 09:50"),
        given=linked(EmptyLink(between=("town", "gate"), minutes=35))),
    breaks("rule 7", "the link goes by a closed road", empty("city village", "08:00", buses=2),
           given=on_road("ford--city", closed=shut("08:44", "09:00"))),
    breaks("rule 7", "vehicles of no fleet", empty("city village", "08:00", trucks=2, escorts=0)),
    breaks("rule 7", "fewer than no vehicles", empty("city village", "08:00", buses=-1, escorts=0)),
    breaks("rule 7", "an empty move of nothing", empty("city village", "08:00", escorts=0)),
    breaks("rule 7", "it starts before the operation", empty("village city", "23:59", day=0, buses=1, escorts=0),
           given=valley(fleets=fleet("buses", stands={"town": 2, "village": 3}))),
    breaks("rule 7", "an empty move ends after the operation",
           empty("city village", "23:16", day=2, buses=1, escorts=0)),
    breaks("rule 7", "a convoy ends after the operation", trips=(to_camp("21:40", 2),),
           given=at_night(Aboard(id="night", overnight=True))),
    breaks("rule 7", "a leg starts from another place",
           leg("m3", 1, here="ford", road="ford--city"), longer("m3", "12:01", -20)),
    breaks("rule 7", "private cars come back", empty("city village", "12:00", cars=10, escorts=0),
           trips=(BY_CARS,)),
    breaks("rule 7", "private cars move empty", empty("village city", "12:00", cars=1, escorts=0)),
    breaks("rule 7", "private cars drive again", more(CARS_AGAIN), empty("city village", "12:00"), trips=(BY_CARS,)),
    keeps("an escort moves alone", empty("city village", "08:00", buses=0)),
    keeps("an empty move as the operation starts", empty("village city", "00:00", buses=1, escorts=0),
          given=valley(fleets=fleet("buses", stands={"town": 2, "village": 3}))),
    keeps("the other of two links", empty("city village", "08:00", buses=2), given=linked(
        EmptyLink(between=("village", "city"), minutes=70), EmptyLink(between=("city", "village"), minutes=45))),
    keeps("the buses are back just in time", trips=(starting(M3, "09:50"),)),
    keeps("no escorts where none are needed", given=valley(escorts=None)),
    keeps("private cars go one way", trips=(BY_CARS,)),
    keeps("empty vehicles by night, over roads out of hours", empty("city gate town", "21:00", buses=1)),
    keeps("an empty move ends with the operation", empty("city village", "23:15", day=2, buses=1, escorts=0)),
    keeps("a link that no closure binds", empty("city village", "08:00", buses=2),
          given=replace_world(on_road("ford--city", closed=shut("08:44", "09:00")),
                              empty_links=(EmptyLink(between=("city", "village"), minutes=45),))),
)  # fmt: skip

ABOARD = (
    breaks("rule 8", "aboard at midnight", trips=(to_camp("21:40"),), given=at_night()),
    breaks("rule 8", "aboard at midnight, allowed to others only", trips=(to_camp("21:40"),),
           given=at_night(Aboard(id="night", overnight=True, of=("over",)))),
    breaks("stay", "aboard a minute longer than agreed", given=valley(Aboard(id="stay", minutes=145))),
    breaks("stay", "aboard too long, by the shorter of two limits", given=valley(
        Aboard(id="other", minutes=200), Aboard(id="stay", minutes=145, of=("out",)))),
    keeps("aboard as long as agreed", given=valley(Aboard(id="stay", minutes=146))),
    keeps("aboard until midnight", trips=(to_camp("21:39"),), given=at_night()),
    keeps("a night that is allowed", trips=(to_camp("21:40"),),
          given=at_night(Aboard(id="night", overnight=True))),
    keeps("the limit of another evacuation", given=valley(Aboard(id="stay", minutes=110, of=("over",)))),
)  # fmt: skip

RECEPTION = (
    breaks("rule 9", "one more than the city receives", given=at_place("city", capacity=257)),
    breaks("rule 9", "one more than the city receives a day", given=at_place("city", capacity_per_day=257)),
    breaks("rule 9", "more in all, though on two days", trips=(starting(M3, "10:00", 2),),
           given=at_place("city", capacity=257, capacity_per_day=200)),
    keeps("spread over two days", trips=(starting(M3, "10:00", 2),), given=at_place("city", capacity_per_day=200)),
    keeps("the camp receives the others", trips=(to_camp(),),
          given=at_place("city", capacity=200)),
    keeps("those who live there do not count", given=at_place("city", population=100_000)),
)  # fmt: skip

IN_STEP = Lockstep(id="step", of=("out",), with_=("over",), tolerance=0.4)
IN_TURN = Tranches(id="turn", first=("over",), then=("out",), first_steps=(50, 50), then_steps=(100, 58))
LATE = (starting(M2, "06:11"),)

CLAUSES = (
    breaks("step", "lockstep: a swap, one of the two a minute late", trips=LATE, given=valley(IN_STEP)),
    breaks("step", "lockstep: more apart than agreed", given=valley(replace(IN_STEP, tolerance=0.36))),
    breaks("step", "lockstep: by arrival", given=valley(replace(IN_STEP, counts="arrival"))),
    breaks("step", "lockstep: one side never goes", without("m2"), given=valley(IN_STEP)),
    breaks("step", "lockstep: from a time on at which it is not kept", given=valley(
        replace(IN_STEP, tolerance=0.1, from_=clock("09:00")))),
    keeps("lockstep: a swap at the same instant", given=valley(IN_STEP)),
    keeps("lockstep: kept again before it binds", trips=LATE, given=valley(replace(IN_STEP, from_=clock("07:01")))),
    keeps("lockstep: only proposed", trips=LATE, given=valley(replace(IN_STEP, state="proposed"))),
    breaks("turn", "tranches: the step it waits for is a minute late", trips=LATE, given=valley(IN_TURN)),
    breaks("turn", "tranches: the step is not complete", boards("m2", buses={"civilian": 49}), given=valley(IN_TURN)),
    breaks("turn", "tranches: the second step before its turn", boards("m2", buses={"civilian": 99}),
           given=valley(IN_TURN)),
    breaks("turn", "tranches: by arrival", given=valley(replace(IN_TURN, counts="arrival"))),
    keeps("tranches: each in its turn", given=valley(IN_TURN)),
    breaks("first", "order: before the share is reached", trips=LATE, given=valley(
        Order(id="first", first=("over",), then=("out",), share=0.5))),
    breaks("first", "order: the share is one person short", boards("m2", buses={"civilian": 99}), given=valley(
        Order(id="first", first=("over",), then=("out",)))),
    breaks("first", "order: further ahead than agreed", given=valley(
        Order(id="first", first=("out/lying",), then=("out/civilian",), ahead=0.6))),
    keeps("order: as far ahead as agreed", given=valley(
        Order(id="first", first=("out/lying",), then=("out/civilian",), ahead=0.67))),
    keeps("order: the share is reached", given=valley(Order(id="first", first=("over",), then=("out",)))),
    breaks("end", "last: the final person too early", given=valley(Last(id="end", first=("out",), then=("over",)))),
    keeps("last: the final person in time", given=valley(Last(id="end", first=("over",), then=("out",)))),
    breaks("window", "window: after its hours", given=valley(Window(id="window", hours=hours("06:00-11:00")))),
    breaks("window", "window: before its hours",
           given=valley(Window(id="window", hours=hours("06:51-18:00"), on=("gate",)))),
    breaks("window", "window: in its pause", given=valley(Window(id="window", pauses=hours("11:00-11:30")))),
    keeps("window: elsewhere", given=valley(Window(id="window", hours=hours("06:00-11:00"), on=("ford",)))),
    keeps("window: empty vehicles pass", given=valley(Window(id="window", pauses=hours("09:00-09:40")))),
    breaks("quota", "quota: one more than agreed", given=valley(Quota(id="quota", of=("*",), most=257))),
    breaks("quota", "quota: one more a day", given=valley(Quota(id="quota", of=("out",), most=157, per="day"))),
    breaks("quota", "quota: one more to a place", given=valley(
        Quota(id="quota", of=("*/civilian",), most=249, to=("city",), counts="arrival"))),
    keeps("quota: spread over two days", trips=(starting(M3, "10:00", 2),), given=valley(
        Quota(id="quota", of=("out",), most=157, per="day"))),
    keeps("quota: to another place", given=valley(Quota(id="quota", of=("out",), most=0, to=("camp",)))),
    breaks("yes", "consent: withheld on a road", given=withholds("opposition", "ford--city", "07:39", "08:00")),
    breaks("yes", "consent: withheld at a crossing", given=withholds("government", "gate", "11:00", "11:01")),
    breaks("yes", "consent: withheld from empty vehicles too",
           given=withholds("government", "town--gate", "09:30", "09:31")),
    keeps("consent: withheld when nobody is there", given=withholds("opposition", "ford--city", "07:40", "09:00")),
    breaks("apart", "apart: they share a movement", given=valley(Apart(id="apart", groups=("civilian", "lying")))),
    keeps("apart: they do not", boards("m3", ambulances={"lying": 8}), given=valley(
        Apart(id="apart", groups=("civilian", "lying")))),
)  # fmt: skip

CASES = (
    *PEOPLE, *SEATS, *LOADING, *ROUTES, *CROSSING, *WAITING, *VEHICLES, *ABOARD, *RECEPTION, *CLAUSES,
)  # fmt: skip


def test_the_plan_they_start_from_keeps_every_rule() -> None:
    assert check_plan(valley(), one_after_another(valley())).findings == ()


@pytest.mark.parametrize("case", CASES, ids=[f"{' and '.join(sorted(c.rules)) or 'kept'}: {c.says}" for c in CASES])
def test_a_broken_plan_is_found_and_named(case: Case) -> None:
    report = check_plan(case.operation, case.timetable)
    assert rules(report) == case.rules, "\n".join(finding.text for finding in report.findings)
    assert all(finding.severity == "error" for finding in report.findings)


@pytest.fixture(scope="module")
def planned() -> tuple[Operation, Timetable]:
    """The planner's own plan of the hub: two crossings, two places that receive, empty links."""
    operation = hub()
    return operation, planner.plan(operation, operation_hash="", version="0", work=1, workers=1).timetable


def test_the_planners_own_plan_is_kept(planned: tuple[Operation, Timetable]) -> None:
    assert check_plan(*planned).findings == ()


ON_THE_PLANNERS: dict[str, Callable[[Any], Movement]] = {
    "rule 1: nobody aboard": lambda m: replace(m, people={}),
    "rule 2: all in one vehicle": lambda m: replace(m, vehicles=dict.fromkeys(m.vehicles, 1)),
    "rule 3: a minute more of loading": lambda m: retimed(m, *[lambda t: t if t <= m.loading.start else t + 1] * 2),
    "rule 4: a minute more on the last leg": lambda m: retimed(m, *[lambda t: t if t < m.arrived else t + 1] * 2),
    "rule 5: no inspection": lambda m: replace(m, inspections=()),
    "rule 6: a minute of waiting": lambda m: replace(m, arrived=m.arrived + 1),
    "rule 7: from elsewhere": lambda m: replace(m, legs=m.legs[1:]),
    "handover: a minute early": lambda m: replace(m, handed_over=m.handed_over - 1),
}


@pytest.mark.parametrize("says", ON_THE_PLANNERS)
def test_every_movement_of_the_planners_plan_is_judged(planned: tuple[Operation, Timetable], says: str) -> None:
    operation, timetable = planned
    for m in timetable.movements:
        edited = movement(m.id, ON_THE_PLANNERS[says])(timetable)
        found = check_plan(operation, plan(operation, edited.movements, edited.empty_moves)).findings
        assert any(finding.rule == says.partition(":")[0] and m.id in finding.movements for finding in found)


def test_no_empty_move_of_the_planners_plan_can_be_left_out_or_be_late(planned: tuple[Operation, Timetable]) -> None:
    operation, timetable = planned
    for number, move in enumerate(timetable.empty_moves):
        others = timetable.empty_moves[:number] + timetable.empty_moves[number + 1 :]
        longer = replace(move, hops=(*move.hops[:-1], replace(move.hops[-1], arrives=move.ends + 1)))
        for moves in (others, (*others, longer)):
            assert "rule 7" in rules(check_plan(operation, plan(operation, timetable.movements, moves)))
