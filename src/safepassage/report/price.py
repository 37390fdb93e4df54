"""The price of a clause: what plans cost and when they end, against how much the clause allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isclose, log10

from safepassage.report.drawing import ALARM, COLOURS, FAINT, HAIR, MUTED, WIDTH, Sheet, number
from safepassage.report.lettering import SEMIBOLD, shortened

TOP, BOTTOM = 62.0, 262.0
PANEL, GAP, MARGIN = (WIDTH - 200) / 2, 90.0, 75.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One plan and what it was allowed: its objective, the bound no plan can be below, its end in hours."""

    allowed: str
    objective: float
    bound: float | None
    ends_hours: float
    left_behind: int = 0


def price_svg(title: str, prices: Sequence[Price], unit: str = "person-hours") -> str:
    """Two panels: the objective above its bound, and the hours to the end; the tightest clause stands left.

    Plans that leave people behind are named below and drawn nowhere: their cost is of another kind. Empty where no
    plan carries everyone.
    """
    drawn = [price for price in prices if not price.left_behind]
    if not drawn:
        return ""
    sheet = Sheet("price", title, _told(prices, unit))
    sheet.text(16, 22, shortened(title, 14, WIDTH - 32, SEMIBOLD), size=14, weight=SEMIBOLD)
    costs = [(price.objective, price.bound) for price in drawn]
    _panel(sheet, MARGIN, f"{unit} (dashed: no plan can be below)", prices, costs)
    ends = [(price.ends_hours, None) for price in drawn]
    _panel(sheet, MARGIN + PANEL + GAP, "hours until the last person is there", prices, ends, "{:,.1f}")
    y = BOTTOM + 44
    sheet.text(MARGIN, y, "what the clause allows", size=11.5, fill=MUTED)
    for price in prices:
        if price.left_behind:
            y += 18
            words = f"{price.allowed}: the plan found leaves {number(price.left_behind)} behind"
            sheet.text(MARGIN, y, words, size=11.5, fill=ALARM)
    sheet.reach(y + 14)
    return sheet.svg()


def _told(prices: Sequence[Price], unit: str) -> str:
    def said(price: Price) -> str:
        if price.left_behind:
            return f"{price.allowed}: {number(price.left_behind)} left behind"
        bound = "" if price.bound is None else f", no plan below {number(price.bound)}"
        return f"{price.allowed}: {number(price.objective)} {unit}{bound}, ends after {number(price.ends_hours)} hours"

    return "; ".join(said(price) for price in prices) + "."


def _scale(lowest: float, highest: float) -> tuple[float, float, float]:
    """A scale of about five round steps around two values: its ends and its step."""
    reach = max(highest - lowest, 0.1 * highest, 5.0)
    power = 10.0 ** floor(log10(reach / 5))
    rise = next(size * power for size in (1, 2, 5, 10) if size * power >= reach / 5)
    low = max(0.0, floor((lowest - rise / 2) / rise) * rise)
    return low, ceil((highest + rise / 2) / rise) * rise, rise


def _panel(
    sheet: Sheet,
    left: float,
    words: str,
    prices: Sequence[Price],
    values: Sequence[tuple[float, float | None]],
    form: str = "{:,.0f}",
) -> None:
    """One panel from `left`, values with their bounds; the scale is of round numbers and need not begin at 0."""
    known = [value for pair in values for value in pair if value is not None]
    low, high, rise = _scale(min(known), max(known))
    step = PANEL / len(prices)

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low)

    sheet.text(left, TOP - 14, words, size=12, weight=SEMIBOLD)
    for line in range(round((high - low) / rise) + 1):
        value = low + line * rise
        sheet.line(left, y(value), left + PANEL, y(value), HAIR)
        sheet.text(left - 8, y(value) + 4, number(value), size=11, fill=MUTED, anchor="end")
    for index, price in enumerate(prices):
        fill = ALARM if price.left_behind else MUTED
        x = left + (index + 0.5) * step
        sheet.line(x, BOTTOM, x, BOTTOM + 5, FAINT)
        sheet.text(x, BOTTOM + 19, shortened(price.allowed, 11.5, step - 4), size=11.5, fill=fill, anchor="middle")
    at = [left + (index + 0.5) * step for index, price in enumerate(prices) if not price.left_behind]
    bounds = [(x, y(bound), bound) for x, (_, bound) in zip(at, values, strict=True) if bound is not None]
    _line(sheet, [(x, height) for x, height, _ in bounds], MUTED, "5 3")
    costs = [(x, y(value)) for x, (value, _) in zip(at, values, strict=True)]
    _line(sheet, costs, COLOURS[0], "")
    for (x, height), (value, bound) in zip(costs, values, strict=True):
        proven = bound is not None and isclose(bound, value, rel_tol=1e-6)
        said = form.format(value) + (" proven" if proven else "")
        sheet.text(x, height - 9, said, size=11, fill=COLOURS[0], anchor="middle", halo=True)
        if bound is not None and not proven:
            sheet.text(x, y(bound) + 17, form.format(bound), size=11, fill=MUTED, anchor="middle", halo=True)


def _line(sheet: Sheet, points: Sequence[tuple[float, float]], colour: str, dash: str) -> None:
    if points:
        path = "M" + "L".join(f"{x:.1f} {height:.1f}" for x, height in points)
        sheet.path(path, stroke=colour, width=2.2, dash=dash)
    for x, height in points:
        sheet(f'<circle cx="{x:.1f}" cy="{height:.1f}" r="3.5" fill="{colour}"/>')
