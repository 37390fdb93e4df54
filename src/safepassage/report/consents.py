"""The consents to be had, by segment, party and hour, as a matrix."""

from __future__ import annotations

from collections.abc import Iterable

from safepassage.agreement import Theatre
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.report import figures
from safepassage.report.curves import plan_axis
from safepassage.report.drawing import COLOURS, FAINT, HAIR, INK, MUTED, PAPER, WIDTH, HourAxis, Sheet
from safepassage.report.lettering import SEMIBOLD, shortened, text_width
from safepassage.world import Span

LEFT, RIGHT, ROW = 330.0, WIDTH - 22, 19.0


def segment_name(theatre: Theatre, segment: str) -> str:
    """A road by its two places, a crossing by its own."""
    world = theatre.world
    if segment in world.roads:
        return " – ".join(world.places[end].name for end in world.roads[segment].between)
    return f"{world.places[segment].name} crossing"


def hour_runs(hours: Iterable[int]) -> list[Span]:
    """Clock hours (by the minute each begins) as spans, neighbours joined."""
    runs: list[Span] = []
    for hour in sorted(set(hours)):
        if runs and runs[-1].end == hour:
            runs[-1] = Span(runs[-1].start, hour + figures.HOUR)
        else:
            runs.append(Span(hour, hour + figures.HOUR))
    return runs


def consents_svg(operation: Operation, timetable: Timetable) -> str:
    """One row a party and segment, one column an hour: full where movements pass, hollow where only empty moves do.

    Empty where no segment that the plan uses needs a consent.
    """
    needed = figures.consents(operation, timetable)
    if not needed:
        return ""
    sheet = Sheet(
        "consents",
        "Consents to be had, by hour",
        "For each party, one row for each road or crossing it has a say on. A full cell is an hour in which "
        "movements with "
        "people pass, with their number where there is room; a hollow cell an hour in which only empty moves pass. "
        "The same hours are in the table beside the picture.",
    )
    axis = plan_axis(operation, timetable, LEFT, RIGHT)
    rows: dict[str, dict[str, list[figures.ConsentHour]]] = {}
    for one in needed:
        rows.setdefault(one.party, {}).setdefault(one.segment, []).append(one)
    top = 62.0
    bottom = top + sum(26 + ROW * len(segments) for segments in rows.values())
    _key(sheet)
    axis.shade(sheet, figures.nights(operation), top, bottom)
    axis.draw(sheet, top, bottom)
    y = top
    for party, segments in rows.items():
        sheet.line(16, y, RIGHT, y, FAINT)
        name = operation.parties[party].name if party in operation.parties else party
        sheet.text(16, y + 18, shortened(name, 13, LEFT - 26, SEMIBOLD), size=13, weight=SEMIBOLD)
        y += 26
        for segment, hours in segments.items():
            sheet.text(28, y + 13.5, shortened(segment_name(operation.theatre, segment), 12, LEFT - 40), size=12)
            sheet.line(LEFT, y + ROW, RIGHT, y + ROW, HAIR, 0.6)
            for one in hours:
                _cell(sheet, axis, one, y)
            y += ROW
    sheet.line(16, bottom, RIGHT, bottom, FAINT)
    sheet.reach(bottom + 10)
    return sheet.svg()


def _cell(sheet: Sheet, axis: HourAxis, one: figures.ConsentHour, y: float) -> None:
    edges = axis.clipped(Span(one.hour, one.hour + figures.HOUR))
    if edges is None:
        return
    x, width = edges[0] + 0.6, edges[1] - edges[0] - 1.2
    if not one.movements:
        sheet.rect(x + 0.5, y + 4.5, width - 1, ROW - 9, PAPER, COLOURS[0], 1)
        return
    sheet.rect(x, y + 2, width, ROW - 4, COLOURS[0])
    said = str(len(one.movements))
    if text_width(said, 10.5, SEMIBOLD) + 1 <= width:
        sheet.text(x + width / 2, y + 13.3, said, size=10.5, weight=SEMIBOLD, fill=PAPER, anchor="middle")


def _key(sheet: Sheet) -> None:
    sheet.rect(LEFT, 8, 20, 15, COLOURS[0])
    sheet.text(LEFT + 10, 19.3, "2", size=10.5, weight=SEMIBOLD, fill=PAPER, anchor="middle")
    sheet.text(LEFT + 26, 19.5, "movements with people in that hour", size=11, fill=MUTED)
    sheet.rect(LEFT + 250, 10.5, 20, 10, PAPER, COLOURS[0], 1)
    sheet.text(LEFT + 276, 19.5, "empty moves only", size=11, fill=MUTED)
    sheet.text(16, 19.5, "Party, and each road or crossing", size=11, fill=INK)
