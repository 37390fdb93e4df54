"""Counts over time: people out against demand and bound, and the balance of linked evacuations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.report import figures
from safepassage.report.drawing import (
    ALARM,
    COLOURS,
    DASHES,
    FAINT,
    HAIR,
    INK,
    MUTED,
    NIGHT,
    WIDTH,
    HourAxis,
    Look,
    Sheet,
    number,
    percent,
    steps_path,
    ticks,
)
from safepassage.report.lettering import SEMIBOLD, shortened, text_width, wrapped
from safepassage.world import DAY, Span

LEFT, RIGHT = 70.0, WIDTH - 210


def plan_axis(operation: Operation, timetable: Timetable, left: float = LEFT, right: float = RIGHT) -> HourAxis:
    """The time a plan takes, with a little room after it: whole days, or whole hours of a plan within one day."""
    calendar = operation.calendar
    active = figures.active_span(timetable)
    if active.end == 0:
        return HourAxis(operation, Span(0, min(calendar.end, DAY)), left, right)
    if calendar.day(active.start) == calendar.day(active.end - 1):
        midnight = calendar.start_of_day
        start = active.start - (active.start - midnight) % 60
        end = active.end + -(active.end - midnight) % 60
        return HourAxis(operation, Span(start, min(calendar.end, max(end, start + 360))), left, right)
    first = max(0, calendar.day_span(calendar.day(active.start)).start)
    last = calendar.day_span(calendar.day(active.end - 1)).start
    within = active.end - last
    return HourAxis(operation, Span(first, min(calendar.end, last + (720 if within <= 600 else DAY))), left, right)


def _grid(sheet: Sheet, operation: Operation, axis: HourAxis, top: float, bottom: float) -> None:
    axis.shade(sheet, figures.nights(operation), top, bottom, NIGHT)
    axis.draw(sheet, top, bottom)


def _spread(wanted: Sequence[float], gap: float, lowest: float) -> list[float]:
    """Heights near those wanted (given from top to bottom) that keep a gap and stay above the lowest."""
    placed: list[float] = []
    for y in wanted:
        placed.append(max(y, placed[-1] + gap) if placed else y)
    over = (placed[-1] - lowest) if placed else 0
    for index in range(len(placed) - 1, -1, -1):
        ceiling = lowest if index == len(placed) - 1 else placed[index + 1] - gap
        placed[index] = min(placed[index], ceiling) if over > 0 else placed[index]
    return placed


def people_out_svg(
    operation: Operation, timetable: Timetable, bound: Sequence[tuple[int, int]] | None = None, height: float = 330
) -> str:
    """People handed over, in all and per evacuation, against those demanded and, if given, what no plan can exceed.

    `bound` is an upper envelope of people out, as (minute, people) from that minute on.
    """
    total = figures.people_out(operation, timetable)
    sheet = Sheet(
        "people-out",
        "People out over time",
        f"Staircase lines of people handed over. In all {number(total[-1][1] if total else 0)} of "
        f"{number(operation.people)} "
        "people demanded, marked by a dashed line; nights are shaded.",
    )
    axis, look = plan_axis(operation, timetable), Look(operation.theatre)
    top, bottom = 48.0, height - 20
    most = max(operation.people, figures.peak(total), max((people for _, people in bound or ()), default=0)) * 1.04 or 1

    def y(people: float) -> float:
        return bottom - (bottom - top) * people / most

    _grid(sheet, operation, axis, top, bottom)
    for tick in ticks(most):
        sheet.line(LEFT, y(tick), RIGHT, y(tick), HAIR)
        sheet.text(LEFT - 8, y(tick) + 4, number(tick), size=11, fill=MUTED, anchor="end")
    sheet.line(LEFT, y(operation.people), RIGHT, y(operation.people), INK, 1.2, "6 4")
    sheet.text(LEFT + 6, y(operation.people) + 14, f"{number(operation.people)} people demanded", size=11.5, halo=True)
    labels: list[tuple[float, str, str, str, bool]] = []
    if bound:
        _draw(sheet, axis, bound, y, FAINT, 1.6, "1.5 3")
        labels.append((y(bound[-1][1]), "", "no plan can be above this", MUTED, False))
    for evacuation in operation.evacuations:
        points = figures.people_out(operation, timetable, evacuation)
        if len(operation.evacuations) > 1:
            _draw(sheet, axis, points, y, look.colour(evacuation), 2, look.dash(evacuation))
            out = points[-1][1] if points else 0
            demand = operation.evacuations[evacuation].total
            count = number(out) if out == demand else f"{number(out)} of {number(demand)}"
            labels.append(
                (y(out), f"{look.letter(evacuation)} {count}", look.name(evacuation), look.colour(evacuation), True)
            )
    _draw(sheet, axis, total, y, INK, 3)
    labels.append((y(total[-1][1] if total else 0), number(total[-1][1] if total else 0), "in all", INK, True))
    labels.sort(key=lambda label: label[0])
    for (at, count, words, colour, strong), placed in zip(
        labels, _spread([one[0] for one in labels], 31, bottom - 14), strict=True
    ):
        sheet.path(f"M{RIGHT:.1f} {at:.1f}L{RIGHT + 10:.1f} {placed:.1f}", stroke=colour, width=1)
        sheet.text(RIGHT + 14, placed + (0 if words else 4), count, size=13, weight=SEMIBOLD, fill=colour)
        shift = 13 if count else 4
        sheet.text(
            RIGHT + 14,
            placed + shift,
            shortened(words, 11, WIDTH - RIGHT - 18),
            size=11,
            fill=colour if strong else MUTED,
        )
    sheet.reach(height)
    return sheet.svg()


def _draw(
    sheet: Sheet,
    axis: HourAxis,
    points: Sequence[tuple[int, int]],
    y: Callable[[float], float],
    colour: str,
    width: float,
    dash: str = "",
) -> None:
    inside = [(axis.x(axis.span.start), y(0))]
    inside += [(axis.x(max(axis.span.start, minute)), y(value)) for minute, value in points if minute <= axis.span.end]
    sheet.path(steps_path(inside, axis.right), stroke=colour, width=width, dash=dash)


def balance_svg(operation: Operation, timetable: Timetable) -> str:
    """The shares of linked counts over time, and below them their difference within the band the clause allows.

    Empty where no clause in force ties two shares together.
    """
    found = figures.balances(operation, timetable)
    if not found or not timetable.movements:
        return ""
    sheet = Sheet(
        "balance",
        "Balance of linked evacuations",
        "For each clause that ties two shares together: both shares over time as staircases, and below them the "
        "difference "
        "between the two inside the band that the clause allows, with the closest instant marked.",
    )
    axis = plan_axis(operation, timetable)
    y = 22.0
    for index, balance in enumerate(found):
        y = _balance_band(sheet, operation, axis, balance, index, y)
    sheet.reach(y)
    return sheet.svg()


def _balance_band(
    sheet: Sheet, operation: Operation, axis: HourAxis, balance: figures.Balance, index: int, y: float
) -> float:
    theatre = operation.theatre
    names = [figures.tally_name(theatre, tally) for tally in (balance.first, balance.second)]
    colours = (COLOURS[0], COLOURS[1])
    sheet.text(16, y, f"{balance.clause}:", size=13, weight=SEMIBOLD)
    sheet.text(
        20 + text_width(f"{balance.clause}:", 13, SEMIBOLD),
        y,
        shortened(f"{names[0]} and {names[1]}", 13, 900),
        size=13,
    )
    top, bottom = y + 44, y + 124

    def share_y(share: float) -> float:
        return bottom - (bottom - top) * share

    _grid(sheet, operation, axis, top, bottom)
    for share in (0.0, 0.5, 1.0):
        sheet.text(LEFT - 8, share_y(share) + 4, percent(share), size=11, fill=MUTED, anchor="end")
    ends = []
    for side, colour in enumerate(colours):
        points = [(axis.left, share_y(0))]
        points += [
            (axis.x(max(one[0], axis.span.start)), share_y(one[side + 1]))
            for one in balance.shares
            if one[0] <= axis.span.end
        ]
        sheet.path(steps_path(points, axis.right), stroke=colour, width=2.2, dash=DASHES[side])
        ends.append((points[-1][1], names[side], colour, balance.shares[-1][side + 1]))
    order = sorted(range(2), key=lambda side: (ends[side][0], side))
    for side, placed in zip(order, _spread([ends[side][0] for side in order], 32, bottom), strict=True):
        _, name, colour, share = ends[side]
        dash = "solid" if side == 0 else "dashed"
        sheet.text(RIGHT + 14, placed + 4, f"{percent(share)} out ({dash})", size=12, weight=SEMIBOLD, fill=colour)
        sheet.text(RIGHT + 14, placed + 17, shortened(name, 11, WIDTH - RIGHT - 18), size=11, fill=colour)
    return _difference(sheet, operation, axis, balance, names, bottom + 20)


def signed(share: float, digits: int = 0) -> str:
    """A difference of shares with its sign: +10 %, –4.5 %."""
    return f"{100 * share:+.{digits}f} %".replace("-", "–")


def _difference(
    sheet: Sheet, operation: Operation, axis: HourAxis, balance: figures.Balance, names: list[str], top: float
) -> float:
    """The difference of the two shares, the band it has to keep, and the instant it comes closest to the edge."""
    bottom = top + 100
    differences = [(minute, first - second) for minute, first, second in balance.shares]
    reach = [value for _, value in differences] + [balance.most, 0 if balance.least is None else balance.least]
    high, low = max(reach) * 1.5 or 0.1, min(min(reach) * 1.5, -max(reach) * 0.15)

    def y(value: float) -> float:
        return bottom - (bottom - top) * (value - low) / (high - low)

    floor = low if balance.least is None else balance.least
    sheet.rect(LEFT, top, RIGHT - LEFT, bottom - top, "#f6f7f9")
    sheet.rect(LEFT, y(balance.most), RIGHT - LEFT, y(floor) - y(balance.most), "#e3f0e9")
    for edge in (balance.most, balance.least):
        if edge is not None:
            sheet.line(LEFT, y(edge), RIGHT, y(edge), COLOURS[3], 1.4)
            sheet.text(LEFT - 8, y(edge) + 4, signed(edge), size=11, fill=MUTED, anchor="end")
    sheet.line(LEFT, y(0), RIGHT, y(0), FAINT)
    sheet.text(LEFT - 8, y(0) + 4, "0", size=11, fill=MUTED, anchor="end")
    points = [(axis.left, y(0))] + [
        (axis.x(max(at, axis.span.start)), y(value)) for at, value in differences if at <= axis.span.end
    ]
    sheet.path(steps_path(points, axis.right), stroke=INK, width=2)
    at, value = balance.closest
    x = axis.x(min(max(at, axis.span.start), axis.span.end))
    sheet(f'<circle cx="{x:.1f}" cy="{y(value):.1f}" r="5" fill="none" stroke="{ALARM}" stroke-width="2"/>')
    left_of = x > (LEFT + RIGHT) / 2
    kept = value <= balance.most + 1e-9 and (balance.least is None or value >= balance.least - 1e-9)
    words = f"{'closest' if kept else 'BEYOND THE LIMIT'}: {signed(value, 1)} at {operation.calendar.clock(at)}"
    clear = y(balance.most) - 6 if value > 0 else y(balance.least) + 14 if balance.least is not None else y(value) + 18
    height = min(max(clear, top + 12), bottom - 4)
    sheet.text(
        x + (-9 if left_of else 9),
        height,
        words,
        size=11.5,
        weight=SEMIBOLD,
        fill=ALARM,
        anchor="end" if left_of else "start",
        halo=True,
    )
    said = [f"above 0: {names[0]} is ahead"] + ([f"below 0: {names[1]} is ahead"] if balance.least is not None else [])
    line = top + 14
    for words in said:
        for part in wrapped(words, 11, WIDTH - RIGHT - 18)[:3]:
            sheet.text(RIGHT + 14, line, part, size=11, fill=MUTED)
            line += 14
        line += 5
    return bottom + 40
