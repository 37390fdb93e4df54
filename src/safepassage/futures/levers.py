"""What to ask for in the talks: levers, each an edited operation or shock model, planned, stressed and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, fields, replace
from typing import Any

import numpy as np

from safepassage.agreement import Clause, Limit
from safepassage.clauses.aboard import Aboard
from safepassage.clauses.lockstep import Lockstep
from safepassage.clauses.order import Order
from safepassage.clauses.tranches import Tranches
from safepassage.clauses.window import Window
from safepassage.futures.chance import stream
from safepassage.futures.kernel import Courses
from safepassage.futures.network import Floats
from safepassage.futures.shocks import Block, Demand, Fire, OwnMeans, Shock, ShockModel, Withdrawal
from safepassage.futures.stress import SURE, Stress, all_out, estimate, stress
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.people import Evacuation
from safepassage.world import DAY, Span, World, merge

RESAMPLED = 500
"""Times the courses are drawn again for the interval of a percentile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One thing to ask for. `of`: a crossing, fleet, clause or shock; `operation` and `model` as they would be then."""

    id: str
    text: str
    operation: Operation
    model: ShockModel
    replans: bool = True
    """False where no other timetable would be better: the same one holds, and only its courses differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A lever that was not driven: its quiet plan saved least, or the bound proves how little it can save.

    `most_saved`: weighted person-hours that any plan with it can save on a quiet day, proven by its bound; None where
    its own quiet plan told.
    """

    lever: str
    text: str
    most_saved: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What a lever brings, course by course against the same courses without it, with 95 % confidence intervals.

    `person_hours` and `hours_sooner` are mean savings; `bad_case` is by how much the 90th percentile of person-hours
    falls; `everyone_out` the share of courses that bring everyone out, without it and with it.
    """

    lever: str
    text: str
    person_hours: tuple[float, float, float]
    hours_sooner: tuple[float, float, float]
    bad_case: tuple[float, float, float]
    people_more: tuple[float, float, float]
    everyone_out: tuple[float, float]
    planned_hours: float


def levers(operation: Operation, model: ShockModel) -> tuple[Lever, ...]:
    """The levers that this operation and its shock model have, in a fixed order."""
    return (*_of_operation(operation, model), *_of_model(operation, model))


def alternative(operation: Operation, model: ShockModel, other: Operation, name: str) -> Lever:
    """Another operation as a lever: the same one edited by hand, with a second corridor for instance.

    Raises ValueError where courses of the two are not comparable: other days, other people, or a shock that does not
    fit the other one.
    """
    here, there = operation.calendar, other.calendar
    if here != there:
        lasts, asked = (f"from {one.when(0):%Y-%m-%d %H:%M %z}, {one.days} days" for one in (there, here))
        raise ValueError(f"{name} lasts {lasts}, and not {asked}: give both the same days")
    for id in (*operation.evacuations, *(id for id in other.evacuations if id not in operation.evacuations)):
        people, others = (_demand(one, id) for one in (operation, other))
        if people != others:
            raise ValueError(
                f"evacuation {id} has {others or 'nobody'} in {name}, and {people or 'nobody'} without it: give both "
                "the same people"
            )
    for shock in model.shocks:
        try:
            shock.check_fit(other)
        except ValueError as error:
            raise ValueError(f"shock {shock.id} does not fit {name}. {error}") from error
    if other == operation:
        raise ValueError(f"{name} is the operation itself: edit what is asked for")
    return Lever(id=f"with:{name}", text=f"what {name} changes", operation=other, model=model)


def _demand(operation: Operation, evacuation: str) -> dict[str, int]:
    return dict(operation.evacuations[evacuation].demand()) if evacuation in operation.evacuations else {}


