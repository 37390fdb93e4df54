"""The sheet every picture is drawn on: shapes, letters, palette, patterns, the axis of hours; SVG out, PNG from SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

import resvg_py

from safepassage.agreement import Theatre
from safepassage.operation import Operation
from safepassage.report.figures import evacuation_name
from safepassage.report.lettering import FAMILY, REGULAR, SEMIBOLD, font_files, text_width
from safepassage.world import Calendar, Span

Anchor = Literal["start", "middle", "end"]

WIDTH = 1100.0
INK, MUTED, FAINT, HAIR = "#17212b", "#4a5763", "#8a95a0", "#d5dbe1"
NIGHT, SHUT, PAPER, ALARM = "#eef1f5", "#b9c1c9", "#ffffff", "#a3161d"
COLOURS = ("#14589c", "#c2500a", "#7a3b8f", "#1f7a52", "#7a5312", "#3f4f5f", "#a12a5e", "#2b7f93")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "12 4", "1 4", "6 2 1 2 1 2")


def number(value: float) -> str:
    """A number with its thousands apart, as printed everywhere: 12,500."""
    return f"{value:,.0f}"


def percent(share: float) -> str:
    """A share in whole percent; one decimal below 10 %."""
    value = 100 * share
    return f"{value:.1f} %" if 0 < abs(value) < 9.95 else f"{value:.0f} %"


def letter(index: int) -> str:
    """A, B, ... Z, AA: what an evacuation is called where there is no room for its name."""
    return letter(index // 26 - 1) + chr(65 + index % 26) if index >= 26 else chr(65 + index)


class Look:
    """How each evacuation is told apart: letter, colour and dash, in the order of the operation file."""

    def __init__(self, theatre: Theatre) -> None:
        self._theatre = theatre
        self._index = {evacuation: index for index, evacuation in enumerate(theatre.evacuations)}

    def letter(self, evacuation: str) -> str:
        return letter(self._index[evacuation])

    def colour(self, evacuation: str) -> str:
        return COLOURS[self._index[evacuation] % len(COLOURS)]

    def dash(self, evacuation: str) -> str:
        return DASHES[self._index[evacuation] % len(DASHES)]

    def name(self, evacuation: str) -> str:
        return evacuation_name(self._theatre, evacuation)


def weekday(calendar: Calendar, day: int) -> str:
    """`Day 2, Friday 16 December`."""
    when = calendar.when(calendar.day_span(day).start)
    return f"Day {day + 1}, {when:%A} {when.day} {when:%B}"


def hour_of(calendar: Calendar, minute: int) -> str:
    """The time of day of a minute; 24:00 is written as such at the end of the last day only."""
    if minute == calendar.end:
        return "24:00"
    return f"{calendar.when(minute):%H:%M}"


class Sheet:
    """One picture under construction. `key` makes its ids unique on a page with several pictures."""

    def __init__(self, key: str, title: str, description: str, width: float = WIDTH) -> None:
        self.key, self.title, self.description = key, title, description
        self.width, self.height = width, 0.0
        self._parts: list[str] = []
        self._patterns: dict[str, str] = {}

    def __call__(self, markup: str) -> None:
        self._parts.append(markup)

    def reach(self, y: float) -> None:
        """Make the sheet at least so tall."""
        self.height = max(self.height, y)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 12,
        weight: int = REGULAR,
        fill: str = INK,
        anchor: Anchor = "start",
        halo: bool = False,
        turn: float | None = None,
    ) -> None:
        """A line of letters on its baseline; `halo` keeps it legible over lines."""
        marks = f' font-weight="{weight}"' if weight != REGULAR else ""
        marks += f' text-anchor="{anchor}"' if anchor != "start" else ""
        marks += ' paint-order="stroke" stroke="#ffffff" stroke-width="3.5" stroke-linejoin="round"' if halo else ""
        marks += f' transform="rotate({turn:.0f} {x:.1f} {y:.1f})"' if turn is not None else ""
        self(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{fill}"{marks}>{escape(words)}</text>')

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        stroke: str = HAIR,
        width: float = 1,
        dash: str = "",
        cap: str = "",
    ) -> None:
        marks = (f' stroke-dasharray="{dash}"' if dash else "") + (f' stroke-linecap="{cap}"' if cap else "")
        self(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
            f'stroke-width="{width:g}"{marks}/>'
        )

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str = "none",
        stroke: str = "none",
        stroke_width: float = 1,
        radius: float = 0,
        tip: str = "",
    ) -> None:
        marks = f' stroke="{stroke}" stroke-width="{stroke_width:g}"' if stroke != "none" else ""
        marks += f' rx="{radius:g}"' if radius else ""
        size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
        shape = f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{fill}"{marks}'
        self(f"{shape}><title>{escape(tip)}</title></rect>" if tip else f"{shape}/>")

    def path(
        self, d: str, fill: str = "none", stroke: str = "none", width: float = 1, dash: str = "", opacity: float = 1
    ) -> None:
        marks = f' stroke="{stroke}" stroke-width="{width:g}" stroke-linejoin="round"' if stroke != "none" else ""
        marks += f' stroke-dasharray="{dash}"' if dash else ""
        marks += f' opacity="{opacity:g}"' if opacity < 1 else ""
        self(f'<path d="{d}" fill="{fill}"{marks}/>')

    def hatch(
        self, name: str, colour: str, angle: float, gap: float = 4, width: float = 1.1, ground: str = PAPER
    ) -> str:
        """A fill of parallel lines; the same name gives the same fill."""
        id = f"{self.key}-{name}"
        self._patterns[id] = (
            f'<pattern id="{id}" width="{gap:g}" height="{gap:g}" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({angle:g})"><rect width="{gap:g}" height="{gap:g}" fill="{ground}"/>'
            f'<line x1="0" y1="0" x2="0" y2="{gap:g}" stroke="{colour}" stroke-width="{2 * width:g}"/></pattern>'
        )
        return f"url(#{id})"

    def svg(self) -> str:
        """The picture as one SVG document (no XML declaration, so that a page may hold it)."""
        defs = f"<defs>{''.join(self._patterns.values())}</defs>" if self._patterns else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'width="{self.width:g}" '
            f'height="{self.height:g}" role="img" aria-labelledby="{self.key}-title {self.key}-desc" '
            f'font-family="{escape(FAMILY)}"><title id="{self.key}-title">{escape(self.title)}</title>'
            f'<desc id="{self.key}-desc">{escape(self.description)}</desc>{defs}'
            f'<rect width="100%" height="100%" fill="{PAPER}"/>{"".join(self._parts)}</svg>'
        )


def png(svg: str, zoom: float = 2) -> bytes:
    """A picture as PNG, drawn with the package's own fonts only: the same bytes wherever resvg is the same."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=zoom, background=PAPER, skip_system_fonts=True, font_files=font_files()
        )
    )


