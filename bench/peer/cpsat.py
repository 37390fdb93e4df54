"""CP-SAT of OR-Tools on a lockstep task, in a process of its own: JSON in on standard input, JSON out.

One model of the whole task, exactly the rules of movement: a load is an optional interval; those of a side are alike,
so they are put in order, which says lockstep, bays and a side's own vehicles without a variable more. What two sides
share (vehicles, escorts) goes from load to load, each at most once, with the empty way between.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from ortools.sat.python import cp_model

Task = dict[str, Any]


class Whole:
    """The model of a task: for each side the starts of its loads, in order, and whether they are carried."""

    def __init__(self, task: Task) -> None:
        self.task, self.model = task, cp_model.CpModel()
        self.starts: list[list[Any]] = []
        self.carried: list[list[Any]] = []
        for side in task["sides"]:
            self._side(side)
        self._lockstep()
        self._lanes()
        for shared in task["shared"]:
            self._shared(shared)
        everyone = [carried for side in self.carried for carried in side]
        self.model.add_decision_strategy(everyone, cp_model.CHOOSE_FIRST, cp_model.SELECT_MAX_VALUE)
        self.model.minimize(
            sum(
                start + side["minutes"]
                for side, starts in zip(task["sides"], self.starts, strict=True)
                for start in starts
            )
        )

    def _side(self, side: Task) -> None:
        """A load left behind "starts" so late that it costs what one left behind costs."""
        model, never = self.model, self.task["left_minutes"] - side["minutes"]
        loads, end = range(side["loads"]), self.task["end"]
        sometime = cp_model.Domain.from_intervals([*side["starts"], [never, never]])
        starts = [model.new_int_var_from_domain(sometime, "") for _ in loads]
        carried = [model.new_bool_var("") for _ in loads]
        for load in loads:
            model.add(starts[load] <= end).only_enforce_if(carried[load])
            model.add(starts[load] == never).only_enforce_if(~carried[load])
            if load:
                model.add_implication(carried[load], carried[load - 1])
                model.add(starts[load] >= starts[load - 1])
        for most, minutes in side["at_once"]:
            for load in loads[most:]:
                model.add(starts[load] >= starts[load - most] + minutes).only_enforce_if(carried[load])
            for load in loads if most < 1 else ():
                model.add(~carried[load])
        self.starts.append(starts)
        self.carried.append(carried)

    def _lockstep(self) -> None:
        for one, load, other, needed in self.task["needs"]:
            if needed > self.task["sides"][other]["loads"]:
                self.model.add(~self.carried[one][load - 1] == 1)
                continue
            ahead = self.starts[one][load - 1] + self.task["sides"][one]["handover"]
            behind = self.starts[other][needed - 1] + self.task["sides"][other]["handover"]
            carried = self.carried[one][load - 1]
            self.model.add(ahead >= behind).only_enforce_if(carried)
            self.model.add_implication(carried, self.carried[other][needed - 1])

    def _lanes(self) -> None:
        for crossing, lanes in self.task["lanes"].items():
            slots = [
                self.model.new_optional_fixed_size_interval_var(start + offset, minutes, carried, "")
                for side, starts, carrieds in zip(self.task["sides"], self.starts, self.carried, strict=True)
                for at, offset, minutes in side["slots"]
                if at == crossing
                for start, carried in zip(starts, carrieds, strict=True)
            ]
            if lanes == 1:
                self.model.add_no_overlap(slots)
            else:
                self.model.add_cumulative(slots, [1] * len(slots), lanes)

    def _shared(self, shared: Task) -> None:
        """Each load has one of these, from a stand or from a load before it, and passes it on to one load at most."""
        model, sides = self.model, self.task["sides"]
        loads = [(side, load) for side in shared["sides"] for load in range(sides[side]["loads"])]
        onward: dict[tuple[int, int], list[Any]] = {one: [] for one in loads}
        leaving: dict[str, list[Any]] = {place: [] for place in shared["stands"]}
        for side, load in loads:
            start, coming = self.starts[side][load], []
            for place in shared["stands"]:
                first = model.new_bool_var("")
                model.add(start >= shared["from_stand"][place][side]).only_enforce_if(first)
                leaving[place].append(first)
                coming.append(first)
            for other, before in loads:
                if other == side and before >= load:
                    continue
                minutes = sides[other]["minutes"] + shared["onward"][other][side]
                after = model.new_bool_var("")
                model.add(start >= self.starts[other][before] + minutes).only_enforce_if(after)
                onward[other, before].append(after)
                coming.append(after)
            model.add_exactly_one([*coming, ~self.carried[side][load]])
        for choices in onward.values():
            model.add_at_most_one(choices)
        for place, count in shared["stands"].items():
            model.add(sum(leaving[place]) <= count)


def solved(task: Task) -> Task:
    """The best loads found, the bound and the word CP-SAT has for them; minutes, as the task."""
    begun = time.perf_counter()
    whole = Whole(task)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = task["workers"]
    solver.parameters.max_time_in_seconds = task["seconds"]
    built = time.perf_counter() - begun
    status = solver.solve(whole.model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return {
        "status": solver.status_name(status).lower(),
        "bound": solver.best_objective_bound,
        "seconds": solver.wall_time,
        "build_seconds": built,
        "starts": [
            [solver.value(start) for start, carried in zip(*side, strict=True) if solver.value(carried)]
            for side in zip(whole.starts, whole.carried, strict=True)
        ]
        if found
        else None,
    }


if __name__ == "__main__":
    json.dump(solved(json.load(sys.stdin)), sys.stdout)
