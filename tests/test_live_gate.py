"""GO or NO-GO: one row a reason, each with the events behind it; and the rule that the road counts against you."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st
from reports import Desk, with_clauses

from safepassage.agreement import Clause
from safepassage.clauses.aboard import Aboard
from safepassage.clauses.escort import Escort
from safepassage.clauses.lockstep import Lockstep
from safepassage.clauses.notice import Notice
from safepassage.clauses.observer import Observer
from safepassage.clauses.pause import Pause
from safepassage.dispatch import Refusal, Verdict, board, convoy_for, depart, give_consent, may_depart, resume, sign
from safepassage.events import (
    ConsentGiven,
    ConsentWithdrawn,
    ConvoyFormed,
    CrossingClosed,
    Departed,
    Event,
    IncidentOver,
    IncidentReported,
    MovementAnnounced,
    ObserverDeployed,
    OperationSuspended,
    RoadBlocked,
    RoadCleared,
)
from safepassage.formats.events import canonical_event, parse_event
from safepassage.operation import Operation
from safepassage.situation import Situation, fold
from safepassage.world import World

TINY = worlds.hill_and_dale()
DESK = Desk(TINY)
RADIO, UN = DESK.says("Radio Hill", "media"), DESK.says("UN", "un")
HILL, DALE = "hill-to-city", "dale-to-town"
YES = DESK.all_consents("06:00")
AT = "07:00"


def seen(events: Sequence[Event], *clauses: Clause, clock: str = AT, operation: Operation = TINY) -> Situation:
    kept = with_clauses(operation, *operation.clauses, *clauses)
    return fold(kept, events, as_of=DESK.time(clock))


def asked(situation: Situation, *evacuations: str) -> Verdict:
    return may_depart(situation, [convoy_for(situation, evacuation) for evacuation in evacuations or (HILL,)])


def test_go_when_all_is_there() -> None:
    assert asked(seen(YES)).go
    verdict = asked(seen(YES))
    assert verdict.reasons == () and verdict.movements == ("next of hill-to-city",)


FIRE = RADIO.at("06:30", IncidentReported(incident="fire", text="shots at the road", at="hill--bridge"))
BLOCK = RADIO.at("06:40", RoadBlocked(road="hill--bridge", why="a crowd"))
STOP = UN.at("06:20", OperationSuspended(why="talks failed"))
SHUT = UN.at("06:20", CrossingClosed(crossing="bridge", why="shift"))
NO = UN.at("06:50", ConsentWithdrawn(party="hill-council", on=("bridge",)))
WATCHED = Observer(id="watched", parties=("hill-council",), on=("bridge",))
SHORT = DESK.at("06:50", ConsentGiven(party="hill-council", on=("bridge",), until=DESK.time("07:35")))


@pytest.mark.parametrize(
    ("more", "clauses", "rule", "said", "behind"),
    [
        ((STOP,), (), "suspended", "UN says: suspended since 1 Mar 06:20", (STOP,)),
        ((BLOCK,), (), "blocked", "Radio Hill says: Hill – Bridge is blocked", (BLOCK,)),
        ((SHUT,), (), "closed", "UN says: Bridge is closed", (SHUT,)),
        ((NO,), (), "consent", "UN says: Council of Hill withdrew its consent for Bridge", (NO,)),
        ((SHORT,), (), "consent", "would leave it at", (SHORT,)),
        ((FIRE,), (), "incident", "Radio Hill says: fire at Hill – Bridge, not said to be over", (FIRE,)),
        ((FIRE,), (Pause(id="rest", hours=2),), "rest", "pause until 1 Mar 08:30", (FIRE,)),
        ((), (Escort(id="escorted", teams=("hill-council",)),), "escorted", "no escort of Council of Hill", ()),
        ((), (WATCHED,), "watched", "not known to be present", ()),
        ((), (Notice(id="told", hours=3),), "told", "was not announced: 180 minutes", ()),
        ((), (Aboard(id="aboard", minutes=60),), "aboard", "minutes aboard by the end of the way; 60 are allowed", ()),
        (tuple(DESK.trip("m1", HILL, 100, "06:00", "06:20")), (), "lockstep", "100 people too many", None),
        ((), (Lockstep(id="tight", of=(HILL,), with_=(DALE,), tolerance=0.2),), "tight", "people too many", ()),
    ],
)  # fmt: skip
def test_each_reason_of_a_no_go(
    more: Sequence[Event], clauses: Sequence[Clause], rule: str, said: str, behind: Sequence[Event] | None
) -> None:
    """What is missing is said, in both languages, with the events behind it; and it is the only thing missing."""
    verdict = asked(seen([*YES, *more], *clauses))
    reasons = [reason for reason in verdict.reasons if reason.rule == rule]
    assert not verdict.go and reasons and said in reasons[0].text and reasons[0].text_ar
    assert {reason.rule for reason in verdict.reasons} <= {rule, *({"incident"} if FIRE in more else ())}
    if behind is not None and rule != "tight":
        assert {event.id for event in behind} <= {word.event for word in reasons[0].words}


def test_what_was_in_the_way_is_over() -> None:
    cleared = [DESK.at("06:55", RoadCleared(road="hill--bridge")), DESK.at("06:55", IncidentOver(incident=FIRE.id))]
    assert asked(seen([*YES, BLOCK, FIRE, *cleared])).go
    there = DESK.at("06:30", ObserverDeployed(party="hill-council", on=("bridge",)))
    assert asked(seen([*YES, there], Observer(id="watched", parties=("hill-council",), on=("bridge",)))).go


def test_notice_and_escort_are_known_by_the_convoys_name() -> None:
    formed = DESK.at("06:50", ConvoyFormed(movement="m1", at="hill", evacuation=HILL, teams=("hill-council",)))
    told = DESK.at("06:00", MovementAnnounced(movement="m1", loads=DESK.time("07:00")))
    clauses = (Notice(id="told", hours=0.5), Escort(id="escorted", teams=("hill-council",)))
    situation = seen([*YES, told, formed], *clauses)
    convoy = replace(convoy_for(situation, HILL), id="m1")
    assert may_depart(situation, [convoy]).go
    assert not may_depart(situation, [replace(convoy, id="m2")]).go


def test_the_road_counts_against_every_limit_and_a_swap_leaves_together() -> None:
    """Dale's 100 on the road may not count as out for Hill; both sides together may, where neither may alone."""
    tight = Lockstep(id="tight", of=(HILL,), with_=(DALE,), tolerance=0.5)
    operation = with_clauses(TINY, replace(tight, tolerance=0.5))
    first = DESK.trip("m1", HILL, 100, "05:00", "05:20", "06:00", "06:30")
    dale = DESK.trip("m2", DALE, 100, "06:00", "06:20")
    on_the_road = fold(operation, [*YES, *first, *dale], as_of=DESK.time(AT))
    assert [reason.rule for reason in asked(on_the_road, HILL).reasons] == ["tight"]
    handed = DESK.trip("m2", DALE, 100, "06:00", "06:20", "06:50")
    assert asked(fold(operation, [*YES, *first, *handed], as_of=DESK.time(AT)), HILL).go
    alone = fold(operation, [*YES, *first], as_of=DESK.time(AT))
    assert not asked(alone, HILL).go and asked(alone, HILL, DALE).go


