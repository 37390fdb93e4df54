"""The timetable day by day: convoys in their lanes, and every road and crossing with what passes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from safepassage.movement import EmptyMove, Movement, Timetable
from safepassage.operation import Operation
from safepassage.report import figures
from safepassage.report.drawing import (
    FAINT,
    INK,
    MUTED,
    PAPER,
    SHUT,
    WIDTH,
    HourAxis,
    Look,
    Sheet,
    hour_of,
    number,
    percent,
    weekday,
)
from safepassage.report.lettering import SEMIBOLD, shortened, text_width, wrapped
from safepassage.world import DAY, Span, subtract

LEFT, RIGHT = 216.0, WIDTH - 22


def convoys_svg(operation: Operation, timetable: Timetable, days: Sequence[int] | None = None) -> str:
    """The timetable by convoy, one band a day: who loads, drives, is inspected, unloads, and when."""
    days = figures.active_days(operation, timetable) if days is None else days
    sheet = Sheet(
        _key("convoys", days),
        "Timetable by convoy",
        "One band for each day, hours from left to right. Each row of shapes is one convoy at a time: a white "
        "box while it "
        "loads, a line while it drives, a full block while it is inspected, a hatched box while it unloads. "
        "The same times are in the table of movements.",
    )
    look = Look(operation.theatre)
    numbers = figures.numbered(timetable)
    lanes = {day: _lanes(operation, timetable, day) for day in days}
    most = max((sum(map(len, by.values())) for by in lanes.values()), default=0)
    height = next(size for fewest, size in ((25, 13.0), (13, 16.5), (7, 21.0), (0, 30.0)) if most >= fewest)
    y = _phases_key(sheet, 16.0)
    for day in days:
        y = _convoy_band(sheet, operation, timetable, look, numbers, day, lanes[day], y + 26, height)
    if not days:
        _nothing(sheet, y + 30)
    sheet.reach(y + 12)
    return sheet.svg()


def _nothing(sheet: Sheet, y: float) -> None:
    sheet.text(LEFT, y, "Nothing moves in this plan.", size=14, fill=MUTED)
    sheet.reach(y + 30)


def _key(name: str, days: Sequence[int]) -> str:
    return f"{name}-{'-'.join(map(str, days[:2]))}" if days else name


def _lanes(operation: Operation, timetable: Timetable, day: int) -> dict[str, list[list[Movement]]]:
    span = operation.calendar.day_span(day)
    by = {
        evacuation: figures.movement_lanes(
            one
            for one in timetable.movements
            if one.evacuation == evacuation and span.touches(Span(one.loading.start, one.ends))
        )
        for evacuation in operation.evacuations
    }
    return {evacuation: lanes for evacuation, lanes in by.items() if lanes}


def day_axis(operation: Operation, timetable: Timetable, day: int) -> HourAxis:
    """The hours of a day on which anything happens on any day of the plan, so that days compare."""
    calendar = operation.calendar
    first, last = DAY, 0
    for movement in timetable.movements:
        start, end = movement.loading.start, movement.ends
        if calendar.day(start) != calendar.day(max(start, end - 1)):
            first, last = 0, DAY
        first = min(first, calendar.time_of_day(start))
        last = max(last, calendar.time_of_day(end - 1) + 1)
    if first >= last:
        first, last = 0, DAY
    first, last = first // 60 * 60, -(-last // 60) * 60
    if last - first < 360:
        last = min(DAY, first + 360)
    midnight = calendar.day_span(day).start
    return HourAxis(operation, Span(midnight + first, midnight + last), LEFT, RIGHT)


def _phases_key(sheet: Sheet, y: float) -> float:
    """One convoy drawn large with its phases named: the only key these pictures need."""
    x, mid = LEFT, y + 2
    sheet.text(16, mid + 4, "How to read a convoy", size=11, fill=MUTED)
    for words, width, kind in (
        ("loading", 62.0, "load"),
        ("driving", 56.0, "drive"),
        ("inspection", 70.0, "inspect"),
        ("driving", 56.0, "drive"),
        ("unloading", 70.0, "unload"),
    ):
        _phase(sheet, kind, x, mid - 8, width, 16, MUTED)
        if kind == "drive":
            sheet.text(x + width / 2, mid - 5, words, size=11, fill=INK, anchor="middle")
        else:
            sheet.text(
                x + width / 2,
                mid + 4,
                words,
                size=11,
                fill=PAPER if kind == "inspect" else INK,
                anchor="middle",
                halo=kind == "unload",
            )
        x += width
    sheet.text(x + 24, mid + 4, "In the box: number of the movement, people aboard", size=11, fill=MUTED)
    sheet.reach(y + 14)
    return y + 10


def _phase(sheet: Sheet, kind: str, x: float, top: float, width: float, height: float, colour: str) -> None:
    if kind == "load":
        sheet.rect(x, top, width, height, PAPER, colour, 1.3)
    elif kind == "drive":
        sheet.rect(x, top + height / 2 - 1.5, width, 3, colour)
    elif kind == "inspect":
        sheet.rect(x, top, width, height, colour)
    else:
        fill = sheet.hatch(f"hatch{colour[1:]}", colour, 45, 4, 0.8)
        sheet.rect(x, top, width, height, fill, colour, 1.3)


def _convoy_band(
    sheet: Sheet,
    operation: Operation,
    timetable: Timetable,
    look: Look,
    numbers: Mapping[str, int],
    day: int,
    lanes: dict[str, list[list[Movement]]],
    y: float,
    height: float,
) -> float:
    axis = day_axis(operation, timetable, day)
    calendar = operation.calendar
    today = calendar.day_span(day)
    loading = [one for one in timetable.movements if today.start <= one.loading.start < today.end]
    people = sum(one.total for one in loading)
    sheet.text(16, y, weekday(calendar, day), size=15, weight=SEMIBOLD)
    said = (
        f"{len(loading)} movements load, {number(people)} people"
        if len(loading) != 1
        else f"1 movement, {number(people)} people"
    )
    sheet.text(RIGHT, y, said, size=12, fill=MUTED, anchor="end")
    top = y + 26
    names = {evacuation: wrapped(look.name(evacuation), 12, LEFT - 62, SEMIBOLD) for evacuation in lanes}
    tall = {evacuation: max(len(its) * height, 15.0 * len(names[evacuation])) for evacuation, its in lanes.items()}
    bottom = top + sum(tall.values()) + 8 * len(lanes) + 2
    axis.shade(sheet, figures.nights(operation), top, bottom)
    axis.draw(sheet, top, bottom)
    row = top + 2
    for evacuation, its in lanes.items():
        sheet.line(16, row - 1, RIGHT, row - 1, FAINT)
        badge(sheet, look, evacuation, 16, row + 3)
        for index, words in enumerate(names[evacuation]):
            sheet.text(38, row + 15 + 15 * index, words, size=12, weight=SEMIBOLD, fill=look.colour(evacuation))
        for index, lane in enumerate(its):
            for movement in lane:
                _convoy(
                    sheet, axis, look, movement, numbers[movement.id], row + 4 + index * height, height - 4, operation
                )
        row += tall[evacuation] + 8
    sheet.line(16, bottom, RIGHT, bottom, FAINT)
    if timetable.frozen_until is not None and axis.clipped(Span(timetable.frozen_until, timetable.frozen_until + 1)):
        x = axis.x(timetable.frozen_until)
        sheet.line(x, top - 2, x, bottom, INK, 1.5, "2 2")
        sheet.text(x + 3, bottom - 3, "planned from here", size=10.5, halo=True)
    sheet.reach(bottom + 6)
    return bottom


def badge(sheet: Sheet, look: Look, evacuation: str, x: float, y: float) -> None:
    """The evacuation's letter on its colour."""
    sheet.rect(x, y, 16, 16, look.colour(evacuation), radius=3)
    sheet.text(x + 8, y + 12.5, look.letter(evacuation), size=12, weight=SEMIBOLD, fill=PAPER, anchor="middle")


