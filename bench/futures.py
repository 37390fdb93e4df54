"""Courses per second: the compiled course beside the reference, SimPy and Ciw; and one Dask worker beside two.

`python bench/futures.py [small|large]`. The peers simulate the part that all of them can: many convoys, one inspection.
They are in the extra `peers`; where they are not installed the run says so and goes on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy.stats import ks_2samp

from safepassage import control
from safepassage.clauses.aboard import Aboard
from safepassage.fleet import Fleet, Handling
from safepassage.futures import kernel
from safepassage.futures.chance import stream
from safepassage.futures.course import Policy, run
from safepassage.futures.kernel import BEGINS, Courses
from safepassage.futures.network import DUE, Compiled
from safepassage.futures.shocks import ShockModel
from safepassage.futures.stress import BATCH, stress
from safepassage.movement import Inspection, Leg, Movement, Timetable
from safepassage.operation import Operation
from safepassage.people import Count, Evacuation, Group
from safepassage.world import Calendar, Crossing, Place, Road, Span, World

SLOT, GAP = 30, 60
"""Minutes of an inspection, and between arrivals on average: the lane is busy half of the time."""


@dataclass(frozen=True)
class Size:
    courses: int
    references: int
    plan_seconds: float
    customers: int
    replications: int
    cluster_courses: int


SIZES = {
    "small": Size(courses=60, references=1, plan_seconds=1.0, customers=100, replications=4, cluster_courses=2 * BATCH),
    "large": Size(
        courses=4000, references=4, plan_seconds=30.0, customers=400, replications=100, cluster_courses=80 * BATCH
    ),
}


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


# The operation of Aleppo


def aleppo(size: Size) -> tuple[Operation, Timetable, ShockModel]:
    operation = control.read("aleppo-2016")
    timetable = control.plan(operation, seconds=size.plan_seconds, seed=0).timetable
    return operation, timetable, control.shocks_beside("aleppo-2016", operation)


def courses(size: Size, operation: Operation, timetable: Timetable, model: ShockModel) -> None:
    compiling = seconds(lambda: stress(operation, timetable, model, courses=1, seed=0, checked=0))
    taken = {
        workers: seconds(
            lambda workers=workers: stress(  # type: ignore[misc]
                operation, timetable, model, courses=size.courses, seed=1, workers=workers, checked=0
            )
        )
        for workers in (1, 2)
    }
    reference = seconds(
        lambda: [
            run(operation, timetable, model.troubles(operation, timetable, 1, number))
            for number in range(size.references)
        ]
    )
    per_second = {workers: size.courses / spent for workers, spent in taken.items()}
    slow = size.references / reference
    print(f"the Aleppo operation: {len(timetable.movements)} movements, {len(timetable.empty_moves)} empty moves")
    print(f"  first course, compiled if it was not: {compiling:.1f} s")
    print(f"  reference                 {slow:10.2f} courses a second")
    for workers, rate in per_second.items():
        said = f"compiled, {workers} thread{'s' if workers > 1 else ''}"
        print(f"  {said:<25} {rate:10.1f} courses a second, {rate / slow:,.0f} x")
    print(f"  10,000 courses on two threads: {10_000 / per_second[2]:.1f} s (aim: under 10 s)")


# One queue, in all that can simulate one


def one_queue(starts: list[int]) -> tuple[Operation, Timetable]:
    """Convoys that need nothing from each other but the one lane, each as it comes."""
    handling = Handling(minutes=0, per_vehicle=0)
    days = max(starts) // 1440 + 5
    operation = Operation(
        name="One queue",
        calendar=Calendar(starts=datetime(2025, 1, 1, tzinfo=UTC), days=days),
        world=World(
            places={id: Place(id=id, name=id) for id in ("town", "city")},
            roads={"town--city": Road(between=("town", "city"), minutes=1)},
            crossings={"town": Crossing(at="town", people_per_hour=60)},
        ),
        groups={"civilian": Group(id="civilian", name="Civilians")},
        fleets={
            "vans": Fleet(
                id="vans",
                seats=SLOT,
                carries=("civilian",),
                stands={"town": len(starts)},
                load=handling,
                unload=handling,
            )
        },
        evacuations={
            "out": Evacuation(id="out", origin="town", to=("city",), people={"civilian": Count.exactly(len(starts))})
        },
        parties={},
        clauses=(Aboard(id="night", overnight=True),),
    )
    movements = tuple(
        Movement(
            id=f"m{number:05}",
            evacuation="out",
            origin="town",
            destination="city",
            vehicles={"vans": 1},
            people={"vans": {"civilian": 1}},
            loading=Span(start, start),
            legs=(Leg(road="town--city", here="town", there="city", departs=start + SLOT, arrives=start + SLOT + 1),),
            inspections=(Inspection(crossing="town", starts=start, ends=start + SLOT),),
            handed_over=start + SLOT + 1,
            arrived=start + SLOT + 1,
            unloading=Span(start + SLOT + 1, start + SLOT + 1),
        )
        for number, start in enumerate(starts)
    )
    timetable = Timetable(
        operation=operation.name, operation_hash="", version="", seed=0, movements=movements, empty_moves=(),
        left_behind=(), outcome="everyone carried", objective=0, person_hours=0, exposure=0,
    )  # fmt: skip
    return operation, timetable


def arrivals(size: Size, replication: int) -> list[int]:
    gaps = stream(3, replication, "arrivals").exponential(GAP, size=size.customers)
    return [int(minute) for minute in np.cumsum(gaps)]


def ours(ready: list[tuple[Compiled, Any]]) -> list[float]:
    """Minutes that each convoy waited for the lane."""
    waits: list[float] = []
    for compiled, troubles in ready:
        _, (trace,) = kernel.run(compiled, troubles, Policy(tries_most=99), trace=20 * len(compiled.trips))
        slots = trace[trace[:, 1] == BEGINS]
        waits += (slots[:, 0] - compiled.network.trip[DUE, slots[:, 2]]).tolist()
    return waits


def simpys(starts: list[list[int]]) -> list[float]:
    import simpy  # noqa: PLC0415

    waits: list[float] = []

    def convoy(environment: Any, lane: Any, start: int) -> Any:
        yield environment.timeout(start)
        with lane.request() as mine:
            yield mine
            waits.append(environment.now - start)
            yield environment.timeout(SLOT)

    for one in starts:
        environment = simpy.Environment()
        lane = simpy.Resource(environment, capacity=1)
        for start in one:
            environment.process(convoy(environment, lane, start))
        environment.run()
    return waits


def ciws(starts: list[list[int]]) -> list[float]:
    import ciw  # noqa: PLC0415

    waits: list[float] = []
    for one in starts:
        gaps = [float(gap) for gap in np.diff([0, *one])]
        network = ciw.create_network(
            arrival_distributions=[ciw.dists.Sequential([*gaps, 1e12])],
            service_distributions=[ciw.dists.Deterministic(value=SLOT)],
            number_of_servers=[1],
        )
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_customers(len(one))
        waits += [record.waiting_time for record in simulation.get_all_records()][: len(one)]
    return waits


def queues(size: Size) -> None:
    starts = [arrivals(size, replication) for replication in range(size.replications)]
    ready = []
    for one in starts:
        operation, timetable = one_queue(one)
        compiled = Compiled(operation, timetable, ShockModel())
        ready.append((compiled, compiled.troubles([()])))
    ours(ready[:1])
    found: list[float] = []
    spent = seconds(lambda: found.extend(ours(ready)))
    many = size.customers * size.replications
    print(f"one inspection, {many:,} convoys: mean wait {np.mean(found):.2f} minutes (M/D/1: 15)")
    print(f"  compiled course {many / spent:14,.0f} convoys a second")
    for name, peer in (("simpy", simpys), ("ciw", ciws)):
        if find_spec(name) is None:
            print(f"  {name} is not installed here: pip install '.[peers]'")
            continue
        theirs: list[float] = []
        taken = seconds(lambda peer=peer, theirs=theirs: theirs.extend(peer(starts)))  # type: ignore[misc]
        same = ks_2samp(found, theirs)
        print(
            f"  {name:<15} {many / taken:14,.0f} convoys a second, ours {taken / spent:.0f} x; mean wait "
            f"{np.mean(theirs):.2f}, distributions differ with p = {same.pvalue:.2f}"
        )


# A cluster of this machine


def cluster(size: Size, operation: Operation, timetable: Timetable, model: ShockModel) -> None:
    from distributed import LocalCluster  # noqa: PLC0415

    def drive(workers: int, kill: bool = False) -> tuple[Courses, float]:
        with LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as local:
            warm = stress(
                operation, timetable, model, courses=workers * BATCH, seed=0, cluster=local.scheduler_address, checked=0
            )
            assert warm.count == workers * BATCH
            killed: list[int] = []

            def told(number: int, part: Courses) -> bool:
                if kill and not killed:
                    worker = next(iter(local.workers.values()))
                    killed.append(worker.process.process.pid)
                    worker.process.process.kill()
                return True

            started = time.perf_counter()
            found = stress(
                operation, timetable, model, courses=size.cluster_courses, seed=2, cluster=local.scheduler_address,
                checked=0, told=told,
            )  # fmt: skip
            return found.courses, time.perf_counter() - started

    here = stress(operation, timetable, model, courses=size.cluster_courses, seed=2, checked=0).courses
    one, alone = drive(1)
    two, together = drive(2)
    three, _ = drive(2, kill=True)
    for found in (one, two, three):
        assert all((found.arrays()[key] == value).all() for key, value in here.arrays().items()), "courses differ"
    print(f"{size.cluster_courses:,} courses on Dask: one worker {alone:.1f} s, two {together:.1f} s")
    print(f"  {alone / together:.2f} x (aim: 1.7)")
    print("  bit for bit those of threads; and again with a worker killed in mid-sweep")


def main(name: str = "small") -> None:
    size = SIZES[name]
    operation, timetable, model = aleppo(size)
    courses(size, operation, timetable, model)
    queues(size)
    cluster(size, operation, timetable, model)


if __name__ == "__main__":
    main(*sys.argv[1:])
