"""The log desk: what came in and what waits, reports typed in, corrections that keep what they correct."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from safepassage import control
from safepassage.control import Record
from safepassage.events import EVENTS, Departed, IncidentOver, IncidentReported, RoadBlocked, RoadCleared
from safepassage.formats.events import uuid7
from safepassage.situation import Situation
from safepassage.web.access import Sight
from safepassage.web.log_form import USUAL, others, plain
from safepassage.web.logdesk import LINES_MOST, LogFilter, LogView, Waiting, log_view
from web.rooms import DESK, Peopled, plan_adopted, tiny_plan, tiny_room

MIDDAY = datetime.fromisoformat("2016-12-17T12:00:00+02:00")
ALL = Sight(future=True, sensitivities=frozenset({"public", "restricted", "secret"}), claims=True, log=True)


@cache
def aleppo() -> tuple[Record, Situation]:
    """East Aleppo's record, and the picture at midday of 17 December 2016, as known then."""
    record = control.open_record("aleppo-2016")
    return record, record.situation(as_of=MIDDAY, known_at=MIDDAY)


def midday(sight: Sight = ALL, **more: Any) -> LogView:
    record, situation = aleppo()
    return log_view(situation, record.came_in, "en", sight, **more)


# What is shown


def test_the_newest_stand_first_and_pages_go_back_to_the_first_line() -> None:
    page, numbers = midday(), []
    assert len(page.lines) == LINES_MOST < page.total
    while True:
        numbers += [line.number for line in page.lines]
        if page.older is None:
            break
        page = midday(before=page.older)
    assert numbers == sorted(numbers, key=lambda one: -(one or 0)) and len(set(numbers)) == len(numbers) == page.total


def test_nothing_is_shown_that_was_not_known_then() -> None:
    record, situation = aleppo()
    assert midday().total == len(situation.events) < len(record.came_in)


def test_a_report_is_told_field_by_field_with_who_said_and_who_entered_it() -> None:
    line = next(line for line in midday(filter=LogFilter(kind="departed")).lines)
    assert {(part.field, part.text) for part in line.said} >= {("At", "Amiriyah")}
    assert (line.author, line.position) == ("record-desk", "compiled from public reports")
    assert line.chain and line.side_said == "media"


def test_filters_by_kind_author_and_time() -> None:
    claims = midday(filter=LogFilter(kind="claim made"))
    assert {line.kind for line in claims.lines} == {"claim made"}
    assert midday(filter=LogFilter(author="nobody")).total == 0
    late = datetime.fromisoformat("2016-12-17T00:00:00+02:00")
    since, until = midday(filter=LogFilter(since=late)), midday(filter=LogFilter(until=late))
    assert 0 < since.total < midday().total and since.total + until.total == midday().total


def test_whoever_may_not_see_the_log_is_given_none() -> None:
    assert (midday(Sight()).lines, midday(Sight()).total) == ((), 0)


def test_every_kind_of_event_has_words_in_both_languages() -> None:
    record = aleppo()[0]
    whole = record.situation()
    for language in ("en", "ar"):
        before: int | None = None
        while True:
            page = log_view(whole, record.came_in, language, ALL, before=before)
            assert all(part.field and part.text for line in page.lines for part in line.said)
            before = page.older
            if before is None:
                break


def test_what_tells_the_future_is_not_in_the_log_of_a_verifier(tmp_path: Path) -> None:
    with tiny_room(tmp_path / "a.log", tmp_path / "a.db", [plan_adopted()]) as room:
        first = tiny_plan().movements[0].id
        for role, seen in (("dispatcher", True), ("verifier", False)):
            client = room.as_role(role)  # type: ignore[arg-type]
            assert ("plan adopted" in client.get("/api/log").text) is seen
            assert (first in client.get("/log?report=departed").text) is False  # nothing was heard of it yet


# What is typed in


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peopled]:
    folder = tmp_path_factory.mktemp("log-desk")
    events = DESK.trip("c1", "hill-to-city", 40, "06:00", "06:10")
    with tiny_room(folder / "a.log", folder / "a.db", events) as room:
        yield room


def blocked(tested: Peopled, road: str) -> str:
    """A road reported blocked by a crowd; the event."""
    event = DESK.says("bridge post").at("08:00", RoadBlocked(road=road, by="dale-council", why="a crowd"))
    assert tested.room.append([event])[0].answer == "accepted"
    return event.id


def entered(answer: Any) -> str:
    """The event that was just entered."""
    assert answer.status_code == 303, re.findall(r'class="wrong"[^>]*>([^<]*)', answer.text)
    return str(re.findall(r"entered=([0-9a-f-]{36})", answer.headers["location"])[0])


def lines(client: TestClient, query: str = "") -> dict[str, dict[str, Any]]:
    return {line["event"]: line for line in client.get(f"/api/log{query}").json()["lines"]}


DEPARTED = {"report": "departed", "what.movement": "c1", "what.at": "hill"}