def told(operation: Operation, movement: Movement) -> str:
    """A movement in one line, for the tip of its shape."""
    calendar, theatre = operation.calendar, operation.theatre
    vehicles = ", ".join(f"{count} {theatre.name(fleet, 'en')}" for fleet, count in movement.vehicles.items())
    said = f"{movement.id}: {number(movement.total)} people, {vehicles}, loads {calendar.clock(movement.loading.start)}"
    if movement.handed_over is not None:
        said += f", out {hour_of(calendar, movement.handed_over)}"
    return said + f", {movement.ending} {hour_of(calendar, movement.ends)}"


def _convoy(
    sheet: Sheet,
    axis: HourAxis,
    look: Look,
    movement: Movement,
    order: int,
    top: float,
    height: float,
    operation: Operation,
) -> None:
    colour = look.colour(movement.evacuation)
    phases = [("drive", Span(leg.departs, leg.arrives)) for leg in movement.legs]
    phases += [("load", movement.loading)] + [
        ("inspect", Span(slot.starts, slot.ends)) for slot in movement.inspections
    ]
    if movement.unloading is not None:
        phases.append(("unload", movement.unloading))
    sheet(f"<g><title>{escape(told(operation, movement))}</title>")
    for kind, span in phases:
        if edges := axis.clipped(span):
            _phase(sheet, kind, edges[0], top, edges[1] - edges[0], height, colour)
    if edges := axis.clipped(movement.loading):
        _convoy_words(sheet, axis, movement, order, edges, top + height / 2, min(11.5, height - 0.5))
    if movement.ending != "arrived" and (edges := axis.clipped(Span(movement.ends - 1, movement.ends))):
        sheet.text(edges[1] + 4, top + height - 2, movement.ending, size=11, weight=SEMIBOLD)
    sheet("</g>")


