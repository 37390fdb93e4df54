"""Two evacuations in lockstep, ours beside OR-Tools: `python bench/peers.py [SIZE] [SECONDS]`.

SIZE: small, toys, own, crossing, exchange, escorted, towns, all; seeds (160 small ones); or curve. The instances are
made here as operation files. A load is what travels as one, a full bus or a convoy of them, and counts as one. Each
peer runs in a process of its own, on the same task, for the same seconds; its answer is written as a timetable and
judged by the check; every objective is computed by the same function. Prints a Markdown table.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise, product
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

from safepassage import planner
from safepassage.agreement import Gate
from safepassage.check import check_plan
from safepassage.clauses.lockstep import Lockstep
from safepassage.control import read
from safepassage.formats.operation import operation_hash, parse_operation
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.planner.assemble import assemble, empty_moves
from safepassage.planner.empties import EmptyTravel
from safepassage.planner.past import stands_at_start
from safepassage.planner.patterns import Pattern, find_patterns
from safepassage.report import Price, price_svg
from safepassage.world import empty_way

WORKERS = 2
SECONDS = 60
PEERS = ("cpsat", "routing")
SAME = 1e-6
"""Objectives that differ by no more than this share are the same."""

Task = dict[str, Any]


# The instances


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One evacuation: its loads, its vehicles, and the minutes of one trip and of the empty way back."""

    loads: int
    vehicles: int
    load: int = 5
    to_crossing: int
    slot: int = 5
    from_crossing: int
    unload: int = 5
    back: int
    bays: int | None = None


