"""Replanning from the record: what has happened is past, what is reported shut is closed, the planner does the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from safepassage.control.plans import VERSION, replan
from safepassage.dispatch import convoy_for, departing
from safepassage.formats.operation import operation_hash
from safepassage.formats.problem import nearest
from safepassage.movement import EmptyMove, Hop, Movement, Timetable
from safepassage.operation import Operation
from safepassage.planner import Planned, Progress
from safepassage.situation import MovementState, Situation
from safepassage.world import Span, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """The rest of an operation, planned from what has happened, and how it differs from the adopted plan.

    The timetable belongs to the operation as filed. `operation` is the one it keeps: as amended, with the segments of
    `closed` shut until then. `kept`, `moved` and `dropped` are movements of the adopted plan by id, `new` those of this
    one; those kept and moved keep their ids, and no new one has an id that was heard before.
    """

    planned: Planned
    operation: Operation
    kept: tuple[str, ...]
    moved: tuple[str, ...]
    dropped: tuple[str, ...]
    new: tuple[str, ...]
    closed: Mapping[str, datetime]


def replan_from(
    situation: Situation,
    *,
    reopens: Mapping[str, datetime] | None = None,
    seed: int = 0,
    work: int | None = None,
    seconds: float | None = None,
    stopped: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Replanned:
    """Plan what remains: what has happened and what is on the road is past.

    Roads reported blocked, crossings reported closed and segments for which a consent was withdrawn are shut to the
    end of the operation, or until `reopens` says. Consents that were never given are taken as still to be had, and a
    suspension as over. There is no certificate: the bound rests on what was shut, which no file says. Raises ValueError
    outside the operation's days.
    """
    calendar = situation.operation.calendar
    at = calendar.minute(situation.as_of)
    if not 0 <= at < calendar.end:
        raise ValueError(
            f"{situation.as_of:%Y-%m-%d %H:%M} is outside the operation, "
            f"which lasts from {calendar.when(0):%Y-%m-%d %H:%M} to {calendar.when(calendar.end):%Y-%m-%d %H:%M}"
        )
    closed = shut(situation)
    for segment, when in (reopens or {}).items():
        if segment not in closed:
            raise ValueError(f"{segment!r} is not reported shut. {nearest(segment, closed)}")
        closed[segment] = when
    closed = {segment: when for segment, when in closed.items() if calendar.minute(when) > at}
    operation = _closed(situation.operation, {id: Span(at, calendar.minute(when)) for id, when in closed.items()})
    adopted = situation.plan
    gone = [one for state in situation.movements.values() if (one := _as_it_goes(situation, state, at)) is not None]
    past = _as_demanded(operation, gone)
    begun = {one.id for one in past}
    ahead = [one for one in adopted.movements if one.id not in begun and one.loading.start >= at] if adopted else []
    moves = [one for one in adopted.empty_moves if one.starts < at] if adopted else []
    timetable = Timetable(
        operation=operation.name,
        operation_hash=operation_hash(situation.filed),
        version=VERSION,
        seed=seed,
        movements=(*past, *ahead),
        empty_moves=tuple(_brought(operation, past, moves)),
        left_behind=(),
        outcome="none found",
        objective=0.0,
        person_hours=0.0,
        exposure=0.0,
    )
    planned = replan(
        operation, timetable, at=at, seed=seed, work=work, seconds=seconds, stopped=stopped, progress=progress
    )
    rest = [one for one in planned.timetable.movements if one.id not in begun]
    before = [one for one in adopted.movements if one.id not in begun] if adopted else []
    kept, moved = _compared(before, rest)
    names = kept | moved
    taken = {*situation.movements, *begun}
    free = (name for number in range(1, len(taken) + len(rest) + 1) if (name := f"m{number:03d}") not in taken)
    new = {one.id: next(free) for one in rest if one.id not in names}
    names |= new
    return Replanned(
        planned=Planned(
            timetable=_filed(situation, planned.timetable, names, closed), certificate=None, conflict=planned.conflict
        ),
        operation=operation,
        kept=tuple(kept.values()),
        moved=tuple(moved.values()),
        dropped=tuple(one.id for one in before if one.id not in names.values()),
        new=tuple(new.values()),
        closed=closed,
    )


def _as_demanded(operation: Operation, past: Sequence[Movement]) -> list[Movement]:
    """The past with nobody beyond the demand: where more came than were counted, a plan has nothing to do for them."""
    left = {(one.id, group): people for one in operation.evacuations.values() for group, people in one.demand().items()}
    found = []
    for movement in sorted(past, key=lambda one: one.loading.start):
        people: dict[str, dict[str, int]] = {}
        for fleet, groups in movement.people.items() if movement.ending == "arrived" else ():
            for group, count in groups.items():
                stream = (movement.evacuation, group)
                people.setdefault(fleet, {})[group] = min(count, left.get(stream, 0))
                left[stream] = left.get(stream, 0) - people[fleet][group]
        beyond = movement.total - sum(sum(groups.values()) for groups in people.values())
        if movement.ending == "arrived" and beyond:
            note = f"{movement.id} carries {beyond:,} more than were demanded; the plan does not count them"
            movement = replace(movement, people=people, note=note)
        found.append(movement)
    return found


def _filed(
    situation: Situation, timetable: Timetable, names: Mapping[str, str], closed: Mapping[str, datetime]
) -> Timetable:
    """The timetable as one of the operation as filed, with these names, and what was taken to be so said in it."""
    calendar, theatre = situation.operation.calendar, situation.operation.theatre
    said = [
        f"taken as shut until {calendar.clock(calendar.minute(when))}, for the bound too: {theatre.name(id, 'en')}"
        for id, when in closed.items()
    ]
    said += [
        f"{id} is not counted and its people are planned for: which vehicles it has, nobody reported"
        for id, state in situation.movements.items()
        if state.evacuation and state.boarded is not None and state.actual is None
    ]
    movements = (replace(one, id=names.get(one.id, one.id)) for one in timetable.movements)
    return replace(
        timetable,
        operation_hash=operation_hash(situation.filed),
        movements=tuple(sorted(movements, key=lambda one: (one.loading.start, one.id))),
        notes=(*timetable.notes, *said),
    )


def shut(situation: Situation) -> dict[str, datetime]:
    """Segments that reports shut (a block, a closure, a consent withdrawn), to the end of the operation."""
    end = situation.operation.calendar.when(situation.operation.calendar.end)
    reported = [id for id, one in situation.segments.items() if one.phase in {"blocked", "closed"}]
    withdrawn = [one.segment for one in situation.consents if one.phase == "withdrawn"]
    return dict.fromkeys((*reported, *withdrawn), end)


def _closed(operation: Operation, spans: Mapping[str, Span]) -> Operation:
    world = operation.world
    roads, crossings = dict(world.roads), dict(world.crossings)
    for id, span in spans.items():
        if id in roads:
            roads[id] = replace(roads[id], closed=(*roads[id].closed, span))
        else:
            crossings[id] = replace(crossings[id], closed=(*crossings[id].closed, span))
    closed = World(places=world.places, roads=roads, crossings=crossings, empty_links=world.empty_links)
    return replace(operation, world=closed)


def _as_it_goes(situation: Situation, state: MovementState, at: int) -> Movement | None:
    """A movement that began to load before `at`: as it went, and as it would go on from where it was last heard of."""
    actual = state.actual
    if actual is None or actual.loading.start >= at:
        return None
    if actual.unloading is not None:
        return replace(actual, destination=actual.origin if state.phase == "returned" else actual.destination)
    operation = situation.operation
    base = state.planned or convoy_for(situation, state.evacuation)
    gone = departing(operation, base, max(actual.loading.end, at if state.phase == "boarding" else 0))
    late = 0
    for leg in gone.legs:
        if leg.here == state.at and leg.departs < at:
            late = at - leg.departs
    loading = Span(actual.loading.start, max(actual.loading.start, gone.loading.end))
    onward = tuple(
        leg if leg.arrives <= at and not late else replace(leg, departs=leg.departs + late, arrives=leg.arrives + late)
        for leg in gone.legs
    )
    handed = actual.handed_over
    if handed is None and gone.handed_over is not None:
        handed = gone.handed_over + late
    arrived = (gone.arrived or 0) + late
    unload = operation.unload_minutes(gone.vehicles)
    slots = tuple(replace(slot, starts=slot.starts + late, ends=slot.ends + late) for slot in gone.inspections)
    return replace(
        gone,
        id=state.id,
        vehicles=actual.vehicles,
        people=actual.people,
        loading=loading,
        legs=onward,
        inspections=slots,
        handed_over=handed,
        arrived=arrived,
        unloading=Span(arrived, arrived + unload),
        note="on its way: the rest of its times is an estimate",
    )


def _brought(operation: Operation, past: Sequence[Movement], moves: Sequence[EmptyMove]) -> list[EmptyMove]:
    """The empty moves of the plan that fit what happened, and those that must have been for vehicles to be where they
    loaded: nobody reports empty vehicles.
    """
    stock = {fleet.id: dict(fleet.stands) for fleet in operation.fleets.values()}
    if operation.escorts is not None:
        stock[""] = dict(operation.escorts)
    coming: list[tuple[int, str, str, int]] = []
    found: list[EmptyMove] = []
    ordered: list[tuple[int, int, Movement | EmptyMove]] = [(one.loading.start, 1, one) for one in past]
    ordered += [(one.starts, 0, one) for one in moves]
    for minute, _, one in sorted(ordered, key=lambda item: (item[0], item[1])):
        for arrival in [arrival for arrival in coming if arrival[0] <= minute]:
            coming.remove(arrival)
            _, fleet, place, count = arrival
            stock[fleet][place] = stock[fleet].get(place, 0) + count
        taken = {**one.vehicles, **({"": 1} if "" in stock and isinstance(one, Movement) else {})}
        if isinstance(one, EmptyMove):
            taken |= {"": one.escorts} if one.escorts else {}
            if any(stock[fleet].get(one.origin, 0) < count for fleet, count in taken.items()):
                continue
            found.append(one)
        for fleet, count in taken.items():
            short = count - stock[fleet].get(one.origin, 0)
            while short > 0:
                place, most = max(stock[fleet].items(), key=lambda item: (item[0] != one.origin, item[1]))
                if place == one.origin or most <= 0:
                    raise ValueError(
                        f"{one.id if isinstance(one, Movement) else 'an empty move'} takes {count} of"
                        f" {fleet or 'the escorts'} from {one.origin}, more than the operation has: correct the record"
                    )
                brought = min(short, most)
                hop = Hop(here=place, there=one.origin, departs=max(0, minute - 1), arrives=minute)
                load = ({fleet: brought}, 0) if fleet else ({}, brought)
                found.append(EmptyMove(vehicles=load[0], escorts=load[1], hops=(hop,)))
                stock[fleet][place] -= brought
                stock[fleet][one.origin] = stock[fleet].get(one.origin, 0) + brought
                short -= brought
            stock[fleet][one.origin] -= count
            ends = one.ends if isinstance(one, EmptyMove) or one.unloading is not None else None
            stays = fleet and operation.fleets[fleet].one_way and getattr(one, "ending", "") != "turned back"
            if ends is not None and not stays:
                coming.append((ends, fleet, one.destination, count))
    return found


def _compared(before: Sequence[Movement], after: Sequence[Movement]) -> tuple[dict[str, str], dict[str, str]]:
    """Which movements are kept and which moved to another time: their ids after, and before."""

    def way(movement: Movement) -> tuple[object, ...]:
        return movement.evacuation, movement.places, tuple(sorted(movement.vehicles.items()))

    kept: dict[str, str] = {}
    moved: dict[str, str] = {}
    for found, same_time in ((kept, True), (moved, False)):
        for one in before:
            if one.id in kept.values():
                continue
            for two in after:
                free = two.id not in kept and two.id not in moved
                if free and way(two) == way(one) and (two.loading == one.loading or not same_time):
                    found[two.id] = one.id
                    break
    return kept, moved