def _convoy_words(
    sheet: Sheet, axis: HourAxis, movement: Movement, order: int, box: tuple[float, float], middle: float, size: float
) -> None:
    """Number and people in the loading box; what it has no room for, on the longest stretch of driving."""
    both = f"{order} · {number(movement.total)}"
    baseline = middle + size * 0.36
    inside = next((words for words in (both, str(order)) if text_width(words, size) <= box[1] - box[0] - 3), "")
    if inside:
        sheet.text((box[0] + box[1]) / 2, baseline, inside, size=size, anchor="middle")
    legs = [edges for leg in movement.legs if (edges := axis.clipped(Span(leg.departs, leg.arrives)))]
    left, right = max(legs, key=lambda edges: edges[1] - edges[0], default=(0.0, 0.0))
    outside = () if inside == both else (number(movement.total),) if inside else (both, str(order))
    for words in outside:
        room = text_width(words, size) + 8
        if room <= right - left:
            sheet.rect((left + right - room) / 2, middle - 3, room, 6, PAPER)
            sheet.text((left + right) / 2, baseline, words, size=size, anchor="middle", halo=True)
            break


def roads_svg(operation: Operation, timetable: Timetable, days: Sequence[int] | None = None) -> str:
    """The timetable by road and crossing, one band a day: a stroke from one end of a road to the other for each
    movement.
    """
    days = figures.active_days(operation, timetable) if days is None else days
    sheet = Sheet(
        _key("roads", days),
        "Timetable by road and crossing",
        "One band for each day, hours from left to right. A road's row has one of its places at the upper edge "
        "and the other "
        "at the lower; a movement is a stroke from edge to edge, so its slope shows the direction. At a crossing "
        "a movement "
        "is a block as long as its inspection. Thin grey dashes are empty moves, hatched times are closed.",
    )
    look = Look(operation.theatre)
    rows = _segments(operation, timetable)
    y = 16.0
    x = 16.0
    for evacuation in operation.evacuations:
        badge(sheet, look, evacuation, x, y - 12)
        sheet.text(x + 22, y + 1, look.name(evacuation), size=12, weight=SEMIBOLD, fill=look.colour(evacuation))
        x += 40 + text_width(look.name(evacuation), 12, SEMIBOLD)
    sheet.line(x, y - 3, x + 22, y - 3, MUTED, 1, "3 2")
    sheet.text(x + 27, y + 1, "empty move", size=11, fill=MUTED)
    sheet.rect(x + 100, y - 9, 22, 12, sheet.hatch("shut", SHUT, 135, 5, 0.7))
    sheet.text(x + 127, y + 1, "closed", size=11, fill=MUTED)
    for day in days:
        y = _road_band(sheet, operation, timetable, look, rows, day, y + 36)
    if not days:
        _nothing(sheet, y + 30)
    sheet.reach(y + 12)
    return sheet.svg()


