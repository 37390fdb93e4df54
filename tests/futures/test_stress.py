"""Many courses: the same whoever drives them, stopped and resumed, and what they come to."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from pathlib import Path

import numpy as np
import pytest
import worlds

from safepassage import control
from safepassage.futures import (
    Courses,
    Policy,
    Stress,
    advantages,
    all_out,
    by_day,
    completion,
    estimate,
    fan,
    share,
    stops,
    stops_by_party,
    stops_by_segment,
    stress,
)
from safepassage.futures.chance import Law
from safepassage.futures.shocks import Block, Demand, Full, ShockModel, Withdrawal
from safepassage.futures.stress import BATCH, ratio, segments, share_of

from .pairs import planned

HILL = worlds.hill_and_dale()
PLAN = planned(HILL)
HOUR = Law.fixed(60)
NO = Withdrawal(
    id="no",
    basis="test",
    party="dale-council",
    on=("bridge--city",),
    per_day=6,
    minutes=Law(shape="exponential", mean=90),
)
RUBBLE = Block(id="rubble", basis="test", on=("hill--bridge",), per_day=3, minutes=HOUR)
MODEL = ShockModel(name="test", shocks=(NO, RUBBLE))
COUNT = 3 * BATCH + 7


def driven(workers: int = 1, **more: object) -> Stress:
    return stress(HILL, PLAN, MODEL, courses=COUNT, seed=4, workers=workers, checked=3, **more)  # type: ignore[arg-type]


def equal(one: Courses, other: Courses) -> bool:
    return all((one.arrays()[key] == value).all() for key, value in other.arrays().items())


def test_threads_change_nothing() -> None:
    alone, together = driven(1), driven(3)
    assert alone.count == COUNT and equal(alone.courses, together.courses)


def test_another_seed_gives_other_courses() -> None:
    other = stress(HILL, PLAN, MODEL, courses=COUNT, seed=5, checked=0)
    assert not equal(driven().courses, other.courses)


def test_stopped_and_resumed_it_is_the_same(tmp_path: Path) -> None:
    """Stopped after the first batch, it keeps what it has; asked again, it drives only what is missing."""
    kept = tmp_path / "kept"

    def ask(stop: bool) -> tuple[Stress, list[int]]:
        heard: list[int] = []
        found = control.stress(
            HILL, PLAN, MODEL, courses=COUNT, seed=4, workers=1, checked=0, keep=kept,
            told=lambda far: heard.append(far.courses), stop=lambda: stop,
        )  # fmt: skip
        return found, heard

    first, _ = ask(stop=True)
    assert first.count < COUNT and list(kept.glob("*.npz"))
    whole, heard = ask(stop=False)
    assert whole.count == COUNT and heard[0] > BATCH, "it went on from what was kept"
    assert equal(whole.courses, driven().courses)
    another = control.stress(HILL, PLAN, MODEL, courses=BATCH, seed=9, workers=1, checked=0, keep=kept)
    assert not equal(another.courses, Courses(**{k: v[:BATCH] for k, v in whole.courses.arrays().items()}))


def test_stopped_in_the_middle_it_is_of_the_first_courses() -> None:
    """Whichever thread was quicker: what was begun is finished, so that levers meet the same courses."""
    for workers in (1, 2, 3):
        found = driven(workers, told=lambda number, part: False)
        assert found.asked == COUNT
        whole = driven().courses.arrays()
        first = Courses(**{key: value[: found.count] for key, value in whole.items()})
        assert BATCH <= found.count < COUNT or workers == 3
        assert equal(found.courses, first)


def test_a_kept_batch_that_is_broken_is_driven_again(tmp_path: Path) -> None:
    control.stress(HILL, PLAN, MODEL, courses=BATCH, seed=4, workers=1, checked=0, keep=tmp_path)
    (one,) = tmp_path.glob("*.npz")
    one.write_bytes(one.read_bytes()[:40])
    again = control.stress(HILL, PLAN, MODEL, courses=BATCH, seed=4, workers=1, checked=0, keep=tmp_path)
    assert again.count == BATCH


def test_what_stops_it_is_named_and_people_are_out_later_than_planned() -> None:
    found = driven()
    assert {"no", "rubble"} <= {one.what for one in stops(found)}
    assert (found.courses.out <= found.quiet.out[0]).all(), "nobody is out before the quiet plan has them out"
    assert found.checked.courses == 3 and not found.checked.errors
    spread = fan(found.courses)
    assert (np.diff(spread, axis=0) >= 0).all() and (np.diff(spread, axis=1) >= 0).all()
    (pair,) = advantages(found)
    assert pair.clause == "lockstep" and 0 <= pair.first_lead.p90 <= 0.5, "the tolerance holds in every course"


def test_by_the_end_of_a_day_so_many_courses_are_over() -> None:
    """Over is: the last convoy is unloaded, and nobody is left behind."""
    found = driven()
    (day,) = by_day(found)
    over = all_out(found.courses)
    assert day.everyone_out == share(int(over.sum()), COUNT) and 0 < day.everyone_out[0] < 1
    assert day.quiet_out == HILL.people and day.out.mean == pytest.approx(float(found.courses.out[:, -1].mean()))


def test_what_ends_after_the_operation_is_not_known_to_end() -> None:
    """Completion is cut off at the end: a course that leaves people behind has no hour at which it was over."""
    found = driven().courses
    everyone = replace(found, left=np.zeros_like(found.left), end=np.arange(COUNT) + 100)
    assert completion(everyone) == (115, 178, 241), "of 157 the 16th, the 79th and the 142nd"
    some = replace(everyone, left=np.where(np.arange(COUNT) < 20, 0, 1)[:, None])
    assert completion(some) == (115, None, None)
    assert completion(replace(everyone, left=np.ones_like(found.left))) == (None, None, None)


def test_parties_and_segments_sum_what_their_shocks_stop() -> None:
    """Two shocks of one party are its own together; a shock on two segments counts in full at each."""
    twice = replace(NO, id="no-again", per_day=2)
    both = replace(RUBBLE, on=("hill--bridge", "bridge--city"))
    found = stress(HILL, PLAN, ShockModel(shocks=(NO, twice, both)), courses=60, seed=4, checked=0)
    mean = {one.what: one.person_hours.mean for one in stops(found)}
    (party,) = stops_by_party(found)
    assert party.what == "dale-council"
    assert party.person_hours.mean == pytest.approx(mean["no"] + mean["no-again"])
    assert party.courses[0] <= 1 and party.most == party.courses, "nobody else is named"
    where = {one.what: one.person_hours.mean for one in stops_by_segment(found)}
    assert where["hill--bridge"] == pytest.approx(mean["rubble"])
    assert where["bridge--city"] == pytest.approx(mean["no"] + mean["no-again"] + mean["rubble"])


def test_what_comes_first_is_told_by_course() -> None:
    first = {one.what: one.most for one in stops(driven())}
    assert 0 < first["no"][1] < first["no"][0] < first["no"][2] < 1
    full = Full(id="full", basis="test", place="city", per_day=1, minutes=HOUR)
    assert segments(HILL, full) == ("bridge--city",)


def test_stops_of_one_course_go_together() -> None:
    """Four stops in each of two courses, all alike in a course: two things are known, and not eight."""
    hits, counts = np.array([4.0, 0.0] * 10), np.array([4.0, 4.0] * 10)
    share_, low, high = share_of(hits, counts)
    assert share_ == 0.5 and (low, high) == pytest.approx(share(9.5, 19)[1:])
    assert high - low > share(40, 80)[2] - share(40, 80)[1]
    assert share_of(np.zeros(9), np.full(9, 5.0)) == share(0, 9), "never seen is not never"
    assert share_of(np.zeros(3), np.zeros(3)) == (0.0, 0.0, 1.0)
    mean, low, high = ratio(np.array([1.0, 2.0, 6.0]), np.array([1.0, 2.0, 3.0]))
    assert mean == 1.5 and low < mean < high
    same = ratio(np.array([2.0, 4.0]), np.array([1.0, 2.0]))
    assert same == (2.0, 2.0, 2.0)


def test_of_one_course_nothing_is_known_of_others() -> None:
    one = estimate(np.array([7]))
    assert (one.mean, one.low, one.high) == (7, -inf, inf)
    assert ratio(np.array([1.0]), np.array([2.0])) == (0.5, -inf, inf)


def test_a_breach_comes_with_the_shock_behind_it() -> None:
    found = stress(HILL, PLAN, ShockModel(shocks=(replace(RUBBLE, per_day=12),)), courses=20, seed=4, checked=20)
    assert found.checked.examples, "somebody stood loaded"
    assert any("rubble" in (*one.amid, one.after) for one in found.checked.examples)


def test_a_quiet_model_is_the_plan() -> None:
    found = stress(HILL, PLAN, ShockModel(), courses=3, seed=1)
    assert all_out(found.courses).all() and (found.courses.end == PLAN.ends).all()
    assert not found.courses.waited.any() and found.checked.breaches == {}


def test_a_stop_under_way_holds_from_the_start() -> None:
    stand = Demand(
        id="x", basis="test", evacuations=tuple(HILL.evacuations), per_day=0, minutes=Law.fixed(120), begun=True
    )
    found = stress(HILL, PLAN, ShockModel(shocks=(stand,)), courses=2, seed=1)
    assert not found.courses.out[:, :2].any() and (found.courses.end > PLAN.ends).all()


def test_patience_is_a_matter_of_policy() -> None:
    hasty = driven(policy=Policy(patience_minutes=5, again_minutes=10))
    assert not equal(hasty.courses, driven().courses)


@pytest.mark.parametrize(
    ("shock", "said"),
    [
        (replace(NO, party="hill-council"), "does not need the consent"),
        (replace(RUBBLE, on=("nowhere",)), "no road and no crossing"),
        (replace(RUBBLE, per_day=-1), "give zero or more"),
    ],
)
def test_a_shock_that_does_not_fit_is_refused(shock: Block, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        stress(HILL, PLAN, ShockModel(shocks=(shock,)), courses=1, seed=0)
