"""Generated operations: what was asked for, readable, and equal for equal arguments."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safepassage.clauses.lockstep import Lockstep
from safepassage.formats.operation import parse_operation
from safepassage.generate import generate
from safepassage.operation import Operation
from safepassage.world import empty_way, routes


def read_clean(text: str) -> Operation:
    """The operation of a text that reads without any problem, warnings included."""
    operation, problems = parse_operation(text)
    assert operation is not None and not problems, "\n".join(map(str, problems))
    return operation


def ways(operation: Operation) -> int:
    """Evacuations times routes: what times convoy shapes gives the patterns."""
    return sum(
        len(routes(operation.world, evacuation.origin, destination, out_at=evacuation.out_at))
        for evacuation in operation.evacuations.values()
        for destination in evacuation.to
    )


def test_ten_sites_and_ten_destinations() -> None:
    operation = read_clean(
        generate(sites=10, destinations=10, people=150_000, vehicles=500, escorts=30, tolerance=0.30, seed=1)
    )
    assert operation.people == 150_000
    assert operation.fleets["buses"].vehicles == 500
    assert operation.escorts is not None and sum(operation.escorts.values()) == 30
    assert len(operation.evacuations) == 10
    assert len([clause for clause in operation.clauses if isinstance(clause, Lockstep)]) == 5
    assert ways(operation) * len(operation.convoys) == 40


def test_a_hundred_sites() -> None:
    operation = read_clean(
        generate(sites=100, destinations=10, people=1_000_000, vehicles=5000, escorts=300, tolerance=0.30, seed=1)
    )
    assert operation.people == 1_000_000
    assert len(operation.clauses) == 50
    assert ways(operation) * len(operation.convoys) == 400


@pytest.mark.parametrize("seed", range(5))
def test_every_duration_lies_on_the_grid_of_slots(seed: int) -> None:
    operation = read_clean(generate(sites=10, destinations=4, people=9_000, vehicles=60, seed=seed))
    step = operation.slot_minutes
    minutes = [road.minutes for road in operation.world.roads.values()]
    minutes += [link.minutes for link in operation.world.empty_links]
    minutes += [operation.load_minutes(convoy.vehicles) for convoy in operation.convoys]
    minutes += [operation.unload_minutes(convoy.vehicles) for convoy in operation.convoys]
    assert step == 5 and all(takes % step == 0 for takes in minutes)


@settings(max_examples=25, deadline=None)
@given(
    sites=st.integers(1, 12),
    destinations=st.integers(1, 12),
    people=st.integers(12, 60_000),
    escorts=st.none() | st.integers(1, 40),
    sizes=st.sampled_from([(5,), (10, 20), (5, 10, 15, 20)]),
    seed=st.integers(0, 1_000),
)
def test_whatever_is_asked_for_reads_and_can_be_driven(
    sites: int, destinations: int, people: int, escorts: int | None, sizes: tuple[int, ...], seed: int
) -> None:
    text = generate(
        sites=sites, destinations=destinations, people=people, vehicles=40, escorts=escorts, sizes=sizes, seed=seed
    )
    assert text == generate(
        sites=sites, destinations=destinations, people=people, vehicles=40, escorts=escorts, sizes=sizes, seed=seed
    )
    operation = read_clean(text)
    assert operation.people == people
    assert operation.escorts is None if escorts is None else sum(operation.escorts.values()) == escorts  # type: ignore[union-attr]
    depots = [place for place, buses in operation.fleets["buses"].stands.items() if buses]
    for evacuation in operation.evacuations.values():
        assert all(empty_way(operation.world, depot, evacuation.origin) for depot in depots)
        for destination in evacuation.to:
            assert routes(operation.world, evacuation.origin, destination, out_at=evacuation.out_at)


def test_another_seed_gives_another_operation() -> None:
    first, second = (generate(sites=4, destinations=2, people=900, vehicles=40, seed=seed) for seed in (1, 2))
    assert first != second


def test_numbers_that_make_no_operation_are_refused_with_the_fix() -> None:
    with pytest.raises(ValueError, match="vehicles = 10: give 20 or more"):
        generate(sites=4, destinations=2, people=900, vehicles=10, seed=1)
    with pytest.raises(ValueError, match="crossings = 5: give at most one for each of the 4 sites"):
        generate(sites=4, destinations=2, people=900, vehicles=40, crossings=5, seed=1)
    with pytest.raises(ValueError, match="people = 3: give 4 or more"):
        generate(sites=4, destinations=2, people=3, vehicles=40, seed=1)
