"""The map of the theatre: places and who holds them, roads, crossings, and where people go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot, sqrt

from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.report import figures
from safepassage.report.days import badge
from safepassage.report.drawing import FAINT, INK, MUTED, PAPER, WIDTH, Anchor, Look, Sheet, number
from safepassage.report.layout import Point, placed
from safepassage.report.lettering import REGULAR, SEMIBOLD, text_width
from safepassage.world import Place

MARGIN_X, MARGIN_Y, TOP = 110.0, 44.0, 72.0
RADIUS = 10.0
TONES = (PAPER, "#b4bec8", "#5d6b78", "#dfe5ea", "#8492a0")
ROAD = "#c3ccd4"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the map, taken by a label or a symbol."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across * down if across > 0 and down > 0 else 0.0

    def cut_by(self, one: Point, other: Point) -> float:
        """Length of the line inside the box."""
        first, last = 0.0, 1.0
        for start, end, low, high in (
            (one[0], other[0], self.left, self.right),
            (one[1], other[1], self.top, self.bottom),
        ):
            step = end - start
            if abs(step) < 1e-9:
                if not low <= start <= high:
                    return 0.0
                continue
            near, far = sorted(((low - start) / step, (high - start) / step))
            first, last = max(first, near), min(last, far)
        return max(0.0, last - first) * hypot(other[0] - one[0], other[1] - one[1])


Line = tuple[str, float, int, str]
"""Words, size, weight, colour."""


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of letters that may go into any of these boxes, the first being the best; `of`: the road it tells of."""

    lines: Sequence[Line]
    boxes: Sequence[Box]
    point: Point
    of: tuple[Point, Point] | None = None