def test_a_report_of_somebody_else_by_radio_within_a_stretch_of_time(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    typed = {
        **DEPARTED,
        "what.people.civilian": "35-40",
        "earliest": f"{DESK.time('06:20'):%Y-%m-%dT%H:%M}",
        "latest": f"{DESK.time('06:40'):%Y-%m-%dT%H:%M}",
        "origin": "convoy leader",
        "via": "gate post, radio room",
        "medium": "radio",
        "position": "night desk",
    }
    id = entered(client.post("/log", data=typed))
    event = next(event for _, event in tested.room.record.came_in if event.id == id)
    assert isinstance(event.what, Departed)
    count = event.what.people["civilian"]
    assert (count.low, count.best, count.high) == (35, 37, 40)
    assert (event.happened.earliest, event.happened.latest) == (DESK.time("06:20"), DESK.time("06:40"))
    assert (event.author, event.position, event.medium) == ("dispatcher", "night desk", "radio")
    assert event.source is not None and event.source.relayed_by == ("gate post", "radio room")
    line = lines(client, "?medium=radio")[id]
    assert line["medium"] == "radio" and line["position"] == "night desk"
    page = client.get(f"/log?entered={id}&answer=accepted").text
    assert f"Entered as number {line['number']}." in page


@pytest.mark.parametrize("kind", [kind for kind in USUAL if kind != "note"])
def test_each_usual_report_has_its_form_and_names_what_is_missing(tested: Peopled, kind: str) -> None:
    client = tested.as_role("dispatcher")
    form = client.get("/log", params={"report": kind}).text
    answer = client.post("/log", data={"report": kind, "note": "kept"})
    assert f'name="report" value="{kind}"' in form
    assert answer.status_code == 422 and "Fill this in." in answer.text and 'value="kept"' in answer.text


def test_every_plain_kind_has_a_form(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    assert set(USUAL) - {"note"} | set(others()) | {"event retracted"} == {kind for kind in EVENTS if plain(kind)}
    for kind in others():
        assert f'name="report" value="{kind}"' in client.get("/log", params={"report": kind}).text


def test_a_note_is_a_claim_that_belongs_to_no_question(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    id = entered(client.post("/log", data={"report": "note", "what.text": "Fuel for two hours", "origin": "driver"}))
    assert lines(client)[id]["kind"] == "claim made"
    assert "Fuel for two hours" in client.get("/claims").text


def test_sent_twice_it_is_entered_once(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    id = re.findall(r'name="id" value="([^"]+)"', client.get("/log?report=departed").text)[0]
    typed = {**DEPARTED, "id": id, "earliest": f"{DESK.time('06:30'):%Y-%m-%dT%H:%M}"}
    before = tested.room.seq
    assert [entered(client.post("/log", data=typed)) for _ in range(2)] == [id, id]
    assert tested.room.seq == before + 1


def test_what_is_wrong_stands_at_its_field_and_all_that_was_typed_is_there(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    typed = {**DEPARTED, "what.at": "atlantis", "what.people.civilian": "many", "note": "as told", "latest": "soon"}
    answer = client.post("/log", data=typed)
    assert answer.status_code == 422
    assert 'id="f-what.people.civilian-wrong"' in answer.text and 'id="f-latest-wrong"' in answer.text
    assert 'value="many"' in answer.text and 'value="as told"' in answer.text
    rejected = client.post("/log", data={**typed, "what.people.civilian": "40", "latest": ""})
    assert rejected.status_code == 422
    assert re.search(r'id="f-what.at-wrong">at: [^<]*atlantis', rejected.text)


@pytest.mark.parametrize(
    ("report", "field"),
    [("observer deployed", "observers"), ("departed", "people.civilian"), ("convoy formed", "vehicles.buses")],
)
def test_a_number_of_thousands_of_digits_is_wrong_at_its_field(tested: Peopled, report: str, field: str) -> None:
    client = tested.as_role("dispatcher")
    assert f'name="what.{field}"' in client.get("/log", params={"report": report}).text
    answer = client.post("/log", data={"report": report, f"what.{field}": "9" * 5_000})
    assert answer.status_code == 422 and f'id="f-what.{field}-wrong"' in answer.text


def test_a_report_of_the_day_after_tomorrow_is_rejected_and_says_why(tested: Peopled) -> None:
    typed = {**DEPARTED, "earliest": f"{DESK.time('+2 06:00'):%Y-%m-%dT%H:%M}"}
    answer = tested.as_role("dispatcher").post("/log", data=typed)
    assert answer.status_code == 422 and re.search(r'id="f-earliest-wrong">This is in the future', answer.text)


def test_what_people_get_wrong_is_said_in_the_language_of_the_page(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    client.headers["Accept-Language"] = "ar"
    sent = {**DEPARTED, "id": uuid7(DESK.time("09:30"), 1 << 60)}
    assert client.post("/log", data=sent).status_code == 303
    for typed, said in (
        ({**DEPARTED, "latest": f"{DESK.time('+2 06:00'):%Y-%m-%dT%H:%M}"}, "هذا وقت في المستقبل"),
        ({"report": "people counted", "what.stage": "arrived", "what.people.civilian": "40"}, "العدد يخص قافلة"),
        ({**sent, "note": "typed since"}, "قُيّد هذا النموذج من قبل"),
    ):
        answer = client.post("/log", data=typed)
        assert answer.status_code == 422 and said in answer.text, typed


def test_marks_that_nobody_sees_are_left_out(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    id = entered(client.post("/log", data={**DEPARTED, "note": "\u200f\ufeffas\r\ntold\t now"}))
    assert lines(client)[id]["note"] == "as\ntold  now"


# Corrections


def test_a_correction_is_a_new_entry_and_the_first_stays_struck(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    first = blocked(tested, "hill--bridge")
    form = client.get("/log", params={"corrects": first}).text
    assert 'value="a crowd"' in form and 'value="bridge post"' in form
    typed = {
        "report": "road blocked",
        "corrects": first,
        "what.road": "hill--bridge",
        "what.why": "a broken truck",
        "origin": "bridge post",
    }
    id = entered(client.post("/log", data=typed))
    found = lines(client)
    assert (found[first]["struck"], found[first]["struck_by"]) == ("corrected", id)
    assert found[id]["corrects"] == first
    page = client.get("/log").text
    assert "a crowd" in page and "<del>" in page
    assert tested.room.situation(ALL).segments["hill--bridge"].why == "a broken truck"


def test_an_entry_is_taken_out_with_a_reason_and_stays_struck(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    first = blocked(tested, "dale--bridge")
    typed = {"report": "event retracted", "corrects": first, "what.why": "another road was meant"}
    id = entered(client.post("/log", data=typed))
    line = lines(client)[first]
    assert (line["struck"], line["struck_by"], line["struck_why"]) == ("taken out", id, "another road was meant")
    assert tested.room.situation(ALL).segments["dale--bridge"].phase == "not known"


# What waits


def test_what_names_an_event_that_has_not_come_in_waits_and_enters_by_itself(tested: Peopled) -> None:
    client = tested.as_role("coordinator")
    incident = DESK.at("09:00", IncidentReported(incident="fire", text="shots", at="bridge"))
    over = DESK.at("10:00", IncidentOver(incident=incident.id))
    assert tested.room.append([over])[0].answer == "pending"
    waiting = client.get("/api/log").json()["pending"]
    assert [(one["event"], one["number"], one["missing"]) for one in waiting] == [(over.id, None, [incident.id])]
    assert "Waiting for another event" in client.get("/log").text
    tested.room.append([incident])
    view = client.get("/api/log").json()
    assert view["pending"] == [] and {over.id, incident.id} <= {one["event"] for one in view["lines"]}


def test_a_report_that_waits_says_so_after_it_was_sent(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    unknown = uuid7(DESK.time("09:00"), 1 << 60)
    answer = client.post("/log", data={**DEPARTED, "corrects": unknown})
    id = entered(answer)
    assert "It waits" in client.get(f"/log?entered={id}&answer=pending").text


def test_a_secret_that_waits_is_shown_to_nobody_who_may_not_know_it() -> None:
    _, situation = aleppo()
    event = replace(DESK.at("06:00", RoadCleared(road="x")), sensitivity="secret")
    waiting = [Waiting(event=event, missing=("y",))]
    public = Sight(sensitivities=frozenset({"public"}), log=True)
    assert log_view(situation, [], "en", public, waiting=waiting).pending == ()
    assert len(log_view(situation, [], "en", ALL, waiting=waiting).pending) == 1


def test_the_past_is_looked_at_and_not_written_into(tested: Peopled) -> None:
    page = tested.as_role("dispatcher").get(f"/log?as_of={DESK.time('07:00'):%Y-%m-%dT%H:%M}").text
    assert "This is the past" in page and 'name="report"' not in page


def test_a_verifier_reads_the_log_and_enters_nothing(tested: Peopled) -> None:
    client = tested.as_role("verifier")
    assert 'name="report"' not in client.get("/log?report=departed").text
    assert client.post("/log", data=DEPARTED).status_code == 403


def test_the_fields_of_the_filter_hold_what_it_is(tested: Peopled) -> None:
    page = tested.as_role("dispatcher").get("/log", params={"until": "2025-03-01T07:30", "kind": "departed"}).text
    assert 'value="2025-03-01T07:30"' in page and '<option value="departed" selected>' in page


def test_an_event_is_found_by_its_address_on_whatever_page(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    first = tested.room.record.came_in[0][1].id
    for _ in range(LINES_MOST):
        tested.room.append([DESK.at("09:00", RoadCleared(road="hill--bridge"))])
    assert first not in lines(client) and first in lines(client, f"?event={first}")
