"""Ways over the roads: alternatives, the fastest at an instant, the way of empty vehicles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepassage.generate import generate_country
from safepassage.world import (
    Calendar,
    EmptyHop,
    EmptyLink,
    Pace,
    Place,
    Road,
    Route,
    SearchTooLong,
    Span,
    World,
    empty_way,
    fastest,
    routes,
)

CALENDAR = Calendar(starts=datetime(2016, 12, 15, tzinfo=timezone(timedelta(hours=2))), days=1)


def world_of(roads: list[Road], links: tuple[EmptyLink, ...] = (), places: str = "") -> World:
    names = dict.fromkeys([*places, *(place for road in roads for place in road.between)])
    return World(
        places={name: Place(id=name, name=name) for name in names},
        roads={road.id: road for road in roads},
        crossings={},
        empty_links=links,
    )


def road(here: str, there: str, minutes: int, **terms: object) -> Road:
    return Road(between=(here, there), minutes=minutes, **terms)  # type: ignore[arg-type]


@st.composite
def small_worlds(draw: st.DrawFn) -> World:
    places = "abcdefg"[: draw(st.integers(2, 7))]
    pairs = [(here, there) for here in places for there in places if here < there]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=len(pairs)))
    roads = []
    for here, there in chosen:
        turned = draw(st.booleans())
        roads.append(
            road(
                *((there, here) if turned else (here, there)),
                draw(st.integers(1, 6)),
                one_way=draw(st.booleans()),
            )
        )
    return world_of(roads, places=places)


def every_way(world: World, here: str, destination: str, out_at: frozenset[str]) -> Iterator[Route]:
    """All ways without a place twice that pass exactly one of out_at, by trying all."""

    def extend(places: tuple[str, ...], roads: tuple[str, ...]) -> Iterator[Route]:
        if places[-1] == destination and (not out_at or len(out_at & set(places)) == 1):
            yield Route(places=places, roads=roads)
        if places[-1] != destination:
            for there, way in world.exits(places[-1]):
                if there not in places:
                    yield from extend((*places, there), (*roads, way.id))

    yield from extend((here,), ())


def minutes_of(world: World, route: Route) -> int:
    return sum(world.roads[way].minutes for way in route.roads)


@given(small_worlds(), st.data(), st.integers(0, 40))
def test_routes_are_the_shortest_of_all_ways_in_order(world: World, data: st.DataObject, most: int) -> None:
    places = list(world.places)
    here, there = data.draw(st.sampled_from(places)), data.draw(st.sampled_from(places))
    out_at = tuple(data.draw(st.lists(st.sampled_from(places), unique=True, max_size=3)))
    known = list(every_way(world, here, there, frozenset(out_at)))
    found = routes(world, here, there, out_at=out_at, most=most)
    assert len(set(found)) == len(found)
    assert set(found) <= set(known)
    assert [minutes_of(world, route) for route in found] == sorted(minutes_of(world, route) for route in known)[:most]


def test_a_way_past_the_crossing_does_not_come_back_through_the_same_place() -> None:
    """The shortest to the gate and the shortest from it both use b: glued together they would pass b twice."""
    world = world_of(
        [road("a", "b", 1), road("b", "gate", 1), road("b", "z", 1), road("gate", "c", 20), road("c", "z", 20)]
    )
    (only,) = routes(world, "a", "z", out_at=("gate",))
    assert only.places == ("a", "b", "gate", "c", "z")


def test_a_crossing_at_the_end_of_a_dead_end_cannot_be_passed() -> None:
    world = world_of([road("a", "b", 1), road("b", "gate", 1), road("b", "z", 1)])
    assert routes(world, "a", "z", out_at=("gate",)) == ()
    assert [route.places for route in routes(world, "a", "gate", out_at=("gate",))] == [("a", "b", "gate")]


def test_a_way_past_two_of_the_crossings_does_not_count() -> None:
    world = world_of([road("a", "x", 1), road("x", "y", 1), road("y", "z", 1), road("x", "z", 9)])
    assert [route.places for route in routes(world, "a", "z", out_at=("x", "y"))] == [("a", "x", "z")]


def test_too_little_work_is_said_and_never_taken_for_no_way() -> None:
    world = world_of([road("a", "b", 1), road("b", "c", 1)])
    with pytest.raises(SearchTooLong):
        routes(world, "a", "c", work=1)


def test_an_unknown_place_is_named() -> None:
    with pytest.raises(ValueError, match="'q' is no place"):
        routes(world_of([road("a", "b", 1)]), "a", "q")


@given(small_worlds(), st.data())
def test_fastest_without_times_of_day_is_the_shortest_route(world: World, data: st.DataObject) -> None:
    places = list(world.places)
    here, there = data.draw(st.sampled_from(places)), data.draw(st.sampled_from(places))
    shortest = routes(world, here, there, most=1)
    found = fastest(world, here, there, departs=60, calendar=CALENDAR)
    if not shortest:
        assert found is None
    else:
        assert found is not None
        route, times = found
        assert times[0] == 60 and times[-1] == 60 + minutes_of(world, shortest[0])
        assert [later - sooner for sooner, later in pairwise(times)] == [world.roads[id].minutes for id in route.roads]


@given(small_worlds(), st.data())
def test_fastest_never_enters_what_is_blocked_and_finds_a_way_round(world: World, data: st.DataObject) -> None:
    """Roads that shut for good: arriving earlier is never worse, so the earliest of all ways is found."""
    places = list(world.places)
    shuts = {id: data.draw(st.integers(0, 20)) for id in world.roads}
    found = fastest(
        world,
        places[0],
        places[-1],
        departs=0,
        calendar=CALENDAR,
        blocked=lambda id: (Span(shuts[id], CALENDAR.end),),
    )

    def arrival(route: Route) -> int | None:
        now = 0
        for id in route.roads:
            now += world.roads[id].minutes
            if now > shuts[id]:
                return None
        return now

    known = [when for route in every_way(world, places[0], places[-1], frozenset()) if (when := arrival(route))]
    assert (None if found is None else found[1][-1]) == min(known, default=None)


def test_fastest_keeps_hours_and_closures_of_roads_and_their_paces() -> None:
    short = road("a", "b", 30, hours=(Span(360, 1080),), closed=(Span(600, 660),))
    long = road("a", "c", 40, paces=(Pace(Span(1020, 1440), 90),))
    world = world_of([short, long, road("c", "b", 10)])

    def arrives(departs: int) -> int:
        found = fastest(world, "a", "b", departs=departs, calendar=CALENDAR)
        assert found is not None
        return found[1][-1]

    assert arrives(400) == 430
    assert arrives(340) == 390, "before 06:00 by the long way"
    assert arrives(571) == 621, "the short way closes at 10:00, while one would be on it"
    assert arrives(570) == 600, "out at the instant it closes"
    assert arrives(1060) == 1160, "the long way is slow in the evening"
    assert fastest(world, "a", "b", departs=1400, calendar=CALENDAR) is None, "not there by midnight"


def test_empty_vehicles_take_links_instead_of_the_road_of_the_pair() -> None:
    world = world_of(
        [road("a", "b", 10), road("b", "c", 10), road("d", "c", 5, one_way=True)],
        links=(EmptyLink(between=("b", "a"), minutes=25, via=("b--c",)), EmptyLink(between=("c", "d"), minutes=60)),
    )
    assert empty_way(world, "a", "c") == (
        (EmptyHop("a", "b", 25, ("b--c",)), EmptyHop("b", "c", 10, ("b--c",))),
        35,
    )
    assert empty_way(world, "d", "c") == ((EmptyHop("d", "c", 60, ()),), 60), "the link counts both ways"
    assert empty_way(world, "a", "a") == ((), 0)


def test_empty_vehicles_do_not_drive_against_a_one_way_road() -> None:
    world = world_of([road("a", "b", 10, one_way=True)])
    assert empty_way(world, "b", "a") is None


@given(small_worlds(), st.data())
def test_the_empty_way_without_links_is_the_shortest_route(world: World, data: st.DataObject) -> None:
    places = list(world.places)
    here, there = data.draw(st.sampled_from(places)), data.draw(st.sampled_from(places))
    shortest = routes(world, here, there, most=1)
    found = empty_way(world, here, there)
    assert (None if found is None else found[1]) == (minutes_of(world, shortest[0]) if shortest else None)


def test_a_country_of_20_000_segments() -> None:
    world = generate_country(20_000, seed=7)
    assert len(world.roads) == 20_000
    places = list(world.places)
    corner, far, inside = places[0], places[-1], places[5_000]
    found = routes(world, corner, far)
    minutes = [minutes_of(world, route) for route in found]
    assert len(set(found)) == 8 and minutes == sorted(minutes)
    assert all(len(set(route.places)) == len(route.places) for route in found)
    soonest, empty = fastest(world, corner, far, departs=0, calendar=CALENDAR), empty_way(world, corner, far)
    assert soonest is not None and soonest[1][-1] == minutes[0]
    assert empty is not None and empty[1] == minutes[0]
    assert all(inside in route.places for route in routes(world, corner, far, out_at=(inside,)))


def test_a_country_is_connected_and_equal_for_equal_seeds() -> None:
    world = generate_country(300, seed=3)
    assert world == generate_country(300, seed=3)
    assert world != generate_country(300, seed=4)
    assert all(routes(world, "p0", place, most=1) for place in world.places)


@given(st.integers(1, 60))
def test_a_country_has_the_segments_asked_for(segments: int) -> None:
    assert len(generate_country(segments, seed=segments).roads) == segments