class _Crowd:
    """What is on the sheet, so that every label goes where it covers least."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.shapes: list[Box] = []
        self.lines: list[tuple[Point, Point]] = []

    def settled(self, labels: Sequence[Label]) -> list[Box]:
        """A box for each label: one after another, then each again with all others where they are (once if many)."""
        chosen: list[Box] = []
        for label in labels:
            chosen.append(self._best(label, chosen))
        for _ in range(4 if len(labels) <= 80 else 1):
            for index, label in enumerate(labels):
                chosen[index] = self._best(label, chosen[:index] + chosen[index + 1 :])
        return chosen

    def _best(self, label: Label, others: Sequence[Box]) -> Box:
        around = Box(
            min(box.left for box in label.boxes),
            min(box.top for box in label.boxes),
            max(box.right for box in label.boxes),
            max(box.bottom for box in label.boxes),
        )
        near = [other for other in (*self.shapes, *others) if around.overlap(other)]
        lines = [line for line in self.lines if around.cut_by(*line)]

        def cost(ranked: tuple[int, Box]) -> float:
            rank, box = ranked
            outside = max(0.0, 6 - box.left, box.right - self.width + 6, TOP - box.top, box.bottom - self.height + 4)
            covered = sum(box.overlap(other) for other in near)
            crossed = sum(box.cut_by(*line) for line in lines)
            return 500 * outside + 5 * covered + 22 * crossed + 5 * rank

        return min(enumerate(label.boxes), key=cost)[1]


def map_svg(operation: Operation, timetable: Timetable, height: float = 650) -> str:
    """The theatre with its roads, crossings, holders and consents, and the people each evacuation moves over each
    road.
    """
    world, look = operation.world, Look(operation.theatre)
    used = [place for road in world.roads.values() for place in road.between]
    used += [place for one in operation.evacuations.values() for place in (one.origin, *one.to)]
    if not used:
        return ""
    if len(set(used)) > 24:
        height = min(1400.0, height + 18 * (len(set(used)) - 24))
    wide = WIDTH - 2 * MARGIN_X
    inner, by_position = placed(world, used, wide, height - TOP - 2 * MARGIN_Y, (180.0, 90.0))
    points = {name: (x + MARGIN_X, y + TOP + MARGIN_Y) for name, (x, y) in inner.items()}
    sheet = Sheet(
        "theatre",
        "Map of the theatre",
        "Places with who holds them, roads with their minutes and the parties whose consent they need, crossings "
        "with their "
        "rate, and arrows with the people each evacuation moves. "
        + (
            "Directions are right, distances are not."
            if by_position
            else "A scheme of the roads; places have no positions."
        ),
    )
    crowd = _Crowd(WIDTH, height)
    crowd.shapes += [Box(x - RADIUS - 3, y - RADIUS - 3, x + RADIUS + 3, y + RADIUS + 3) for x, y in points.values()]
    holders = list(dict.fromkeys(world.places[name].held_by for name in points))
    _key(sheet, operation, look, holders, by_position)
    flows = figures.flows(timetable)
    for road in world.roads.values():
        here, there = (points[end] for end in road.between)
        carried = any({flow.here, flow.there} == set(road.between) for flow in flows)
        sheet.line(*here, *there, ROAD if carried else FAINT, 5 if carried else 1.6, "" if carried else "2 4")
        crowd.lines.append((here, there))
    drawn = _flow_lines(operation, flows, points)
    for flow, start, end, width in drawn:
        _arrow(sheet, start, end, width, look.colour(flow.evacuation))
        across = _right_of(start, end, width / 2)
        for side in (-1, 1):
            shift = (across[0] * side, across[1] * side)
            crowd.lines.append(((start[0] + shift[0], start[1] + shift[1]), (end[0] + shift[0], end[1] + shift[1])))
    for name, point in points.items():
        _place(sheet, world.places[name], point, holders, name in world.crossings)
    labels = [_place_label(operation, world.places[name], point) for name, point in points.items()]
    labels += _flow_labels(look, flows, drawn)
    for road in world.roads.values():
        lines: list[Line] = [(f"{road.minutes} min", 11.5, SEMIBOLD, INK)]
        lines += [(words, 10.5, REGULAR, MUTED) for words in _said_parties(road.consent)]
        here, there = (points[end] for end in road.between)
        labels.append(Label(lines, list(_beside(here, there, lines)), _middle(here, there), (here, there)))
    for label, box in zip(labels, crowd.settled(labels), strict=True):
        _write(sheet, label, box)
    sheet.reach(height)
    return sheet.svg()


def _said_parties(parties: Sequence[str]) -> list[str]:
    """Party ids as words, two to a line."""
    words = [party.replace("-", " ") for party in parties]
    return [
        ", ".join(words[index : index + 2]) + ("," if index + 2 < len(words) else "")
        for index in range(0, len(words), 2)
    ]


def _key(sheet: Sheet, operation: Operation, look: Look, holders: Sequence[str], by_position: bool) -> None:
    """Who is who: the letters of the evacuations, the shapes of those who hold places, and how far the map is one."""
    x = 16.0
    for evacuation in operation.evacuations:
        badge(sheet, look, evacuation, x, 4)
        sheet.text(x + 22, 17, look.name(evacuation), size=12, weight=SEMIBOLD, fill=look.colour(evacuation))
        x += 40 + text_width(look.name(evacuation), 12, SEMIBOLD)
    x = 24.0
    for index, holder in enumerate(holders):
        if holder:
            words = f"held by {operation.parties[holder].name if holder in operation.parties else holder}"
            _symbol(sheet, index, (x, 38), 7.5)
            sheet.text(x + 14, 42, words, size=12)
            x += 36 + text_width(words, 12)
    if operation.world.crossings:
        sheet(f'<circle cx="{x:.1f}" cy="38" r="9" fill="{PAPER}" stroke="{INK}" stroke-width="2"/>')
        sheet(f'<circle cx="{x:.1f}" cy="38" r="5" fill="{PAPER}" stroke="{INK}" stroke-width="1.5"/>')
        sheet.text(x + 16, 42, "crossing", size=12)
    said = (
        "Directions as on a map, distances not to scale."
        if by_position
        else "A scheme of the roads: places have no positions."
    )
    sheet.text(
        16,
        62,
        said + " Under each road's minutes, and each crossing's rate: the parties whose consent it needs. Dotted: not "
        "used by this plan.",
        size=11,
        fill=MUTED,
    )


def _flow_lines(
    operation: Operation, flows: Sequence[figures.Flow], points: dict[str, Point]
) -> list[tuple[figures.Flow, Point, Point, float]]:
    """Each flow as a line beside its road, on the right of the direction of travel, as wide as it has people."""
    most = max((flow.people for flow in flows), default=1)
    beside: dict[tuple[str, str], float] = {}
    drawn = []
    for flow in flows:
        width = 2.5 + 8 * sqrt(flow.people / most)
        offset = beside.get((flow.here, flow.there), 4.5) + width / 2
        beside[flow.here, flow.there] = offset + width / 2 + 2
        (x1, y1), (x2, y2) = points[flow.here], points[flow.there]
        length = hypot(x2 - x1, y2 - y1) or 1.0
        dx, dy = (x2 - x1) / length, (y2 - y1) / length
        gap = min(RADIUS + 5 + offset / 2, length / 4)
        start = (x1 + dx * gap - dy * offset, y1 + dy * gap + dx * offset)
        end = (x2 - dx * gap - dy * offset, y2 - dy * gap + dx * offset)
        drawn.append((flow, start, end, width))
    return drawn


def _right_of(start: Point, end: Point, offset: float) -> Point:
    """The step to the right of a way, as seen in the direction of travel."""
    length = hypot(end[0] - start[0], end[1] - start[1]) or 1.0
    return (-(end[1] - start[1]) / length * offset, (end[0] - start[0]) / length * offset)


def _arrow(sheet: Sheet, start: Point, end: Point, width: float, colour: str) -> None:
    length = hypot(end[0] - start[0], end[1] - start[1]) or 1.0
    dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    head, half = min(7 + width, length / 2), width / 2 + 3.5
    neck = (end[0] - dx * head, end[1] - dy * head)
    sheet.line(*start, *neck, colour, width)
    sheet.path(
        f"M{end[0]:.1f} {end[1]:.1f}L{neck[0] - dy * half:.1f} {neck[1] + dx * half:.1f}"
        f"L{neck[0] + dy * half:.1f} {neck[1] - dx * half:.1f}Z",
        colour,
    )


def _place(sheet: Sheet, place: Place, at: Point, holders: Sequence[str], crossing: bool) -> None:
    """A shape and a tone for each holder; a crossing has a ring around it."""
    x, y = at
    index = holders.index(place.held_by)
    r = RADIUS
    if crossing:
        sheet(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r + 5:g}" fill="{PAPER}" stroke="{INK}" stroke-width="2"/>')
        r -= 1.5
    _symbol(sheet, index, at, r)


def _symbol(sheet: Sheet, index: int, at: Point, r: float) -> None:
    x, y = at
    tall, half, rise = r * 1.15, r / 2, r * 0.9
    shapes = (
        f"M{x - r:.1f} {y:.1f}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0Z",
        f"M{x - r * 0.88:.1f} {y - r * 0.88:.1f}h{r * 1.76:.1f}v{r * 1.76:.1f}h{-r * 1.76:.1f}Z",
        f"M{x:.1f} {y - r * 1.1:.1f}L{x + r * 1.05:.1f} {y + r * 0.8:.1f}H{x - r * 1.05:.1f}Z",
        f"M{x:.1f} {y - tall:.1f}l{tall:.1f} {tall:.1f}l{-tall:.1f} {tall:.1f}l{-tall:.1f} {-tall:.1f}Z",
        f"M{x - r:.1f} {y:.1f}l{half:.1f} {-rise:.1f}h{r:.1f}l{half:.1f} {rise:.1f}l{-half:.1f} {rise:.1f}h{-r:.1f}Z",
    )
    sheet.path(shapes[index % len(shapes)], TONES[index % len(TONES)], INK, 2)


def _place_label(operation: Operation, place: Place, at: Point) -> Label:
    lines: list[Line] = [(place.name, 13.5, SEMIBOLD, INK)]
    if place.name_ar:
        lines.append((place.name_ar, 13, REGULAR, INK))
    crossing = operation.world.crossings.get(place.id)
    if crossing is not None:
        lanes = "" if crossing.lanes == 1 else f" x {crossing.lanes} lanes"
        lines.append((f"{number(crossing.people_per_hour)} an hour{lanes}", 11, SEMIBOLD, MUTED))
        lines += [(words, 10.5, REGULAR, MUTED) for words in _said_parties(crossing.consent)]
    width, height = _size(lines)
    x, y = at
    boxes = []
    for gap in (RADIUS + 9, RADIUS + 22, RADIUS + 38):
        for dx, dy in ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1)):
            reach = gap if dx == 0 or dy == 0 else gap * 0.6
            left = x + dx * reach - (0 if dx > 0 else width if dx < 0 else width / 2)
            top = y + dy * reach - (0 if dy > 0 else height if dy < 0 else height / 2)
            boxes.append(Box(left, top, left + width, top + height))
    return Label(lines, boxes, at)


def _size(lines: Sequence[Line]) -> tuple[float, float]:
    return max(text_width(words, size, weight) for words, size, weight, _ in lines), sum(
        size * 1.22 for _, size, _, _ in lines
    )


def _middle(here: Point, there: Point) -> Point:
    return ((here[0] + there[0]) / 2, (here[1] + there[1]) / 2)


def _write(sheet: Sheet, label: Label, box: Box) -> None:
    """The lines of a label in its box, on the side of its point; a thin line leads to its road where it is far
    from it.
    """
    anchor: Anchor = "middle"
    if label.of is not None:
        _lead(sheet, box, label.of)
    elif len(label.lines) > 1:
        anchor = "start" if box.left >= label.point[0] else "end" if box.right <= label.point[0] else "middle"
    y = box.top
    for words, size, weight, fill in label.lines:
        y += size * 1.22
        x = {"start": box.left, "end": box.right}.get(anchor, (box.left + box.right) / 2)
        sheet.text(x, y - size * 0.26, words, size=size, weight=weight, fill=fill, anchor=anchor, halo=True)


def _lead(sheet: Sheet, box: Box, road: tuple[Point, Point]) -> None:
    """A line from a label to the nearest point of its road, where there is a gap between them."""
    (x1, y1), (x2, y2) = road
    middle = _middle((box.left, box.top), (box.right, box.bottom))
    share = ((middle[0] - x1) * (x2 - x1) + (middle[1] - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2 or 1.0)
    foot = (x1 + min(max(share, 0.0), 1.0) * (x2 - x1), y1 + min(max(share, 0.0), 1.0) * (y2 - y1))
    edge = (min(max(foot[0], box.left), box.right), min(max(foot[1], box.top), box.bottom))
    if hypot(foot[0] - edge[0], foot[1] - edge[1]) > 11:
        sheet.line(*edge, *foot, MUTED, 0.8)
        sheet(f'<circle cx="{foot[0]:.1f}" cy="{foot[1]:.1f}" r="2.4" fill="{MUTED}"/>')


def _beside(here: Point, there: Point, lines: Sequence[Line]) -> Iterable[Box]:
    """Boxes along both sides of a line, the middle first."""
    width, height = _size(lines)
    length = hypot(there[0] - here[0], there[1] - here[1]) or 1.0
    dx, dy = (there[0] - here[0]) / length, (there[1] - here[1]) / length
    half = abs(dy) * width / 2 + abs(dx) * height / 2
    for away in (6.0, 14.0, 22.0, 34.0, 48.0):
        for share in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74):
            for side in (-1, 1):
                x = here[0] + dx * length * share - dy * side * (half + away)
                y = here[1] + dy * length * share + dx * side * (half + away)
                yield Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _flow_labels(
    look: Look, flows: Sequence[figures.Flow], drawn: Sequence[tuple[figures.Flow, Point, Point, float]]
) -> list[Label]:
    """People beside an arrow, where the count is not the same as on the road before."""
    into = {(flow.evacuation, flow.there, flow.people) for flow in flows}
    labels = []
    for flow, start, end, _ in drawn:
        if (flow.evacuation, flow.here, flow.people) in into:
            continue
        words = f"{look.letter(flow.evacuation)} {number(flow.people)}"
        lines: list[Line] = [(words, 13.5, SEMIBOLD, look.colour(flow.evacuation))]
        boxes = list(_beside(start, end, lines))
        # The arrow's right-hand side first: there nothing lies between the people and their number.
        ordered = [box for pair in zip(boxes[1::2], boxes[::2], strict=True) for box in pair]
        labels.append(Label(lines, ordered, _middle(start, end)))
    return labels
