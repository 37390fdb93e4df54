"""The agreement page: how each clause stands and by whose word, what changed it, and what cannot all hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
import worlds

from safepassage import control
from safepassage.clauses import KINDS
from safepassage.events import (
    AgreementAmended,
    ClauseSuspended,
    ConsentGiven,
    ConsentWithdrawn,
    Event,
    TalksHeld,
)
from safepassage.operation import Operation
from safepassage.situation import fold
from safepassage.web.access import Sight
from safepassage.web.agreement import AgreementView, agreement_view, conflict_of
from web.rooms import DESK, TINY, tiny_room

ALL = Sight(future=True, sensitivities=frozenset({"public", "restricted", "secret"}), claims=True, log=True)
UN = DESK.says("UN", "un")


def seen(events: Sequence[Event], clock: str, sight: Sight = ALL, operation: Operation = TINY) -> AgreementView:
    return agreement_view(fold(operation, filter(sight.folds, events), as_of=DESK.time(clock)), "en", sight)


@cache
def aleppo(instant: str) -> AgreementView:
    record = control.open_record("aleppo-2016")
    when = datetime.fromisoformat(f"{instant}+02:00")
    return agreement_view(record.situation(when, when), "en", ALL)


def test_every_clause_of_the_operation_is_there_in_words_once() -> None:
    view = seen([], "06:00")
    assert sorted(one.id for one in (*view.clauses, *view.apart)) == sorted(clause.id for clause in TINY.clauses)
    assert all(one.sentence.endswith(".") and one.kind in {kind.kind for kind in KINDS} for one in view.clauses)
    assert sum(count for _, count in view.counts) == len(view.clauses)


def test_a_side_that_is_too_far_ahead_breaks_the_lockstep_and_that_comes_first() -> None:
    trip = DESK.trip("m1", "hill-to-city", 150, "06:00", "06:20", "07:00", "07:30")
    view = seen(trip, "08:00")
    assert view.clauses[0].phase == "broken" and view.clauses[0].kind == "lockstep"
    assert view.counts[0] == ("broken", 1)


def test_a_suspended_clause_says_who_suspended_it_and_when() -> None:
    id = TINY.clauses[0].id
    view = seen([UN.at("06:30", ClauseSuspended(clause=id, by=("hill-council",), why="a shot"))], "07:00")
    (clause,) = (one for one in view.clauses if one.id == id)
    assert clause.phase == "suspended"
    assert [(one.who, one.happened) for one in clause.said] == [("UN", DESK.time("06:30"))]
    assert [(one.what, one.text, one.clauses) for one in view.changes] == [("clause suspended", "a shot", (id,))]


def test_amendments_are_told_newest_first_with_what_they_changed_and_dropped() -> None:
    first, second = TINY.clauses[:2]
    amended = AgreementAmended(
        agreement="one", text="two days more", parties=("hill-council",), clauses=(first,), dropped=(second.id,)
    )
    view = seen([DESK.at("06:10", amended), UN.at("06:40", ClauseSuspended(clause=first.id))], "07:00")
    assert [one.what for one in view.changes] == ["clause suspended", "agreement amended"]
    assert (view.changes[1].clauses, view.changes[1].dropped) == ((first.id,), (second.id,))
    assert view.changes[1].parties == ("Council of Hill",) or view.changes[1].parties[0] in {
        party.name for party in TINY.parties.values()
    }


def test_consents_that_are_not_there_come_first_and_those_given_say_until_when() -> None:
    given = ConsentGiven(party="hill-council", on=("hill--bridge",), until=DESK.time("12:00"))
    taken = ConsentWithdrawn(party="dale-council", on=("dale--bridge",))
    view = seen([DESK.at("05:00", given), UN.at("06:00", taken)], "07:00")
    assert view.consents[0].phase == "withdrawn" and view.consents[0].said[0].who == "UN"
    assert view.consents[-1].phase == "given" and view.consents[-1].until == DESK.time("12:00")


def test_a_consent_for_one_convoy_is_not_shown_to_who_may_not_see_the_future() -> None:
    given = ConsentGiven(party="hill-council", on=("hill--bridge",), movements=("m7",))
    events = [DESK.at("05:00", given)]
    assert any(one.movements == ("m7",) for one in seen(events, "07:00").consents)
    hidden = replace(ALL, future=False)
    assert not any("m7" in one.movements for one in seen(events, "07:00", hidden).consents)


def test_talks_say_what_each_side_put_forward() -> None:
    held = TalksHeld(text="At the bridge", parties=("hill-council",), proposals={"hill-council": "all at once"})
    (talks,) = seen([UN.at("06:00", held)], "07:00").talks
    assert talks.proposals[0][1] == "all at once" and talks.said.who == "UN"


def test_aleppo_at_midday_of_the_seventeenth() -> None:
    view = aleppo("2016-12-17T12:00")
    assert {one.phase for one in view.apart} <= {"proposed", "not in force"}
    withdrawn = [one for one in view.consents if one.phase == "withdrawn"]
    assert {one.party for one in withdrawn} == {"Russia"} and withdrawn[0].said[0].who == "WHO"
    assert {one.role for one in view.parties} >= {"party", "guarantor", "observer"}


@pytest.mark.parametrize("instant", ["2016-12-15T08:00", "2016-12-18T12:00", "2016-12-20T12:00"])
def test_what_is_said_of_the_agreement_was_known_by_then(instant: str) -> None:
    when = datetime.fromisoformat(f"{instant}+02:00")
    view = aleppo(instant)
    said = [word for clause in (*view.clauses, *view.apart) for word in clause.said]
    said += [word for consent in view.consents for word in consent.said]
    said += [change.said for change in view.changes] + [talks.said for talks in view.talks]
    assert all(word.known <= when for word in said)


def test_whether_all_can_hold_is_answered_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safepassage.web.agreement.CONFLICT_SECONDS", 3.0)
    assert conflict_of(fold(TINY, [], as_of=DESK.time("06:00"))).outcome == "can hold"
    cramped = worlds.one_road()
    late = cramped.calendar.when(cramped.calendar.end - 30)
    found = conflict_of(fold(cramped, [], as_of=late))
    assert found.outcome in {"cannot hold", "not proven"} and found.left


def test_a_question_that_the_planner_cannot_answer_is_refused_in_the_language_of_the_page(tmp_path: Path) -> None:
    with tiny_room(tmp_path / "a.log", tmp_path / "a.db") as room:
        answer = room.as_role("mediator").post("/agreement/conflict?as_of=2020-01-01&language=ar")
    assert answer.status_code == 200 and "لا يستطيع المخطِّط الإجابة عن هذا: 2020-01-01" in answer.text