def _of_operation(operation: Operation, model: ShockModel) -> Iterator[Lever]:
    world, theatre = operation.world, operation.theatre

    def lever(id: str, text: str, **changed: object) -> Lever:
        return Lever(id=id, text=text, operation=replace(operation, **changed), model=model)  # type: ignore[arg-type]

    for crossing in world.crossings.values():
        name = theatre.name(crossing.id, "en")
        wider = {**world.crossings, crossing.id: replace(crossing, lanes=crossing.lanes + 1)}
        yield lever(f"lane:{crossing.id}", f"one more lane at {name}", world=replace(world, crossings=wider))
    if not all(_whole_day(spans) for spans in (operation.hours, *_windows(operation))):
        longer = merge(Span(max(0, one.start - 60), min(DAY, one.end + 60)) for one in operation.hours)
        clauses = tuple(_wider(clause, 60) for clause in operation.clauses)
        yield lever("hours:+1", "one hour more at either end of the day", hours=longer, clauses=clauses)
        always = (Span(0, DAY),)
        nights = (*(_wider(clause, DAY) for clause in operation.clauses), Aboard(id="night-moves", overnight=True))
        yield lever("night", "moves by night too", hours=always, load_from=0, load_until=DAY, clauses=_unique(nights))
    for fleet in operation.fleets.values():
        if not fleet.stands:
            continue
        name = fleet.name or fleet.id
        if fleet.one_way:
            twice = replace(fleet, stands={place: 2 * vehicles for place, vehicles in fleet.stands.items()})
            text = f"twice as many {name.lower()} let through"
            yield lever(f"cars:{fleet.id}", text, fleets={**operation.fleets, fleet.id: twice})
            continue
        depot = max(fleet.stands, key=lambda place: fleet.stands[place])
        more = replace(fleet, stands={**fleet.stands, depot: fleet.stands[depot] + 10})
        text = f"ten more {name.lower()} at {theatre.name(depot, 'en')}"
        yield lever(f"vehicles:{fleet.id}", text, fleets={**operation.fleets, fleet.id: more})
    if operation.escorts:
        depot = max(operation.escorts, key=lambda place: (operation.escorts or {})[place])
        yield lever(
            "escorts", f"two more escort teams at {theatre.name(depot, 'en')}",
            escorts={**operation.escorts, depot: operation.escorts[depot] + 2},
        )  # fmt: skip
    for clause in operation.binding:
        if isinstance(clause, Lockstep):
            looser = replace(clause, tolerance=min(1.0, clause.tolerance + 0.1))
            text = f"{clause.id}: a tolerance of {looser.tolerance:.0%} for {clause.tolerance:.0%}"
            yield lever(f"tolerance:{clause.id}", text, clauses=_with(operation, clause, looser))
        if isinstance(clause, Tranches):
            finer = replace(clause, first_steps=_halved(clause.first_steps), then_steps=_halved(clause.then_steps))
            text = f"{clause.id}: tranches half as large"
            yield lever(f"tranches:{clause.id}", text, clauses=_with(operation, clause, finer))
        if isinstance(clause, Lockstep | Tranches | Order):
            without = tuple(one for one in operation.clauses if one is not clause)
            yield lever(f"without:{clause.id}", f"without the clause {clause.id}", clauses=without)


def _of_model(operation: Operation, model: ShockModel) -> Iterator[Lever]:
    """What a kept promise would be worth: the shock it is against does not happen, or not so soon."""
    theatre = operation.theatre

    def changed(id: str, text: str, edited: dict[str, Shock]) -> Lever:
        shocks = tuple(edited.get(one.id, one) for one in model.shocks)
        return Lever(id=id, text=text, operation=operation, model=replace(model, shocks=shocks), replans=False)

    brief = [one for one in model.shocks if isinstance(one, Withdrawal) and one.valid_minutes < DAY]
    if brief:
        text = "consents that hold for a day once given, if they do (assumed)"
        yield changed("consents:day", text, {one.id: replace(one, valid_minutes=DAY) for one in brief})
    for shock in model.shocks:
        others = replace(model, shocks=tuple(one for one in model.shocks if one is not shock))
        if isinstance(shock, Withdrawal):
            where, who = theatre.names(shock.on, "en"), theatre.name(shock.party, "en")
            text = f"a guarantee, kept, that {who} does not withdraw its consent for {where}"
        elif isinstance(shock, Demand):
            text = f"no conditions added ({shock.id})"
        elif isinstance(shock, Block):
            text = f"{theatre.names(shock.on, 'en')} kept clear ({shock.id})"
        elif isinstance(shock, Fire):
            halved = replace(shock, hazard_times=shock.hazard_times / 2)
            text = "observers on the roads, if they halve the hazard (assumed)"
            yield changed(f"guarantee:{shock.id}", text, {shock.id: halved})
            yield from _observed(operation, model)
            continue
        elif isinstance(shock, OwnMeans):
            twice = replace(shock, per_day=2 * shock.per_day)
            who = theatre.name(shock.evacuation, "en")
            text = f"private cars allowed ({who}), if twice as many leave so (assumed)"
            yield changed(f"own-means:{shock.id}", text, {shock.id: twice})
            continue
        else:
            continue
        yield Lever(id=f"guarantee:{shock.id}", text=text, operation=operation, model=others, replans=False)


