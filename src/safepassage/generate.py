"""Operations and countries of any size, for tests and benches: equal arguments give equal results."""

from __future__ import annotations

from math import ceil, hypot, isqrt
from random import Random

from safepassage.world import Place, Road, World

SPACING_KM = 2.0
DETOUR = 1.3
"""Kilometres by road for one as the crow flies."""
LOCAL_KMH, HIGHWAY_KMH = 30, 80
HIGHWAY_EVERY = 16
PLACES_PER_SEGMENT = 0.6
"""Road junctions have 3.3 roads on average."""
KM_PER_DEGREE = 111.0


def generate_country(segments: int, seed: int) -> World:
    """A connected road network of so many segments: small roads between neighbouring places, highways across.

    Every place can be reached from every other; there are no crossings. Raises ValueError below 1 segment.
    """
    if segments < 1:
        raise ValueError(f"segments = {segments}: give 1 or more")
    chance = Random(seed)
    places = max(2, round(segments * PLACES_PER_SEGMENT))
    while _grid_pairs(places) < segments:
        places += 1
    width = _grid_width(places)
    at = [
        (SPACING_KM * (n // width + chance.uniform(-0.3, 0.3)), SPACING_KM * (n % width + chance.uniform(-0.3, 0.3)))
        for n in range(places)
    ]
    pairs = [(n, n + 1) for n in range(places) if (n + 1) % width and n + 1 < places]
    pairs += [(n, n + width) for n in range(places - width)]
    chance.shuffle(pairs)
    roads = {}
    for one, other in _connected(pairs, places, segments):
        highway = (one // width) % HIGHWAY_EVERY == 0 == (other // width) % HIGHWAY_EVERY or (
            (one % width) % HIGHWAY_EVERY == 0 == (other % width) % HIGHWAY_EVERY
        )
        km = round(DETOUR * hypot(at[one][0] - at[other][0], at[one][1] - at[other][1]), 1)
        minutes = max(1, round(km / (HIGHWAY_KMH if highway else LOCAL_KMH) * 60))
        road = Road(between=(f"p{one}", f"p{other}"), km=km, minutes=minutes)
        roads[road.id] = road
    ids = [f"p{n}" for n in range(places)]
    return World(
        places={
            id: Place(id=id, name=f"Place {n}", at=(30 + at[n][0] / KM_PER_DEGREE, 30 + at[n][1] / KM_PER_DEGREE))
            for n, id in enumerate(ids)
        },
        roads=roads,
        crossings={},
    )


def _grid_width(places: int) -> int:
    return ceil(places / max(1, isqrt(places)))


def _grid_pairs(places: int) -> int:
    """Neighbouring pairs in a grid that is filled row by row."""
    width = _grid_width(places)
    return places - ceil(places / width) + max(0, places - width)


def _connected(pairs: list[tuple[int, int]], places: int, wanted: int) -> list[tuple[int, int]]:
    """So many of the pairs, first those that join what was not yet joined."""
    root = list(range(places))

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    joining, spare = [], []
    for one, other in pairs:
        here, there = find(one), find(other)
        if here == there:
            spare.append((one, other))
        else:
            root[here] = there
            joining.append((one, other))
    return joining + spare[: wanted - len(joining)]
