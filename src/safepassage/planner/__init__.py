"""The planner: from an operation to a timetable that keeps every rule, with a proof of how close to the best it is."""

from __future__ import annotations

from safepassage.planner.bound import Certificate as Certificate
from safepassage.planner.conflict import Conflict as Conflict
from safepassage.planner.search import Progress as Progress
from safepassage.planner.solve import Planned as Planned
from safepassage.planner.solve import plan as plan
from safepassage.planner.solve import recompute_bound as recompute_bound
from safepassage.planner.solve import replan as replan
