"""The routing library of OR-Tools on a lockstep task, in a process of its own: JSON in on standard input, JSON out.

A load is a visit, what a vehicle does its route; a visit lasts from loading to the end of unloading, and the way to the
next is driven empty. The library has no word for counts handed over, so the loads of a side are put in order, and
lockstep, lanes and bays are constraints on the times of visits, handed to the solver under it. Its objective is the
same: for each visit its time, for each left out what a load left behind costs. It searches on one thread; each worker
begins in a way of its own.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

Task = dict[str, Any]
BEGINNINGS = ("PARALLEL_CHEAPEST_INSERTION", "AUTOMATIC", "PATH_CHEAPEST_ARC", "SAVINGS")


class Whole:
    """The model of a task. Nodes: loads, then where each vehicle stands, then the end of every route."""

    def __init__(self, task: Task) -> None:
        self.task, self.sides = task, task["sides"]
        self.loads = [(side, load) for side, one in enumerate(self.sides) for load in range(one["loads"])]
        self.node = {load: node for node, load in enumerate(self.loads)}
        self.vehicles = [
            (fleet, place) for fleet in task["fleets"] for place, count in fleet["stands"].items() for _ in range(count)
        ]
        stands = [len(self.loads) + number for number in range(len(self.vehicles))]
        self.done = len(self.loads) + len(self.vehicles)
        self.manager = pywrapcp.RoutingIndexManager(
            self.done + 1, len(self.vehicles), stands, [self.done] * len(self.vehicles)
        )
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.solver = self.routing.solver()
        self.routing.SetArcCostEvaluatorOfAllVehicles(self.routing.RegisterTransitCallback(lambda _, __: 0))
        self.routing.AddDimension(
            self.routing.RegisterTransitCallback(self._minutes), task["end"], task["end"], False, "time"
        )
        self._visits()
        self._order()
        self._lanes()

    def _minutes(self, from_index: int, to_index: int) -> int:
        """From the start of one visit to the earliest start of the next."""
        here, there = self.manager.IndexToNode(from_index), self.manager.IndexToNode(to_index)
        if there >= len(self.loads) or here == self.done:
            return 0
        other = self.loads[there][0]
        if here >= len(self.loads):
            fleet, place = self.vehicles[here - len(self.loads)]
            return int(fleet["from_stand"][place][other])
        one = self.loads[here][0]
        return int(self.sides[one]["minutes"] + self.task["empty"][one][other])

    def _visits(self) -> None:
        clock = self.routing.GetDimensionOrDie("time")
        self.starts, self.active = [], []
        for node, (side, _) in enumerate(self.loads):
            index, spans = self.manager.NodeToIndex(node), self.sides[side]["starts"]
            start = clock.CumulVar(index)
            start.SetRange(spans[0][0], spans[-1][1])
            for before, after in pairwise(spans):
                start.RemoveInterval(before[1] + 1, after[0] - 1)
            self.routing.AddDisjunction([index], self.task["left_minutes"] - self.sides[side]["minutes"])
            clock.SetCumulVarSoftUpperBound(index, 0, 1)
            may = [number for number, (fleet, _) in enumerate(self.vehicles) if side in fleet["sides"]]
            self.routing.VehicleVar(index).SetValues([-1, *may])
            self.starts.append(start)
            self.active.append(self.routing.ActiveVar(index))

    def _after(self, one: tuple[int, int], other: tuple[int, int], lag: int) -> None:
        """If a load is carried, so is the other, and it starts no earlier than the other and the lag."""
        late, early = self.node[one], self.node[other]
        beyond = 2 * self.task["end"] + abs(lag)
        self.solver.Add(self.active[late] <= self.active[early])
        self.solver.Add(self.starts[late] - self.starts[early] >= lag - (1 - self.active[late]) * beyond)

    def _order(self) -> None:
        for side, one in enumerate(self.sides):
            for most, lag in [(1, 0), *one["bays"]]:
                for load in range(most, one["loads"]):
                    self._after((side, load), (side, load - most), lag)
        for side, load, other, needed in self.task["needs"]:
            lag = self.sides[other]["handover"] - self.sides[side]["handover"]
            self._after((side, load - 1), (other, needed - 1), lag)

    def _lanes(self) -> None:
        for crossing, lanes in self.task["lanes"].items():
            slots = [
                self.solver.FixedDurationIntervalVar(
                    (self.starts[node] + offset).Var(), minutes, self.active[node], f"slot {node}"
                )
                for node, (side, _) in enumerate(self.loads)
                for at, offset, minutes in self.sides[side]["slots"]
                if at == crossing
            ]
            self.solver.Add(self.solver.Cumulative(slots, [1] * len(slots), lanes, crossing))


def searched(task: Task, beginning: str) -> Task:
    """The best loads found from one way to begin."""
    begun = time.perf_counter()
    whole = Whole(task)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = getattr(routing_enums_pb2.FirstSolutionStrategy, beginning)
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(1000 * task["seconds"]))
    built = time.perf_counter()
    solution = whole.routing.SolveWithParameters(parameters)
    taken = time.perf_counter() - built
    done: Task = {"seconds": taken, "build_seconds": built - begun, "beginning": beginning, "starts": None}
    if solution is None:
        return {**done, "status": "nothing found", "cost": None}
    chosen: list[list[int]] = [[] for _ in whole.sides]
    for (side, _), start, active in zip(whole.loads, whole.starts, whole.active, strict=True):
        if solution.Value(active):
            chosen[side].append(solution.Min(start))
    return {**done, "status": "found", "cost": solution.ObjectiveValue(), "starts": chosen}


def solved(task: Task) -> Task:
    """The best of as many searches as there are workers, side by side."""
    beginnings = BEGINNINGS[: task["workers"]]
    with ProcessPoolExecutor(len(beginnings)) as pool:
        found = list(pool.map(partial(searched, task), beginnings))
    return min(found, key=lambda one: (one["cost"] is None, one["cost"] or 0))


if __name__ == "__main__":
    json.dump(solved(json.load(sys.stdin)), sys.stdout)
