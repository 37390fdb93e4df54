"""The live stream: what comes in, by its number in the log, for those who were there and those who were away."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from log.events import Place

from safepassage import control
from safepassage.events import Event, RoadBlocked, RoadCleared
from safepassage.log import open_log
from safepassage.web.accounts import Accounts
from safepassage.web.agreement import TERMS, Conflict
from safepassage.web.entrance import SESSION_COOKIE
from web.rooms import DESK, TINY, Peopled, opened, served, tiny_room


@pytest.fixture
def room(place: Place, tmp_path: Path) -> Iterator[tuple[Peopled, str]]:
    """A room of Hill and Dale on either store, served on loopback."""
    at = place.address if "://" in place.address else tmp_path / "accounts.db"
    with tiny_room(place.address, at, [blocked("hill--bridge")]) as tested, served(opened(tested)) as address:
        yield tested, address


def blocked(road: str) -> Event:
    return DESK.at("08:00", RoadBlocked(road=road))


def signed_in(room: tuple[Peopled, str], role: str) -> httpx2.Client:
    tested, address = room
    cookies = {SESSION_COOKIE: tested.accounts.open_session(role)}
    return httpx2.Client(base_url=address, cookies=cookies, timeout=20)


def heard(client: httpx2.Client, until: int, after: str = "", then: Callable[[], None] | None = None) -> list[int]:
    """The ids of the events that a stream brings, until one of them; `then` is done once it has opened."""
    ids = []
    headers = {"Last-Event-ID": after} if after else {}
    with client.stream("GET", "/stream", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        id, kind = 0, ""
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                id = int(value)
            elif name == "event":
                kind = value
            elif name == "data" and kind == "ready" and then is not None:
                then()
            elif not line and kind == "event":
                ids.append(id)
                if id >= until:
                    break
    return ids


def test_what_comes_in_is_heard_by_its_number(room: tuple[Peopled, str]) -> None:
    tested, _ = room

    def report() -> None:
        tested.room.append([blocked("dale--bridge"), DESK.at("08:10", RoadCleared(road="hill--bridge"))])

    with signed_in(room, "dispatcher") as client:
        assert heard(client, until=3, then=report) == [2, 3]


def test_who_was_away_is_given_what_they_missed_and_nothing_twice(room: tuple[Peopled, str]) -> None:
    tested, _ = room
    tested.room.append([blocked("dale--bridge"), blocked("bridge--city")])
    with signed_in(room, "dispatcher") as client:
        assert heard(client, until=3, after="1") == [2, 3]


def test_what_another_program_wrote_into_the_log_is_heard(room: tuple[Peopled, str], place: Place) -> None:
    def write() -> None:
        elsewhere = open_log(place.address)
        record = control.Record(TINY, elsewhere, clock=control.running_from(DESK.time("12:00")))
        record.append([blocked("dale--bridge")])
        elsewhere.close()

    with signed_in(room, "dispatcher") as client:
        assert heard(client, until=2, then=write) == [2]


def test_where_a_proxy_holds_back_a_long_poll_brings_the_same(room: tuple[Peopled, str]) -> None:
    tested, _ = room
    with signed_in(room, "dispatcher") as client:
        nothing = client.get("/stream?after=1&wait=0").json()
        assert nothing.pop("now").startswith("2025-03-01T12:0")
        assert nothing == {"seq": 1, "log": True, "events": [], "more": False}
        later = threading.Timer(0.2, lambda: tested.room.append([blocked("dale--bridge")]))
        later.start()
        answer = client.get("/stream?after=1&wait=10").json()
        later.join()
    assert answer["seq"] == 2 and [event["kind"] for event in answer["events"]] == ["road blocked"]


def test_posted_events_are_answered_one_by_one(room: tuple[Peopled, str]) -> None:
    with signed_in(room, "dispatcher") as client:
        good = {"what": {"kind": "road blocked", "road": "dale--bridge"}}
        answer = client.post("/api/events", json=[good, {"what": {"kind": "road blocked", "road": "nowhere"}}])
        receipts = answer.json()["receipts"]
        assert [one["answer"] for one in receipts] == ["accepted", "rejected"]
        assert "nowhere" in receipts[1]["why"]
        malformed = client.post("/api/events", json=[{"what": {"kind": "road bloked", "road": "dale--bridge"}}])
        assert malformed.status_code == 422 and "road blocked" in malformed.text
    seq, entered = room[0].room.record.came_in[-1]
    assert (seq, entered.author, entered.position) == (2, "dispatcher", "dispatcher")


def test_a_stream_ends_with_its_session(room: tuple[Peopled, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safepassage.web.stream.BEAT_SECONDS", 0.2)
    tested, _ = room
    client = signed_in(room, "dispatcher")
    token = client.cookies[SESSION_COOKIE]
    with client.stream("GET", "/stream") as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry")
        tested.accounts.sign_out(token)
        rest = list(lines)
    assert not any(line.startswith("event: event") for line in rest)
    client.close()


@pytest.mark.parametrize("end", ["sign out", "close", "new password"])
def test_nothing_more_is_sent_to_whose_session_ended(room: tuple[Peopled, str], end: str) -> None:
    tested, _ = room
    client, other = signed_in(room, "dispatcher"), signed_in(room, "verifier")
    with client.stream("GET", "/stream") as answer, other.stream("GET", "/stream") as heard_by_other:
        lines, others = answer.iter_lines(), heard_by_other.iter_lines()
        assert next(lines).startswith("retry") and next(others).startswith("retry")
        if end == "sign out":
            tested.accounts.sign_out(client.cookies[SESSION_COOKIE])
        elif end == "close":
            tested.accounts.close_account("dispatcher")
        else:
            tested.accounts.set_password("dispatcher", "three other words")
        tested.room.append([blocked("dale--bridge")])
        assert "event: event" in iter(others)
        assert "event: event" not in list(lines)
    client.close()
    other.close()


def test_a_long_poll_brings_nothing_to_whose_session_ended(room: tuple[Peopled, str]) -> None:
    tested, _ = room

    def end() -> None:
        tested.accounts.close_account("dispatcher")
        tested.room.append([blocked("dale--bridge")])

    with signed_in(room, "dispatcher") as client:
        later = threading.Timer(0.3, end)
        later.start()
        answer = client.get("/stream?after=1&wait=10")
        later.join()
    assert answer.status_code == 401 and "road blocked" not in answer.text


def test_accounts_and_sessions_outlive_the_room(place: Place, tmp_path: Path) -> None:
    at = place.address if "://" in place.address else tmp_path / "accounts.db"
    before = Accounts(at)
    before.make("desk", "three small words", "coordinator")
    token = before.sign_in("desk", "three small words")
    before.close()
    after = Accounts(at)
    viewer = after.viewer(token)
    assert viewer is not None and viewer.role == "coordinator"
    after.close()


def test_lines_are_json_that_says_no_more_than_it_may(room: tuple[Peopled, str]) -> None:
    with signed_in(room, "information") as client:
        events = client.get("/stream?after=0&wait=0").json()["events"]
    assert json.dumps(events) == '[{"seq": 1}]'


def test_the_basemap_is_given_in_the_ranges_that_the_map_asks_for(tmp_path: Path) -> None:
    tiles = tmp_path / "area.pmtiles"
    tiles.write_bytes(b"PMTiles" + bytes(range(256)) * 20)
    with tiny_room(tmp_path / "a.log", tmp_path / "a.db") as tested:
        client = tested.as_role("information")
        assert client.get("/tiles.pmtiles").status_code == 404
        tested.room.tiles = tiles
        answer = client.get("/tiles.pmtiles", headers={"Range": "bytes=7-2006", "Accept-Encoding": "gzip"})
    assert answer.status_code == 206 and answer.content == tiles.read_bytes()[7:2007]


def test_a_log_that_cannot_be_had_is_said_to_all_who_look_and_so_is_its_return(
    room: tuple[Peopled, str], place: Place
) -> None:
    def rename(before: str, after: str) -> None:
        with place.behind_its_back() as database:
            database.exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")

    with signed_in(room, "dispatcher") as client, client.stream("GET", "/stream") as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry")
        rename("entries", "away")
        assert next(line for line in lines if line.startswith('data: {"log"')) == 'data: {"log":false}'
        with signed_in(room, "dispatcher") as other:
            assert other.get("/health").status_code == 503
            assert "<span>The log cannot be had now" in other.get("/agreement").text
            report = [{"what": {"kind": "road cleared", "road": "hill--bridge"}}]
            assert other.post("/api/events", json=report).status_code == 503
        rename("away", "entries")
        assert next(line for line in lines if line.startswith('data: {"log"')) == 'data: {"log":true}'
    with signed_in(room, "dispatcher") as client:
        assert client.get("/health").json() == {"seq": 1, "log": True}
        assert "<span>The log cannot be had now" not in client.get("/agreement").text


def test_a_question_to_the_planner_keeps_nobody_waiting(
    room: tuple[Peopled, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered = threading.Event(), threading.Event()

    def think(_: object) -> Conflict:
        asked.set()
        assert answered.wait(20)
        return Conflict(outcome="can hold")

    monkeypatch.setattr("safepassage.web.agreement.conflict_of", think)

    def ask(role: str) -> None:
        with signed_in(room, role) as client:
            answers.append(client.post("/api/agreement/conflict").json()["outcome"])

    answers: list[str] = []
    asking = threading.Thread(target=ask, args=["mediator"])
    asking.start()
    assert asked.wait(20)
    with signed_in(room, "mediator") as client:
        again = client.post("/api/agreement/conflict")
        assert again.status_code == 429 and "still being answered" in again.json()["why"]
        page = client.post("/agreement/conflict", headers={"Accept-Language": "ar"})
        assert page.status_code == 429 and f'role="alert">{TERMS["asked already"].ar}</p>' in page.text
    other = threading.Thread(target=ask, args=["coordinator"])
    other.start()
    with signed_in(room, "dispatcher") as client:
        assert client.post("/api/events", json=[{"what": {"kind": "road cleared", "road": "hill--bridge"}}]).is_success
        assert client.get("/stream?after=1&wait=5").json()["seq"] == 2
        assert client.get("/board").is_success
    answered.set()
    asking.join()
    other.join()
    assert answers == ["can hold", "can hold"]
    ask("mediator")
