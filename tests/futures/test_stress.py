"""Many courses: the same whoever drives them, stopped and resumed, and what they come to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import worlds

from safepassage import control
from safepassage.futures import Courses, Policy, Stress, advantages, all_out, fan, stops, stress
from safepassage.futures.chance import Law
from safepassage.futures.shocks import Block, Demand, ShockModel, Withdrawal
from safepassage.futures.stress import BATCH

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
    assert {"no", "rubble"} <= {one.cause for one in stops(found)}
    assert (found.courses.out <= found.quiet.out[0]).all(), "nobody is out before the quiet plan has them out"
    assert found.checked.courses == 3 and not found.checked.errors
    spread = fan(found.courses)
    assert (np.diff(spread, axis=0) >= 0).all() and (np.diff(spread, axis=1) >= 0).all()
    (pair,) = advantages(found)
    assert pair.clause == "lockstep" and 0 <= pair.first_lead.p90 <= 0.5, "the tolerance holds in every course"


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
