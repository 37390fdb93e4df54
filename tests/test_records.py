"""The verbs of the record, from the command line down to a real log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import worlds
from reports import Desk, between, exactly
from typer.testing import CliRunner, Result

from safepassage import control, dispatch
from safepassage.check import Finding, Report
from safepassage.clauses.lockstep import Lockstep
from safepassage.clauses.window import Window
from safepassage.cli import app
from safepassage.events import (
    AgreementAmended,
    Boarded,
    ConvoyFormed,
    Declined,
    Departed,
    Event,
    Held,
    PlanAdopted,
    Returned,
    RoadBlocked,
    When,
)
from safepassage.formats.events import canonical_event
from safepassage.formats.operation import operation_hash
from safepassage.log import LogUnavailable
from safepassage.situation import fold
from safepassage.world import Span

FINE, NO, BAD_INPUT = 0, 1, 2
TINY = worlds.hill_and_dale()
DESK = Desk(TINY)
RADIO = DESK.says("Radio Hill", "media")
SEVEN = ("--log", "tiny.log", "--as-of", "2025-03-01 07:00")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def answer(*words: object) -> Any:
    """What a verb answers programs."""
    result = run(*words, "--json")
    assert result.exit_code in {FINE, NO}, result.output
    return json.loads(result.stdout)


def written(events: Sequence[Event], name: str = "events.jsonl") -> Path:
    Path(name).write_bytes(b"".join(canonical_event(event) + b"\n" for event in events))
    return Path(name)


TRIP = DESK.trip("m1", "hill-to-city", 98, "06:00", "06:20", "07:00", "07:30")
BLOCK = RADIO.at("06:40", RoadBlocked(road="hill--bridge", why="a crowd"))


@pytest.fixture
def log(here: Path) -> Path:
    """A log with a convoy under way and a road that the radio says is blocked."""
    result = run("record", "tiny", "--log", "tiny.log", "--file", written([*TRIP[:3], BLOCK]))
    assert result.exit_code == FINE, result.output
    return here / "tiny.log"


# record


def test_an_event_from_flags_is_accepted_and_found_again() -> None:
    words = ("boarded", "--set", "movement=m1", "--set", "at=hill", "--people", "civilian=95-98-100")
    told = ("--happened", "2025-03-01 06:10", "--source", "UN", "--side", "un")
    receipt = answer("record", "tiny", "--log", "tiny.log", *words, *told)["receipts"][0]
    assert (receipt["answer"], receipt["seq"]) == ("accepted", 1)
    event = control.open_record("tiny", "tiny.log").events[0]
    assert event.what == Boarded(movement="m1", at="hill", people=between(95, 98, 100))
    assert event.source is not None and (event.source.origin, event.source.side) == ("UN", "un")
    assert event.happened.earliest == DESK.time("06:10") and event.received is not None


def test_the_same_file_twice_is_recorded_once(log: Path) -> None:
    again = answer("record", "tiny", "--log", log, "--file", "events.jsonl")["receipts"]
    assert {one["answer"] for one in again} == {"duplicate"}
    assert len(control.open_record("tiny", log).events) == 4


def test_one_bad_event_never_blocks_the_rest(log: Path) -> None:
    strange = DESK.at("07:10", Held(movement="m1", at="atlantis"))
    ahead = DESK.at("+36500 07:10", Departed(movement="m1", at="hill"))
    foreign = Desk(worlds.one_road()).at("07:10", Departed(movement="m1", at="village"))
    good = DESK.at("07:15", Held(movement="m1", at="bridge"))
    result = run("record", "tiny", "--log", log, "--file", written([strange, ahead, good], "more.jsonl"))
    assert result.exit_code == NO
    said = [line.split()[0] for line in result.stdout.splitlines()]
    assert said == ["rejected", "rejected", "accepted"]
    assert "'atlantis' is no place" in result.stdout and "ahead of the log's" in result.stdout
    other = run("record", "tiny", "--log", log, "--file", written([foreign], "other.jsonl"))
    assert other.exit_code == BAD_INPUT and "operation" in other.stderr


def test_an_event_that_waits_for_another_is_pending_until_it_comes(log: Path) -> None:
    first = DESK.at("07:10", Held(movement="m1", at="bridge"))
    second = DESK.at("07:12", Held(movement="m1", at="hill--bridge"), corrects=first.id)
    assert (
        answer("record", "tiny", "--log", log, "--file", written([second], "b.jsonl"))["receipts"][0]["answer"]
        == "pending"
    )
    assert (
        answer("record", "tiny", "--log", log, "--file", written([first], "a.jsonl"))["receipts"][0]["answer"]
        == "accepted"
    )
    state = control.open_record("tiny", log).situation(DESK.time("07:20")).movements["m1"]
    assert state.at == "hill--bridge"


def test_a_plan_is_adopted_if_it_keeps_what_was_agreed(here: Path) -> None:
    assert run("plan", "tiny", "--work", "2", "--out", "plan.json").exit_code == FINE
    assert answer("record", "tiny", "--log", "tiny.log", "--plan", "plan.json")["adopted"] is True
    found = control.open_record("tiny", "tiny.log").situation()
    assert found.plan == control.read_plan("plan.json", TINY)
    assert {one.phase for one in found.movements.values()} == {"planned"}
    tight = AgreementAmended(agreement="a", text="in step", clauses=(LOCKED,))
    run("record", "tiny", "--log", "tiny.log", "--file", written([DESK.at("05:00", tight)]))
    result = run("record", "tiny", "--log", "tiny.log", "--plan", "plan.json")
    assert result.exit_code == NO and "NOT ADOPTED  lockstep" in result.stdout


NOTHING_BEFORE_NINE = Window(id="late", hours=(Span(9 * 60, 18 * 60),))
LOCKED = Lockstep(id="lockstep", of=("hill-to-city",), with_=("dale-to-town",), tolerance=0.1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("departd", "--set", "movement=m1"), 'Did you mean "departed"?'),
        (("departed", "--set", "convoy=m1"), "is no field of 'departed'"),
        (("departed", "--set", "movement"), "write KEY=VALUE"),
        (("departed", "--set", "movement=m1"), "at is missing"),
        (("boarded", "--set", "movement=m1", "--set", "at=hill", "--people", "many"), "write GROUP=NUMBER"),
        (("--event", "{"), "no JSON"),
        (("--event", "[]"), "one JSON object"),
        ((), "say what happened"),
        (("--file", "none.jsonl"), "none.jsonl"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_recorded(words: Sequence[str], said: str) -> None:
    result = run("record", "tiny", "--log", "tiny.log", *words)
    assert result.exit_code == BAD_INPUT and said in result.stderr
    assert control.open_record("tiny", "tiny.log", create=True).events == ()


# asking


def test_the_situation_comes_headline_first(log: Path) -> None:
    said = run("situation", "tiny", *SEVEN).stdout
    assert said.startswith("Moving: 1 convoy on the way, 98 people aboard.")
    found = answer("situation", "tiny", *SEVEN)
    assert found["headline"] == "Moving: 1 convoy on the way, 98 people aboard."
    assert "قافلة" in run("situation", "tiny", *SEVEN, "--language", "ar").stdout


def test_go_and_no_go_with_every_reason(log: Path) -> None:
    found = answer("may-depart", "tiny", "--evacuation", "hill-to-city", *SEVEN)
    assert found["go"] is False
    assert {reason["rule"] for reason in found["reasons"]} == {"blocked", "consent", "lockstep"}
    result = run("may-depart", "tiny", "--evacuation", "hill-to-city", *SEVEN)
    assert result.exit_code == NO and "Radio Hill says" in result.stdout and BLOCK.id in result.stdout
    run("record", "tiny", "--log", log, "--file", written(DESK.all_consents("06:00"), "consents.jsonl"))
    early = ("--log", log, "--as-of", "2025-03-01 06:10")
    hill = run("may-depart", "tiny", "--evacuation", "hill-to-city", *early)
    assert hill.exit_code == FINE and hill.stdout.startswith("GO")
    assert run("may-depart", "tiny", "m9", *SEVEN).exit_code == BAD_INPUT


def test_the_ledger_adds_up_to_nothing(log: Path) -> None:
    accounts = answer("ledger", "tiny", *SEVEN)["accounts"]
    assert sum(one["best"] for one in accounts) == 0
    assert {"kind": "aboard", "of": "m1", "low": 98, "best": 98, "high": 98} in accounts


def test_claims_of_one_question(here: Path) -> None:
    found = answer("claims", "aleppo-2016", "q-stop", "--as-of", "2016-12-17 12:00")["questions"]
    assert [one["kind"] for one in found] == ["contested"]
    assert run("claims", "aleppo-2016", "q-stopp").exit_code == BAD_INPUT


def test_a_record_can_be_walked_through_as_it_was_known(here: Path) -> None:
    steps = answer("replay", "aleppo-2016", "--every", "12h")["steps"]
    at = {step["as_of"]: step["headline"] for step in steps}
    assert at["2016-12-17T12:00:00+02:00"].startswith("Suspended since 16 Dec 09:00")
    assert sum(len(step["came_in"]) for step in steps) == len(control.open_record("aleppo-2016").events)
    finer = [step["as_of"][11:16] for step in answer("replay", "aleppo-2016", "--every", "1d12h")["steps"]]
    assert set(finer) == {"00:00", "12:00"}
    assert run("replay", "aleppo-2016", "--every", "soon").exit_code == BAD_INPUT


def test_an_operation_without_a_record_says_what_to_name(here: Path) -> None:
    result = run("situation", "tiny")
    assert result.exit_code == BAD_INPUT and "--log" in result.stderr
    result = run("situation", "tiny", "--log", "none.log")
    assert result.exit_code == BAD_INPUT and "none.log" in result.stderr and not Path("none.log").exists()


# the report


@pytest.mark.parametrize("name", ["situation.html", "situation.md", "situation.json"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_same_log_gives_the_same_bytes(log: Path, name: str, language: str) -> None:
    for folder in ("one", "two"):
        Path(folder).mkdir()
        result = run("report", "tiny", *SEVEN, "--language", language, "--out", f"{folder}/{name}")
        assert result.exit_code == FINE, result.output
    content = (Path("one") / name).read_bytes()
    assert content == (Path("two") / name).read_bytes()
    assert "safepassage/tiny 4" in content.decode()


def test_a_report_as_pdf(log: Path) -> None:
    assert run("report", "tiny", *SEVEN, "--language", "ar", "--out", "situation.pdf").exit_code == FINE
    assert Path("situation.pdf").read_bytes().startswith(b"%PDF")
    result = run("report", "tiny", *SEVEN, "--out", "situation.doc")
    assert result.exit_code == BAD_INPUT and ".html, .md, .json or .pdf" in result.stderr


# proof, and other posts


def test_a_checkpoint_kept_elsewhere_is_held_against_the_log(log: Path) -> None:
    kept = answer("verify", "tiny", "--log", log, "--keep", "kept")
    assert kept["sound"] and kept["events"] == 4
    assert answer("verify", "tiny", "--log", log, "--kept", "kept")["vouched"] == 4
    run("record", "tiny", "--log", "other.log", "--file", "events.jsonl")
    result = run("verify", "tiny", "--log", "other.log", "--kept", "kept")
    assert result.exit_code == NO and "NOT SOUND" in result.stdout


def test_two_posts_end_with_the_same_picture(log: Path) -> None:
    run("record", "tiny", "--log", "post.log", "--file", written([TRIP[0], TRIP[3]], "theirs.jsonl"))
    ours = answer("export", "tiny", "--log", log, "--out", "ours.bundle")["key"]
    theirs = answer("export", "tiny", "--log", "post.log", "--out", "theirs.bundle")["key"]
    assert run("import", "tiny", "ours.bundle", "--log", "post.log", "--trust", theirs).exit_code == BAD_INPUT
    counts = answer("import", "tiny", "ours.bundle", "--log", "post.log", "--trust", ours)
    assert (counts["accepted"], counts["duplicate"]) == (3, 1)
    assert answer("import", "tiny", "theirs.bundle", "--log", log, "--trust", theirs)["accepted"] == 1
    as_of = DESK.time("12:00")
    pictures = [control.open_record("tiny", place).situation(as_of) for place in (log, "post.log")]
    assert pictures[0].headline.sentence == pictures[1].headline.sentence
    assert pictures[0].accounts == pictures[1].accounts


def test_what_a_record_wrote_is_what_another_reads(log: Path) -> None:
    """By itself, between what others write, behind a parent that releases it, and sent again."""
    mine, theirs = control.open_record("tiny", log), control.open_record("tiny", log)
    held, turned, open_again = (
        RADIO.at("06:50", RoadBlocked(road="hill--bridge", why=why)) for why in ("mud", "smoke", "a crowd again")
    )
    waits = RADIO.at("06:55", RoadBlocked(road="hill--bridge", why="rubble"), corrects=open_again.id)
    answered = [
        *mine.append([held]),
        *theirs.append([turned]),
        *mine.append([waits]),
        *mine.append([open_again]),
        *mine.append([held, replace(held, operation="0" * 64)]),
    ]
    assert [one.answer for one in answered] == ["accepted"] * 2 + ["pending", "accepted", "duplicate", "rejected"]
    assert mine.came_in == control.open_record("tiny", log).came_in
    assert [event.id for _, event in mine.came_in][-4:] == [held.id, turned.id, open_again.id, waits.id]


def test_others_who_write_to_the_log_are_seen(log: Path) -> None:
    ours, theirs = control.open_record("tiny", log), control.open_record("tiny", log)
    theirs.append([TRIP[3]])
    assert ours.refresh() == 1
    assert ours.situation(DESK.time("07:10")).movements["m1"].phase == "handed over"
    with pytest.raises(LogUnavailable, match="--log"):
        control.open_record("aleppo-2016").append([TRIP[3]])


# replanning


def test_what_remains_is_planned_from_what_happened(log: Path) -> None:
    plan = control.plan(TINY, work=5).timetable
    adopted = DESK.at("05:00", PlanAdopted(timetable=plan))
    first = plan.movements[0]
    assert first.evacuation == "hill-to-city"
    trip = DESK.trip(first.id, first.evacuation, first.total, "06:00", "06:20")
    situation = fold(TINY, [adopted, *trip, BLOCK], as_of=DESK.time("06:45"))
    shut = control.replan_from(situation, work=3)
    assert shut.planned.timetable.left_behind and set(shut.closed) == {"hill--bridge"}
    assert {one.ending for one in shut.planned.timetable.movements if one.id == first.id} == {"turned back"}
    opened = control.replan_from(situation, reopens={"hill--bridge": DESK.time("08:00")}, work=3)
    assert opened.planned.timetable.outcome == "everyone carried"
    assert control.check(opened.operation, opened.planned.timetable).ok
    assert opened.planned.timetable.operation_hash == operation_hash(TINY) and opened.planned.certificate is None
    assert any("Hill – Bridge" in note and "08:00" in note for note in opened.planned.timetable.notes)
    counted = len(opened.kept) + len(opened.moved) + len(opened.dropped)
    assert counted == len(plan.movements) - 1
    with pytest.raises(ValueError, match="not reported shut"):
        control.replan_from(situation, reopens={"bridge--city": DESK.time("08:00")})


def test_who_was_loaded_and_taken_off_again_is_brought_out_by_the_rest(log: Path) -> None:
    plan = control.plan(TINY, work=5).timetable
    first = plan.movements[0]
    home = DESK.at("06:40", Returned(movement=first.id, at="hill"))
    trip = [*DESK.trip(first.id, first.evacuation, first.total, "06:00"), home]
    situation = fold(TINY, [DESK.at("05:00", PlanAdopted(timetable=plan)), *trip], as_of=DESK.time("06:45"))
    rest = control.replan_from(situation, work=3).planned.timetable
    assert rest.outcome == "everyone carried" and rest.carried == 300


def test_too_late_to_bring_out_anybody_more_is_said_and_no_error() -> None:
    late = TINY.calendar.when(TINY.calendar.end - 30)
    rest = control.replan_from(fold(TINY, [], as_of=late), work=3).planned.timetable
    assert not rest.movements and sum(one.people for one in rest.left_behind) == 300


def test_nothing_went_wrong_so_the_plan_is_kept(log: Path) -> None:
    plan = control.plan(TINY, work=5).timetable
    first = plan.movements[0]
    trip = DESK.trip(first.id, first.evacuation, first.total, "06:00", "06:20")
    events = [DESK.at("05:00", PlanAdopted(timetable=plan)), *trip]
    done = control.replan_from(fold(TINY, events, as_of=DESK.time("06:45")), work=3)
    assert (done.moved, done.dropped, done.new) == ((), (), ())
    assert done.planned.timetable.ends == plan.ends


def test_replan_at_the_command_line(log: Path) -> None:
    found = answer("replan", "tiny", *SEVEN, "--work", "3", "--reopens", "hill--bridge@2025-03-01 08:00")
    assert found["check"]["ok"] and found["carried"] == 300 and found["files"] == ["replanned.json"]
    assert found["closed"] == {"hill--bridge": "2025-03-01T08:00:00+02:00"} and found["new"]
    assert (found["kept"], found["moved"], found["dropped"]) == ([], [], [])
    said = run("replan", "tiny", *SEVEN, "--work", "3", "--report").stdout
    assert "movements new" in said and "taken as shut until" in said and Path("replanned.html").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--log", "tiny.log"), "--at is missing"),
        (("--as-of", "2025-03-01 07:00"), "name the timetable under way"),
        (("--as-of", "2025-03-01 07:00", "--reopens", "bridge@2025-03-01 08:00"), "give --log"),
        ((*SEVEN, "--reopens", "bridge@soon"), "'soon' is no time"),
        ((*SEVEN, "--reopens", "bridge"), "SEGMENT@TIME"),
        ((*SEVEN, "--reopens", "bridge@2025-03-01 08:00"), "not reported shut"),
        ((*SEVEN, "--close", "bridge"), "leave out"),
        ((*SEVEN, "--for", "2h"), "leave out"),
        ((*SEVEN, "--until", "2025-03-01 08:00"), "leave out"),
    ],
)
def test_what_does_not_go_with_a_log_or_without_one_is_refused(log: Path, words: Sequence[str], said: str) -> None:
    result = run("replan", "tiny", *words)
    assert result.exit_code == BAD_INPUT and said in result.stderr.replace("\n", " ")
    assert not Path("replanned.json").exists()


def test_a_timetable_from_a_log_is_checked_and_adopted(log: Path) -> None:
    reopens = ("--reopens", "hill--bridge@2025-03-01 08:00")
    assert run("replan", "tiny", *SEVEN, "--work", "3", *reopens, "--out", "rest.json").exit_code == FINE
    checked = run("check", "tiny", "rest.json")
    assert checked.exit_code == FINE, checked.output
    assert answer("record", "tiny", "--log", log, "--plan", "rest.json")["adopted"] is True
    rest = control.read_plan("rest.json", TINY)
    assert [one.id for one in rest.movements if one.loading.start < 60] == ["m1"] and rest.bound is not None
    events = [*TRIP[:3], BLOCK, DESK.at("07:00", PlanAdopted(timetable=rest))]
    situation = fold(TINY, events, as_of=DESK.time("07:00"))
    again = control.replan_from(situation, work=3, reopens={"hill--bridge": DESK.time("08:00")})
    ahead = [one.id for one in rest.movements if one.id != "m1"]
    assert list(again.kept) == ahead and again.new == ()


def test_after_an_amendment_a_timetable_from_the_log_keeps_what_is_agreed_now(log: Path) -> None:
    tight = AgreementAmended(agreement="a", text="not before nine", clauses=(NOTHING_BEFORE_NINE,))
    gone = Declined(evacuation="dale-to-town", people=exactly(10))
    events = [DESK.at("06:30", tight), DESK.at("06:31", gone)]
    assert run("record", "tiny", "--log", log, "--file", written(events, "more.jsonl")).exit_code == FINE
    found = answer("replan", "tiny", *SEVEN, "--work", "3", "--reopens", "hill--bridge@2025-03-01 08:00")
    assert found["check"]["ok"] and found["carried"] == 290
    plan = control.read_plan("replanned.json", TINY)
    nine = TINY.calendar.minute(DESK.time("09:00"))
    assert all(slot.starts >= nine for one in plan.movements if one.id != "m1" for slot in one.inspections)
    result = run("record", "tiny", "--log", log, "--plan", "replanned.json")
    assert result.exit_code == FINE, result.output


def test_more_than_were_demanded_and_names_out_of_order_leave_a_plan_that_keeps_every_rule() -> None:
    third = DESK.trip("m003", "hill-to-city", 130, "06:00", "06:20", "07:00", "07:30")
    also = DESK.trip("extra", "hill-to-city", 90, "06:30", "06:45", "07:20", "07:40")
    done = control.replan_from(fold(TINY, [*third, *also], as_of=DESK.time("08:00")), work=3)
    timetable = done.planned.timetable
    assert timetable.outcome == "everyone carried" and timetable.carried == 300
    assert control.check(done.operation, timetable).findings == ()
    assert any("extra carries 20 more than were demanded" in note for note in timetable.notes)


def test_no_convoy_gets_the_name_of_another_and_one_without_vehicles_is_told() -> None:
    """m001 is under way, but nobody said in what; the plan's own m001 would be taken for it."""
    unknown = DESK.at("06:00", ConvoyFormed(movement="m001", at="hill", evacuation="hill-to-city", destination="city"))
    aboard = DESK.at("06:10", Boarded(movement="m001", at="hill", people=exactly(98)))
    done = control.replan_from(fold(TINY, [unknown, aboard], as_of=DESK.time("06:30")), work=3)
    assert set(done.new) == {one.id for one in done.planned.timetable.movements} and "m001" not in done.new
    assert any(note.startswith("m001 is not counted") for note in done.planned.timetable.notes)