def test_reception_counts_those_who_are_coming() -> None:
    world = TINY.world
    full = replace(world.places["city"], capacity=150)
    smaller = World(places={**world.places, "city": full}, roads=world.roads, crossings=world.crossings)
    small = replace(TINY, world=smaller, clauses=())
    coming = DESK.trip("m1", HILL, 60, "06:00", "06:20")
    verdict = asked(fold(small, [*YES, *coming], as_of=DESK.time(AT)))
    assert [reason.rule for reason in verdict.reasons] == ["reception"]
    assert "City is full: 0 there and 160 coming, room for 150" in verdict.reasons[0].text


def test_who_has_left_cannot_leave_again() -> None:
    situation = seen([*YES, *DESK.trip("m1", HILL, 100, "06:00", "06:20")])
    convoy = replace(convoy_for(situation, HILL), id="m1")
    assert "left already" in {reason.rule for reason in may_depart(situation, [convoy]).reasons}


# The verbs


def test_a_verb_gives_events_or_every_reason() -> None:
    situation = seen(YES)
    convoy = convoy_for(situation, HILL)
    gone = depart(situation, [convoy])
    assert not isinstance(gone, Refusal) and gone[-1] == Departed(movement=convoy.id, at="hill")
    blocked = depart(seen([*YES, BLOCK]), [convoy])
    assert isinstance(blocked, Refusal) and [reason.rule for reason in blocked.reasons] == ["blocked"]
    crowd = board(situation, convoy, {"civilian": 120})
    assert isinstance(crowd, Refusal) and "100 seats" in crowd.reasons[0].text
    many = board(seen(DESK.trip("m9", HILL, 150, "06:00")), convoy, {"civilian": 90})
    assert isinstance(many, Refusal) and "at most 50 wait" in many.reasons[0].text
    assert isinstance(give_consent(situation, "hill-council", ["bridge--city"]), Refusal)
    assert isinstance(resume(situation, by="UN"), Refusal)
    assert not isinstance(resume(seen([*YES, STOP]), by="UN"), Refusal)
    odd = Lockstep(id="odd", of=("nobody",), with_=(DALE,), tolerance=0.1)
    refused = sign(situation, agreement="a", text="t", parties=["atlantis"], clauses=[odd])
    assert isinstance(refused, Refusal) and len(refused.reasons) == 2


def test_what_a_verb_gives_can_be_written_and_folded() -> None:
    situation = seen([*YES, STOP])
    convoy = convoy_for(situation, HILL)
    step = Lockstep(id="step", of=(HILL,), with_=(DALE,), tolerance=0.9)
    decided = [
        depart(seen(YES), [convoy]),
        board(situation, convoy, {"civilian": 50}),
        give_consent(situation, "hill-council", ["bridge"], until=DESK.time("09:00")),
        resume(situation, by="UN"),
        sign(situation, agreement="a", text="t", parties=["hill-council"], clauses=[step]),
    ]
    events = []
    for decision in decided:
        assert not isinstance(decision, Refusal)
        events += [DESK.at(AT, what) for what in decision]
    for event in events:
        assert parse_event(canonical_event(event)) == (event, ())
    assert seen([*YES, STOP, *events]).suspended == ()


BLOCKING = (STOP, BLOCK, SHUT, NO, FIRE)


@given(st.sets(st.integers(0, len(BLOCKING) - 1)), st.integers(0, len(BLOCKING) - 1), st.booleans())
def test_one_bad_report_more_never_turns_no_go_into_go(some: set[int], more: int, consents: bool) -> None:
    before = [*(YES if consents else ()), *(BLOCKING[index] for index in sorted(some))]
    first = {reason.rule for reason in asked(seen(before)).reasons}
    then = {reason.rule for reason in asked(seen([*before, *([BLOCKING[more]] if more not in some else ())])).reasons}
    assert first <= then and bool(first) == bool(some or not consents)
