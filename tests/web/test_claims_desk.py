"""The claims desk: rival answers side by side, never merged, and nothing that was said ever gone."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from safepassage import control
from safepassage.situation import Situation
from safepassage.web.access import Sight
from safepassage.web.claims import ClaimsView, Filter, QuestionView, claims_view

MIDDAY = datetime.fromisoformat("2016-12-17T12:00:00+02:00")
ALL = Sight(claims=True)


@cache
def midday() -> Situation:
    """East Aleppo at midday of 17 December 2016, as known then."""
    return control.open_record("aleppo-2016").situation(as_of=MIDDAY, known_at=MIDDAY)


def question(view: ClaimsView, id: str) -> QuestionView:
    return next(one for one in view.questions if one.id == id)


def test_why_it_stopped_stands_first_with_four_rival_answers() -> None:
    first = claims_view(midday(), "en", ALL).questions[0]
    assert first.text == "Why did the evacuation stop on 16 December?"
    assert (first.kind, first.open, len(first.answers)) == ("contested", True, 4)
    assert first.sentence.startswith("Contested: 4 rival answers")


def test_contested_questions_come_first_and_what_nobody_answered_last() -> None:
    kinds = [one.kind for one in claims_view(midday(), "en", ALL).questions]
    contested = [kind in {"contested", "denied by the accused"} for kind in kinds]
    assert contested == sorted(contested, reverse=True)
    assert kinds[-1] == "unanswered"


def test_every_claim_of_the_record_is_on_the_desk_once() -> None:
    view = claims_view(midday(), "en", ALL)
    shown = [
        claim.event
        for one in view.questions
        for claim in (
            *(claim for answer in one.answers for side in answer.sides for claim in side.claims),
            *one.demands,
            *one.apart,
        )
    ]
    assert sorted(shown) == sorted(event.id for event in midday().events if event.what.kind == "claim made")


def test_a_denial_stands_under_what_it_denies_by_its_own_side() -> None:
    bags = question(claims_view(midday(), "en", ALL), "q-bags")
    (answer,) = bags.answers
    assert answer.kind == "denied by the accused"
    said = {(side.side, claim.stance) for side in answer.sides for claim in side.claims}
    assert said >= {("government", "accuses"), ("opposition", "denies")} or said >= {
        ("government", "asserts"),
        ("opposition", "denies"),
    }
    denial = next(claim for side in answer.sides for claim in side.claims if claim.stance == "denies")
    assert denial.about == "Syrian official source"


def test_who_passed_it_on_is_kept_in_order() -> None:
    fighters = question(claims_view(midday(), "en", ALL), "q-fighters")
    claim = fighters.answers[0].sides[0].claims[0]
    assert claim.chain == ("Damascus", "al-Alam")


def test_a_filter_chooses_questions_and_leaves_each_whole() -> None:
    everything = claims_view(midday(), "en", ALL)
    russia = claims_view(midday(), "en", ALL, Filter(side="guarantor"))
    assert 0 < len(russia.questions) < len(everything.questions)
    assert russia.hidden == len(everything.questions) - len(russia.questions)
    assert all(one == question(everything, one.id) for one in russia.questions)
    ramouseh = claims_view(midday(), "en", ALL, Filter(place="ramouseh"))
    assert "q-convoy" in {one.id for one in ramouseh.questions}
    assert {one.kind for one in claims_view(midday(), "en", ALL, Filter(standing="unanswered")).questions} == {
        "unanswered"
    }
    early = claims_view(midday(), "en", ALL, Filter(until=datetime.fromisoformat("2016-12-14T23:59:00+02:00")))
    assert "q-stop" not in {one.id for one in early.questions}


def test_whoever_may_not_see_claims_is_given_none() -> None:
    view = claims_view(midday(), "en", Sight())
    assert (view.questions, view.places, view.sides) == ((), (), ())


def test_in_arabic_questions_and_claims_are_in_arabic() -> None:
    first = claims_view(midday(), "ar", ALL).questions[0]
    assert "الإجلاء" in first.text and first.sentence.startswith("متنازع عليه")