def test_a_plan_from_a_log_that_its_check_rejects_is_no_answer(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Finding(rule="rule 4", severity="error", at=0, movements=(), text="no such way")
    monkeypatch.setattr(control, "check", lambda *_: Report(findings=(wrong,), not_checkable=(), checked={}))
    assert run("replan", "tiny", *SEVEN, "--work", "1").exit_code == NO


POISON = [
    (
        {"kind": "consent given", "party": "hill-council", "on": ["hill--bridge"], "until": "9999-12-31T23:59:00Z"},
        "9999",
    ),
    ({"kind": "convoy formed", "movement": "m", "at": "hill", "vehicles": {"buses": -3}}, "fewer than none"),
]


@pytest.mark.parametrize(("what", "why"), POISON)
def test_what_no_picture_could_be_made_of_is_refused_when_it_is_read(log: Path, what: dict[str, Any], why: str) -> None:
    record = control.open_record("tiny", log)
    with pytest.raises(control.Unreadable, match=why):
        record.event_from({"author": "desk", "what": what})


def test_what_does_not_fit_the_operation_is_rejected_and_in_no_picture(log: Path) -> None:
    """A clause on evacuations that are not there, a plan beyond the days, a date in the year 1."""
    record = control.open_record("tiny", log)
    lost = Lockstep(id="zz", of=("nope",), with_=("nope2",), tolerance=0.1)
    plan = control.plan(TINY, work=5).timetable
    first = plan.movements[0]
    far = replace(plan, movements=(replace(first, loading=Span(10**12, 10**12 + 1)),))
    year_one = datetime(1, 1, 1, tzinfo=UTC)
    events = [
        DESK.at("06:00", AgreementAmended(agreement="a", text="t", clauses=(lost,))),
        DESK.at("06:00", PlanAdopted(timetable=far)),
        DESK.at("06:00", PlanAdopted(timetable=replace(plan, movements=(first, first)))),
        replace(DESK.at("06:00", RoadBlocked(road="hill--bridge")), happened=When.at(year_one)),
    ]
    answers = record.append(events)
    assert [one.answer for one in answers] == ["rejected"] * len(events)
    for answer, said in zip(answers, ("'nope'", "not in the days", "two movements are called", "year 1"), strict=True):
        assert said in answer.why


def test_a_log_of_another_operation_is_not_opened(log: Path) -> None:
    with pytest.raises(control.Unreadable, match=r"it is of operation .*Name this operation's own log"):
        control.open_record("aleppo-2016", log)


def test_a_log_that_was_moved_away_takes_nothing_in(log: Path) -> None:
    record = control.open_record("tiny", log)
    reports = [RADIO.at("06:50", RoadBlocked(road="dale--bridge", why=why)) for why in ("mud", "rubble", "a crowd")]
    reports[2] = replace(reports[2], corrects=reports[0].id)
    record.append(reports[:1])
    log.rename(log.with_suffix(".moved"))
    for report in reports[1:]:
        with pytest.raises(LogUnavailable, match="the file is gone: put it back"):
            record.append([report])
    log.with_suffix(".moved").rename(log)
    assert [one.answer for one in record.append(reports)] == ["duplicate", "accepted", "accepted"]


@pytest.mark.parametrize(
    "words",
    [
        ("verify", "tiny", "--log", "tiny.log", "--keep", "tiny.log"),
        ("export", "tiny", "--log", "tiny.log", "--out", "tiny.log"),
        ("export", "tiny", "--log", "tiny.log", "--out", "tiny.log.key"),
        ("export", "tiny", "--log", "tiny.log", "--after", "9999"),
        ("report", "tiny", "--log", "tiny.log", "--out", "tiny.log.key"),
        ("replay", "tiny", "--log", "tiny.log", "--every", "99999999999999999999d"),
        ("replay", "tiny", "--log", "tiny.log", "--every", "²d"),
        ("situation", "tiny", "--log", "tiny.log", "--as-of", "9999-12-31T23:59:59-23:00"),
        ("record", "tiny", "--log", "tiny.log", "boarded", "--set", "movement=m", "--people", "civilian=²"),
        ("record", "tiny", "--log", "tiny.log", "--event", "[" * 100_000),
    ],
)
def test_bad_input_is_a_clear_refusal_and_changes_nothing(log: Path, words: tuple[str, ...]) -> None:
    before = {path: path.read_bytes() for path in log.parent.iterdir() if path.suffix in {".log", ".key"}}
    found = run(*words)
    assert found.exit_code == BAD_INPUT, found.output
    assert found.exception is None or isinstance(found.exception, SystemExit)
    assert {path: path.read_bytes() for path in before} == before


def test_a_plan_that_takes_what_is_to_come_as_past_is_not_adopted(log: Path) -> None:
    """Nothing before its instant is judged: so that has to be past indeed."""
    plan = control.plan(TINY, work=5).timetable
    situation = fold(TINY, [], as_of=DESK.time("06:00"))
    ahead = replace(plan, frozen_until=TINY.calendar.minute(DESK.time("09:00")))
    refused = dispatch.adopt(situation, ahead)
    assert isinstance(refused, dispatch.Refusal) and "as past" in refused.reasons[0].text
    assert not isinstance(dispatch.adopt(situation, plan), dispatch.Refusal)
