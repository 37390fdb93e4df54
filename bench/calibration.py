"""Futures against the record: what the model of 18 December says of 19 to 22 December, beside what was counted then.

`python bench/calibration.py large [PICTURE.svg]`. The operation as it was run, East Aleppo alone, starts again at an
instant with those who were left by the count of one publisher, is planned, and is driven through courses of the shock
model fitted to the record up to 18 December. Nothing is tuned to what came after.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from safepassage import control
from safepassage.futures.shocks import Demand, ShockModel
from safepassage.futures.stress import Stress
from safepassage.operation import Operation
from safepassage.people import Count
from safepassage.report import fan_svg
from safepassage.world import Calendar

TOTAL = 36_086
COUNTED = {
    "2016-12-15 20:00": 3_000,
    "2016-12-16 09:00": 10_000,
    "2016-12-19 15:00": 15_000,
    "2016-12-20 18:00": 25_000,
    "2016-12-21 20:00": 30_000,
    "2016-12-22 08:00": 34_000,
    "2016-12-22 20:30": 35_000,
}
"""People out of East Aleppo as ICRC published them; where a day alone was given the hour is ours."""


@dataclass(frozen=True)
class Cut:
    """From when on it is a forecast, how many were out by then, and whether the operation stood."""

    at: str
    out: int
    stood: bool


CUTS = (
    Cut("2016-12-15 20:00", 3_000, False),
    Cut("2016-12-16 09:00", 10_000, True),
    Cut("2016-12-19 00:00", 10_350, False),
    Cut("2016-12-19 15:00", 15_000, False),
    Cut("2016-12-20 18:00", 25_000, True),
    Cut("2016-12-21 20:00", 30_000, False),
)


def when(operation: Operation, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=operation.calendar.starts.tzinfo)


def from_cut(operation: Operation, cut: Cut) -> Operation:
    """The operation that is left: those not yet out, from the cut to the midnight after the last day."""
    starts = when(operation, cut.at)
    days = (when(operation, "2016-12-24 00:00").date() - starts.date()).days
    aleppo = operation.evacuations["aleppo-to-idlib"]
    share = (TOTAL - cut.out) / TOTAL
    people = {group: Count.exactly(round(count.best * share)) for group, count in aleppo.people.items()}
    return replace(
        operation,
        calendar=Calendar(starts=starts, days=days),
        evacuations={aleppo.id: replace(aleppo, people=people)},
        clauses=tuple(clause for clause in operation.clauses if clause.kind != "last"),
    )


def model_at(model: ShockModel, cut: Cut) -> ShockModel:
    """The model, with the stop under way where the operation stood. Exponential stops last as long again."""
    shocks = tuple(
        replace(one, begun=cut.stood, evacuations=("aleppo-to-idlib",)) if isinstance(one, Demand) else one
        for one in model.shocks
    )
    return replace(model, shocks=shocks)


def forecast(cut: Cut, courses: int, seconds: float) -> Stress:
    whole = control.read("aleppo-as-run")
    operation = from_cut(whole, cut)
    model = model_at(control.shocks_beside("aleppo-as-run", whole), cut)
    timetable = control.plan(operation, seconds=seconds, seed=0).timetable
    return control.stress(operation, timetable, model, courses=courses, seed=2016, policy=None, checked=5)


def main(size: str, picture: str = "") -> None:
    large = size == "large"
    courses, seconds = (2000, 20.0) if large else (50, 1.5)
    print(f"{'forecast from':<18}{'of':<18}{'counted':>9}{'5 %':>8}{'median':>8}{'95 %':>8}{'its place':>11}")
    inside = asked = half = 0
    for cut in CUTS if large else CUTS[2:3]:
        found = forecast(cut, courses, seconds)
        operation = found.job.operation
        for text, counted in COUNTED.items():
            minute = operation.calendar.minute(when(operation, text))
            if minute <= 120:
                continue
            hour = min((minute - 1) // 60, found.courses.out.shape[1] - 1)  # a column holds those of its whole hour
            people = cut.out + found.courses.out[:, hour]
            low, middle, high = np.quantile(people, (0.05, 0.5, 0.95))
            place = float((people <= counted).mean())
            asked, inside = asked + 1, inside + bool(low <= counted <= high)
            half += bool(np.quantile(people, 0.25) <= counted <= np.quantile(people, 0.75))
            print(f"{cut.at:<18}{text:<18}{counted:>9,}{low:>8,.0f}{middle:>8,.0f}{high:>8,.0f}{place:>11.2f}")
        if found.checked.errors:
            sys.exit(f"a course that cannot be: {found.checked.errors[0].text}")
        if picture and cut is CUTS[2]:
            real = [
                (operation.calendar.minute(when(operation, text)), counted - cut.out)
                for text, counted in COUNTED.items()
                if when(operation, text) > operation.calendar.starts
            ]
            Path(picture).write_text(fan_svg(operation, found, real))
    print(f"counted within 90 % bands: {inside} of {asked}; within the middle half: {half} of {asked}")


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["small"]))