@dataclass(frozen=True, kw_only=True)
class Instance:
    """Two sides in lockstep.

    `ahead`: by how many loads of the smaller side a share may be ahead of the other. `crossing`: both pass one lane, by
    day; without it nothing is inspected. `exchange`: so many vehicles serve both sides, and are near the other's people
    when they have unloaded. `escorts`: so many teams for both, one a load.
    """

    name: str
    sides: tuple[Side, Side]
    ahead: int
    crossing: bool = False
    exchange: int | None = None
    escorts: int | None = None
    days: int = 8
    ends: int | None = None

    @cached_property
    def text(self) -> str:
        """The instance as an operation file."""
        return "\n".join(self._lines())

    @cached_property
    def operation(self) -> Operation:
        operation, problems = parse_operation(self.text, self.name)
        assert operation is not None, problems
        return operation

    def _lines(self) -> Iterator[str]:
        yield from ("format = 1", "[operation]", f'name = "{self.name}"')
        yield from ("starts = 2025-03-01T00:00:00+02:00", f"days = {self.days}", "slot_minutes = 5")
        if self.crossing:
            yield from ('hours = ["06:00-12:00", "12:30-18:00"]', 'load_from = "05:00"', 'load_until = "18:00"')
        for id, side in zip("ab", self.sides, strict=True):
            yield from ("[[group]]", f'id = "load-{id}"', f'name = "Loads of {id}"')
            yield from (
                "[[place]]",
                f'id = "{id}"',
                f'name = "{id}"',
                *([] if side.bays is None else [f"bays = {side.bays}"]),
            )
            yield from ("[[place]]", f'id = "{id}-to"', f'name = "{id}-to"')
        if self.crossing:
            slots = {side.slot for side in self.sides}
            assert len(slots) == 1, "one crossing books the same minutes for a seat on both sides"
            yield from (
                "[[place]]",
                'id = "x"',
                'name = "x"',
                "[[crossing]]",
                'at = "x"',
                f"people_per_hour = {60 // slots.pop()}",
            )
        for id, side in zip("ab", self.sides, strict=True):
            yield from self._roads(id, side)
            yield from (
                "[[evacuation]]",
                f'id = "{id}-out"',
                f'name = "{id}-out"',
                f'from = "{id}"',
                f'to = ["{id}-to"]',
            )
            yield from (*(['out_at = "x"'] if self.crossing else []), f"people = {{ load-{id} = {side.loads} }}")
        yield from self._vehicles()
        least = min(side.loads for side in self.sides)
        tolerance = min(1.0, ceil(1e6 * self.ahead / least) / 1e6)
        yield from ("[[clause]]", 'kind = "lockstep"', 'of = ["a-out"]', 'with = ["b-out"]', f"tolerance = {tolerance}")
        yield from ("[[clause]]", 'kind = "aboard"', "overnight = true")

    def _roads(self, id: str, side: Side) -> Iterator[str]:
        if self.crossing:
            yield from ("[[road]]", f'between = ["{id}", "x"]', f"minutes = {side.to_crossing}")
            yield from ("[[road]]", f'between = ["x", "{id}-to"]', f"minutes = {side.from_crossing}")
        else:
            yield from ("[[road]]", f'between = ["{id}", "{id}-to"]')
            yield f"minutes = {side.to_crossing + side.from_crossing}"
        yield from ("[[empty]]", f'between = ["{id}-to", "{id}"]', f"minutes = {side.back}")

    def _vehicles(self) -> Iterator[str]:
        one, other = self.sides
        fleets: dict[tuple[str, ...], dict[str, int]] = {
            (id,): {id: side.vehicles} for id, side in zip("ab", self.sides, strict=True)
        }
        if self.exchange is not None:
            fleets = {("a", "b"): {"a": self.exchange - self.exchange // 2, "b": self.exchange // 2}}
        for carries, stands in fleets.items():
            fleet, there = "-".join(("buses", *carries)), ", ".join(f"{at} = {count}" for at, count in stands.items())
            yield from ("[[fleet]]", f'id = "{fleet}"', f'name = "{fleet}"', "seats = 1", f"stands = {{ {there} }}")
            yield "carries = [" + ", ".join(f'"load-{id}"' for id in carries) + "]"
            yield from ("[[convoy]]", f"vehicles = {{ {fleet} = 1 }}")
        if self.exchange is not None or self.escorts is not None:
            near = {("a-to", "b"): 15, ("b-to", "a"): 20, ("a", "b"): (one.back + other.back) // 10 * 5}
            for (here, there), minutes in near.items():
                yield from ("[[empty]]", f'between = ["{here}", "{there}"]', f"minutes = {minutes}")
        yield "[movements]"
        if self.escorts is not None:
            yield f"escorts = {{ a = {self.escorts - self.escorts // 2}, b = {self.escorts // 2} }}"
        yield from (
            f"load = {{ minutes = {one.load}, per_vehicle = 0 }}",
            f"unload = {{ minutes = {one.unload}, per_vehicle = 0 }}",
        )


def toy(loads: int, ahead: int = 1) -> Instance:
    """Four buses of a 60-minute cycle against three of 100: the slower side, never waiting, sets when all are out."""
    return Instance(
        name=f"toy, {loads} a side",
        sides=(
            Side(loads=loads, vehicles=4, to_crossing=10, from_crossing=10, back=30),
            Side(loads=loads, vehicles=3, to_crossing=20, from_crossing=20, back=50),
        ),
        ahead=ahead,
        ends=(loads - 1) // 3 * 100 + 50,
    )


def drawn(kind: str, loads: int, ahead: int, seed: int) -> Instance:
    """An instance of one of the kinds, its minutes and fleets drawn."""
    chance = Random(f"{kind} {loads} {ahead} {seed}")

    def side() -> Side:
        return Side(
            loads=loads,
            vehicles=max(2, round(loads * chance.uniform(0.1, 0.25))),
            load=20,
            to_crossing=5 * chance.randint(2, 8),
            from_crossing=5 * chance.randint(4, 20),
            unload=10,
            back=5 * chance.randint(6, 24),
            bays=None if kind == "own" else 4,
        )

    sides = (side(), side())
    return Instance(
        name=f"{kind}, {loads} a side, seed {seed}",
        sides=sides,
        ahead=ahead,
        crossing=kind != "own",
        exchange=sum(side.vehicles for side in sides) if kind == "exchange" else None,
        escorts=max(2, loads // 5) if kind == "escorted" else None,
    )


def towns(ahead: int) -> Instance:
    """Four towns, April 2017, roughly: 5,000 people against 2,250, a load is five buses of 50; Rashideen between them.

    75 buses for the two villages and 45 for the two towns; minutes are assumed.
    """
    return Instance(
        name="four towns",
        sides=(
            Side(
                loads=20, vehicles=15, load=30, to_crossing=75, slot=20, from_crossing=60, unload=15, back=120, bays=4
            ),
            Side(loads=9, vehicles=9, load=30, to_crossing=240, slot=20, from_crossing=90, unload=15, back=300, bays=2),
        ),
        ahead=ahead,
        crossing=True,
    )


def instances(size: str) -> list[Instance]:
    """The instances of a size; `all` is every one."""
    by_size = {
        "small": [toy(4), drawn("crossing", 4, 1, seed=1)],
        "toys": [toy(2), toy(5), toy(10), toy(20), toy(20, ahead=2), toy(50)],
        **{kind: [drawn(kind, loads, ahead, seed) for loads, ahead, seed in LADDER] for kind in DRAWN},
        "towns": [towns(1), towns(2), towns(9)],
        "seeds": [drawn(*one) for one in product(DRAWN, (5, 10), (1, 3), range(1, 11))],
    }
    if size in ("all", "large"):
        return [one for name, some in by_size.items() if name not in ("small", "seeds") for one in some]
    return by_size[size]


DRAWN = ("own", "crossing", "exchange", "escorted")
LADDER = ((10, 1, 1), (10, 2, 2), (20, 1, 1), (20, 4, 2), (50, 2, 1), (50, 5, 2), (100, 5, 1), (200, 10, 1))
"""Loads a side, loads of tolerance, seed."""


# The task of a peer


def patterns_of(operation: Operation) -> list[Pattern]:
    """The one way to move a load of each evacuation."""
    patterns = list(find_patterns(operation))
    assert [pattern.evacuation for pattern in patterns] == list(operation.evacuations), "one way for each evacuation"
    return patterns


def task_of(operation: Operation, seconds: float) -> Task:
    """What the peers are told: plain numbers, minutes, sides by number."""
    patterns, end = patterns_of(operation), operation.calendar.end
    users: dict[str, list[int]] = {}
    for number, pattern in enumerate(patterns):
        for fleet in pattern.vehicles:
            users.setdefault(fleet, []).append(number)
    whole: list[tuple[Mapping[str, int], list[int]]] = [
        (operation.fleets[fleet].stands, by) for fleet, by in users.items()
    ]
    escorts = [] if operation.escorts is None else [(operation.escorts, list(range(len(patterns))))]
    own = {by[0]: stands for stands, by in whole if len(by) == 1}
    empty = [[_empty(operation, one.destination, other.origin) for other in patterns] for one in patterns]
    sides = []
    for number, pattern in enumerate(patterns):
        bays = operation.world.places[pattern.origin].bays
        at_once = [] if bays is None else [(bays, pattern.load)]
        limits = list(at_once)
        if number in own:
            assert list(own[number]) == [pattern.origin], "a side's own vehicles stand where its people are"
            limits.append((sum(own[number].values()), pattern.end + empty[number][number]))
        sides.append({
            "loads": operation.evacuations[pattern.evacuation].total,
            "minutes": pattern.end,
            "handover": pattern.handover,
            "slots": [(crossing, first, last - first) for crossing, first, last in pattern.slots],
            "starts": list(_stretches(int(minute) for minute in pattern.starts.nonzero()[0])),
            "bays": at_once,
            "at_once": limits,
        })  # fmt: skip
    return {
        "seconds": seconds,
        "workers": WORKERS,
        "end": end,
        "left_minutes": 2 * end,
        "sides": sides,
        "needs": list(_needs(operation, patterns)),
        "lanes": {crossing.at: crossing.lanes for crossing in operation.world.crossings.values()},
        "empty": empty,
        "fleets": [_stands(operation, patterns, *one) for one in whole],
        "shared": [_stands(operation, patterns, *one) for one in [*whole, *escorts] if len(one[1]) > 1],
        "escorts": operation.escorts is not None,
    }


def _empty(operation: Operation, here: str, there: str) -> int:
    """Minutes; longer than the operation where there is no way."""
    way = empty_way(operation.world, here, there)
    return 2 * operation.calendar.end if way is None else way[1]


def _stands(operation: Operation, patterns: list[Pattern], stands: Mapping[str, int], sides: list[int]) -> Task:
    return {
        "stands": dict(stands),
        "sides": sides,
        "from_stand": {place: [_empty(operation, place, one.origin) for one in patterns] for place in stands},
        "onward": [[_empty(operation, one.destination, other.origin) for other in patterns] for one in patterns],
    }


def _stretches(minutes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of minutes."""
    minutes = list(minutes)
    breaks = [0, *(at for at, (one, other) in enumerate(pairwise(minutes), 1) if other != one + 1), len(minutes)]
    return ((minutes[first], minutes[last - 1]) for first, last in pairwise(breaks))


def _needs(operation: Operation, patterns: list[Pattern]) -> Iterator[tuple[int, int, int, int]]:
    """(side, its k-th load, other side, how many of that have to be out by then), from the limits of the lockstep."""
    side = {pattern.evacuation: number for number, pattern in enumerate(patterns)}
    for limit in operation.limits:
        assert isinstance(limit, Gate), "a lockstep limits by gates"
        ahead, behind = sorted(limit.terms, key=lambda term: -term.coefficient)
        ((one,), (other,)) = ([side[evacuation] for evacuation, _ in term.tally.streams] for term in (ahead, behind))
        for load in range(1, operation.evacuations[patterns[one].evacuation].total + 1):
            needed = ceil((ahead.coefficient * load - limit.most) / -behind.coefficient)
            if needed > 0:
                yield one, load, other, needed


def timetable_of(operation: Operation, starts: Iterable[Iterable[int]]) -> Timetable:
    """The timetable of a peer's loads. Raises ValueError where the vehicles cannot be there in time."""
    movements = [
        pattern.movement(
            f"{pattern.evacuation}-{number}",
            start,
            {fleet: dict.fromkeys(groups, 1) for fleet, groups in pattern.carries.items()},
        )
        for pattern, side in zip(patterns_of(operation), starts, strict=True)
        for number, start in enumerate(sorted(side), 1)
    ]
    stands = stands_at_start(operation)
    travel = EmptyTravel(operation, operation.world.places, operation.world.places)
    moves = empty_moves(operation, travel, movements, stands)
    return assemble(
        operation,
        movements,
        moves,
        operation_hash=operation_hash(operation),
        version="bench",
        seed=0,
        bound=None,
        why_left="the peer left them",
    )


# Ours and theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one of them gave: load-hours and their bound, seconds, and why its plan does not count if it does not."""

    objective: float | None = None
    bound: float | None = None
    ends: int | None = None
    seconds: float = 0.0
    first_seconds: float | None = None
    said: str = ""
    left: int = 0
    invalid: str = ""


def ours(operation: Operation, seconds: float) -> Answer:
    """Our plan, judged."""
    begun = time.perf_counter()
    first: list[float] = []
    found = planner.plan(
        operation,
        operation_hash=operation_hash(operation),
        version="bench",
        seconds_left=lambda: seconds - (time.perf_counter() - begun),
        progress=lambda progress: first.append(time.perf_counter() - begun),
        workers=WORKERS,
    ).timetable
    taken = time.perf_counter() - begun
    return _judged(operation, found, bound=found.bound, seconds=taken, first_seconds=first[0] if first else None)


def peer(name: str, operation: Operation, seconds: float) -> Answer:
    """What a peer found in a process of its own, judged."""
    if importlib.util.find_spec("ortools") is None:
        return Answer(said="not installed")
    task = task_of(operation, seconds)
    if name == "routing" and task["escorts"]:
        return Answer(said="cannot express")
    script = Path(__file__).parent / "peer" / f"{name}.py"
    try:
        done = subprocess.run(
            [sys.executable, str(script)],
            input=json.dumps(task),
            capture_output=True,
            text=True,
            timeout=4 * seconds + 120,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(said=f"no answer in {4 * seconds + 120:.0f} s")
    if done.returncode < 0:
        return Answer(said="killed")  # by the machine, for want of memory
    if done.returncode:
        raise RuntimeError(f"{name} failed: {done.stderr[-2000:]}")
    told = json.loads(done.stdout)
    bound = told["bound"] / 60 if "bound" in told else None
    if told["starts"] is None:
        return Answer(bound=bound, seconds=told["seconds"], said=told["status"])
    try:
        found = timetable_of(operation, told["starts"])
    except ValueError as problem:
        return Answer(bound=bound, seconds=told["seconds"], said=told["status"], invalid=str(problem))
    return _judged(operation, found, bound=bound, seconds=told["seconds"], said=told["status"])


def _judged(
    operation: Operation,
    found: Timetable,
    *,
    bound: float | None,
    seconds: float,
    said: str = "",
    first_seconds: float | None = None,
) -> Answer:
    report = check_plan(operation, found)
    return Answer(
        objective=found.objective,
        bound=bound,
        ends=found.ends,
        seconds=seconds,
        first_seconds=first_seconds,
        said=said,
        left=sum(behind.people for behind in found.left_behind),
        invalid="" if report.ok else report.findings[0].text,
    )


def contradictions(instance: Instance, answers: Mapping[str, Answer]) -> Iterator[str]:
    """What cannot all be true: plans not valid, bounds above valid plans, a toy that ends at the wrong minute."""
    for name, answer in answers.items():
        if answer.invalid and name != "routing":
            yield f"{name}'s plan is not valid: {answer.invalid}"
        for other, valid in answers.items():
            if (
                answer.bound is not None
                and valid.objective is not None
                and not valid.invalid
                and answer.bound > valid.objective * (1 + SAME)
            ):
                yield f"{name}'s bound {answer.bound:,.2f} is above {other}'s plan of {valid.objective:,.2f}"
    if instance.ends is not None and answers["ours"].ends != instance.ends:
        yield f"ours ends at minute {answers['ours'].ends}, not {instance.ends}"


# The table

HEAD = (
    "instance",
    "tolerance, loads",
    "ours, h",
    "bound, h",
    "gap",
    "first plan, s",
    "s",
    "CP-SAT, h",
    "its bound, h",
    "says",
    "s",
    "routing, h",
    "ours / CP-SAT",
)


def row(instance: Instance, answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """One line of the table."""
    mine, cpsat, routing = (answers[name] for name in ("ours", *PEERS))
    ratio = mine.objective / cpsat.objective if mine.objective and cpsat.objective else None
    gap = mine.objective / mine.bound - 1 if mine.objective and mine.bound else None
    behind = ratio is not None and ratio > 1 + SAME
    return (
        instance.name,
        str(instance.ahead),
        _hours(mine),
        _number(mine.bound),
        "-" if gap is None else f"{100 * gap:.2f} %",
        "-" if mine.first_seconds is None else f"{mine.first_seconds:.1f}",
        f"{mine.seconds:.1f}",
        _hours(cpsat),
        _number(cpsat.bound),
        cpsat.said,
        f"{cpsat.seconds:.1f}",
        _hours(routing),
        "-" if ratio is None else f"{ratio:.4f}" + (" **behind**" if behind else ""),
    )


def _hours(answer: Answer) -> str:
    if answer.invalid:
        return "not valid"
    if answer.objective is None:
        return answer.said
    return _number(answer.objective) + (f" ({answer.left:,} left)" if answer.left else "")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{round(value, 6):,.2f}"


def compared(instance: Instance, seconds: float) -> dict[str, Answer]:
    """All answers to an instance."""
    operation = instance.operation
    return {"ours": ours(operation, seconds)} | {name: peer(name, operation, seconds) for name in PEERS}


def summary(all_answers: Iterable[Mapping[str, Answer]]) -> str:
    """How ours stands beside CP-SAT, in a sentence or two."""
    pairs = [(answers["ours"], answers["cpsat"]) for answers in all_answers]
    proven = [(_cost(mine), _cost(other)) for mine, other in pairs if other.said == "optimal"]
    open_ = [(_cost(mine), other.objective) for mine, other in pairs if other.said != "optimal"]
    same = sum(mine <= other * (1 + SAME) for mine, other in proven)
    better = sum(other is None or mine < other * (1 - SAME) for mine, other in open_)
    behind = sum(other is not None and mine > other * (1 + SAME) for mine, other in open_)
    return (
        f"Of {len(pairs)} instances CP-SAT proves {len(proven)}, and ours is the optimum on {same} of them. "
        f"On the other {len(open_)}, ours is better on {better} and behind on {behind}."
    )


def table(head: Iterable[str]) -> None:
    """The head of a Markdown table."""
    head = tuple(head)
    line(*head)
    print("|" + "---|" * len(head), flush=True)


def line(*cells: str) -> None:
    """A line of a Markdown table."""
    print(f"| {' | '.join(cells)} |", flush=True)


# The price of reciprocity

TOLERANCES = (0.02, 0.05, 0.10, 0.20, 0.50, None)
PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
PRICED = ("instance", "tolerance", "ours, h", "bound, h", "CP-SAT, h", "its bound, h", "gap", "ends after, h", "left")


def with_tolerance(operation: Operation, tolerance: float | None) -> Operation:
    """An operation with its locksteps at another tolerance, or without them."""
    clauses = [
        replace(clause, tolerance=tolerance) if isinstance(clause, Lockstep) and tolerance is not None else clause
        for clause in operation.clauses
        if tolerance is not None or not isinstance(clause, Lockstep)
    ]
    return replace(operation, clauses=tuple(clauses))


def prices(name: str, operation: Operation, seconds: float, *, beside: bool) -> list[Price]:
    """Plans from the tightest tolerance to none, and a table of them. `beside`: CP-SAT too.

    A plan that keeps a tighter clause keeps a looser one, and no plan that keeps a tighter one is below the bound of a
    looser one: each row has the best plan and the best bound known for it.
    """
    cases = [(tolerance, with_tolerance(operation, tolerance)) for tolerance in TOLERANCES]
    plans: list[Answer] = []
    theirs: list[Answer] = []
    for _, case in cases:
        mine = ours(case, seconds)
        assert not mine.invalid, mine.invalid
        plans.append(min([mine, *plans[-1:]], key=_cost))
        theirs.append(peer("cpsat", case, seconds) if beside else Answer(said="-"))
        plans[-1] = replace(plans[-1], bound=mine.bound)
    found: list[Price] = []
    bound: float | None = None
    for (tolerance, _), mine, other in reversed(list(zip(cases, plans, theirs, strict=True))):
        bound = max((known for known in (bound, mine.bound, other.bound) if known is not None), default=None)
        price = Price(
            allowed="no clause" if tolerance is None else f"{100 * tolerance:g} %",
            objective=_cost(mine),
            bound=bound,
            ends_hours=(mine.ends or 0) / 60,
            left_behind=mine.left,
        )
        found.insert(0, price)
    table(PRICED)
    for price, mine, other in zip(found, plans, theirs, strict=True):
        gap = None if price.bound is None else max(0.0, price.objective / price.bound - 1)
        line(
            name,
            price.allowed,
            _number(price.objective),
            _number(mine.bound),
            _hours(other),
            _number(other.bound),
            "-" if gap is None else f"{100 * gap:.2f} %",
            f"{price.ends_hours:.1f}",
            f"{price.left_behind:,}",
        )
    print()
    return found


def _cost(answer: Answer) -> float:
    assert answer.objective is not None
    return answer.objective


def curve(seconds: float, folder: Path) -> None:
    """The price of reciprocity on the eve and on fifty loads a side: tables, and pictures in a folder."""
    for name, said, operation, unit in (
        ("eve", "The eve of Aleppo: what the lockstep of Idlib with Foua costs", read("aleppo-eve"), "person-hours"),
        ("loads", "Fifty loads a side, 4 buses against 3: what the lockstep costs", toy(50).operation, "load-hours"),
    ):
        svg = price_svg(said, prices(name, operation, seconds, beside=unit == "load-hours"), unit)
        if svg:
            (folder / f"reciprocity-{name}.svg").write_text(svg, encoding="utf-8")


def main(size: str = "small", seconds: str | None = None, folder: str | None = None) -> None:
    """Run the instances of a size, print a table, and fail where answers contradict each other.

    `curve` writes its pictures to `folder`, or to those of the documents.
    """
    allowed = float(seconds) if seconds else 3.0 if size == "small" else float(SECONDS)
    beside = importlib.util.find_spec("ortools") is not None
    if not beside:
        print("OR-Tools is not installed: only ours is run. `pip install 'safepassage[peers]'` brings it.\n")
    planner.plan(read("tiny"), operation_hash="", version="bench", work=1)  # compiled code is loaded before time counts
    print(f"Two workers and {allowed:g} seconds each.\n")
    if size == "curve":
        curve(allowed, Path(folder) if folder else PICTURES)
        return
    table(HEAD)
    wrong, all_answers = [], []
    for instance in instances(size):
        answers = compared(instance, allowed)
        all_answers.append(answers)
        line(*row(instance, answers))
        wrong += [f"{instance.name}: {said}" for said in contradictions(instance, answers)]
    if beside:
        print(f"\n{summary(all_answers)}")
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:4])
