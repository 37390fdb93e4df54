"""Futures: a timetable driven through many courses of what may go wrong."""

from safepassage.futures.course import Course, Policy, run
from safepassage.futures.levers import Design, Gain, Held, Lever, designs, gain, held, levers, pairable, together
from safepassage.futures.shocks import SHOCKS, Shock, ShockModel
from safepassage.futures.stress import (
    Advantage,
    Courses,
    Estimate,
    Stop,
    Stress,
    advantages,
    all_out,
    estimate,
    fan,
    share,
    stops,
    stress,
)

__all__ = [
    "SHOCKS",
    "Advantage",
    "Course",
    "Courses",
    "Design",
    "Estimate",
    "Gain",
    "Held",
    "Lever",
    "Policy",
    "Shock",
    "ShockModel",
    "Stop",
    "Stress",
    "advantages",
    "all_out",
    "designs",
    "estimate",
    "fan",
    "gain",
    "held",
    "levers",
    "pairable",
    "run",
    "share",
    "stops",
    "stress",
    "together",
]
