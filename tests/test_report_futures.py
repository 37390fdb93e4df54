"""What reports of futures say first: nothing is asked for that may save nothing, and no page is made of nothing."""

from __future__ import annotations

import pytest

from safepassage import control
from safepassage.futures.levers import Gain, Held
from safepassage.futures.shocks import ShockModel
from safepassage.report.futures import compare_document, frontier, levers_document, levers_svg

HILL = control.read("tiny")
PAIR = control.linked(HILL)
BASE = control.stress(
    HILL, control.plan(HILL, work=2).timetable, control.shocks_beside("tiny", HILL), courses=50, checked=0
)
NOTHING = (0.0, 0.0, 0.0)


def saving(text: str, mean: float, low: float, high: float) -> Gain:
    return Gain(
        lever=text,
        text=text,
        person_hours=(mean, low, high),
        hours_sooner=NOTHING,
        bad_case=NOTHING,
        people_more=NOTHING,
        everyone_out=(0.5, 0.5),
        planned_hours=0.0,
    )


def design(text: str, person_hours: float, lead: float, planned_left: int = 0) -> Held:
    return Held(
        text=text,
        planned_left=planned_left,
        people_left=NOTHING,
        person_hours=(person_hours, person_hours - 1, person_hours + 1),
        quiet_end=200,
        hours=186.0,
        everyone_out=1.0,
        first_lead=lead,
        second_lead=0.0,
    )


@pytest.mark.parametrize(
    ("gains", "said"),
    [
        (
            [saving("a lane", 30, 20, 40), saving("an hour", 3, -5, 11)],
            "Ask first for: a lane. It saves 30 (20 to 40) person-hours",
        ),
        (
            [saving("an hour", 9, -5, 23), saving("a lane", 3, 1, 5)],
            "Ask first for: a lane. It saves 3 (1 to 5) person-hours",
        ),
        ([saving("an hour", 3, -5, 11)], "Nothing surely saves. The most promising is: an hour, 3 (-5 to 11)"),
        ([saving("an hour", 0, 0, 0)], "No lever saves anything"),
        ([saving("an hour", -3, -5, -1)], "No lever saves anything"),
    ],
)
def test_what_may_save_nothing_is_not_asked_for_first(gains: list[Gain], said: str) -> None:
    assert levers_document(HILL, BASE, gains).headline.startswith(said)


def test_what_a_single_plan_and_a_choice_among_many_are_worth_is_said() -> None:
    said = " ".join(sentence for part in levers_document(HILL, BASE, [saving("a lane", 30, 20, 40)]).parts
                    for sentence in part.sentences)  # fmt: skip
    assert "one plan" in said and "best of many" in said
    assert "one plan" in " ".join(compare_document(HILL, PAIR, [design("not tied", 5, 1)], BASE).parts[-1].sentences)


def test_a_lever_that_costs_hours_is_drawn_to_the_other_side() -> None:
    drawn = levers_svg([saving("a lane", 30, 20, 40), saving("tranches", -20, -25, -15)])
    assert "-20" in drawn and "30" in drawn


def test_only_designs_that_no_other_beats_on_both_are_on_the_frontier() -> None:
    """By person-hours: where every course ends with people left, all are over at the same hour."""
    fair, quick = design("fair", 9, 0.1), design("quick", 5, 0.6)
    beaten, short = design("beaten", 9.5, 0.6), design("short", 1, 0.05, planned_left=1)
    assert frontier([beaten, quick, short, fair]) == [fair, quick]
    assert compare_document(HILL, PAIR, [beaten, quick, fair], BASE).headline == (
        "Of 3 designs 2 are on the frontier: fair, quick"
    )


@pytest.mark.parametrize(
    ("designs", "said"),
    [
        ([design("fair", 9, 0.1), design("worse", 10, 0.2)], "Of 2 designs 1 is on the frontier: fair"),
        ([design("short", 9, 0.1, 4)], "Each design's plan leaves people behind: none is on the frontier"),
    ],
)
def test_one_design_or_none_on_the_frontier_is_said_as_such(designs: list[Held], said: str) -> None:
    assert compare_document(HILL, PAIR, designs, BASE).headline == said


def test_stopped_before_anything_was_driven_there_is_no_page() -> None:
    gains, left_out = control.levers(HILL, BASE, stop=lambda: True)
    with pytest.raises(ValueError, match="no lever was driven: let it run longer"):
        control.levers_report(HILL, BASE, gains, left_out)
    with pytest.raises(ValueError, match="no design was driven: let it run longer"):
        control.compare_report(HILL, PAIR, control.compare(HILL, BASE, PAIR, stop=lambda: True), BASE)


def test_a_quiet_model_has_nothing_that_stops_it() -> None:
    quiet = control.stress(HILL, BASE.job.timetable, ShockModel(), courses=2)
    document, fan = control.stress_report(HILL, quiet)
    assert document.headline.startswith("Everyone is out in 100 % of 2 courses")
    assert not any("What stops it most" in sentence for sentence in document.under) and "<svg" in fan