def _segments(operation: Operation, timetable: Timetable) -> list[tuple[str, str, str]]:
    """What the plan uses, in the order movements come by it: (road, upper place, lower place), a crossing as its
    place twice.
    """
    rows: dict[str, tuple[str, str, str]] = {}
    for evacuation in operation.evacuations:
        for movement in timetable.movements:
            if movement.evacuation != evacuation:
                continue
            booked = {slot.crossing for slot in movement.inspections}
            for leg in movement.legs:
                if leg.here in booked:
                    rows.setdefault(leg.here, (leg.here, leg.here, leg.here))
                other = next(end for end in operation.world.roads[leg.road].between if end != leg.here)
                rows.setdefault(leg.road, (leg.road, leg.here, other))
            if movement.destination in booked:
                rows.setdefault(movement.destination, (movement.destination,) * 3)
    for move in timetable.empty_moves:
        for hop in move.hops:
            for road in figures.segments_of(operation, hop):
                here, there = operation.world.roads[road].between
                rows.setdefault(road, (road, here, there))
    return list(rows.values())


def _road_band(
    sheet: Sheet,
    operation: Operation,
    timetable: Timetable,
    look: Look,
    rows: list[tuple[str, str, str]],
    day: int,
    y: float,
) -> float:
    axis = day_axis(operation, timetable, day)
    world = operation.world
    sheet.text(16, y, weekday(operation.calendar, day), size=15, weight=SEMIBOLD)
    top = row = y + 26
    heights = [20.0 * world.crossings[upper].lanes if upper == lower else 38.0 for _, upper, lower in rows]
    bottom = top + sum(heights)
    axis.shade(sheet, figures.nights(operation), top, bottom)
    loads = {load.crossing: load for load in figures.crossing_loads(operation, timetable, [day])}
    shut = sheet.hatch("shut", SHUT, 135, 5, 0.7)
    whole = (Span(0, operation.calendar.end),)
    for (segment, upper, lower), height in zip(rows, heights, strict=True):
        if upper == lower:
            closed = subtract(whole, figures.inspects(operation, segment))
        else:
            closed = subtract(whole, subtract(operation.passable_spans(segment), operation.clause_closed(segment)))
        axis.shade(sheet, closed, row, row + height, shut)
        row += height
    axis.draw(sheet, top, bottom)
    row = top
    for (segment, upper, lower), height in zip(rows, heights, strict=True):
        sheet.line(16, row, RIGHT, row, FAINT)
        if upper == lower:
            words = shortened(world.places[segment].name, 12, 118, SEMIBOLD)
            sheet.text(16, row + 14, words, size=12, weight=SEMIBOLD)
            used = loads[segment]
            said = f"{percent(used.share)} booked" if used.open_minutes else "closed"
            sheet.text(LEFT - 10, row + 14, said, size=11, fill=MUTED, anchor="end")
            _slots(sheet, axis, look, timetable, segment, row, height)
        else:
            sheet.text(24, row + 13, shortened(world.places[upper].name, 11.5, 138), size=11.5)
            sheet.text(24, row + height - 5, shortened(world.places[lower].name, 11.5, 138), size=11.5)
            sheet.text(
                LEFT - 10,
                row + height / 2 + 4,
                f"{world.roads[segment].minutes} min",
                size=11,
                fill=MUTED,
                anchor="end",
            )
            _passing(sheet, axis, operation, timetable, look, (segment, upper), row, height)
        row += height
    sheet.line(16, bottom, RIGHT, bottom, FAINT)
    sheet.reach(bottom + 6)
    return bottom


