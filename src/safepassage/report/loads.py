"""What binds: the load of each crossing by day, and fleets, escorts and bays over time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.report import figures
from safepassage.report.curves import plan_axis
from safepassage.report.drawing import (
    ALARM,
    COLOURS,
    FAINT,
    HAIR,
    INK,
    MUTED,
    NIGHT,
    WIDTH,
    HourAxis,
    Sheet,
    number,
    percent,
    steps_path,
)
from safepassage.report.lettering import SEMIBOLD, shortened, text_width

LEFT, RIGHT = 190.0, WIDTH - 150
TIGHT = 0.9
"""From this share of its open time on, a crossing's day is marked as full."""


def hours_said(minutes: int) -> str:
    """Minutes as people say them: 11 h 30."""
    return f"{minutes // 60} h {minutes % 60:02d}" if minutes % 60 else f"{minutes // 60} h"


def crossings_svg(operation: Operation, timetable: Timetable) -> str:
    """The load of each crossing on each day, in percent of its open lane hours. Empty where there is no crossing."""
    days = figures.active_days(operation, timetable)
    loads = {(load.crossing, load.day): load for load in figures.crossing_loads(operation, timetable, days)}
    if not loads:
        return ""
    sheet = Sheet(
        "crossings",
        "Load of each crossing by day",
        "One row for each crossing, one column for each day: the bar is the part of the open lane hours that is "
        "booked, "
        "with its percentage. The table beside the picture has the same numbers.",
    )
    gap = 14.0
    width = min(260.0, (WIDTH - 22 - LEFT + gap) / len(days) - gap)
    top = 30.0
    for column, day in enumerate(days):
        when = operation.calendar.when(operation.calendar.day_span(day).start)
        x = LEFT + column * (width + gap)
        words = next(
            (
                words
                for words in (f"Day {day + 1}, {when:%A} {when.day} {when:%b}", f"Day {day + 1}, {when.day} {when:%b}")
                if text_width(words, 12, SEMIBOLD) <= width + gap - 4
            ),
            f"{day + 1}",
        )
        sheet.text(x, top - 10, words, size=12, weight=SEMIBOLD)
    for row, crossing in enumerate(operation.world.crossings.values()):
        y = top + row * 46
        sheet.line(16, y, WIDTH - 22, y, FAINT)
        name = operation.world.places[crossing.at].name
        sheet.text(16, y + 19, shortened(name, 13, LEFT - 30, SEMIBOLD), size=13, weight=SEMIBOLD)
        lanes = "1 lane" if crossing.lanes == 1 else f"{crossing.lanes} lanes"
        sheet.text(16, y + 35, f"{number(crossing.people_per_hour)} an hour, {lanes}", size=11, fill=MUTED)
        for column, day in enumerate(days):
            _load(sheet, loads[crossing.id, day], LEFT + column * (width + gap), y, width)
    bottom = top + len(operation.world.crossings) * 46
    sheet.line(16, bottom, WIDTH - 22, bottom, FAINT)
    sheet.reach(bottom + 10)
    return sheet.svg()


def _load(sheet: Sheet, load: figures.CrossingLoad, x: float, y: float, width: float) -> None:
    tight = load.share >= TIGHT
    sheet.rect(x, y + 8, width, 14, "#edf0f3")
    if load.booked_minutes:
        sheet.rect(x, y + 8, width * min(1.0, load.share), 14, COLOURS[0])
    if tight:
        sheet.rect(x, y + 8, width, 14, "none", INK, 2)
    said = percent(load.share) + (", full" if tight else "") if load.open_minutes else "closed"
    sheet.text(x, y + 37, said, size=13, weight=SEMIBOLD)
    of = f"of {hours_said(load.open_minutes)}"
    if load.open_minutes and text_width(said, 13, SEMIBOLD) + text_width(of, 11) + 8 <= width:
        sheet.text(x + width, y + 37, of, size=11, fill=MUTED, anchor="end")


