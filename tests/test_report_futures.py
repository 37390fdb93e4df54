"""What reports of futures say first: nothing is asked for that may save nothing, and no page is made of nothing."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from safepassage import control
from safepassage.futures.levers import Gain, Held
from safepassage.futures.shocks import ShockModel
from safepassage.report.futures import (
    between,
    compare_document,
    frontier,
    levers_document,
    levers_svg,
    stress_document,
)

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
        against_agreed=(100 - person_hours, 100 - person_hours - 1, 100 - person_hours + 1),
        first_lead_most=lead,
        second_lead_most=0.0,
    )


AGREED = replace(design("as agreed", 100, 0.2), against_agreed=NOTHING)


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


def test_designs_that_cannot_be_told_apart_are_one_point_of_the_frontier() -> None:
    fair, alike = design("fair", 9, 0.1), design("alike", 7.5, 0.6)
    assert frontier([fair, alike]) == [fair], "their intervals overlap"


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (
            [design("quick", 95, 0.6)],
            (
                "Surely quicker than what is agreed: quick. It saves 5 (4 to 6) person-hours, "
                "but a side gets ahead by 60 % (now 20 %)"
            ),
        ),
        (
            [design("better", 95, 0.1)],
            (
                "Surely quicker than what is agreed: better. It saves 5 (4 to 6) person-hours, "
                "and no side gets further ahead"
            ),
        ),
        ([design("alike", 99.5, 0.6), design("slow", 110, 0.1)], "No design is surely quicker than what is agreed"),
        (
            [design("short", 9, 0.1, 4)],
            "Nothing to set against what is agreed: no other design has a plan that brings everyone out",
        ),
    ],
)
def test_what_can_be_told_apart_from_what_is_agreed_is_said_first(others: list[Held], said: str) -> None:
    assert compare_document(HILL, PAIR, [AGREED, *others], BASE).headline == said


def test_what_cannot_be_told_apart_and_whose_plan_leaves_people_is_said() -> None:
    others = [design("alike", 99.5, 0.6), design("slow", 110, 0.1), design("short", 9, 0.1, 4)]
    assert compare_document(HILL, PAIR, [AGREED, *others], BASE).under == (
        "Not told apart from what is agreed by these courses: alike (60 %).",
        "Surely slower: slow (10 %).",
        "Not compared, for their plans leave people behind on a quiet day: short (4 people).",
    )


def test_when_it_is_over_is_said_only_where_most_courses_end_with_everyone_out() -> None:
    """Elsewhere both ends are the operation's, and the difference is nothing whatever the lever does."""
    often = replace(saving("a lane", 30, 20, 40), everyone_out=(0.6, 0.9))
    seldom = replace(saving("an hour", 20, 10, 30), everyone_out=(0.4, 0.9))
    (both,) = levers_document(HILL, BASE, [often, seldom]).parts[0].tables
    assert [row[-1] for row in both.rows] == ["0.0\n(0.0 to 0.0)", "–"]
    part = levers_document(HILL, BASE, [seldom]).parts[0]
    assert not any("sooner" in column for column in part.tables[0].columns)
    assert any("cut off at the operation's end" in said for said in part.sentences)
    (table,) = compare_document(HILL, PAIR, [replace(AGREED, everyone_out=0.2)], BASE).parts[0].tables
    assert not any("until it is over" in column for column in table.columns)


def test_levers_are_ranked_by_the_bad_case_too() -> None:
    first = saving("a lane", 30, 20, 40)
    second = replace(saving("an hour", 20, 10, 30), bad_case=(90.0, 70.0, 110.0))
    document = levers_document(HILL, BASE, [first, second])
    assert [row[3] for row in document.parts[0].tables[0].rows] == ["2", "1"]
    assert document.under == ("In the bad case most is saved by: an hour, 90 (70 to 110) person-hours.",)


def test_numbers_beside_an_interval_have_three_digits() -> None:
    assert between((5814009.0, 5123456.0, 6500000.0)) == "5,810,000 (5,120,000 to 6,500,000)"
    assert between((15601.0, 6249.0, 24953.0)) == "15,600 (6,200 to 25,000)", "all to one place"
    assert between((-0.2, -3.0, 2.0)) == "0 (-3 to 2)"
    assert between((12345.0, -inf, inf)) == "12,300", "of one course there is no interval"


def test_stopped_on_the_way_the_page_says_so() -> None:
    short = replace(BASE, asked=20000)
    assert control.stress_report(HILL, short).document.under[0] == "Stopped: 50 of 20,000 courses."
    said = levers_document(HILL, BASE, [saving("a lane", 30, 20, 40)], stopped=True).parts[0].sentences
    assert "Stopped before all were driven: what is not listed was not tried." in said
    assert "Stopped" not in " ".join(compare_document(HILL, PAIR, [AGREED], BASE).parts[0].sentences)


def test_of_most_courses_that_do_not_end_nothing_is_said_of_when() -> None:
    left = np.ones_like(BASE.courses.left)
    courses = replace(BASE.courses, left=left)
    said = stress_document(HILL, replace(BASE, courses=courses)).parts[0].sentences[0]
    assert said.startswith("In more than 9 courses of 10 not everyone is out by the end of day 1")
    left[:8] = 0
    early, late = stress_document(HILL, replace(BASE, courses=courses)).parts[0].sentences[:2]
    assert early.startswith("In 1 course of 10 everyone is out by day 1") and late.startswith(
        "In more than half of the"
    )


def test_stopped_before_anything_was_driven_there_is_no_page() -> None:
    gains, left_out = control.levers(HILL, BASE, stop=lambda: True)
    with pytest.raises(ValueError, match="no lever was driven: let it run longer"):
        control.levers_report(HILL, BASE, gains, left_out)
    with pytest.raises(ValueError, match="no design was driven: let it run longer"):
        control.compare_report(HILL, PAIR, control.compare(HILL, BASE, PAIR, stop=lambda: True), BASE)


def test_a_quiet_model_has_nothing_that_stops_it() -> None:
    quiet = control.stress(HILL, BASE.job.timetable, ShockModel(), courses=2)
    found = control.stress_report(HILL, quiet)
    assert found.document.headline.startswith("Everyone is out in 100 %")
    assert not any("What stops it most" in sentence for sentence in found.document.under) and "<svg" in found.picture