def _slots(
    sheet: Sheet, axis: HourAxis, look: Look, timetable: Timetable, crossing: str, row: float, height: float
) -> None:
    """The inspections at a crossing, in as many lanes as they need."""
    free: list[int] = []
    slots = sorted(
        (slot.starts, slot.ends, movement.evacuation)
        for movement in timetable.movements
        for slot in movement.inspections
        if slot.crossing == crossing
    )
    for start, end, evacuation in slots:
        lane = next((index for index, until in enumerate(free) if until <= start), len(free))
        free[lane : lane + 1] = [end]
        if edges := axis.clipped(Span(start, end)):
            top = row + 3 + 20 * min(lane, int(height // 20) - 1)
            sheet.rect(edges[0], top, edges[1] - edges[0], 14, look.colour(evacuation), PAPER, 1)
            if edges[1] - edges[0] >= 11:
                sheet.text(
                    (edges[0] + edges[1]) / 2,
                    top + 11,
                    look.letter(evacuation),
                    size=11,
                    weight=SEMIBOLD,
                    fill=PAPER,
                    anchor="middle",
                )


def _passing(
    sheet: Sheet,
    axis: HourAxis,
    operation: Operation,
    timetable: Timetable,
    look: Look,
    row_of: tuple[str, str],
    row: float,
    height: float,
) -> None:
    """The movements and empty moves over a road, as strokes between its two edges."""
    road, upper = row_of
    top, bottom = row + 2, row + height - 2
    for start, end, here in _empty_strokes(operation, timetable.empty_moves, road):
        _stroke(sheet, axis, (start, end), (top, bottom) if here == upper else (bottom, top), MUTED, 0.9, "3 2")
    lettered = {True: -99.0, False: -99.0}
    strokes = sorted(
        (leg.departs, leg.arrives, leg.here == upper, movement.evacuation)
        for movement in timetable.movements
        for leg in movement.legs
        if leg.road == road
    )
    for start, end, down, evacuation in strokes:
        colour = look.colour(evacuation)
        _stroke(sheet, axis, (start, end), (top, bottom) if down else (bottom, top), colour, 2.6)
        if not axis.clipped(Span(start, end)):
            continue
        x = axis.x(start) - 6
        if x - lettered[down] >= 14 and x > axis.left:
            y = top + 10 if down else bottom - 2
            sheet.text(x, y, look.letter(evacuation), size=11, weight=SEMIBOLD, fill=colour, anchor="middle", halo=True)
            lettered[down] = x


def _empty_strokes(operation: Operation, moves: Iterable[EmptyMove], road: str) -> list[tuple[int, int, str]]:
    strokes = []
    for move in moves:
        for hop in move.hops:
            if road in figures.segments_of(operation, hop):
                ends = operation.world.roads[road].between
                strokes.append((hop.departs, hop.arrives, hop.here if hop.here in ends else ends[0]))
    return strokes


def _stroke(
    sheet: Sheet,
    axis: HourAxis,
    times: tuple[int, int],
    edges: tuple[float, float],
    colour: str,
    width: float,
    dash: str = "",
) -> None:
    """A line from edge to edge over a span of time, cut where the axis ends."""
    start, end = times
    first, last = max(start, axis.span.start), min(end, axis.span.end)
    if first >= last:
        return

    def y(minute: int) -> float:
        return edges[0] + (edges[1] - edges[0]) * (minute - start) / (end - start)

    sheet.line(axis.x(first), y(first), axis.x(last), y(last), colour, width, dash, "butt" if dash else "round")
