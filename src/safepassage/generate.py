"""Operations and countries of any size, for tests and benches: equal arguments give equal results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, hypot, isqrt
from random import Random

from safepassage.world import Place, Road, World

Point = tuple[float, float]
"""Kilometres north and east of a corner."""

SPACING_KM = 2.0
DETOUR = 1.3
"""Kilometres by road for one as the crow flies."""
LOCAL_KMH, HIGHWAY_KMH = 30, 80
HIGHWAY_EVERY = 16
PLACES_PER_SEGMENT = 0.6
"""Road junctions have 3.3 roads on average."""
KM_PER_DEGREE = 111.0

SITE_SPACING_KM = 12.0
CONVOY_KMH, EMPTY_KMH = 25, 45
STEP_MINUTES = 5
"""Every duration is a multiple of it, when the sizes of convoys are multiples of 5."""


def generate(
    *,
    sites: int,
    destinations: int,
    people: int,
    vehicles: int,
    escorts: int | None = None,
    crossings: int | None = None,
    tolerance: float | None = None,
    sizes: Sequence[int] = (10, 20),
    days: int = 8,
    seed: int,
) -> str:
    """An operation file of so many sites, destinations, people and buses, all of it invented.

    Each site has roads to one or two near crossings and people for one or two near destinations: two ways a site, and
    as many patterns as convoy sizes for each. `escorts` None: none is needed. `crossings` None: one for two sites.
    `tolerance`: neighbouring sites move in lockstep, two and two (None: no clause). `sizes`: the buses of a convoy.
    Raises ValueError where the numbers do not make an operation.
    """
    crossings = max(1, sites // 2) if crossings is None else crossings
    for key, given, least in (
        ("sites", sites, 1),
        ("destinations", destinations, 1),
        ("people", people, sites),
        ("crossings", crossings, 1),
        ("days", days, 1),
        ("sizes", min(sizes, default=0), 1),
        ("vehicles", vehicles, max(sizes, default=0)),
        ("escorts", 1 if escorts is None else escorts, 1),
    ):
        if given < least:
            raise ValueError(f"{key} = {given}: give {least} or more")
    if crossings > sites:
        raise ValueError(f"crossings = {crossings}: give at most one for each of the {sites} sites")
    if tolerance is not None and not 0 <= tolerance <= 1:
        raise ValueError(f"tolerance = {tolerance}: a difference of shares lies between 0 and 1")
    theatre = _Theatre(Random(seed), sites, destinations, crossings)
    shares = _split(people, [theatre.chance.uniform(0.6, 1.4) for _ in range(sites)])
    stands = _split(vehicles, [1.0] * destinations)
    teams = None if escorts is None else _split(escorts, [1.0] * destinations)
    return "\n".join(
        [
            *_frame(f"{sites} sites, {destinations} destinations, {people:,} people", days),
            *theatre.tables(),
            *_carriers(stands, teams, sizes),
            *theatre.evacuations(shares),
            *_locksteps(tolerance, sites),
        ]
    )


def _frame(name: str, days: int) -> list[str]:
    return [
        "format = 1",
        "",
        "[operation]",
        f'name = "{name}"',
        "starts = 2025-03-01T00:00:00+02:00",
        f"days = {days}",
        'hours = ["06:00-18:00"]',
        'load_from = "05:00"',
        'load_until = "18:00"',
        f"slot_minutes = {STEP_MINUTES}",
        "",
        "[[group]]",
        'id = "civilian"',
        'name = "Civilians"',
        "",
    ]


def _carriers(stands: Sequence[int], teams: Sequence[int] | None, sizes: Iterable[int]) -> list[str]:
    def by_destination(numbers: Sequence[int]) -> str:
        return "{ " + ", ".join(f"d{n} = {number}" for n, number in enumerate(numbers, 1) if number) + " }"

    lines = ["[[fleet]]", 'id = "buses"', "seats = 50", 'carries = ["civilian"]']
    lines += [f"stands = {by_destination(stands)}", ""]
    for size in dict.fromkeys(sizes):
        lines += ["[[convoy]]", f"vehicles = {{ buses = {size} }}", ""]
    lines += ["[movements]"]
    lines += [] if teams is None else [f"escorts = {by_destination(teams)}"]
    return [*lines, "load = { minutes = 20, per_vehicle = 2 }", "unload = { minutes = 10, per_vehicle = 1 }", ""]


def _locksteps(tolerance: float | None, sites: int) -> list[str]:
    lines = []
    for one in range(1, sites, 2) if tolerance is not None else ():
        lines += ["[[clause]]", 'kind = "lockstep"', f'id = "lockstep-{one}-{one + 1}"']
        lines += [f'of = ["s{one}-out"]', f'with = ["s{one + 1}-out"]', f"tolerance = {tolerance}", ""]
    return lines


def _split(total: int, weights: Sequence[float]) -> list[int]:
    """A whole number in parts as near to these weights as whole numbers come."""
    parts, so_far, given = [], 0.0, 0
    for weight in weights:
        so_far += weight
        part = round(total * so_far / sum(weights)) - given
        parts.append(part)
        given += part
    return parts


def _minutes(km: float, kmh: int, least: int) -> int:
    return max(least, round(DETOUR * km / kmh * 60 / STEP_MINUTES) * STEP_MINUTES)


def _km(one: Point, other: Point) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])


class _Theatre:
    """Sites row by row, each with its crossings and destinations.

    Loaded convoys go by one-way roads, site to crossing to destination; empty vehicles by links.
    """

    def __init__(self, chance: Random, sites: int, destinations: int, crossings: int) -> None:
        self.chance = chance
        width = _grid_width(sites)
        side = SITE_SPACING_KM * width
        rows = [(n // width, n % width) for n in range(sites)]
        # Row by row there and back, so that neighbours in number are neighbours on the ground.
        turned = [(row, column if row % 2 == 0 else width - 1 - column) for row, column in rows]
        self.sites = [self._near((SITE_SPACING_KM * row, SITE_SPACING_KM * column), 3) for row, column in turned]
        across = _grid_width(destinations)
        self.destinations = [
            self._near((side * (n // across + 0.5) / across, side * (n % across + 0.5) / across), side / across / 4)
            for n in range(destinations)
        ]
        served = [[n for n in range(sites) if n * crossings // sites == crossing] for crossing in range(crossings)]
        self.crossings = [
            self._near(
                (
                    sum(self.sites[n][0] for n in group) / len(group),
                    sum(self.sites[n][1] for n in group) / len(group),
                ),
                4,
            )
            for group in served
        ]
        self.ways: list[tuple[list[int], list[int]]] = []
        for n in range(sites):
            home = n * crossings // sites
            second = home + 1 if home + 1 < crossings else home - 1
            if n % 2 and crossings > 1:
                self.ways.append(([home, second], self._nearest(self.sites[n], 1)))
            else:
                self.ways.append(([home], self._nearest(self.sites[n], 2)))

    def _near(self, point: Point, km: float) -> Point:
        return point[0] + self.chance.uniform(-km, km), point[1] + self.chance.uniform(-km, km)

    def _nearest(self, point: Point, most: int, but: int | None = None) -> list[int]:
        others = [n for n in range(len(self.destinations)) if n != but]
        return sorted(others, key=lambda n: (_km(point, self.destinations[n]), n))[:most]

    def tables(self) -> list[str]:
        lines: list[str] = []
        for letter, name, points in (
            ("s", "Site", self.sites),
            ("c", "Crossing", self.crossings),
            ("d", "Destination", self.destinations),
        ):
            for n, (north, east) in enumerate(points, 1):
                lines += ["[[place]]", f'id = "{letter}{n}"', f'name = "{name} {n}"']
                lines += [f"at = [{30 + north / KM_PER_DEGREE:.4f}, {30 + east / KM_PER_DEGREE:.4f}]"]
                lines += [f"bays = {self.chance.randint(2, 4)}", ""] if letter == "s" else [""]
        roads: dict[tuple[str, str], tuple[float, int]] = {}
        for site, (crossings, destinations) in enumerate(self.ways):
            for crossing in crossings:
                km = _km(self.sites[site], self.crossings[crossing])
                roads[f"s{site + 1}", f"c{crossing + 1}"] = (km, _minutes(km, CONVOY_KMH, 10))
                for destination in destinations:
                    km = _km(self.crossings[crossing], self.destinations[destination])
                    roads[f"c{crossing + 1}", f"d{destination + 1}"] = (km, _minutes(km, CONVOY_KMH, 20))
        for (here, there), (km, minutes) in roads.items():
            lines += ["[[road]]", f'between = ["{here}", "{there}"]', f"km = {max(0.1, DETOUR * km):.1f}"]
            lines += [f"minutes = {minutes}", "one_way = true", ""]
        for n in range(1, len(self.crossings) + 1):
            lines += ["[[crossing]]", f'at = "c{n}"', "people_per_hour = 1500", ""]
        for (here, there), minutes in self._empty_links().items():
            lines += ["[[empty]]", f'between = ["{here}", "{there}"]', f"minutes = {minutes}", ""]
        return lines

    def _empty_links(self) -> dict[tuple[str, str], int]:
        """Between each site and its three nearest destinations, and between destinations, so that all hang together."""
        links: dict[tuple[str, str], int] = {}
        for n, at in enumerate(self.sites):
            for destination in self._nearest(at, 3):
                km = _km(at, self.destinations[destination])
                links[f"s{n + 1}", f"d{destination + 1}"] = _minutes(km, EMPTY_KMH, 15)
        for n, at in enumerate(self.destinations):
            following = [n + 1] if n + 1 < len(self.destinations) else []
            for other in [*following, *self._nearest(at, 2, but=n)]:
                one, two = sorted((n, other))
                links[f"d{one + 1}", f"d{two + 1}"] = _minutes(_km(at, self.destinations[other]), EMPTY_KMH, 15)
        return links

    def evacuations(self, people: Sequence[int]) -> list[str]:
        lines = []
        for site, (crossings, destinations) in enumerate(self.ways):
            to = ", ".join(f'"d{n + 1}"' for n in destinations)
            out_at = ", ".join(f'"c{n + 1}"' for n in crossings)
            lines += ["[[evacuation]]", f'id = "s{site + 1}-out"', f'name = "Site {site + 1}"', f'from = "s{site + 1}"']
            lines += [f"to = [{to}]", f"out_at = [{out_at}]", f"people = {{ civilian = {people[site]} }}", ""]
        return lines


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