class HourAxis:
    """Minutes of a span laid along a sheet from `left` to `right`."""

    def __init__(self, operation: Operation, span: Span, left: float, right: float) -> None:
        self.calendar, self.span, self.left, self.right = operation.calendar, span, left, right

    def x(self, minute: float) -> float:
        share = (minute - self.span.start) / (self.span.end - self.span.start)
        return self.left + share * (self.right - self.left)

    def clipped(self, span: Span) -> tuple[float, float] | None:
        """Left and right edge of the part of a span that is on the axis; None where none of it is."""
        start, end = max(span.start, self.span.start), min(span.end, self.span.end)
        return (self.x(start), self.x(end)) if start < end else None

    def shade(self, sheet: Sheet, spans: Iterable[Span], top: float, bottom: float, fill: str = NIGHT) -> None:
        for span in spans:
            if edges := self.clipped(span):
                sheet.rect(edges[0], top, edges[1] - edges[0], bottom - top, fill)

    @property
    def step_minutes(self) -> int:
        """Minutes between labelled hours, so that labels have room."""
        per_hour = (self.right - self.left) / (self.span.end - self.span.start) * 60
        return next(step for step in (60, 120, 180, 360, 720, 1440) if per_hour * step / 60 >= 36 or step == 1440)

    def draw(self, sheet: Sheet, top: float, bottom: float, *, labels: bool = True) -> None:
        """Hour lines from top to bottom, midnights stronger, with the hours above and, over several days, the
        day's name.
        """
        calendar, step = self.calendar, self.step_minutes
        first = self.span.start - (self.span.start - calendar.start_of_day) % step
        for minute in range(first, self.span.end + 1, step):
            if minute < self.span.start:
                continue
            midnight = calendar.time_of_day(minute) == 0
            x = self.x(minute)
            sheet.line(x, top, x, bottom, FAINT if midnight else HAIR, 1)
            if labels and step < 1440:
                said = "24" if minute == self.span.end and midnight else f"{calendar.time_of_day(minute) // 60:02d}"
                sheet.text(x, top - 5, said, size=11, fill=MUTED, anchor="middle")
        if labels and self.span.end - self.span.start > 1440:
            self._name_days(sheet, top - (19 if step < 1440 else 5))

    def _name_days(self, sheet: Sheet, y: float) -> None:
        calendar = self.calendar
        for day in range(calendar.day(self.span.start), calendar.day(self.span.end - 1) + 1):
            edges = self.clipped(calendar.day_span(day))
            if edges is None:
                continue
            when = calendar.when(calendar.day_span(day).start)
            for words in (
                f"Day {day + 1}, {when:%A} {when.day} {when:%b}",
                f"Day {day + 1}, {when.day} {when:%b}",
                f"{day + 1}",
            ):
                if text_width(words, 12, SEMIBOLD) < edges[1] - edges[0] - 8:
                    sheet.text((edges[0] + edges[1]) / 2, y, words, size=12, weight=SEMIBOLD, anchor="middle")
                    break


def steps_path(points: Sequence[tuple[float, float]], end: float) -> str:
    """A staircase through (x, y) points, each level held until the next, the last one until `end`."""
    if not points:
        return ""
    d = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for x, y in points[1:]:
        d += f"H{x:.1f}V{y:.1f}"
    return d + f"H{end:.1f}"


def ticks(most: float, count: int = 4) -> tuple[int, ...]:
    """Round values from 0 to just below or at `most`, about `count` of them."""
    if most <= 0:
        return (0,)
    step = 1
    for size in (1, 2, 5):
        scale = size
        while most / scale > count + 1:
            scale *= 10
        step = scale if step == 1 or abs(most / scale - count) < abs(most / step - count) else step
    return tuple(range(0, int(most) + 1, max(1, step)))
