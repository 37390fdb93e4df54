"""What the board says: of 17 December at noon, of a convoy on its way, and what it keeps back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache

import worlds
from reports import Desk

from safepassage import control
from safepassage.claims import Source
from safepassage.events import (
    EVENTS,
    ConsentGiven,
    ConvoyFormed,
    Departed,
    Event,
    Passed,
    PlanAdopted,
    RoadBlocked,
    RoadCleared,
)
from safepassage.situation import fold
from safepassage.web.board import board, board_view
from safepassage.web.board_shape import Board
from safepassage.web.board_terms import KINDS

TINY = worlds.hill_and_dale()
DESK = Desk(TINY)
TRIP = DESK.trip("m1", "hill-to-city", 100, "06:00", "06:20", "07:00", "07:30")


@cache
def noon() -> Board:
    """The board of East Aleppo on 17 December at noon."""
    record = control.open_record("aleppo-2016")
    return board(record.situation(datetime.fromisoformat("2016-12-17T12:00:00+02:00")))


def tiny(events: Sequence[Event], clock: str) -> Board:
    return board(fold(TINY, events, as_of=DESK.time(clock)), future_on=None)


def test_the_newcomer_sees_that_nobody_moves_since_when_who_says_why_and_what_would_have_to_happen() -> None:
    headline = noon().headline
    assert (headline.motion, headline.since, headline.minutes) == ("suspended", "2016-12-16T09:00+02:00", 27 * 60)
    assert headline.words[0].who == "WHO"
    assert headline.why is not None and headline.why.kind == "contested"
    assert [answer.kind for answer in headline.why.answers] == [
        "single-source", "single-source", "denied by the accused", "single-source",
    ]  # fmt: skip
    assert headline.why.answers[2].denied_by == ("rebel groups",)
    assert headline.why.answers[2].through == ("news agency report",)
    assert any("Russia gives its consent again" in said for said in headline.to_resume)


def test_roads_say_their_state_its_age_and_what_consent_they_lack() -> None:
    segments = {one.id: one for one in noon().segments}
    blocked = segments["ramouseh--rashideen"]
    assert (blocked.phase, blocked.hours_old, blocked.consent) == ("blocked", 27.0, "withdrawn")
    assert "Hezbollah-run outlet" in blocked.says
    assert segments["khan-al-asal--idlib"].hours_old is None


def test_news_is_old_after_half_a_day_and_where_there_is_none() -> None:
    open_road = DESK.at("06:00", RoadCleared(road="hill--bridge"))
    for clock, stale in (("18:00", False), ("18:01", True)):
        segments = {one.id: one.stale for one in tiny([open_road], clock).segments}
        assert (segments["hill--bridge"], segments["dale--bridge"]) == (stale, True)


def test_a_balance_stands_as_its_clause_does() -> None:
    ahead = DESK.trip("m1", "hill-to-city", 150, "06:00", "06:20", "07:00", "07:30")
    assert [[one.phase for one in tiny(events, "08:00").balances] for events in ([], ahead)] == [["kept"], ["broken"]]


def test_places_whose_holder_is_disputed_have_both() -> None:
    places = {one.id: one for one in noon().places}
    assert {holder.party for holder in places["amiriyah"].holders} == {"opposition", "government"}
    assert places["amiriyah"].waiting is not None and places["amiriyah"].waiting[1] == 35_135
    assert places["jibreen"].waiting is None


def test_people_out_stand_beside_what_others_published() -> None:
    people = {one.evacuation: one for one in noon().people}["aleppo-to-idlib"]
    assert (people.out, people.demanded, people.planned_out) == ((951, 951, 36_086), 36_086, None)
    assert {(one.by, one.people[1]) for one in people.published} >= {("Russia", 6462)}
    assert people.differs


def test_a_line_that_begins_another_is_part_of_it_and_evacuations_of_one_way_share_it() -> None:
    lines = {line.places: line.evacuations for line in noon().lines}
    assert lines[("amiriyah", "ramouseh", "rashideen", "khan-al-asal", "idlib")] == ("aleppo-to-idlib",)
    assert lines[("foua", "rashideen", "ramouseh", "jibreen")] == ("foua-kefraya-to-aleppo", "foua-kefraya-second")
    assert len(lines) == 3


def test_the_matrix_has_every_consent_that_is_needed() -> None:
    cells = {(one.segment, one.party): one for one in noon().consents}
    assert cells["ramouseh", "russia"].phase == "withdrawn"
    assert cells["ramouseh", "russia"].says == ("WHO",)
    assert cells["ramouseh", "government"].phase == "missing"
    assert set(noon().parties) == {party for _, party in cells}


def test_a_convoy_is_reckoned_along_its_road_until_somebody_reports_it() -> None:
    (convoy,) = tiny(TRIP[:3], "06:35").convoys
    assert (convoy.here, convoy.there, convoy.share, convoy.reckoned) == ("hill", "bridge", 0.5, True)
    assert (convoy.aboard, convoy.minutes_aboard) == ((100, 100, 100), 35)
    (late,) = tiny(TRIP[:3], "09:00").convoys
    assert late.share == 0.9, "never said to be at a place where nobody saw it"
    reported = [*TRIP[:3], DESK.at("06:50", Passed(movement="m1", at="hill--bridge"))]
    (on_the_road,) = tiny(reported, "06:55").convoys
    assert (on_the_road.share, on_the_road.reckoned) == (0.5, False)


def test_those_unheard_of_come_first_and_are_unaccounted() -> None:
    other = DESK.trip("m2", "dale-to-town", 60, "12:00", "12:20")
    view = tiny([*TRIP[:3], *other], "13:00")
    assert [convoy.id for convoy in view.convoys] == ["m1", "m2"]
    assert "nothing heard" in view.convoys[0].alarm
    assert [lost.movement for lost in view.unaccounted] == ["m1"]


def test_planned_against_actual() -> None:
    plan = control.plan(TINY, work=5).timetable
    first = next(one for one in plan.movements if one.evacuation == "hill-to-city")
    trip = DESK.trip(first.id, first.evacuation, first.total, "06:10", "06:30", "07:10")
    view = tiny([DESK.at("05:00", PlanAdopted(timetable=plan)), *trip], "07:20")
    (bar,) = [one for one in view.bars if one.id == first.id]
    assert bar.planned is not None and bar.planned[0] == DESK.time("06:00").isoformat(timespec="minutes")
    assert bar.actual is not None and bar.actual[0] == DESK.time("06:10").isoformat(timespec="minutes")
    hill = next(one for one in view.people if one.evacuation == "hill-to-city")
    assert hill.planned_out == first.total


def test_the_future_is_kept_from_whoever_is_not_said_to_see_it() -> None:
    plan = control.plan(TINY, work=5).timetable
    formed = ConvoyFormed(movement="x", at="hill", evacuation="hill-to-city", destination="city")
    situation = fold(
        TINY,
        [DESK.at("05:00", PlanAdopted(timetable=plan)), DESK.at("05:30", formed)],
        as_of=DESK.time("05:45"),
    )
    blind = board_view(situation)
    assert blind["bars"] == () and blind["convoys"][0]["destination"] == ""
    assert not any(movement.id in json.dumps(blind) for movement in plan.movements)
    everybody = {bar.id for bar in board(situation, future_on=None).bars}
    assert everybody == {movement.id for movement in plan.movements}
    dale = {movement.id for movement in plan.movements if movement.evacuation == "dale-to-town"}
    assert {bar.id for bar in board(situation, future_on=("dale--bridge",)).bars} == dale


def test_what_others_say_is_theirs_and_what_we_saw_is_our_observers() -> None:
    view = tiny(
        [*TRIP[:2], Desk(TINY, Source(origin="Radio Hill")).at("06:10", RoadBlocked(road="bridge--city"))], "7:00"
    )
    assert [(one.kind, one.text, one.who) for one in view.feed[:2]] == [
        ("road blocked", "Bridge – City", "Radio Hill"),
        ("boarded", "m1, Hill", "our observer"),
    ]


def test_nothing_recorded_is_a_board_too() -> None:
    view = tiny([], "06:00")
    assert (view.headline.motion, view.convoys, view.feed) == ("not begun", (), ())
    assert len(view.lines) == 2


def test_the_same_in_arabic() -> None:
    record = control.open_record("aleppo-2016")
    situation = record.situation(datetime.fromisoformat("2016-12-17T12:00:00+02:00"))
    view = board_view(situation, "ar")
    assert view["headline"]["sentence"].startswith("معلّقة")
    assert view["lines"][0]["name"] == "حلب الشرقية إلى إدلب"
    assert view["terms"]["feed"] == "الأحداث"


def test_every_kind_of_event_has_its_words() -> None:
    assert set(KINDS) == set(EVENTS)


def test_a_situation_gives_the_same_board_each_time() -> None:
    events = [*TRIP[:3], DESK.at("06:21", Departed(movement="m9", at="hill"))]
    situation = fold(TINY, events, as_of=DESK.time("06:35"))
    assert json.dumps(board_view(situation)) == json.dumps(board_view(situation))


def test_a_consent_for_one_convoy_is_none_for_the_others() -> None:
    one = [event for event in DESK.all_consents("05:30") if getattr(event.what, "party", "") == "dale-council"]
    only = ConsentGiven(party="hill-council", on=("hill--bridge",), movements=("m1",))
    view = tiny([*one, DESK.at("05:40", only)], "06:00")
    segments = {segment.id: segment.consent for segment in view.segments}
    assert segments["dale--bridge"] == "given"
    assert segments["hill--bridge"] == "missing"
    (cell,) = (cell for cell in view.consents if cell.segment == "hill--bridge")
    assert (cell.phase, cell.movements) == ("given", ("m1",))
