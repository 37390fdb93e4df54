"""The record of East Aleppo that ships: every row of it is there, and what it says of 17 December at noon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

import safepassage
from safepassage.claims import Standing
from safepassage.dispatch import Reason, convoy_for, may_depart
from safepassage.events import (
    AgreementSigned,
    ClaimMade,
    ConsentGiven,
    ControlChanged,
    Event,
    HandedOver,
    OperationSuspended,
    PeopleCounted,
    QuestionRaised,
    RoadBlocked,
    TurnedBack,
    faults,
)
from safepassage.formats.events import canonical_event, read_events
from safepassage.formats.operation import operation_hash, read_operation
from safepassage.formats.record_page import record_page, row
from safepassage.operation import Operation
from safepassage.people import Count
from safepassage.situation import Situation, fold

EXAMPLES = Path(safepassage.__file__).parent / "examples"
RECORD = EXAMPLES / "aleppo-2016.record.jsonl"
PAGE = Path(__file__).parent.parent / "docs" / "aleppo-record.md"
NOON = datetime.fromisoformat("2016-12-17T12:00:00+02:00")


@cache
def operation() -> Operation:
    read, problems = read_operation(EXAMPLES / "aleppo-2016.toml")
    assert read is not None, problems
    return read


@cache
def record() -> tuple[Event, ...]:
    events, problems = read_events(RECORD)
    assert problems == ()
    return events


def of_row(number: int) -> list[Event]:
    return [event for event in record() if row(event) == number]


def at(when: str, known_at: datetime | None = None) -> Situation:
    return fold(operation(), record(), as_of=datetime.fromisoformat(f"2016-12-{when}:00+02:00"), known_at=known_at)


@cache
def noon() -> Situation:
    """The situation at 17 December 12:00."""
    return at("17T12:00")


def rows(ids: Iterable[str]) -> set[int]:
    """The rows of the record behind these events."""
    by_id = {event.id: event for event in record()}
    return {row(by_id[id]) for id in ids}


def question(id: str, situation: Situation | None = None) -> Standing:
    questions = (situation or noon()).questions
    return next(one for one in questions if one.question.id == id)


# The record


def test_every_row_of_the_record_is_there() -> None:
    assert {row(event) for event in record()} == set(range(92))


def test_the_record_is_of_the_operation_that_ships() -> None:
    """If not: replace the old hash by the new one in all of its events."""
    assert {event.operation for event in record()} == {operation_hash(operation())}


def test_the_record_stands_in_its_one_form_and_order() -> None:
    assert RECORD.read_bytes() == b"".join(canonical_event(event) + b"\n" for event in record())
    assert [event.id for event in record()] == sorted(event.id for event in record())


def test_every_event_is_one_of_this_operation() -> None:
    agreed = {clause.id for event in record() for clause in getattr(event.what, "clauses", ())}
    found = {
        event.note: said
        for event in record()
        if (said := faults(replace(event, received=event.noticed), operation(), clauses=agreed))
    }
    assert found == {}


def test_nothing_is_known_before_it_is_over() -> None:
    assert [event.note for event in record() if event.noticed < event.happened.latest] == []


def test_every_event_names_what_it_builds_on_and_all_of_it_is_there() -> None:
    ids = {event.id for event in record()}
    assert {parent for event in record() for parent in event.parents} <= ids


def test_every_report_says_who_says_so_and_nobody_by_name() -> None:
    unsourced = [event for event in record() if event.source is None]
    assert {row(event) for event in unsourced} == {0}
    assert {event.author for event in record()} == {"record-desk"}


def test_every_question_and_claim_has_its_arabic() -> None:
    for event in record():
        if isinstance(event.what, ClaimMade):
            assert event.what.claim.text_ar, event.note
        if isinstance(event.what, QuestionRaised):
            assert event.what.question.text_ar, event.note


def test_every_claim_is_about_a_question_that_was_raised() -> None:
    raised = {event.what.question.id for event in record() if isinstance(event.what, QuestionRaised)}
    assert len(raised) == 20
    assert {event.what.claim.question for event in record() if isinstance(event.what, ClaimMade)} <= raised


@pytest.mark.parametrize(
    ("number", "stances"),
    [
        (4, {"q-villages": "demands"}),
        (21, {"q-ordered": "asserts"}),
        (23, {"q-stop": "asserts", "q-villages": "asserts"}),
        (26, {"q-convoy": "accuses"}),
        (30, {"q-stop": "accuses", "q-bags": "accuses"}),
        (32, {"q-stop": "denies", "q-bags": "denies"}),
        (33, {"q-stop": "asserts"}),
        (34, {"q-villages": "demands"}),
        (37, {"q-injured": "asserts"}),
        (41, {"q-control": "qualifies"}),
        (48, {"other": "confirms"}),
        (59, {"q-resume": "demands"}),
        (78, {}),
    ],
)
def test_a_row_says_what_it_said_and_to_which_question(number: int, stances: dict[str, str]) -> None:
    claims = [event.what.claim for event in of_row(number) if isinstance(event.what, ClaimMade)]
    assert {claim.question: claim.stance for claim in claims} == stances


@pytest.mark.parametrize(
    ("number", "kind"),
    [(8, ConsentGiven), (11, HandedOver), (20, OperationSuspended), (24, RoadBlocked), (25, TurnedBack),
     (38, PeopleCounted), (40, ControlChanged), (61, AgreementSigned), (78, AgreementSigned)],
)  # fmt: skip
def test_what_happened_stands_beside_what_was_said(number: int, kind: type) -> None:
    assert any(isinstance(event.what, kind) for event in of_row(number))


def test_what_the_besiegers_are_said_to_have_agreed_to_is_no_consent() -> None:
    given = {event.what.party for event in record() if isinstance(event.what, ConsentGiven)}
    assert given == {"russia", "government"}


def test_rival_counts_of_one_day_stand_side_by_side_with_their_publishers() -> None:
    claims = [event for event in of_row(81) if isinstance(event.what, ClaimMade)]
    counted = {
        event.source.origin: event.what.claim.people.best
        for event in claims
        if event.source is not None and isinstance(event.what, ClaimMade) and event.what.claim.people is not None
    }
    assert counted == {"UOSSM": 19_300, "SOHR": 16_200, "ICRC": 25_000, "Turkish foreign minister": 37_500}


def test_the_page_of_the_record_is_current() -> None:
    """If not: python -m safepassage.formats.record_page docs/aleppo-record.md"""
    assert PAGE.read_text(encoding="utf-8") == record_page(record())


# 17 December at noon


def test_the_evacuation_is_suspended_since_the_morning_before() -> None:
    headline = noon().headline
    assert headline.motion == "suspended"
    assert headline.since == datetime.fromisoformat("2016-12-16T09:00:00+02:00")
    assert rows(word.event for word in headline.words) == {20, 22}


def test_rival_answers_to_why_have_their_speakers_and_the_denial() -> None:
    why = noon().headline.why
    assert why is not None and why.question.id == "q-stop" and why.kind == "contested"
    said = {answer.key: (answer.origins, rows(one.event for one in answer.statements)) for answer in why.answers}
    assert said == {
        "wounded of the villages": (("news agency report",), {23}),
        "captives and weapons": (("Syrian official source",), {30, 31}),
        "protesters": (("Hezbollah-run outlet",), {33}),
        "held by pro-government forces": (("rebel commander",), {27, 28, 29}),
    }
    denied = {answer.key: rows(one.event for one in answer.denied_by) for answer in why.answers if answer.denied_by}
    assert denied == {"captives and weapons": {32}}
    accused = next(answer for answer in why.answers if answer.key == "captives and weapons")
    assert accused.kind == "denied by the accused"
    assert {one.source.origin for one in accused.denied_by} == {"rebel groups"}


def test_50_000_remain_by_the_un_with_where_they_would_go() -> None:
    answer = next(one for one in question("q-remain").answers if one.key == "50,000")
    assert answer.origins == ("UN",) and answer.kind == "single-source"
    people = [one.claim.people for one in answer.statements]
    assert people == [Count.exactly(50_000), Count.exactly(10_000), Count.exactly(40_000)]
    assert ["Idlib" in one.claim.text for one in answer.statements] == [False, True, False]
    assert rows(one.event for one in answer.statements) == {38, 39}


def test_the_two_villages_were_demanded_and_by_whom() -> None:
    standing = question("q-villages")
    assert {one.source.origin: one.source.relayed_by[0] for one in standing.demands} == {
        "Iran": "mid-day",
        "protesters": "Hezbollah-run outlet",
    }
    iran = next(one for one in standing.answers if one.key == "demanded by Iran")
    assert iran.kind == "corroborated" and set(iran.origins) == {"rebel officials", "UN officials"}
    assert len(iran.sides) == 2


def test_who_agreed_to_let_the_injured_out_is_one_source() -> None:
    standing = question("q-injured")
    assert standing.kind == "single-source" and standing.answers[0].origins == ("rebel source",)
    assert all(state.party != "besiegers" or state.phase == "missing" for state in noon().consents)


def test_who_holds_which_places_is_told_with_who_says_so() -> None:
    said = {(one.place, one.held_by): [word.says for word in one.words] for one in noon().control}
    assert said["sukari", "government"] == ["Russian defence ministry"]
    assert said["sukari", "opposition"] == ["OCHA"]
    assert said["ramouseh", "government"] == []


def test_only_what_was_agreed_by_then_binds() -> None:
    later = {"tranches-aleppo", "tranches-villages", "lockstep", "lockstep-second", "order-fighters", "last"}
    binding = {clause.id for clause in noon().operation.binding}
    assert binding == {"order-wounded", "consent", "escort", "aboard", "aboard-madaya", "inspection"}
    assert {clause.id for clause in at("18T23:59").operation.binding} == binding | later
    assert {clause.id for clause in at("19T12:00").operation.binding} == binding | later | {"observer"}


def no_go(evacuation: str) -> list[Reason]:
    verdict = may_depart(noon(), [convoy_for(noon(), evacuation)])
    assert not verdict.go
    return list(verdict.reasons)


@pytest.mark.parametrize("evacuation", ["aleppo-to-idlib", "foua-kefraya-to-aleppo"])
def test_no_convoy_may_leave_and_the_reasons_cite_the_record(evacuation: str) -> None:
    reasons = no_go(evacuation)
    cited = {reason.rule: set[int]() for reason in reasons}
    for reason in reasons:
        cited[reason.rule] |= rows(word.event for word in reason.words)
    assert cited["suspended"] == {20, 22}
    assert cited["blocked"] == {24, 33}
    assert {21} <= cited["consent"]
    assert {26, 49} <= cited["incident"]


def test_what_rests_on_a_report_reads_as_somebody_s_word() -> None:
    texts = [reason.text for reason in no_go("aleppo-to-idlib")]
    assert any(text.startswith("WHO says: Russia withdrew its consent") for text in texts)
    assert any(text.startswith("rebel sources says: fire at Ramouseh") for text in texts)
    assert any("Hezbollah-run outlet" in text and "is blocked" in text for text in texts)


# What was known when


def test_what_was_published_later_was_not_known_at_noon() -> None:
    known = at("17T12:00", known_at=NOON)
    assert known.headline.motion == "suspended" and known.headline.why is not None
    assert len(known.headline.why.answers) == 4
    assert question("q-due-fk").answers and not question("q-due-fk", known).answers
    before = at("17T12:00", known_at=datetime.fromisoformat("2016-12-16T08:00:00+02:00"))
    assert before.headline.motion != "suspended"


def test_the_operation_goes_on_when_it_did() -> None:
    motions = {when: at(when).headline.motion for when in ("16T08:00", "18T22:00", "20T15:00", "21T15:00")}
    assert motions == {"16T08:00": "moving", "18T22:00": "suspended", "20T15:00": "suspended", "21T15:00": "suspended"}
    assert at("19T12:00").headline.motion != "suspended"
    assert at("21T19:00").headline.motion == "moving"


def test_reports_of_the_record_contradict_each_other_nowhere_but_in_claims() -> None:
    assert [one.text for one in at("22T23:30").discrepancies] == []


def test_nobody_is_made_or_lost_on_any_day() -> None:
    for day in range(15, 23):
        situation = at(f"{day}T23:59")
        assert sum(balance.best for balance in situation.accounts.values()) == 0