def _observed(operation: Operation, model: ShockModel) -> Iterator[Lever]:
    """An observer at a crossing: what harms convoys on the roads to and from there is half as likely (assumed)."""
    world = operation.world
    for crossing in world.crossings:
        roads = {id: road for id, road in world.roads.items() if crossing in road.between and road.hazard}
        if roads:
            safer = {**world.roads, **{id: replace(road, hazard=road.hazard / 2) for id, road in roads.items()}}
            name = operation.theatre.name(crossing, "en")
            text = f"an observer at {name}, if that halves the hazard of its roads (assumed)"
            changed = replace(operation, world=replace(world, roads=safer))
            yield Lever(id=f"observer:{crossing}", text=text, operation=changed, model=model, replans=False)


def _whole_day(spans: Sequence[Span]) -> bool:
    return tuple(spans) == (Span(0, DAY),)


def _windows(operation: Operation) -> list[Sequence[Span]]:
    return [clause.hours for clause in operation.binding if isinstance(clause, Window) and clause.hours]


def _wider(clause: Clause, minutes: int) -> Clause:
    if not isinstance(clause, Window) or not clause.hours:
        return clause
    return replace(
        clause, hours=merge(Span(max(0, one.start - minutes), min(DAY, one.end + minutes)) for one in clause.hours)
    )


