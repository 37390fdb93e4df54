"""How good and quick plans are, the bound in the same run: `python bench/plan.py [small|eve|eve600|replan|large]`.

`growth [SECONDS]` prints a Markdown table: plans against people, sites and vehicles.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

from safepassage import planner
from safepassage.check import check_plan
from safepassage.control import read
from safepassage.formats.operation import operation_hash, parse_operation
from safepassage.generate import generate
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.world import Span, World


def planned(name: str, operation: Operation, seconds: float, completion: float | None = None) -> dict[str, object]:
    """Plan for so many seconds: when the first plan and the bound came, the gap, and whether the check agrees."""
    begun = time.perf_counter()
    first: dict[str, float] = {}

    def tell(progress: planner.Progress) -> None:
        first.setdefault("first_plan_seconds", time.perf_counter() - begun)
        if progress.bound is not None:
            first.setdefault("first_bound_seconds", time.perf_counter() - begun)

    found = planner.plan(
        operation,
        operation_hash=operation_hash(operation),
        version="bench",
        seconds_left=lambda: seconds - (time.perf_counter() - begun),
        progress=tell,
        completion=completion,
    ).timetable
    return _row(name, operation, found, time.perf_counter() - begun, first)


def _row(
    name: str, operation: Operation, found: Timetable, seconds: float, first: dict[str, float]
) -> dict[str, object]:
    begun = time.perf_counter()
    report = check_plan(operation, found)
    told = [(m.evacuation, m.loading.start, m.total) for m in found.movements]
    return {
        "case": name,
        "people": operation.people,
        "movements": len(found.movements),
        "seconds": round(seconds, 1),
        **{key: round(value, 2) for key, value in first.items()},
        "objective": round(found.objective),
        "bound": None if found.bound is None else round(found.bound),
        "gap_percent": None if found.gap is None else round(100 * found.gap, 2),
        "ends": operation.calendar.clock(found.ends),
        "left_behind": sum(left.people for left in found.left_behind),
        "check": "ok" if report.ok else [finding.text for finding in report.findings][:3],
        "check_seconds": round(time.perf_counter() - begun, 3),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "hash": hashlib.sha256(repr(told).encode()).hexdigest()[:12],
    }


def with_buses(operation: Operation, each: int) -> Operation:
    """The eve with so many buses at each of its two depots."""
    buses = operation.fleets["buses"]
    fleets = {**operation.fleets, "buses": replace(buses, stands=dict.fromkeys(buses.stands, each))}
    return replace(operation, fleets=fleets)


def generated(sites: int, people: int, vehicles: int, escorts: int) -> Operation:
    """An operation of the generator, with its usual lockstep pairs."""
    text = generate(
        sites=sites, destinations=10, people=people, vehicles=vehicles, escorts=escorts, tolerance=0.3, seed=1
    )
    operation, problems = parse_operation(text)
    assert operation is not None, problems
    return operation


def closed_for_a_day(seconds: float) -> dict[str, object]:
    """Ramouseh closed for 24 hours on the second day of the eve: the first valid plan, and the gap at the end."""
    operation = read("aleppo-eve")
    mark = operation_hash(operation)
    before = planner.plan(operation, seconds_left=_countdown(60), operation_hash=mark, version="bench").timetable
    at = 24 * 60 + 10 * 60
    world = operation.world
    crossings = {**world.crossings, "x0": replace(world.crossings["x0"], closed=(Span(at, at + 24 * 60),))}
    closed = World(places=world.places, roads=world.roads, crossings=crossings, empty_links=world.empty_links)
    changed = replace(operation, world=closed)
    begun = time.perf_counter()
    first: dict[str, float] = {}

    def tell(_: planner.Progress) -> None:
        first.setdefault("first_plan_seconds", time.perf_counter() - begun)

    after = planner.replan(
        changed,
        before,
        at=at,
        seconds_left=_countdown(seconds),
        progress=tell,
        operation_hash=mark,
        version="bench",
    ).timetable
    return _row("replan", changed, after, time.perf_counter() - begun, first)


def _countdown(seconds: float) -> Callable[[], float]:
    begun = time.perf_counter()
    return lambda: seconds - (time.perf_counter() - begun)


# Growth

GROWTH = (
    *((10, people, 500, 30) for people in (20_000, 50_000, 150_000, 500_000)),
    *((sites, 150_000, 500, 30) for sites in (2, 5, 20, 50)),
    *((10, 150_000, vehicles, 30) for vehicles in (100, 200, 1000)),
    (20, 300_000, 1000, 60),
    (50, 500_000, 2500, 150),
    (100, 1_000_000, 5000, 300),
)
"""Sites, people, vehicles, escorts: each alone, then all together."""


def growth(sizes: Iterable[tuple[int, int, int, int]], seconds: float) -> None:
    """A line for each size, planned in a process of its own, so that the memory is its own."""
    table((
        "sites", "people", "vehicles", "escorts", "seconds", "first plan, s", "first bound, s", "person-hours", "bound",
        "gap, %", "left behind", "memory, MB", "check",
    ))  # fmt: skip
    for sites, people, vehicles, escorts in sizes:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
            row = alone.submit(_grown, sites, people, vehicles, escorts, seconds).result()
        line(f"{sites}", f"{people:,}", f"{vehicles:,}", f"{escorts}", *row)
    print()


def _grown(sites: int, people: int, vehicles: int, escorts: int, seconds: float) -> list[str]:
    planner.plan(read("tiny"), operation_hash="", version="bench", work=1)  # compiled code is loaded before time counts
    row = planned("", generated(sites, people, vehicles, escorts), seconds)
    wanted = ("seconds", "first_plan_seconds", "first_bound_seconds", "objective", "bound", "gap_percent")
    told = [row.get(key) for key in (*wanted, "left_behind", "memory_mb", "check")]
    return ["-" if value is None else f"{value:,}" if isinstance(value, int) else str(value) for value in told]


def table(head: Iterable[str]) -> None:
    """The head of a Markdown table."""
    head = tuple(head)
    line(*head)
    print("|" + "---|" * len(head), flush=True)


def line(*cells: str) -> None:
    """A line of a Markdown table."""
    print(f"| {' | '.join(cells)} |", flush=True)


def cases(size: str) -> list[Callable[[], dict[str, object]]]:
    """The cases of a size; `large` is all of them."""
    eve = read("aleppo-eve")
    by_name: dict[str, list[Callable[[], dict[str, object]]]] = {
        "small": [partial(planned, "tiny", read("tiny"), 3), partial(planned, "hurricane", read("hurricane"), 4)],
        "eve": [
            partial(planned, "eve", eve, 60),
            partial(planned, "eve, 60 buses", with_buses(eve, 30), 60),
            partial(planned, "eve, 100 buses", with_buses(eve, 50), 60),
        ],
        "eve600": [partial(planned, "eve, ten minutes", eve, 600)],
        "completion": [partial(planned, "eve, completion", eve, 600, completion=0.05)],
        "replan": [partial(closed_for_a_day, 10)],
        "ten": [partial(planned, "10 sites", generated(10, 150_000, 500, 30), 120)],
        "hundred": [partial(planned, "100 sites", generated(100, 1_000_000, 5000, 300), 180)],
    }
    return [case for group in by_name.values() for case in group] if size == "large" else by_name[size]


def main(size: str = "small", seconds: str = "60") -> None:
    """Run the cases of a size and print a line of JSON for each; `growth`: a table."""
    if size == "growth":
        growth(GROWTH, float(seconds))
        return
    for case in cases(size):
        print(json.dumps(case()), flush=True)
    if size == "small":
        growth([(2, 2_000, 40, 4)], 2)


if __name__ == "__main__":
    main(*sys.argv[1:3])
