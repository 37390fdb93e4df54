"""Draws: streams that nothing can shift, laws that are what they say, simulated means against closed forms."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest
import worlds

from safepassage.clauses.aboard import Aboard
from safepassage.fleet import Fleet, Handling
from safepassage.futures.chance import Law, recurring, stream
from safepassage.futures.course import Policy
from safepassage.futures.shocks import Block, ShockModel
from safepassage.futures.stress import SURE, estimate, share
from safepassage.movement import Inspection, Leg, Movement, Timetable
from safepassage.operation import Operation
from safepassage.people import Count, Evacuation, Group
from safepassage.world import Calendar, Crossing, Place, Road, Span, World

from .pairs import compiled

DAYS = 30


def test_a_stream_is_the_same_wherever_it_is_drawn_and_no_other_shifts_it() -> None:
    first = stream(7, 3, "fire").random(4)
    stream(7, 3, "block").random(1000)
    assert (stream(7, 3, "fire").random(4) == first).all()
    others = [stream(*key).random(4).tolist() for key in ((7, 4, "fire"), (8, 3, "fire"), (7, 3, "block"))]
    assert first.tolist() not in others


@pytest.mark.parametrize(
    ("law", "mean", "median"),
    [
        (Law.fixed(60), 60, 60),
        (Law(shape="uniform", low=10, high=30), 20, 20),
        (Law(shape="exponential", mean=240), 240, 240 * log(2)),
        (Law(shape="lognormal", median=100, p90=300), None, 100),
    ],
)
def test_a_law_has_the_mean_and_median_it_states(law: Law, mean: float | None, median: float) -> None:
    values = np.array([law.at(chance) for chance in (np.arange(20_000) + 0.5) / 20_000])
    assert np.median(values) == pytest.approx(median, rel=0.01)
    if mean is not None:
        assert values.mean() == pytest.approx(mean, rel=0.01)
    if law.shape == "lognormal":
        assert np.quantile(values, 0.9) == pytest.approx(300, rel=0.01)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shape": "uniform", "low": 3, "high": 1},
        {"shape": "exponential"},
        {"shape": "lognormal", "median": 5, "p90": 4},
    ],
)
def test_a_law_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="give"):
        Law(**wrong)  # type: ignore[arg-type]


def test_closures_begin_as_often_as_they_say() -> None:
    """Alternating renewal: in the long run it is shut for mean / (mean + 1440 / per_day) of the time."""
    end = DAYS * 1440
    shut = []
    for course in range(200):
        spans = list(recurring(stream(1, course, "x"), 2, Law(shape="exponential", mean=180), end))
        shut.append(sum(min(stop, end) - start for start, stop in spans) / end)
    found = estimate(np.array(shut))
    assert found.low <= 180 / (180 + 720) <= found.high


# An operation of one road, one crossing and many convoys that need nothing from each other


def bare(convoys: int, people_per_hour: int = 60) -> Operation:
    handling = Handling(minutes=0, per_vehicle=0)
    return Operation(
        name="One queue",
        calendar=Calendar(starts=worlds.hill_and_dale().calendar.starts.replace(hour=0), days=DAYS),
        world=World(
            places={id: Place(id=id, name=id) for id in ("town", "city")},
            roads={"town--city": Road(between=("town", "city"), minutes=1)},
            crossings={"town": Crossing(at="town", people_per_hour=people_per_hour)},
        ),
        groups={"civilian": Group(id="civilian", name="Civilians")},
        fleets={
            "vans": Fleet(
                id="vans", seats=30, carries=("civilian",), stands={"town": convoys}, load=handling, unload=handling
            )
        },
        evacuations={
            "out": Evacuation(
                id="out", origin="town", to=("city",), people={"civilian": Count.exactly(convoys)}, name="Out"
            )
        },
        parties={},
        clauses=(Aboard(id="night", overnight=True),),
    )


def timetable(operation: Operation, starts: list[int]) -> Timetable:
    slot = operation.world.crossings["town"].slot(30, 1)
    movements = tuple(
        Movement(
            id=f"m{number:05}",
            evacuation="out",
            origin="town",
            destination="city",
            vehicles={"vans": 1},
            people={"vans": {"civilian": 1}},
            loading=Span(start, start),
            legs=(Leg(road="town--city", here="town", there="city", departs=start + slot, arrives=start + slot + 1),),
            inspections=(Inspection(crossing="town", starts=start, ends=start + slot),),
            handed_over=start + slot + 1,
            arrived=start + slot + 1,
            unloading=Span(start + slot + 1, start + slot + 1),
        )
        for number, start in enumerate(starts)
    )
    return Timetable(
        operation=operation.name,
        operation_hash="",
        version="",
        seed=0,
        movements=movements,
        empty_moves=(),
        left_behind=(),
        outcome="everyone carried",
        objective=0,
        person_hours=0,
        exposure=0,
    )


def delays(operation: Operation, plan: Timetable, model: ShockModel, seed: int, number: int) -> list[int]:
    troubles = model.troubles(operation, plan, seed, number)
    _, _, movements, _ = compiled(operation, plan, model, troubles, Policy(tries_most=99))
    due = {one.id: one.loading.start for one in plan.movements}
    return [one.loading.start - due[one.id] for one in movements if one.id in due]


def test_a_queue_at_an_inspection_waits_as_m_d_1_says() -> None:
    """Poisson arrivals, 30 minutes each at one lane, load 0.5: W = rho D / (2 (1 - rho)) = 15 minutes
    (Pollaczek and Khinchine). Minutes are whole: arrivals are rounded, which moves the mean by less than half of one.
    """
    means = []
    for course in range(40):
        draws = stream(3, course, "arrivals")
        gaps = draws.exponential(60, size=450)
        starts = [int(minute) for minute in np.cumsum(gaps) if minute < DAYS * 1440 - 2000]
        operation = bare(len(starts))
        means.append(np.mean(delays(operation, timetable(operation, starts), ShockModel(), 3, course)))
    found = estimate(np.array(means))
    assert found.low - 0.5 <= 15 <= found.high + 0.5
    assert found.high - found.low < 4


def test_a_closure_delays_as_poisson_closures_and_exponential_repairs_say() -> None:
    """A convoy that comes at any time finds the road shut with p = m / (m + 1440 / rate), then waits m on average."""
    mean, rate = 120, 3
    operation = bare(100)
    closed = Block(
        id="shut", basis="theory", on=("town--city",), per_day=rate, minutes=Law(shape="exponential", mean=mean)
    )
    model = ShockModel(shocks=(closed,))
    plan = timetable(operation, list(range(1440, 1440 + 100 * 400, 400)))
    chance = mean / (mean + 1440 / rate)
    waits, hits = [], 0
    for course in range(60):
        found = delays(operation, plan, model, 11, course)
        waits.append(float(np.mean(found)))
        hits += sum(wait > 0 for wait in found)
    expected = estimate(np.array(waits))
    assert expected.low - 0.5 <= chance * mean <= expected.high + 0.5
    _, low, high = share(hits, 60 * 100)
    assert low - 0.01 <= chance <= high + 0.01


def test_intervals_hold_what_they_claim() -> None:
    """About 95 of 100 intervals hold the true mean and the true share."""
    draws = np.random.Generator(np.random.Philox(5))
    kept = shares = 0
    for _ in range(400):
        values = draws.exponential(10, size=80)
        found = estimate(values)
        kept += found.low <= 10 <= found.high
        _, low, high = share(int((draws.random(80) < 0.3).sum()), 80)
        shares += low <= 0.3 <= high
    assert 0.89 <= kept / 400 <= 0.98 and 0.91 <= shares / 400 <= 0.99
    assert pytest.approx(1.96, abs=0.001) == SURE


def test_equal_parts_stay_equal_when_a_lever_changes_one_shock() -> None:
    operation = bare(10)
    plan = timetable(operation, list(range(0, 1000, 100)))
    block = Block(id="a", basis="", on=("town--city",), per_day=2, minutes=Law.fixed(60))
    other = replace(block, id="b")
    both, one = ShockModel(shocks=(block, other)), ShockModel(shocks=(block,))
    assert set(one.troubles(operation, plan, 1, 5)) < set(both.troubles(operation, plan, 1, 5))
