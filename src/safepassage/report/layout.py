"""Where the places of a theatre go on a sheet: by their positions, stretched until near ones part, or by their
roads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise
from math import cos, hypot, pi, radians, sin

from safepassage.world import World

Point = tuple[float, float]

STRETCH = 0.28
"""Gaps between coordinates are drawn to this power: 300 km beside 1 km stay on one sheet, and north stays north."""


def placed(
    world: World, used: Iterable[str], width: float, height: float, apart: Point
) -> tuple[dict[str, Point], bool]:
    """Points for these places inside width x height, no two nearer than `apart` in both directions.

    The second value says whether they stand by their positions (directions kept, distances not); otherwise by their
    roads alone, as at least one has no position. The same world gives the same points.
    """
    names = list(dict.fromkeys(used))
    at = {name: world.places[name].at for name in names}
    by_position = all(position is not None for position in at.values())
    if by_position:
        points = _stretched({name: position for name, position in at.items() if position is not None})
    else:
        points = _by_roads(world, names)
    points = _fitted(points, width, height)
    roads = [road.between for road in world.roads.values() if road.between[0] in points and road.between[1] in points]
    for _ in range(3):
        points = _fitted(_parted(points, roads, apart), width, height)
    return points, by_position


def _rounds(most: int, places: int) -> int:
    """Rounds of a method whose work grows with the square of the places: fewer of them beyond 20 places."""
    return max(most // 10, min(most, most * 20 // max(1, places)))


def _stretched(at: Mapping[str, tuple[float, float]]) -> dict[str, Point]:
    middle = sum(latitude for latitude, _ in at.values()) / len(at)
    xs = _spaced({name: longitude * cos(radians(middle)) for name, (_, longitude) in at.items()})
    ys = _spaced({name: -latitude for name, (latitude, _) in at.items()})
    return {name: (xs[name], ys[name]) for name in at}


def _spaced(values: Mapping[str, float]) -> dict[str, float]:
    """The same order, with small gaps made wider and wide ones narrower."""
    ordered = sorted(set(values.values()))
    at, place = 0.0, dict.fromkeys(ordered[:1], 0.0)
    for here, there in pairwise(ordered):
        at += (there - here) ** STRETCH
        place[there] = at
    return {name: place[value] for name, value in values.items()}


def _by_roads(world: World, names: list[str]) -> dict[str, Point]:
    """Points whose distances are as near as can be to the number of roads between (stress majorisation)."""
    far = _roads_between(world, names)
    points = {name: (cos(2 * pi * i / len(names)), sin(2 * pi * i / len(names))) for i, name in enumerate(names)}
    for _ in range(_rounds(200, len(names))):
        moved = {}
        for name in names:
            weight = x = y = 0.0
            for other in names:
                if other == name:
                    continue
                wanted = far[name, other]
                dx, dy = points[name][0] - points[other][0], points[name][1] - points[other][1]
                pull = wanted / max(hypot(dx, dy), 1e-9)
                x += (points[other][0] + pull * dx) / wanted**2
                y += (points[other][1] + pull * dy) / wanted**2
                weight += 1 / wanted**2
            moved[name] = (x / weight, y / weight) if weight else points[name]
        points = moved
    return _laid_flat(points)


def _roads_between(world: World, names: list[str]) -> dict[tuple[str, str], float]:
    """Number of roads between any two places; those that no road joins are set a little farther than all others."""
    neighbours: dict[str, set[str]] = {name: set() for name in names}
    for road in world.roads.values():
        here, there = road.between
        if here in neighbours and there in neighbours:
            neighbours[here].add(there)
            neighbours[there].add(here)
    far: dict[tuple[str, str], float] = {}
    for name in names:
        reached, edge, steps = {name}, {name}, 0
        while edge:
            for place in edge:
                far[name, place] = float(steps)
            edge = {other for place in edge for other in neighbours[place]} - reached
            reached |= edge
            steps += 1
    longest = max(far.values(), default=0.0) + 1.5
    return {(one, other): far.get((one, other), longest) for one in names for other in names}


def _laid_flat(points: dict[str, Point]) -> dict[str, Point]:
    """Turned so that the longest way lies from left to right, its first place on the left."""
    if len(points) < 2:
        return points
    one, other = max(
        combinations(points, 2),
        key=lambda pair: hypot(points[pair[0]][0] - points[pair[1]][0], points[pair[0]][1] - points[pair[1]][1]),
    )
    dx, dy = points[other][0] - points[one][0], points[other][1] - points[one][1]
    length = hypot(dx, dy) or 1.0
    along, across = dx / length, dy / length
    return {name: (x * along + y * across, y * along - x * across) for name, (x, y) in points.items()}


def _fitted(points: Mapping[str, Point], width: float, height: float) -> dict[str, Point]:
    """The same points, stretched in each direction to fill the sheet."""
    left, right = min(x for x, _ in points.values()), max(x for x, _ in points.values())
    top, bottom = min(y for _, y in points.values()), max(y for _, y in points.values())

    def scaled(value: float, low: float, high: float, size: float) -> float:
        return (value - low) / (high - low) * size if high - low > 1e-9 else size / 2

    return {name: (scaled(x, left, right, width), scaled(y, top, bottom, height)) for name, (x, y) in points.items()}


def _parted(points: Mapping[str, Point], roads: Iterable[tuple[str, str]], apart: Point) -> dict[str, Point]:
    """The points moved as little as needed until none crowds another nor lies on a road that passes by."""
    moved = dict(points)
    roads = tuple(roads)
    for _ in range(_rounds(120, len(moved))):
        still = True
        for one, other in combinations(moved, 2):
            dx, dy = moved[other][0] - moved[one][0], moved[other][1] - moved[one][1]
            lack_x, lack_y = apart[0] - abs(dx), apart[1] - abs(dy)
            if lack_x <= 0.5 or lack_y <= 0.5:
                continue
            still = False
            if lack_x / apart[0] < lack_y / apart[1]:
                step: Point = ((lack_x / 2) * (1 if dx >= 0 else -1), 0.0)
            else:
                step = (0.0, (lack_y / 2) * (1 if dy >= 0 else -1))
            moved[one] = (moved[one][0] - step[0] * 0.5, moved[one][1] - step[1] * 0.5)
            moved[other] = (moved[other][0] + step[0] * 0.5, moved[other][1] + step[1] * 0.5)
        for here, there in roads:
            for name, point in tuple(moved.items()):
                if name not in (here, there):
                    push = _off_road(point, moved[here], moved[there], apart[1] * 0.8)
                    if push != (0.0, 0.0):
                        still = False
                        moved[name] = (point[0] + push[0] * 0.3, point[1] + push[1] * 0.3)
        if still:
            break
    return moved


def _off_road(point: Point, here: Point, there: Point, room: float) -> Point:
    """How to move a point so that a road passes it at a distance; nothing where it does already."""
    dx, dy = there[0] - here[0], there[1] - here[1]
    length = hypot(dx, dy)
    if length < 1e-9:
        return (0.0, 0.0)
    along = ((point[0] - here[0]) * dx + (point[1] - here[1]) * dy) / length
    across = ((point[1] - here[1]) * dx - (point[0] - here[0]) * dy) / length
    if not 0 < along < length or abs(across) >= room:
        return (0.0, 0.0)
    lack = (room - abs(across)) * (1 if across >= 0 else -1)
    return (-dy / length * lack, dx / length * lack)
