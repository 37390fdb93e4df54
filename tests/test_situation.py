"""The situation: what the events amount to, in whatever order they came, as of one instant, as known at another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, permutations

import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st
from reports import Desk, between, exactly, with_clauses

from safepassage import control
from safepassage.claims import Claim, Question
from safepassage.clauses.aboard import Aboard
from safepassage.clauses.escort import Escort
from safepassage.clauses.lockstep import Lockstep
from safepassage.clauses.order import Order
from safepassage.clauses.pause import Pause
from safepassage.events import (
    AgreementAmended,
    AgreementProposed,
    AgreementSigned,
    Arrived,
    Boarded,
    ClaimAssessed,
    ClaimMade,
    ClauseRestored,
    ClauseSuspended,
    ConsentGiven,
    ConsentWithdrawn,
    ControlChanged,
    ConvoyFormed,
    CrossingClosed,
    CrossingOpened,
    Declined,
    Departed,
    Event,
    EventRetracted,
    Held,
    IncidentOver,
    IncidentReported,
    ObserverDeployed,
    ObserverWithdrawn,
    OperationResumed,
    OperationSuspended,
    PeopleCounted,
    PlanAdopted,
    QuestionRaised,
    Returned,
    RoadBlocked,
    RoadCleared,
    TurnedBack,
)
from safepassage.ledger import Account
from safepassage.people import Count
from safepassage.situation import Fold, Situation, fold

TINY = worlds.hill_and_dale()
DESK = Desk(TINY)
UN, RADIO = DESK.says("UN", "un"), DESK.says("Radio Hill", "media")
HILL, DALE = "hill-to-city", "dale-to-town"


def seen(events: Sequence[Event], clock: str, *, known: str | None = None) -> Situation:
    return fold(TINY, events, as_of=DESK.time(clock), known_at=None if known is None else DESK.time(known))


TRIP = DESK.trip("m1", HILL, 100, "06:00", "06:20", "07:00", "07:30")


@pytest.mark.parametrize(
    ("clock", "motion", "phase", "aboard", "out", "arrived"),
    [
        ("05:59", "not begun", None, 0, 0, 0),
        ("06:10", "moving", "boarding", 100, 0, 0),
        ("06:30", "moving", "on the way", 100, 0, 0),
        ("07:10", "moving", "handed over", 100, 100, 0),
        ("07:40", "not known", "arrived", 0, 100, 100),
    ],
)
def test_a_convoy_on_its_way(clock: str, motion: str, phase: str | None, aboard: int, out: int, arrived: int) -> None:
    found = seen(TRIP, clock)
    people = found.people[HILL]
    assert found.headline.motion == motion
    assert (people.aboard.best, people.out.best, people.arrived.best) == (aboard, out, arrived)
    assert people.waiting.best == 200 - aboard - arrived
    assert (found.movements["m1"].phase if found.movements else None) == phase


UNCOUNTED = [event for event in TRIP if not isinstance(event.what, Boarded | Arrived)]


def test_who_is_handed_over_uncounted_is_somebody() -> None:
    """Nobody counted the second convoy: more are out than counted, and no clause on them is called kept."""
    dale = DESK.trip("m2", DALE, 40, "06:00", "06:20", "07:00", "07:30")
    found = seen([*UNCOUNTED, *dale], "08:00")
    assert found.people[HILL].out == (0, 0, 100), "two buses of 50"
    assert found.people[HILL].by_destination == {"city": (0, 0, 100)}
    assert [(one.shares, one.at_least) for one in found.balances] == [((0, 0.4), (True, False))]
    (lockstep,) = [one for one in found.clauses if one.clause == "lockstep"]
    assert lockstep.phase == "not known" and lockstep.text.endswith("who left with m1 was not counted")


def test_a_clause_that_is_broken_whoever_was_not_counted_is_broken() -> None:
    dale = [*DESK.trip("m2", DALE, 100, "06:00", "06:20", "07:00", "07:30")]
    hill = DESK.trip("m3", HILL, 200, "06:00", "06:20", "07:00", "07:30")
    late = [
        event for event in DESK.trip("m4", DALE, 1, "06:00", "06:20", "07:00") if not isinstance(event.what, Boarded)
    ]
    for events, phase in (
        ([*UNCOUNTED, *dale], "not known"),
        ([*hill, *UNCOUNTED], "broken"),
        ([*hill, *late], "not known"),
    ):
        (lockstep,) = [one for one in seen(events, "08:00").clauses if one.clause == "lockstep"]
        assert lockstep.phase == phase


def test_who_escorted_and_whether_a_pause_was_kept_is_judged_by_what_was_reported() -> None:
    ruled = with_clauses(TINY, Escort(id="escort", teams=("escort",)), Pause(id="pause", hours=1))
    fire = DESK.at("06:30", IncidentReported(incident="fire", text="shots", at="bridge"))

    def phases(events: Sequence[Event]) -> list[str]:
        return [one.phase for one in fold(ruled, events, as_of=DESK.time("08:00")).clauses]

    def escorted(*teams: str) -> list[Event]:
        formed = ConvoyFormed(movement="m1", at="hill", evacuation=HILL, destination="city", teams=teams)
        return [DESK.at("06:00", formed), *TRIP[1:]]

    ours = escorted("escort")
    assert phases([]) == ["kept", "kept"]
    assert phases(escorted()) == ["not known", "kept"]
    assert phases(escorted("militia")) == ["broken", "kept"]
    assert phases([*ours, fire]) == ["kept", "kept"], "it departed before the fire"
    later = DESK.trip("m9", DALE, 40, "07:00", "07:10")
    assert phases([*ours, fire, *later])[1] == "broken"


def test_what_is_reported_of_one_minute_is_in_the_order_in_which_it_must_have_been() -> None:
    """Formed and boarded in one message: whatever their ids, it is boarding, and people are aboard."""
    for steps in permutations((TRIP[0], TRIP[1])):
        events = [replace(event, id=f"e{number}") for number, event in enumerate(steps)]
        assert seen(events, "06:10").movements["m1"].phase == "boarding"
    formed_late = DESK.at("06:10", TRIP[0].what)
    assert seen([TRIP[1], formed_late], "06:15").movements["m1"].phase == "boarding"


def test_it_is_over_once_nobody_waits() -> None:
    trips = [
        *TRIP,
        *DESK.trip("m2", DALE, 100, "07:00", "07:20", "08:00", "08:30"),
        *DESK.trip("m3", HILL, 100, "07:10", "07:30", "08:10", "08:40"),
    ]
    assert seen(trips, "08:39").headline.motion == "moving"
    assert seen(trips, "08:50").headline.motion == "over"


def test_the_headline_says_why_it_stands_still_and_who_says_so() -> None:
    stop = UN.at("09:00", OperationSuspended(why="shots were heard"))
    asked = DESK.at("09:00", QuestionRaised(question=Question(id="why", text="Why?", about="stop")))
    first = RADIO.at(
        "09:10", ClaimMade(claim=Claim(question="why", text="Protesters stand on the road", answer="crowd"))
    )
    demand = UN.at("09:20", ClaimMade(claim=Claim(question="why", text="Guarantees are given", stance="demands")))
    block = RADIO.at("09:30", RoadBlocked(road="hill--bridge", by="crowd"))
    found = seen([*TRIP, stop, asked, first, demand, block], "10:00").headline
    assert found.motion == "suspended" and found.since == DESK.time("09:00")
    assert "UN says so" in found.sentence and found.sentence_ar
    assert found.why is not None and "Radio Hill says" in found.why.sentence
    assert found.to_resume == (
        "Demanded by UN: Guarantees are given",
        "Hill – Bridge is reported open again",
        "6 consents that are not on record, or have lapsed, are given",
    )


def test_a_suspension_ends_for_those_who_resume() -> None:
    whole = DESK.at("09:00", OperationSuspended())
    hill = DESK.at("09:00", OperationSuspended(evacuations=(HILL,)))
    back = DESK.at("10:00", OperationResumed(evacuations=(HILL,)))
    every = DESK.at("11:00", OperationResumed())
    assert len(seen([whole, hill], "09:30").suspended) == 2
    assert [word.event for word in seen([whole, hill, back], "10:30").suspended] == [whole.id]
    assert seen([whole, hill, back, every], "11:30").suspended == ()


def test_roads_and_crossings_are_as_last_reported_with_the_age_of_the_news() -> None:
    events = [
        RADIO.at("07:00", RoadBlocked(road="hill--bridge", why="rubble")),
        UN.at("08:00", RoadBlocked(road="hill--bridge", why="rubble")),
        DESK.at("09:00", RoadCleared(road="hill--bridge")),
        DESK.at("09:30", CrossingClosed(crossing="bridge")),
        DESK.at("10:30", CrossingOpened(crossing="bridge")),
    ]
    blocked = seen(events, "08:30").segments["hill--bridge"]
    assert (blocked.phase, blocked.since, [word.says for word in blocked.words]) == (
        "blocked", DESK.time("07:00"), ["Radio Hill", "UN"],
    )  # fmt: skip
    found = seen(events, "12:00")
    assert found.segments["hill--bridge"].phase == "open"
    assert found.segments["hill--bridge"].hours_old(found.as_of) == 3
    assert found.segments["bridge"].phase == "open"
    assert found.segments["bridge--city"].phase == "not known"
    assert found.segments["bridge--city"].hours_old(found.as_of) is None


def consent(found: Situation, segment: str, party: str) -> tuple[str, datetime | None]:
    state = next(one for one in found.consents if (one.segment, one.party) == (segment, party))
    return state.phase, state.until


def test_consents_run_out_and_are_withdrawn() -> None:
    yes = DESK.at("06:00", ConsentGiven(party="hill-council", on=("hill--bridge", "bridge"), until=DESK.time("09:00")))
    no = UN.at("08:00", ConsentWithdrawn(party="hill-council", on=("bridge",)))
    assert consent(seen([], "07:00"), "bridge", "hill-council") == ("missing", None)
    assert consent(seen([yes], "07:00"), "bridge", "hill-council") == ("given", DESK.time("09:00"))
    assert consent(seen([yes], "09:00"), "bridge", "hill-council")[0] == "expired"
    assert consent(seen([yes, no], "08:30"), "bridge", "hill-council")[0] == "withdrawn"
    assert consent(seen([yes, no], "08:30"), "hill--bridge", "hill-council")[0] == "given"
    assert consent(seen([yes, no], "08:30"), "bridge", "dale-council")[0] == "missing"


def test_clauses_are_kept_at_their_limit_or_broken() -> None:
    """Hill may be at most 0.5 ahead: 100 of its 200 people while nobody has left Dale."""
    first = TRIP
    second = DESK.trip("m3", HILL, 100, "07:10", "07:30", "08:10", "08:40")

    def lockstep(events: Sequence[Event], clock: str) -> tuple[str, int | None]:
        state = next(one for one in seen(events, clock).clauses if one.clause == "lockstep")
        return state.phase, state.room

    assert lockstep(first, "06:30") == ("kept", 50)
    assert lockstep(first, "07:10") == ("at its limit", 0)
    assert lockstep([*first, *second], "08:20") == ("broken", 0)
    balance = seen(first, "07:10").balances[0]
    assert (balance.sides, balance.shares, balance.ahead, balance.tolerance) == ((HILL, DALE), (0.5, 0.0), 0.5, 0.5)


def test_a_clause_that_nobody_can_judge_is_not_called_kept() -> None:
    states = {one.clause: one for one in seen(TRIP, "07:10").clauses}
    assert states["consent"].phase == "not known" and "movements do not show it" in states["consent"].text


def test_where_groups_are_not_told_apart_a_clause_on_groups_is_not_judged() -> None:
    """The bus carries 30 people; of whom nobody said whether wounded or not."""
    mixed = worlds.wounded_first()
    evacuation = next(iter(mixed.evacuations.values()))
    ordered = next(clause for clause in mixed.clauses if isinstance(clause, Order))
    desk = Desk(mixed)
    plain = desk.trip("m1", evacuation.id, 30, "06:00", "06:20", "07:00")
    unsplit = Boarded(movement="m1", at=evacuation.origin, people={"*": Count.exactly(30)})
    blind = [replace(event, what=unsplit) if isinstance(event.what, Boarded) else event for event in plain]
    states = {one.clause: one.phase for one in fold(mixed, blind, as_of=desk.time("08:00")).clauses}
    assert states[ordered.id] == "not known"


def test_the_agreement_is_as_signed_amended_and_suspended() -> None:
    tight = Lockstep(id="lockstep", of=(HILL,), with_=(DALE,), tolerance=0.2)
    short = Aboard(id="aboard", minutes=60)
    proposed = DESK.at("06:00", AgreementProposed(agreement="second", text="shorter rides", clauses=(short,)))
    signed = DESK.at(
        "07:00", AgreementSigned(agreement="second", text="agreed", parties=("hill-council",), clauses=(short,))
    )
    amended = DESK.at(
        "08:00", AgreementAmended(agreement="first", text="tighter", clauses=(tight,), dropped=("consent",))
    )
    off = DESK.at("09:00", ClauseSuspended(clause="lockstep", why="for the wounded"))
    on = DESK.at("10:00", ClauseRestored(clause="lockstep"))
    events = [proposed, signed, amended, off, on]

    def phases(clock: str) -> dict[str, str]:
        return {one.clause: one.phase for one in seen(events, clock).clauses}

    assert phases("06:30")["aboard"] == "proposed"
    assert phases("07:30") == {"lockstep": "kept", "consent": "not known", "aboard": "kept"}
    assert phases("08:30") == {"lockstep": "kept", "aboard": "kept"}
    assert seen(events, "08:30").balances[0].tolerance == 0.2
    assert phases("09:30")["lockstep"] == "suspended"
    assert phases("10:30")["lockstep"] == "kept"


def test_who_declines_is_no_longer_demanded() -> None:
    found = seen([DESK.at("06:00", Declined(evacuation=HILL, people=exactly(20)))], "07:00")
    assert found.operation.evacuations[HILL].total == 180
    assert found.people[HILL].waiting.best == 180


def test_a_loaded_convoy_that_stands_is_an_alarm() -> None:
    clause = AgreementSigned(
        agreement="a", text="t", parties=("hill-council",), clauses=(Aboard(id="aboard", minutes=120),)
    )
    events = [
        DESK.at("05:00", clause),
        *TRIP[:3],
        RADIO.at("06:40", Held(movement="m1", at="hill--bridge", by="crowd")),
    ]
    early, late = seen(events, "07:00").movements["m1"], seen(events, "08:10").movements["m1"]
    assert (early.phase, early.at, early.minutes_aboard, early.alarm) == ("held", "hill--bridge", 60, "held")
    assert late.alarm == "aboard 130 minutes, 120 allowed; held" and late.alarm_ar
    assert {one.clause: one.phase for one in seen(events, "08:10").clauses}["aboard"] == "broken"
    assert seen(events, "08:10").headline.motion == "held"


def test_people_of_whom_nothing_is_heard_are_unaccounted() -> None:
    lost = TRIP[:3]
    assert seen(lost, "08:00").unaccounted == ()
    found = seen(lost, "13:00").unaccounted
    assert [(one.movement, one.people, one.why) for one in found] == [
        ("m1", (100, 100, 100), "position unknown: nothing heard since"),
    ]  # fmt: skip
    fewer = [*TRIP[:-1], DESK.at("07:30", Arrived(movement="m1", at="city", people=exactly(97)))]
    short = seen(fewer, "08:00").unaccounted
    assert [(one.people, one.why) for one in short] == [((3, 3, 3), "arrived without them")]


def test_an_unknown_count_is_not_zero() -> None:
    events = [DESK.trip("m1", HILL, 100, "06:00")[0], DESK.at("06:30", Departed(movement="m1", at="hill"))]
    found = seen(events, "07:00")
    assert found.movements["m1"].aboard is None
    assert found.accounts[Account("aboard", "m1")] == (0, 0, 100)
    assert found.headline.sentence == "Moving: 1 convoy on the way, people aboard not counted."


def test_a_convoy_turned_back_is_not_out() -> None:
    back = [*TRIP[:4], RADIO.at("07:10", TurnedBack(movement="m1", at="bridge--city"))]
    assert seen(back, "07:05").people[HILL].out.best == 100
    assert seen(back, "07:15").people[HILL].out.best == 0
    assert seen(back, "07:15").movements["m1"].alarm == "turned back, not yet returned"
    home = [*back, DESK.at("08:00", Returned(movement="m1", at="hill"))]
    assert seen(home, "08:10").people[HILL].waiting.best == 200


def test_a_convoy_that_was_loaded_and_never_left_turned_back_too() -> None:
    home = [*TRIP[:2], DESK.at("07:00", Returned(movement="m1", at="hill"))]
    found = seen(home, "07:10")
    actual = found.movements["m1"].actual
    assert actual is not None and (actual.ending, actual.turned_back) == ("turned back", 7 * 60 - 6 * 60)
    assert found.people[HILL].waiting.best == 200


def test_two_places_at_once_is_a_discrepancy_and_both_reports_stay() -> None:
    events = [*TRIP[:3], RADIO.at("07:30", Held(movement="m1", at="hill")), *TRIP[4:]]
    found = seen(events, "08:00").discrepancies
    assert [one.text for one in found] == ["m1: reported at city and at hill at the same time"]
    assert set(found[0].events) <= {event.id for event in seen(events, "08:00").events}


def test_incidents_observers_and_control_are_kept_with_who_says_so() -> None:
    fire = RADIO.at("07:00", IncidentReported(incident="fire", text="shots", at="hill--bridge"))
    events = [
        fire,
        DESK.at("09:00", IncidentOver(incident=fire.id)),
        UN.at("06:00", ObserverDeployed(party="hill-council", on=("bridge",))),
        UN.at("10:00", ObserverWithdrawn(party="hill-council", on=("bridge",))),
        UN.at("06:30", ControlChanged(place="dale", held_by="hill-council")),
        RADIO.at("06:40", ControlChanged(place="dale", held_by="dale-council")),
    ]
    found = seen(events, "08:00")
    assert [(one.report.text, one.over) for one in found.incidents] == [("shots", False)]
    assert [(one.party, one.at) for one in found.observers] == [("hill-council", "bridge")]
    held = [(one.held_by, [word.says for word in one.words]) for one in found.control if one.place == "dale"]
    assert held == [("hill-council", ["UN"]), ("dale-council", ["Radio Hill"])]
    later = seen(events, "11:00")
    assert later.incidents[0].over and later.observers == ()


def test_what_did_we_know_at_two_about_one() -> None:
    """Two clocks: when it happened, and when it was known here."""
    boarded = DESK.at("06:10", Boarded(movement="m1", at="hill", people=exactly(90)))
    fixed = DESK.at("06:10", Boarded(movement="m1", at="hill", people=exactly(95)), known="09:00", corrects=boarded.id)
    late = DESK.at("07:00", Departed(movement="m1", at="hill"), known="11:00")
    formed = DESK.trip("m1", HILL, 0, "06:00")[0]
    taken_back = DESK.at("12:00", EventRetracted(why="another convoy"), corrects=late.id)
    events = [taken_back, late, fixed, boarded, formed]

    def aboard(clock: str, known: str) -> tuple[str, int]:
        state = seen(events, clock, known=known).movements["m1"]
        return state.phase, state.aboard.best if state.aboard is not None else -1

    assert aboard("08:00", "08:00") == ("boarding", 90)
    assert aboard("08:00", "10:00") == ("boarding", 95)
    assert aboard("08:00", "11:00") == ("on the way", 95)
    assert aboard("06:30", "11:00") == ("boarding", 95)
    assert aboard("12:30", "12:30") == ("boarding", 95)


def test_two_corrections_of_one_report_whichever_comes_in_first() -> None:
    wrong = DESK.at("07:00", RoadBlocked(road="bridge--town", why="shots"))
    right = DESK.at("07:01", RoadBlocked(road="dale--bridge", why="shots"), corrects=wrong.id)
    again = DESK.at("07:02", RoadBlocked(road="hill--bridge", why="shots"), corrects=wrong.id)
    for events in permutations((wrong, right, again)):
        folding = Fold(TINY)
        for event in events:
            folding.take(event)
        segments = folding.situation(DESK.time("08:00")).segments
        assert {id for id, state in segments.items() if state.phase == "blocked"} == {"dale--bridge", "hill--bridge"}


def test_who_denies_a_claim_denies_its_correction_too_and_an_incident_that_is_over_stays_over() -> None:
    asked = DESK.at("07:00", QuestionRaised(question=Question(id="who", text="Who fired?")))
    first = RADIO.at("07:10", ClaimMade(claim=Claim(question="who", text="Dale fired", answer="dale")))
    denied = UN.at("07:20", ClaimMade(claim=Claim(question="who", text="No", stance="denies", on=first.id)))
    fixed = Claim(question="who", text="A post of Dale fired", answer="dale")
    corrected = RADIO.at("07:30", ClaimMade(claim=fixed), corrects=first.id)
    shots = DESK.at("07:40", IncidentReported(incident="attack", text="shots", at="hill--bridge"))
    over = DESK.at("07:50", IncidentOver(incident=shots.id))
    fire = DESK.at("07:40", IncidentReported(incident="fire", text="fire", at="hill--bridge"), corrects=shots.id)
    for events in permutations((first, denied, corrected)):
        (standing,) = seen([asked, *events], "08:00").questions
        (answer,) = standing.answers
        assert [one.claim.text for one in answer.denied_by] == ["No"] and standing.kind != "single-source"
    for events in permutations((shots, over, fire)):
        (incident,) = seen(list(events), "08:00").incidents
        assert (incident.event, incident.over) == (fire.id, True)


def test_a_picture_stays_as_it_was_whatever_comes_in_after_it() -> None:
    """What is told of a movement is made when it is asked for, from what was known when the picture was made."""
    folding = Fold(TINY)
    for event in TRIP:
        folding.take(event)
    before, same = folding.situation(DESK.time("08:00")), seen(TRIP, "08:00")
    turned = DESK.at("07:10", TurnedBack(movement="m1", at="bridge--city"))
    fewer = DESK.at("07:30", Arrived(movement="m1", at="city", people=exactly(90)), corrects=TRIP[4].id)
    for event in (turned, fewer):
        folding.take(event)
        folding.situation(DESK.time("08:00"))
    assert before == same
    assert before.postings == same.postings
    assert before.reconciled == same.reconciled
    assert "m1" in before.movements
    assert "m2" not in before.movements
    with pytest.raises(KeyError, match="m2"):
        before.movements["m2"]


def test_the_adopted_plan_stands_beside_what_happens() -> None:
    planned = control.plan(TINY, work=5).timetable
    found = seen([DESK.at("05:00", PlanAdopted(timetable=planned), known="05:00"), *TRIP[:3]], "06:30")
    assert found.plan == planned
    assert {state.phase for id, state in found.movements.items() if id != "m1"} == {"planned"}


LOOSE = Lockstep(id="lockstep", of=(HILL,), with_=(DALE,), tolerance=0.9)
STORY: tuple[Event, ...] = tuple(
    chain(
        DESK.all_consents("05:30"),
        TRIP,
        DESK.trip("m2", DALE, 100, "07:00", "07:20", "08:00"),
        DESK.trip("m3", HILL, 60, "07:10", "07:30"),
        [
            RADIO.at("07:40", RoadBlocked(road="hill--bridge")),
            RADIO.at("07:45", TurnedBack(movement="m3", at="hill--bridge")),
            DESK.at("08:15", Returned(movement="m3", at="hill", people=between(55, 58, 60))),
            UN.at("08:20", OperationSuspended()),
            DESK.at("08:30", Declined(evacuation=HILL, people=exactly(5))),
            UN.at("08:40", PeopleCounted(evacuation=HILL, stage="handed over", people=exactly(120))),
            DESK.at("08:00", QuestionRaised(question=Question(id="q", text="Why?", about="stop"))),
            RADIO.at("08:41", ClaimMade(claim=Claim(question="q", text="a crowd", answer="crowd"))),
            UN.at("08:42", ClaimMade(claim=Claim(question="q", text="a fire", answer="fire"))),
            DESK.at("08:43", ConsentWithdrawn(party="hill-council", on=("bridge",))),
            DESK.at("09:10", AgreementAmended(agreement="a", text="t", clauses=(LOOSE,))),
        ],
    )
)  # fmt: skip
WRONG = DESK.at("07:50", Arrived(movement="m2", at="town", people=exactly(10)))
FIXED = (*STORY, WRONG, DESK.at("08:30", Arrived(movement="m2", at="town", people=exactly(99)), corrects=WRONG.id))
ASSESSED = (*FIXED, DESK.at("09:20", ClaimAssessed(claim=STORY[-3].id, credibility=5, why="nobody else saw it")))


@given(
    st.permutations(ASSESSED), st.integers(0, len(ASSESSED)), st.sampled_from(["07:35", "08:35", "09:30", "+1 06:00"])
)
def test_the_order_of_arrival_does_not_matter_and_one_by_one_gives_the_same(
    order: list[Event], halfway: int, clock: str
) -> None:
    as_of = DESK.time("+1 06:00")
    folding = Fold(TINY)
    for number, event in enumerate(order):
        folding.take(event)
        if number == halfway:
            folding.situation(as_of)
    assert folding.situation(as_of) == fold(TINY, ASSESSED, as_of=as_of)
    assert fold(TINY, order, as_of=DESK.time(clock)) == fold(TINY, ASSESSED, as_of=DESK.time(clock))


@given(st.lists(st.sampled_from(ASSESSED), unique_by=lambda event: event.id))
def test_people_are_conserved_whatever_was_reported(some: list[Event]) -> None:
    found = fold(TINY, some, as_of=DESK.time("+1 06:00"))
    assert sum(balance.best for balance in found.accounts.values()) == 0
