"""What no single key shows: an operation that reads well and still cannot be what its author meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise

from safepassage.agreement import Gate, Limit, Stream
from safepassage.clauses.lockstep import Lockstep
from safepassage.formats.problem import Severity
from safepassage.operation import Operation
from safepassage.people import Evacuation
from safepassage.world import Road, Span, World

PEOPLE_MAX = 50_000_000
WAY_STEPS_MAX = 20_000
"""Steps of the search for a way without a place twice; beyond them a way is taken to exist."""
ROUNDS_MAX = 1_000
"""Rounds of the search for clauses that wait for each other; beyond them none is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about one table of an operation: `about` is its kind and id, `key` the key that shows it."""

    about: tuple[str, str]
    key: str = ""
    what: str
    fix: str
    severity: Severity = "error"


def findings(operation: Operation, doubtful: Iterable[str] = ()) -> Iterator[Finding]:
    """What is amiss in an operation. Checks that rest on a table known to be `doubtful` are left out."""
    doubtful = set(doubtful)
    for check, needs in CHECKS:
        if doubtful.isdisjoint(needs):
            yield from check(operation)


def _demand(operation: Operation) -> Iterator[Finding]:
    about = ("evacuation", next(iter(operation.evacuations), ""))
    if operation.people == 0:
        yield Finding(about=about, key="people", what="nobody is to be moved", fix="Add an [[evacuation]] with people.")
    for evacuation in operation.evacuations.values():
        if evacuation.total > PEOPLE_MAX:
            yield Finding(
                about=("evacuation", evacuation.id),
                key="people",
                what=f"{evacuation.total:,} people cannot be right",
                fix=f"Give at most {PEOPLE_MAX:,}.",
            )


def _loading(operation: Operation) -> Iterator[Finding]:
    if not operation.load_spans:
        yield Finding(
            about=("operation", ""),
            key="load_until",
            what="there is no time at which loading may start",
            fix="Let load_until be later than load_from, and within the operation.",
        )
    for evacuation in operation.evacuations.values():
        if operation.world.places[evacuation.origin].bays == 0:
            yield Finding(
                about=("place", evacuation.origin),
                key="bays",
                what=f"bays = 0, and the people of {evacuation.id} load here",
                fix="Give 1 or more, or leave it out.",
            )


def _carriers(operation: Operation) -> Iterator[Finding]:
    """Fleets without a task, and groups without a fleet or a convoy."""
    demanded = {
        group: evacuation
        for evacuation in operation.evacuations.values()
        for group, n in evacuation.demand().items()
        if n
    }
    for fleet in operation.fleets.values():
        if demanded.keys().isdisjoint(fleet.carries):
            yield Finding(
                about=("fleet", fleet.id),
                key="carries",
                what=f"fleet {fleet.id} carries nobody who is to be moved",
                fix=f"Name a group of an evacuation ({', '.join(demanded)}), or leave the fleet out.",
                severity="warning",
            )
        if fleet.vehicles == 0:
            yield Finding(
                about=("fleet", fleet.id),
                key="stands",
                what=f"fleet {fleet.id} has no vehicles",
                fix="Say under `stands` how many stand where.",
                severity="warning",
            )
    convoyed = {fleet for convoy in operation.convoys for fleet in convoy.vehicles} or operation.fleets.keys()
    for group, evacuation in demanded.items():
        carriers = [fleet.id for fleet in operation.fleets.values() if group in fleet.carries and fleet.vehicles]
        about = ("evacuation", evacuation.id)
        if not carriers:
            fix = f"Add {group!r} to `carries` of a fleet that has vehicles."
            yield Finding(about=about, key=f"people.{group}", what=f"no fleet carries group {group}", fix=fix)
        elif convoyed.isdisjoint(carriers):
            fix = f"Add a [[convoy]] with {' or '.join(carriers)}."
            yield Finding(about=about, key=f"people.{group}", what=f"no convoy carries group {group}", fix=fix)


def _convoys(operation: Operation) -> Iterator[Finding]:
    listed: set[frozenset[tuple[str, int]]] = set()
    for ordinal, convoy in enumerate(operation.convoys):
        for fleet, count in convoy.vehicles.items():
            if count > operation.fleets[fleet].vehicles:
                yield Finding(
                    about=("convoy", str(ordinal)),
                    key=f"vehicles.{fleet}",
                    what=f"a convoy of {count} {fleet}, of which there are {operation.fleets[fleet].vehicles}",
                    fix="Make the convoy smaller, or add vehicles to the fleet.",
                )
        shape = frozenset(convoy.vehicles.items())
        if shape in listed:
            yield Finding(
                about=("convoy", str(ordinal)),
                what="this shape of convoy is listed twice",
                fix="Keep one of them.",
                severity="warning",
            )
        listed.add(shape)


def _escorts(operation: Operation) -> Iterator[Finding]:
    if operation.escorts is None:
        return
    about = ("movements", "")
    if sum(operation.escorts.values()) < 1:
        fix = "Say how many stand where; leave `escorts` out where no movement needs one."
        yield Finding(about=about, key="escorts", what="no escort exists, and each movement needs one", fix=fix)


def _shapes(operation: Operation) -> list[Mapping[str, int]]:
    """The convoys that may move; where none are agreed, one vehicle of each fleet."""
    return [convoy.vehicles for convoy in operation.convoys] or [{fleet: 1} for fleet in operation.fleets]


def _crossings(operation: Operation) -> Iterator[Finding]:
    """Crossings whose open hours are too short for the convoys."""
    seats = sorted({operation.seats(shape) for shape in _shapes(operation)})
    for crossing in operation.world.crossings.values():
        about = ("crossing", crossing.id)
        longest = max((span.end - span.start for span in operation.open_spans(crossing.id)), default=0)
        slots = [crossing.slot(number, operation.slot_minutes) for number in seats]
        if longest == 0:
            fix = "Check hours and closed."
            what = f"the crossing at {crossing.id} is never open"
            yield Finding(about=about, what=what, fix=fix, severity="warning")
        elif slots and slots[0] > longest:
            yield Finding(
                about=about,
                key="people_per_hour",
                what=f"no convoy fits: the smallest takes {slots[0]} minutes, the longest opening is {longest}",
                fix="Check people_per_hour and hours, or add a smaller [[convoy]].",
            )
        elif slots and slots[-1] > longest:
            yield Finding(
                about=about,
                key="people_per_hour",
                what=f"the largest convoy takes {slots[-1]} minutes here, the longest opening is {longest}",
                fix="Such a convoy can never pass; check people_per_hour and hours.",
                severity="warning",
            )


def _roads(operation: Operation) -> Iterator[Finding]:
    length = operation.calendar.end
    for road in operation.world.roads.values():
        about = ("road", road.id)
        longest = max((span.end - span.start for span in operation.passable_spans(road.id)), default=0)
        fastest = _fastest(road)
        if fastest > length:
            yield Finding(
                about=about,
                key="minutes",
                what=f"the road takes {fastest} minutes, the whole operation {length}",
                fix="Check the minutes, or give the operation more days.",
            )
        elif fastest > longest:
            yield Finding(
                about=about,
                what=f"the road takes {fastest} minutes and is never open longer than {longest}",
                fix="Check hours and closed.",
                severity="warning",
            )


def _fastest(road: Road) -> int:
    return min(road.minutes, *(pace.minutes for pace in road.paces)) if road.paces else road.minutes


def _ways(operation: Operation) -> Iterator[Finding]:
    """Destinations that cannot be reached, or not in the time there is."""
    for evacuation in operation.evacuations.values():
        minutes = shortest_ways(operation.world, evacuation)
        reached = [shortest for shortest in minutes.values() if shortest is not None]
        if not reached:
            where = " or ".join(evacuation.to)
            by = f" that passes exactly one of {', '.join(evacuation.out_at)}" if evacuation.out_at else ""
            yield Finding(
                about=("evacuation", evacuation.id),
                key="to",
                what=f"no way leads from {evacuation.origin} to {where}{by}",
                fix="Add the missing [[road]], or correct `to` or `out_at`.",
            )
            continue
        for place, shortest in minutes.items():
            if shortest is None:
                by = " past exactly one `out_at`" if evacuation.out_at else ""
                yield Finding(
                    about=("evacuation", evacuation.id),
                    key="to",
                    what=f"no way leads from {evacuation.origin} to {place}{by}",
                    fix="Add the missing [[road]], or leave the place out.",
                    severity="warning",
                )
        yield from _times(operation, evacuation, min(reached))


def _times(operation: Operation, evacuation: Evacuation, way_minutes: int) -> Iterator[Finding]:
    carrying = [
        shape
        for shape in _shapes(operation)
        if any(not evacuation.people.keys().isdisjoint(operation.fleets[fleet].carries) for fleet in shape)
    ]
    if not carrying:
        return
    shortest = way_minutes + min(operation.load_minutes(shape) + operation.unload_minutes(shape) for shape in carrying)
    if way_minutes <= operation.calendar.end < shortest or operation.calendar.end < way_minutes:
        yield Finding(
            about=("evacuation", evacuation.id),
            what=f"loading, the shortest way and unloading take {shortest} minutes, the whole operation"
            f" {operation.calendar.end}",
            fix="Check the minutes of roads, loading and unloading, or give the operation more days.",
        )
        return
    aboard = operation.stay(evacuation.id).minutes
    if aboard is not None and shortest > aboard:
        yield Finding(
            about=("evacuation", evacuation.id),
            what=f"loading, the shortest way and unloading take {shortest} minutes, and {aboard} aboard are allowed",
            fix="Nobody can be carried so; check the minutes and the aboard clause.",
            severity="warning",
        )


def shortest_ways(world: World, evacuation: Evacuation) -> dict[str, int | None]:
    """Minutes on the road to each destination by the shortest way that passes exactly one `out_at`; None without one.

    Where the shortest comes by a place twice its minutes are still a lower limit, and a way without is looked for.
    """
    out_at = frozenset(evacuation.out_at)
    wanted = set(evacuation.to)
    found: dict[str, int | None] = dict.fromkeys(evacuation.to)
    queue: list[tuple[int, str, bool, tuple[str, ...]]] = [
        (0, evacuation.origin, evacuation.origin in out_at, (evacuation.origin,))
    ]
    settled: set[tuple[str, bool]] = set()
    while queue and wanted:
        minutes, here, passed, way = heappop(queue)
        if (here, passed) in settled:
            continue
        settled.add((here, passed))
        if here in wanted and (passed or not out_at):
            wanted.remove(here)
            if len(set(way)) == len(way) or _has_simple_way(world, evacuation, here):
                found[here] = minutes
        for there, road in world.exits(here):
            further = passed or there in out_at
            if not (passed and there in out_at) and (there, further) not in settled:
                heappush(queue, (minutes + _fastest(road), there, further, (*way, there)))
    return found


def _has_simple_way(world: World, evacuation: Evacuation, destination: str) -> bool:
    out_at = frozenset(evacuation.out_at)
    stack: list[tuple[str, ...]] = [(evacuation.origin,)]
    for _ in range(WAY_STEPS_MAX):
        if not stack:
            return False
        way = stack.pop()
        passed = not out_at.isdisjoint(way)
        if way[-1] == destination:
            if passed:
                return True
            continue
        stack += [
            (*way, there) for there, _ in world.exits(way[-1]) if there not in way and not (passed and there in out_at)
        ]
    return True


def _dates(operation: Operation) -> Iterator[Finding]:
    calendar = operation.calendar
    days = f"the operation lasts from {calendar.when(0):%Y-%m-%d %H:%M} to {calendar.when(calendar.end):%Y-%m-%d %H:%M}"
    whole = Span(calendar.start_of_day, calendar.end + 1)
    for clause in operation.clauses:
        about = ("clause", clause.id)
        first = whole.start if clause.from_ is None else clause.from_
        last = whole.end if clause.until is None else clause.until
        if first >= whole.end or last <= whole.start:
            key = "from" if first >= whole.end else "until"
            what = f"clause {clause.id} never binds: {days}"
            yield Finding(about=about, key=key, what=what, fix=f"Correct `{key}`.")
        else:
            for key, instant in (("from", clause.from_), ("until", clause.until)):
                if instant is not None and not calendar.start_of_day <= instant <= calendar.end:
                    what = f"`{key}` is outside the operation: {days}"
                    fix = "Leave it out, or correct it."
                    yield Finding(about=about, key=key, what=what, fix=fix, severity="warning")
    segments = [("road", road.id, road.closed) for road in operation.world.roads.values()]
    segments += [("crossing", crossing.id, crossing.closed) for crossing in operation.world.crossings.values()]
    for kind, id, closed in segments:
        for span in closed:
            if not span.touches(whole):
                what = f"closed outside the operation: {days}"
                fix = "Correct the dates, or leave them out."
                yield Finding(about=(kind, id), key="closed", what=what, fix=fix, severity="warning")


def _lumps(operation: Operation) -> Iterator[Finding]:
    """Convoys that are too large a share for a lockstep's tolerance.

    Full, a convoy of one side fits where its share is at most twice the tolerance, and the first of all where its share
    is at most the tolerance. A movement may go part-empty and two may be handed over at the same instant, so this is a
    warning: the clause can be kept, at a price.
    """
    for clause in operation.binding:
        if not isinstance(clause, Lockstep):
            continue
        about = ("clause", clause.id)
        lumps = [_shares(operation, names) for names in (clause.of, clause.with_)]
        smallest = [min(shares.values(), default=0.0) for shares in lumps]
        if min(smallest) > clause.tolerance:
            yield Finding(
                about=about,
                key="tolerance",
                what=f"every agreed convoy is more than the tolerance: full, the smallest is {min(smallest):.0%},"
                f" the tolerance {clause.tolerance:.0%}",
                fix="Add a smaller [[convoy]] or widen the tolerance; else convoys leave part-empty or in exact swaps.",
                severity="warning",
            )
            continue
        for names, shares in zip((clause.of, clause.with_), lumps, strict=True):
            too_large = [shape for shape, share in shares.items() if share > 2 * clause.tolerance]
            if too_large:
                every = len(too_large) == len(shares)
                who = "every agreed convoy" if every else "a convoy of " + " or of ".join(too_large)
                yield Finding(
                    about=about,
                    key="tolerance",
                    what=f"full, {who} is more than twice the tolerance of {clause.tolerance:.0%}"
                    f" for {' and '.join(names)}",
                    fix="Add a smaller [[convoy]] or widen the tolerance." if every else "It can go part-empty only.",
                    severity="warning",
                )


def _shares(operation: Operation, names: Iterable[str]) -> dict[str, float]:
    """The share of the people named that each shape of convoy, full, takes at once."""
    streams = operation.theatre.streams(names)
    people = operation.theatre.demand(streams)
    groups = {group for evacuation, group in streams if operation.evacuations[evacuation].people[group].best}
    largest = max((operation.evacuations[evacuation].total for evacuation, _ in streams), default=0)
    shares: dict[str, float] = {}
    for shape in _shapes(operation):
        seats = sum(
            operation.fleets[fleet].seats * count
            for fleet, count in shape.items()
            if not groups.isdisjoint(operation.fleets[fleet].carries)
        )
        if seats and people:
            shares[" and ".join(f"{count} {fleet}" for fleet, count in shape.items())] = min(seats, largest) / people
    return shares


def _waits(operation: Operation) -> Iterator[Finding]:
    """Clauses that wait for each other, so that the people they bind can never all leave.

    Counts only grow, so the most that each stream can reach is found from below: as far as the limits let it go, then
    by what one instant can hand over together (a swap), and again. Each estimate is too high rather than too low, so
    what stays stuck is stuck. Limits that do not bind from start to end are left out: people may leave outside them.
    A warning, since such a file can be planned for: the plan then proves the conflict.
    """
    limits = [limit for limit in operation.limits if _binds_throughout(limit, operation)]
    demand = {
        (evacuation.id, group): number
        for evacuation in operation.evacuations.values()
        for group, number in evacuation.demand().items()
    }
    reach = _reach(operation, limits, demand)
    if reach is None:
        return
    waits: dict[Stream, dict[Stream, str]] = {}
    for limit in limits:
        then, first = _sides(limit)
        stuck = [stream for stream in then if reach.get(stream, 0) < demand.get(stream, 0)]
        for stream in stuck:
            if _most(limit, stream, reach, demand) <= reach[stream]:
                blockers = {other: limit.clause for other in first if reach.get(other, 0) < demand.get(other, 0)}
                waits[stream] = blockers | waits.get(stream, {})
    cycle = _cycle(waits)
    if cycle:
        clauses = list(dict.fromkeys(waits[one][other] for one, other in pairwise([*cycle, cycle[0]])))
        last = next(clause.id for clause in reversed(operation.clauses) if clause.id in clauses)
        who = " and ".join(f"{evacuation}/{group}" for evacuation, group in cycle)
        subject = (
            f"clauses {' and '.join(clauses)} wait for each other"
            if len(clauses) > 1
            else f"clause {last} waits for itself"
        )
        yield Finding(
            about=("clause", last),
            what=f"{subject}: {who} can never all leave",
            fix='Leave one of them out, turn it round, or set it to state = "proposed".',
            severity="warning",
        )


def _binds_throughout(limit: Limit, operation: Operation) -> bool:
    """Whether it holds everybody of its streams back, from the start to the end."""
    tallies = [term.tally for term in limit.terms] if isinstance(limit, Gate) else [limit.then]
    return (
        limit.span.start <= 0
        and limit.span.end > operation.calendar.end
        and not any(tally.to or tally.since is not None for tally in tallies)
    )


def _sides(limit: Limit) -> tuple[list[Stream], list[Stream]]:
    """The streams a limit holds back, and those it waits for."""
    if isinstance(limit, Gate):
        held = [stream for term in limit.terms if term.coefficient > 0 for stream in term.tally.streams]
        awaited = [stream for term in limit.terms if term.coefficient < 0 for stream in term.tally.streams]
    else:
        held, awaited = list(limit.then.streams), list(limit.first.streams)
    return sorted(held), sorted(set(awaited) - set(held))


def _most(limit: Limit, stream: Stream, counts: Mapping[Stream, int], demand: Mapping[Stream, int]) -> int:
    """How many of a stream a limit allows at most, if the others have come as far as `counts`."""

    def counted(streams: Iterable[Stream]) -> int:
        return sum(counts.get(other, 0) for other in streams)

    if not isinstance(limit, Gate):
        return demand[stream] if counted(limit.first.streams) >= limit.reached else limit.most
    own = sum(term.coefficient for term in limit.terms if stream in term.tally.streams)
    if own <= 0:
        return demand[stream]
    helped = sum(
        -term.coefficient * counted(other for other in term.tally.streams if other != stream)
        for term in limit.terms
        if term.coefficient < 0
    )
    return (limit.most + helped) // own


def _reach(operation: Operation, limits: list[Limit], demand: Mapping[Stream, int]) -> dict[Stream, int] | None:
    """The most of each stream that can ever be out; None where the search takes too long."""
    held: dict[Stream, list[Limit]] = {stream: [] for stream in demand}
    for limit in limits:
        for stream in _sides(limit)[0]:
            if stream in held:
                held[stream].append(limit)
    arriving = {
        stream for limit in limits for tally in limit.tallies if tally.counts == "arrival" for stream in tally.streams
    }
    at_once = {
        stream: demand[stream] if stream in arriving else _at_once(operation, operation.evacuations[stream[0]])
        for stream in demand
    }

    def allowed(counts: Mapping[Stream, int], upper: Mapping[Stream, int]) -> dict[Stream, int]:
        return {
            stream: max(0, min([upper[stream], *(_most(limit, stream, counts, demand) for limit in held[stream])]))
            for stream in demand
        }

    counts = dict.fromkeys(demand, 0)
    for _ in range(ROUNDS_MAX):
        alone = allowed(counts, demand)
        if any(alone[stream] > counts[stream] for stream in demand):
            counts = {stream: max(counts[stream], alone[stream]) for stream in demand}
            continue
        together = {stream: min(demand[stream], counts[stream] + at_once[stream]) for stream in demand}
        while (kept := allowed(together, together)) != together:
            together = kept
        if not any(together[stream] > counts[stream] for stream in demand):
            return counts
        counts = {stream: max(counts[stream], together[stream]) for stream in demand}
    return None


def _at_once(operation: Operation, evacuation: Evacuation) -> int:
    """People of an evacuation that one instant can hand over: a convoy on every lane; without `out_at`, everyone."""
    if not evacuation.out_at:
        return evacuation.total
    convoys = [operation.seats(convoy.vehicles) for convoy in operation.convoys]
    largest = max(convoys) if convoys else sum(fleet.seats * fleet.vehicles for fleet in operation.fleets.values())
    return largest * sum(operation.world.crossings[crossing].lanes for crossing in evacuation.out_at)


def _cycle(waits: Mapping[Stream, Mapping[Stream, str]]) -> list[Stream]:
    """A ring of streams each of which waits for the next; empty where there is none."""
    done: set[Stream] = set()
    for start in waits:
        trail: list[Stream] = []
        pending = [(start, 0)]
        while pending:
            stream, depth = pending.pop()
            del trail[depth:]
            if stream in trail:
                return trail[trail.index(stream) :]
            if stream in done:
                continue
            trail.append(stream)
            onward = [other for other in waits.get(stream, {}) if other not in done]
            if not onward:
                done.add(stream)
            pending += [(other, depth + 1) for other in onward]
        done.update(trail)
    return []


Check = Callable[[Operation], Iterator[Finding]]
CHECKS: tuple[tuple[Check, frozenset[str]], ...] = (
    (_demand, frozenset({"evacuation"})),
    (_loading, frozenset({"operation", "evacuation", "place"})),
    (_carriers, frozenset({"evacuation", "group", "fleet", "convoy"})),
    (_convoys, frozenset({"convoy", "fleet"})),
    (_escorts, frozenset({"movements", "place"})),
    (_crossings, frozenset({"operation", "crossing", "place", "convoy", "fleet"})),
    (_roads, frozenset({"operation", "road", "place"})),
    (
        _ways,
        frozenset({"operation", "evacuation", "place", "road", "crossing", "fleet", "convoy", "movements", "group"}),
    ),
    (_dates, frozenset({"operation", "clause", "road", "crossing", "place", "party"})),
    (_lumps, frozenset({"clause", "evacuation", "group", "fleet", "convoy", "party"})),
    (
        _waits,
        frozenset(
            {
                "operation",
                "clause",
                "evacuation",
                "group",
                "fleet",
                "convoy",
                "crossing",
                "place",
                "road",
                "party",
            }
        ),
    ),
)
"""Each check with the tables it rests on."""