def _unique(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    return tuple({clause.id: clause for clause in clauses}.values())


def _with(operation: Operation, before: Clause, after: Clause) -> tuple[Clause, ...]:
    return tuple(after if clause is before else clause for clause in operation.clauses)


def _halved(steps: Sequence[int]) -> tuple[int, ...]:
    return tuple(part for step in steps for part in ((step - step // 2, step // 2) if step > 1 else (step,)))


# What they bring


def together(operation: Operation, model: ShockModel, one: Lever, other: Lever) -> Lever:
    """Two levers as one. Raises ValueError where both change the same thing."""
    if not pairable(operation, model, one, other):
        raise ValueError(f"{one.id} and {other.id} change the same thing: pair levers that do not")
    both, theirs = _parts(one.operation, one.model), _parts(other.operation, other.model)
    for key in _changed(operation, model, other):
        if key in theirs:
            both[key] = theirs[key]
        else:
            both.pop(key, None)
    whole, shocks = _whole(both)
    return Lever(
        id=f"{one.id} + {other.id}",
        text=f"{one.text}, and {other.text}",
        operation=whole,
        model=replace(model, shocks=shocks),
        replans=one.replans or other.replans,
    )


def pairable(operation: Operation, model: ShockModel, one: Lever, other: Lever) -> bool:
    """Whether two levers change different things: other crossings, other clauses, other shocks."""
    return _changed(operation, model, one).isdisjoint(_changed(operation, model, other))


Part = tuple[str, str]
"""A field of an operation, its world or a shock model, and which one of it; empty where the field is one thing."""


def _changed(operation: Operation, model: ShockModel, lever: Lever) -> set[Part]:
    before, after = _parts(operation, model), _parts(lever.operation, lever.model)
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _parts(operation: Operation, model: ShockModel) -> dict[Part, Any]:
    """All that levers change, in the smallest parts that can be changed by themselves."""
    parts: dict[Part, Any] = {}
    for value in (operation, operation.world):
        for field in _given(value):
            held = getattr(value, field.name)
            if isinstance(held, Mapping) and field.name != "escorts":
                parts |= {(field.name, id): one for id, one in held.items()}
            elif field.name == "clauses":
                parts |= {("clauses", clause.id): clause for clause in held}
            elif field.name != "world":
                parts[field.name, ""] = held
    return parts | {("shocks", shock.id): shock for shock in model.shocks}


def _whole(parts: Mapping[Part, Any]) -> tuple[Operation, tuple[Shock, ...]]:
    """An operation and its shocks from their parts."""

    def of(kind: type[Operation | World], **more: object) -> dict[str, Any]:
        made: dict[str, Any] = dict(more)
        for field in _given(kind):
            if (field.name, "") in parts:
                made[field.name] = parts[field.name, ""]
            elif field.name not in made:
                made[field.name] = {id: one for (name, id), one in parts.items() if name == field.name}
        return made

    clauses = tuple(one for (name, _), one in parts.items() if name == "clauses")
    shocks = tuple(one for (name, _), one in parts.items() if name == "shocks")
    return Operation(**of(Operation, clauses=clauses, world=World(**of(World)))), shocks


def _given(of: Operation | World | type[Operation | World]) -> list[Field[Any]]:
    """The fields that it is made from."""
    return [field for field in fields(of) if field.init]


Told = Callable[[int, Courses], bool]
"""Hears of every batch of courses, and stops them by returning False."""


def gain(
    lever: Lever, base: Stress, timetable: Timetable, *, workers: int = 1, told: Told | None = None
) -> Gain | None:
    """What a lever brings with this timetable, driven with the same draws as `base` and compared course by course; None
    where it was stopped.
    """
    then = _as_often(base, lever.operation, timetable, lever.model, workers, told)
    return None if then is None else compared(lever, base, then)


def _as_often(
    base: Stress, operation: Operation, timetable: Timetable, model: ShockModel, workers: int, told: Told | None
) -> Stress | None:
    """The same number of courses with the same draws; None where they were stopped."""
    job = base.job
    found = stress(
        operation,
        timetable,
        model,
        courses=base.count,
        seed=job.seed,
        policy=job.policy,
        workers=workers,
        checked=0,
        told=told,
    )
    return found if found.count == base.count else None


def compared(lever: Lever, base: Stress, then: Stress) -> Gain:
    """The difference of two stress tests with the same draws."""
    before, after = base.courses, then.courses
    saved = (before.person_minutes - after.person_minutes) / 60
    return Gain(
        lever=lever.id,
        text=lever.text,
        person_hours=_interval(saved),
        hours_sooner=_interval((_ends(base, before) - _ends(then, after)) / 60),
        bad_case=_bad_case(before.person_minutes / 60, after.person_minutes / 60, base.job.seed),
        people_more=_interval(before.left.sum(axis=1) - after.left.sum(axis=1)),
        everyone_out=(float(all_out(before).mean()), float(all_out(after).mean())),
        planned_hours=float(base.quiet.person_minutes[0] - then.quiet.person_minutes[0]) / 60,
    )


def _ends(of: Stress, courses: Courses) -> Floats:
    """When a course is over: with its last unloading, or with the operation where people are left behind."""
    return np.where(all_out(courses), courses.end, of.job.operation.calendar.end)


def _interval(values: Floats) -> tuple[float, float, float]:
    found = estimate(values)
    return found.mean, found.low, found.high


def _bad_case(before: Floats, after: Floats, seed: int) -> tuple[float, float, float]:
    """By how much the 90th percentile falls; its interval by drawing the pairs again (bootstrap)."""
    draws = stream(seed, 0, "bad case")
    picked = draws.integers(0, len(before), size=(RESAMPLED, len(before)))
    falls = np.quantile(before[picked], 0.9, axis=1) - np.quantile(after[picked], 0.9, axis=1)
    fall = float(np.quantile(before, 0.9) - np.quantile(after, 0.9))
    half = SURE * float(falls.std())
    return fall, fall - half, fall + half


# Which agreement holds up


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One way to tie two evacuations to each other, and the operation under it. No clause: not tied."""

    text: str
    operation: Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How a design holds up. Leads are shares of the side's people: the 90th percentile of a course's worst.

    `planned_left`: people whom the quiet plan leaves behind already, for no plan was found that carries them too.
    """

    text: str
    planned_left: int
    people_left: tuple[float, float, float]
    person_hours: tuple[float, float, float]
    quiet_end: int
    hours: float
    everyone_out: float
    first_lead: float
    second_lead: float

    @property
    def worst_lead(self) -> float:
        return max(self.first_lead, self.second_lead)


TOLERANCES = (0.05, 0.1, 0.2, 0.4)
PARTS = (2, 4, 8)


def designs(operation: Operation, first: str, second: str) -> tuple[Design, ...]:
    """Ways to tie two evacuations, the one that is agreed first. Raises ValueError where one of them is unknown."""
    for id in (first, second):
        if id not in operation.evacuations:
            raise ValueError(f"{id!r} is no evacuation: name two of {', '.join(operation.evacuations)}")
    a, b = operation.evacuations[first], operation.evacuations[second]
    others = tuple(one for one in operation.clauses if not _ties(operation, one, first, second))

    def under(text: str, *clauses: Clause) -> Design:
        return Design(text=text, operation=replace(operation, clauses=(*others, *clauses)))

    found = [Design(text="as agreed", operation=operation), under("not tied")]
    for tolerance in TOLERANCES:
        tie = Lockstep(id="tie", of=(first,), with_=(second,), tolerance=tolerance)
        found.append(under(f"lockstep, {tolerance:.0%}", tie))
    found += [under(f"{parts} tranches each", *_tranches(a, b, parts)) for parts in PARTS]
    for one, other in ((first, second), (second, first)):
        last = Order(id="tie", first=(one,), then=(other,), share=1.0)
        found.append(under(f"all of {operation.theatre.name(one, 'en')} first", last))
    return tuple(found)


def _ties(operation: Operation, clause: Clause, first: str, second: str) -> bool:
    """Whether a limit of a clause in force counts people of both."""
    if clause.state != "in force":
        return False

    def touches(limit: Limit) -> bool:
        return {first, second} <= {evacuation for tally in limit.tallies for evacuation, _ in tally.streams}

    return any(touches(limit) for limit in clause.limits(operation.theatre))


def _tranches(first: Evacuation, second: Evacuation, parts: int) -> tuple[Clause, Clause]:
    """Turn about: the second side's step k after the first's, and the first's step k + 1 after the second's step k."""
    a, b = _steps(first.total, parts), _steps(second.total, parts)
    return (
        Tranches(id="tie-second", first=(first.id,), then=(second.id,), first_steps=a, then_steps=b),
        Tranches(id="tie-first", first=(second.id,), then=(first.id,), first_steps=(0, *b[:-1]), then_steps=a),
    )


def _steps(people: int, parts: int) -> tuple[int, ...]:
    return tuple(people * (part + 1) // parts - people * part // parts for part in range(parts))


def held(
    design: Design,
    base: Stress,
    pair: tuple[str, str],
    timetable: Timetable,
    *,
    workers: int = 1,
    told: Told | None = None,
) -> Held | None:
    """How a design holds up with its timetable, driven with the draws of `base`; None where it was stopped."""
    marked = replace(design.operation, clauses=(*design.operation.clauses, _marker(pair)))
    found = _as_often(base, marked, timetable, base.job.model, workers, told)
    if found is None:
        return None
    number = next(n for n, (clause, _, _) in enumerate(found.pairs) if clause == MARKER)
    leads = np.quantile(found.courses.lead[:, number], 0.9, axis=0)
    return Held(
        text=design.text,
        planned_left=int(found.quiet.left.sum()),
        people_left=_interval(found.courses.left.sum(axis=1)),
        person_hours=_interval(found.courses.person_minutes / 60),
        quiet_end=int(found.quiet.end[0]),
        hours=float(_ends(found, found.courses).mean()) / 60,
        everyone_out=float(all_out(found.courses).mean()),
        first_lead=float(leads[0]),
        second_lead=float(leads[1]),
    )


MARKER = "measured"


def _marker(pair: tuple[str, str]) -> Clause:
    """A lockstep that binds nobody (its tolerance is all), so that leads of the pair are measured under any design."""
    return Lockstep(id=MARKER, of=pair[:1], with_=pair[1:], tolerance=1.0)
