"""How long routes take over a country's roads, and how much memory: `python bench/routes.py [segments | large]`."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from safepassage.generate import generate_country
from safepassage.world import Calendar, Span, empty_way, fastest, routes

SMALL, LARGE = 20_000, 1_000_000
Found = TypeVar("Found")


def timed(what: str, call: Callable[[], Found]) -> Found:
    start = time.perf_counter()
    found = call()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:60} {time.perf_counter() - start:7.2f} s   at most {memory:6.0f} MB so far")
    return found


def run(segments: int, seed: int = 1) -> None:
    world = timed(f"a country of {segments:,} segments", lambda: generate_country(segments, seed))
    places = list(world.places)
    corner, far, middle = places[0], places[-1], places[len(places) // 2]
    calendar = Calendar(starts=datetime(2016, 12, 15, tzinfo=UTC), days=8)
    timed("its graph, built once", lambda: world.graph)
    (first, *_) = timed("8 routes from corner to corner", lambda: routes(world, corner, far))
    gates = (middle, first.places[len(first.places) // 3])
    timed("8 routes past one of 2 places", lambda: routes(world, corner, far, out_at=gates))
    timed("8 routes to the middle", lambda: routes(world, corner, middle))
    timed("fastest from corner to corner", lambda: fastest(world, corner, far, departs=0, calendar=calendar))
    shut = set(first.roads[::10])
    timed(
        "fastest with a tenth of the shortest route blocked",
        lambda: fastest(
            world,
            corner,
            far,
            departs=0,
            calendar=calendar,
            blocked=lambda road: (Span(0, calendar.end),) if road in shut else (),
        ),
    )
    timed("empty way from corner to corner", lambda: empty_way(world, corner, far))


if __name__ == "__main__":
    size = sys.argv[1] if len(sys.argv) > 1 else SMALL
    run(LARGE if size == "large" else int(size))