def fleets_svg(operation: Operation, timetable: Timetable) -> str:
    """Vehicles of each fleet, escorts and bays in use over time, against those there are."""
    sheet = Sheet(
        "fleets",
        "Fleets, escorts and bays over time",
        "One band for each fleet, the escorts, and each place with a limited number of bays. Filled: with "
        "people; hatched: "
        "empty on the road; the line on top is how many there are.",
    )
    axis = plan_axis(operation, timetable, LEFT, RIGHT)
    spans = figures.working_spans(operation, timetable)
    uses = figures.fleet_uses(operation, timetable)
    names = {fleet.id: fleet.name or fleet.id.capitalize() for fleet in operation.fleets.values()}
    names["escorts"] = names.get("escorts", "Escorts")
    bays = figures.bays_in_use(operation, timetable)
    y = 48.0
    key = y - 40
    sheet.rect(LEFT, key, 22, 10, COLOURS[0])
    sheet.text(LEFT + 28, key + 9, "with people", size=11, fill=MUTED)
    sheet.rect(LEFT + 112, key, 22, 10, sheet.hatch("empty", COLOURS[0], 45, 4, 0.7), COLOURS[0], 0.8)
    sheet.text(LEFT + 140, key + 9, "empty on the road", size=11, fill=MUTED)
    y += 14
    band = 62.0
    bottom = y + (band + 14) * len(uses) + (44 * len(bays)) - 6
    axis.shade(sheet, figures.nights(operation), y, bottom, NIGHT)
    axis.draw(sheet, y, bottom)
    for use in uses:
        layers = [
            (use.gone, HAIR),
            (use.carrying, COLOURS[0]),
            (use.empty, sheet.hatch("empty", COLOURS[0], 45, 4, 0.7)),
        ]
        _band(sheet, axis, layers, use.vehicles, y, band)
        sheet.text(16, y + 18, shortened(names[use.id], 13, LEFT - 26, SEMIBOLD), size=13, weight=SEMIBOLD)
        said = "one way" if any(fleet.id == use.id and fleet.one_way for fleet in operation.fleets.values()) else ""
        sheet.text(16, y + 35, f"{number(use.vehicles)} there are" + (f", {said}" if said else ""), size=11, fill=MUTED)
        _verdict(sheet, y, use.peak, use.vehicles, f"{percent(use.mean_share(spans))} by day")
        y += band + 14
    for place, points in bays.items():
        there = operation.world.places[place].bays or 0
        _band(sheet, axis, [(points, COLOURS[1])], there, y, 30)
        sheet.text(
            16,
            y + 14,
            shortened(f"Bays, {operation.world.places[place].name}", 13, LEFT - 26, SEMIBOLD),
            size=13,
            weight=SEMIBOLD,
        )
        sheet.text(16, y + 29, f"{there} there are", size=11, fill=MUTED)
        full = sum(end - start for start, end in _full(points, there))
        _verdict(sheet, y - 6, figures.peak(points), there, f"{hours_said(full)} full" if full else "never full")
        y += 44
    sheet.reach(bottom + 12)
    return sheet.svg()


def _full(points: figures.Curve, most: int) -> list[tuple[int, int]]:
    following = [minute for minute, _ in points[1:]]
    return [(minute, end) for (minute, value), end in zip(points, following, strict=False) if value >= most > 0]


def _verdict(sheet: Sheet, y: float, most: int, there: int, average: str) -> None:
    over = most > there
    words = f"most {number(most)} of {number(there)}"
    sheet.text(RIGHT + 12, y + 18, words, size=13, weight=SEMIBOLD, fill=ALARM if over else INK)
    sheet.text(RIGHT + 12, y + 35, average, size=11, fill=MUTED)


def _band(
    sheet: Sheet, axis: HourAxis, layers: Sequence[tuple[figures.Curve, str]], there: int, top: float, height: float
) -> None:
    """Stacked counts over time under the line of those there are."""
    bottom = top + height
    most = max(there, figures.peak(figures.total_of([points for points, _ in layers])))
    scale = (height - 8) / max(1, most)
    below: figures.Curve = ()
    for points, fill in layers:
        stacked = figures.total_of((below, points))
        if points:
            _area(sheet, axis, below, stacked, bottom, scale, fill)
            if fill.startswith("url"):
                inside = [
                    (axis.x(at), bottom - value * scale)
                    for at, value in stacked
                    if axis.span.start <= at <= axis.span.end
                ]
                sheet.path(steps_path(inside, inside[-1][0]), stroke=COLOURS[0], width=0.9)
        below = stacked
    level = bottom - there * scale
    sheet.line(axis.left, level, axis.right, level, INK, 1.4)
    sheet.line(axis.left, bottom, axis.right, bottom, FAINT)


def _area(
    sheet: Sheet, axis: HourAxis, below: figures.Curve, above: figures.Curve, bottom: float, scale: float, fill: str
) -> None:
    """The surface between two staircases."""
    instants = sorted({axis.span.start, axis.span.end, *(at for at, _ in (*below, *above))})
    inside = [at for at in instants if axis.span.start <= at <= axis.span.end]
    shape = ""
    for at, until in pairwise(inside):
        low, high = figures.value_at(below, at), figures.value_at(above, at)
        if high > low:
            left, right = axis.x(at), axis.x(until)
            floor, ceiling = bottom - low * scale, bottom - high * scale
            shape += f"M{left:.1f} {floor:.1f}V{ceiling:.1f}H{right:.1f}V{floor:.1f}Z"
    sheet.path(shape, fill)
