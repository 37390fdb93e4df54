"""Who may do what: every role at every route, and what nobody may read who could do harm with it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, cast, get_args

import httpx2
import pytest
from argon2 import PasswordHasher
from fastapi import APIRouter
from log.events import Place
from starlette.testclient import TestClient
from starlette.types import Message

from safepassage import control
from safepassage.control import Clock
from safepassage.events import ConsentGiven, MovementAnnounced, RoadBlocked
from safepassage.log import LogUnavailable, open_log
from safepassage.web import access
from safepassage.web.access import RIGHTS, ROLES, RULES, Right, Role
from safepassage.web.accounts import AccountRefused, Accounts, AccountsUnavailable
from safepassage.web.app import create_app
from safepassage.web.board import spans_of
from safepassage.web.entrance import SESSION_COOKIE
from safepassage.web.terms import ROOM
from web.rooms import (
    DESK,
    HERE,
    PARTY,
    PASSWORD,
    TINY,
    Peopled,
    opened,
    plan_adopted,
    served,
    tiny_plan,
    tiny_room,
)

WHO: dict[Right, set[Role]] = {
    "enter": set(ROLES),
    "see": set(ROLES),
    "see claims": {"coordinator", "dispatcher", "mediator", "verifier"},
    "claim": {"coordinator", "dispatcher", "mediator", "verifier"},
    "assess": {"coordinator", "verifier"},
    "see log": {"coordinator", "dispatcher", "verifier"},
    "record": {"coordinator", "dispatcher"},
    "negotiate": {"coordinator", "mediator"},
    "keep accounts": {"coordinator"},
}
"""As a coordinator would write it down."""

FILLED = {"{path:path}": "room.css", "{name}": "nobody", "{ending}": "md"}
LONG = {"/stream": "?wait=0&after=0"}


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peopled]:
    """A room with an adopted plan, of which one movement is announced and on its way."""
    folder = tmp_path_factory.mktemp("room")
    first = tiny_plan().movements[0]
    events = [
        plan_adopted(),
        DESK.at("05:10", MovementAnnounced(movement=first.id, loads=DESK.time("06:00"))),
        *DESK.trip(first.id, first.evacuation, first.total, "06:02", "06:03"),
        *(
            DESK.at(
                "05:20",
                ConsentGiven(
                    party="dale-council", on=(on,), movements=(tiny_plan().movements[1].id,), until=DESK.time("13:13")
                ),
            )
            for on in ("bridge--city",)
        ),
    ]
    with tiny_room(folder / "a.log", folder / "a.db", events, DESK.time("06:05")) as room:
        yield room


def asked(client: TestClient, method: str, path: str) -> int:
    for gap, value in FILLED.items():
        path = path.replace(gap, value)
    return client.request(method, path + LONG.get(path, "")).status_code


def test_the_rights_of_roles_are_those_written_down() -> None:
    assert {right: {role for role in ROLES if right in RIGHTS[role]} for right in get_args(Right)} == WHO


def test_every_route_has_a_rule_and_every_rule_a_route(tested: Peopled) -> None:
    assert set(RULES) == tested.app.state.routes


def test_a_route_without_a_rule_keeps_the_room_shut(tested: Peopled) -> None:
    router = APIRouter()

    @router.get("/new")
    def new() -> None:
        """A page that somebody added in a hurry."""

    with pytest.raises(ValueError, match=r"no rule says who may use GET /new: add it to RULES"):
        create_app(tested.room, tested.accounts, routers=[router])


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_role_at_every_route(tested: Peopled, role: Role | None) -> None:
    wrong = []
    for method, path in sorted(tested.app.state.routes):
        right = RULES[method, path]
        status = asked(tested.as_role(role), method, path)
        if right == "enter" or (role is not None and role in WHO[right]):
            as_it_should = status not in {403, 500} and (right == "enter" or status != 401)
        else:
            as_it_should = status == 403 if role is not None else status in {401, 303}
        if not as_it_should:
            wrong.append(f"{method} {path}: {status}")
    assert not wrong


def test_nobody_signed_in_is_sent_to_the_door_and_back_afterwards(tested: Peopled) -> None:
    client = tested.as_role(None)
    away = client.get("/board?as_of=2030-01-01T12:00")
    assert away.status_code == 303
    assert away.headers["location"] == "/sign-in?next=/board%3Fas_of%3D2030-01-01T12%3A00"
    back = client.post(
        "/sign-in", data={"name": "verifier", "password": PASSWORD, "next": "/board?as_of=2030-01-01T12:00"}
    )
    assert (back.status_code, back.headers["location"]) == (303, "/board?as_of=2030-01-01T12:00")
    assert "HttpOnly" in back.headers["set-cookie"] and "SameSite=lax" in back.headers["set-cookie"]


def test_who_sends_a_form_after_their_session_is_sent_back_to_its_page(tested: Peopled) -> None:
    client = tested.as_role(None)
    for referer, page in (
        ("http://127.0.0.1/log?report=road+blocked", "/log%3Freport%3Droad%2Bblocked"),
        ("", "/board"),
        ("http://127.0.0.1//evil.example", "/board"),
    ):
        away = client.post("/log", data={"report": "road blocked"}, headers={"Referer": referer} if referer else {})
        assert (away.status_code, away.headers["location"]) == (303, f"/sign-in?next={page}")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "board"])
def test_the_way_back_never_leads_elsewhere(tested: Peopled, target: str) -> None:
    answer = tested.as_role(None).post("/sign-in", data={"name": "verifier", "password": PASSWORD, "next": target})
    assert answer.headers["location"] == "/board"


def future_texts() -> set[str]:
    """What would tell where and when convoys are to go: the ids of those to come, and the times of all on their way."""
    when, (first, *others) = TINY.calendar.when, tiny_plan().movements
    instants = {minute for one in (first, *others) for minute in (one.loading.start, one.handed_over, one.ends)}
    times = {f"{when(minute):%H:%M}" for minute in instants if minute is not None}
    said_of_much_else = {time for time in times if time.endswith(":00")}
    return {one.id for one in others} | {"13:13"} | (times - said_of_much_else)


AHEAD = f"{DESK.time('12:00'):%Y-%m-%dT%H:%M}"
READ = sorted(path for method, path in RULES if method == "GET" and path != "/static/{path:path}")
READ += [f"/report.{ending}" for ending in ("html", "json")]


@pytest.mark.parametrize("as_of", ["", AHEAD])
@pytest.mark.parametrize("role", sorted(set(ROLES) - access.FORESEES - {"liaison"}))
def test_the_future_is_nowhere_for_those_who_do_not_send_convoys(tested: Peopled, role: Role, as_of: str) -> None:
    """A convoy is under way, others are planned; now, and asked for an instant to come."""
    client = tested.as_role(role)
    for path in READ:
        for gap, value in FILLED.items():
            path = path.replace(gap, value)
        text = client.get(path + LONG.get(path, f"?as_of={as_of}")).text
        told = [word for word in future_texts() if word in text]
        assert not told, (path, told)


def test_these_words_are_found_where_the_future_may_be_seen(tested: Peopled) -> None:
    text = tested.as_role("dispatcher").get("/api/board").text
    assert all(word in text for word in future_texts())


@pytest.mark.parametrize("role", sorted(set(ROLES) - access.FORESEES))
def test_nobody_else_looks_ahead(tested: Peopled, role: Role) -> None:
    board = tested.as_role(role).get(f"/api/board?as_of={AHEAD}").json()
    assert board["as_of"] < AHEAD and not any(one["planned_out"] for one in board["people"])
    assert tested.as_role("dispatcher").get(f"/api/board?as_of={AHEAD}").json()["as_of"].startswith(AHEAD)


def test_those_who_send_convoys_see_the_future(tested: Peopled) -> None:
    board = tested.as_role("dispatcher").get("/api/board").json()
    assert {bar["id"] for bar in board["bars"]} == {movement.id for movement in tiny_plan().movements}


def test_a_liaison_foresees_only_what_takes_the_segments_of_its_party(tested: Peopled) -> None:
    segments = access.segments_of(TINY, PARTY)
    own = {
        movement.id
        for movement in tiny_plan().movements
        if segments & {*(leg.road for leg in movement.legs), *(slot.crossing for slot in movement.inspections)}
    }
    board = tested.as_role("liaison").get("/api/board").json()
    assert {bar["id"] for bar in board["bars"] if bar["planned"]} == own
    when = TINY.calendar.when
    for movement in tiny_plan().movements:
        (bar,) = [bar for bar in board["bars"] if bar["id"] == movement.id] or [None]
        if movement.id in own:
            spans = [span for segment, span in spans_of(movement) if segment in segments]
            ends = when(min(one.start for one in spans)), when(max(one.end for one in spans))
            first, last = (end.isoformat(timespec="minutes") for end in ends)
            assert bar["planned"] == [first, None, last]
    assert not any(one["destination"] for one in board["convoys"])


def test_a_secret_report_is_in_no_picture_of_those_who_may_not_know_it(tested: Peopled) -> None:
    def phase(role: Role) -> str:
        board = tested.as_role(role).get("/api/board").json()
        return str({one["id"]: one["phase"] for one in board["segments"]}["hill--bridge"])

    secret = tested.room.record.stamped(RoadBlocked(road="hill--bridge"), author="desk", sensitivity="secret")
    tested.room.append([secret])
    assert [phase(role) for role in ("coordinator", "dispatcher", "verifier")] == ["blocked"] * 3
    assert [phase(role) for role in ("mediator", "liaison", "information")] == ["not known"] * 3
    lines = tested.as_role("mediator").get(f"/stream?wait=0&after={tested.room.seq - 1}").json()["events"]
    assert lines == [{"seq": tested.room.seq}]


# The wall


def test_other_sites_cannot_make_a_browser_act(tested: Peopled) -> None:
    client = tested.as_role("coordinator")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert client.post("/sign-out", headers=headers).status_code == 421
    assert client.get("/board").status_code == 200


def test_a_room_answers_only_to_its_names(tested: Peopled) -> None:
    assert tested.as_role("coordinator").get("/board", headers={"Host": "evil.example"}).status_code == 421


def test_every_answer_forbids_scripts_from_elsewhere(tested: Peopled) -> None:
    for path in ("/board", "/sign-in", "/nothing", "/api/board", "/static/room.css"):
        headers = tested.as_role("coordinator").get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_an_error_that_nobody_foresaw_has_the_same_headers(tested: Peopled, monkeypatch: pytest.MonkeyPatch) -> None:
    router = APIRouter()

    @router.get("/fails")
    def fails() -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setitem(cast(dict[tuple[str, str], Right], RULES), ("GET", "/fails"), "enter")
    app = create_app(tested.room, tested.accounts, routers=[router])
    answer = TestClient(app, base_url=HERE, raise_server_exceptions=False).get("/fails")
    assert answer.status_code == 500 and "nobody foresaw" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/sign-in?next=//[", {}, 200),
        ("GET", "/board", {"Host": "["}, 421),
        ("POST", "/sign-in", {"Origin": "http://["}, 421),
        ("GET", "/stream?wait=0", {"Last-Event-ID": "9" * 5_000}, 200),
        ("GET", "/board?as_of=9999-12-31T23:59:59-23:59", {}, 400),
        ("GET", "/board?known_at=0001-01-01T00:00:00%2B23:59", {}, 400),
    ],
)
def test_what_nobody_sends_who_means_well_is_answered(
    tested: Peopled, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert tested.as_role("coordinator").request(method, path, headers=headers).status_code == status


def read_of(tested: Peopled, path: str, role: Role | None = None) -> tuple[int, int]:
    """The answer to a body without an end, and how much of it was read."""
    read, status = 0, 0
    cookie = "" if role is None else f"{SESSION_COOKIE}={tested.accounts.open_session(role)}"
    kind = b"application/json" if path.startswith("/api") else b"application/x-www-form-urlencoded"
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", kind), (b"cookie", cookie.encode())],
    }

    async def receive() -> Message:
        nonlocal read
        read += 16_000
        assert read < 20_000_000
        return {"type": "http.request", "body": b" " * 16_000, "more_body": True}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    with ThreadPoolExecutor(1) as apart:  # a browser's test may have left a loop running in this thread
        apart.submit(lambda: asyncio.run(tested.app(scope, receive, send))).result()
    return status, read


def test_no_more_is_read_than_who_sends_it_may_send(tested: Peopled) -> None:
    for path in ("/sign-in", "/set-up", "/log", "/api/events"):
        status, read = read_of(tested, path)
        assert status in {303, 413} and read < 100_000, path
    for path, most in (("/sign-in", 1_100_000), ("/log", 1_100_000), ("/api/events", 12_100_000)):
        status, read = read_of(tested, path, "dispatcher")
        assert status == 413 and 0.9 * most < read < most, path


def test_a_plan_of_thousands_of_movements_may_be_sent(tested: Peopled) -> None:
    long = b"[" + b" " * 9_000_000 + b"]"
    json = {"Content-Type": "application/json"}
    assert tested.as_role("dispatcher").post("/api/events", content=long, headers=json).status_code == 200
    refused = tested.as_role(None).post("/api/events", content=long, headers=json)
    assert refused.status_code == 413 and "sign in first" in refused.json()["why"]


# Accounts


def test_the_first_account_needs_the_code_that_was_printed(tested: Peopled, tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "new.db")
    app = create_app(tested.room, accounts, code="4711")
    client = TestClient(app, base_url=HERE, follow_redirects=False)
    assert client.get("/board").headers["location"] == "/set-up"
    typed = {"name": "duty-desk", "password": PASSWORD}
    wrong = client.post("/set-up", data={**typed, "code": "4712"})
    assert wrong.status_code == 400 and "This is not the code" in wrong.text and "duty-desk" in wrong.text
    short = client.post("/set-up", data={**typed, "code": "4711", "password": "short"})
    assert short.status_code == 400 and "At least 10 letters" in short.text
    made = client.post("/set-up", data={**typed, "code": "4711"})
    assert made.headers["location"] == "/board"
    assert client.get("/board").status_code == 200
    again = client.post("/set-up", data={"name": "second", "password": PASSWORD, "code": "4711"})
    assert again.status_code == 400 and "There is an account already" in again.text
    accounts.close()


def test_a_closed_account_is_shut_out_at_once(tested: Peopled) -> None:
    coordinator = tested.as_role("coordinator")
    made = coordinator.post("/accounts", data={"name": "radio", "password": PASSWORD, "role": "dispatcher"})
    assert made.status_code == 303
    radio = TestClient(tested.app, base_url=HERE, follow_redirects=False)
    assert radio.post("/sign-in", data={"name": "radio", "password": PASSWORD}).status_code == 303
    assert radio.get("/board").status_code == 200
    assert coordinator.post("/accounts/radio/close").status_code == 303
    assert radio.get("/board").status_code == 303
    assert radio.post("/sign-in", data={"name": "radio", "password": PASSWORD}).status_code == 401
    assert coordinator.post("/accounts/radio/open").status_code == 303
    assert radio.get("/board").status_code == 303
    assert radio.post("/sign-in", data={"name": "radio", "password": PASSWORD}).status_code == 303


def test_an_account_is_not_closed_by_a_password_that_was_left_out(tested: Peopled) -> None:
    answer = tested.as_role("coordinator").post("/accounts/verifier")
    assert answer.status_code == 400 and "At least 10 letters" in answer.text
    assert not any(one.closed for one in tested.accounts.all() if one.name == "verifier")


def test_the_last_coordinator_stays(tested: Peopled) -> None:
    answer = tested.as_role("coordinator").post("/accounts/coordinator/close")
    assert answer.status_code == 400 and "the last coordinator" in answer.text


def test_after_five_wrong_passwords_an_account_has_to_wait(tested: Peopled) -> None:
    tested.accounts.make("guessed", PASSWORD, "dispatcher")
    client = tested.as_role(None)
    for _ in range(5):
        assert "do not belong together" in client.post("/sign-in", data={"name": "guessed", "password": "?"}).text
    assert "Too many wrong tries" in client.post("/sign-in", data={"name": "guessed", "password": PASSWORD}).text


def from_elsewhere(tested: Peopled, number: int) -> TestClient:
    """Somebody at another address."""
    return TestClient(tested.app, base_url=HERE, follow_redirects=False, client=(f"192.0.2.{number}", 1))


def test_a_stranger_elsewhere_shuts_nobody_out(tested: Peopled, monkeypatch: pytest.MonkeyPatch) -> None:
    tested.accounts.make("duty", PASSWORD, "dispatcher")
    stranger, right = from_elsewhere(tested, 1), {"name": "duty", "password": PASSWORD}
    for _ in range(6):
        last = stranger.post("/sign-in", data={"name": "duty", "password": "?"})
    assert "Too many wrong tries" in last.text
    assert tested.as_role(None).post("/sign-in", data=right).status_code == 303
    monkeypatch.setattr("safepassage.web.tries.TRIES_MOST_OF_ALL", 7)
    for number in (2, 3):
        from_elsewhere(tested, number).post("/sign-in", data={"name": "duty", "password": "?"})
    assert "Too many wrong tries" in from_elsewhere(tested, 4).post("/sign-in", data=right).text


def test_a_session_left_open_is_no_way_to_guess_its_password(tested: Peopled) -> None:
    tested.accounts.make("left-open", PASSWORD, "dispatcher")
    client = tested.as_role(None)
    client.cookies.set(SESSION_COOKIE, tested.accounts.open_session("left-open"))
    new = "three other words"
    for _ in range(5):
        assert "do not belong together" in client.post("/password", data={"old": "?", "password": new}).text
    assert "Too many wrong tries" in client.post("/password", data={"old": PASSWORD, "password": new}).text


def test_the_code_of_a_new_room_is_not_found_by_trying(tested: Peopled, tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "new.db")
    client = TestClient(create_app(tested.room, accounts, code="4711"), base_url=HERE, follow_redirects=False)
    typed = {"name": "duty-desk", "password": PASSWORD}
    for _ in range(5):
        assert "This is not the code" in client.post("/set-up", data={**typed, "code": "4712"}).text
    assert "Too many wrong tries" in client.post("/set-up", data={**typed, "code": "4711"}).text
    assert accounts.empty
    accounts.close()


class Counting(PasswordHasher):
    """Argon2id that counts how many passwords were looked at, and how many at once."""

    def __init__(self) -> None:
        super().__init__()
        self.looked, self.at_once, self.at_once_most = 0, 0, 0
        self.lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        with self.lock:
            self.looked += 1
            self.at_once += 1
            self.at_once_most = max(self.at_once_most, self.at_once)
        try:
            return super().verify(hash, password)
        finally:
            with self.lock:
                self.at_once -= 1


@pytest.mark.parametrize("names", [1, 12])
def test_many_at_once_are_no_way_around_the_limit(tmp_path: Path, names: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with tiny_room(tmp_path / "a.log", tmp_path / "a.db") as tested, served(opened(tested)) as address:
        hasher = Counting()
        monkeypatch.setattr(tested.accounts, "_hasher", hasher)

        def attempt(number: int) -> str:
            with httpx2.Client(base_url=address, timeout=60) as client:
                return client.post("/sign-in", data={"name": f"desk{number % names}", "password": "?"}).text

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(attempt, range(12)))
    assert hasher.looked == min(5 * names, 12) and hasher.at_once_most <= 2
    assert sum("Too many wrong tries" in one for one in answers) == 12 - hasher.looked


@contextmanager
def two_of(place: Place, folder: Path, clock: Clock = control.now) -> Iterator[tuple[Accounts, Accounts]]:
    """The accounts of two rooms on one database."""
    at = place.address if "://" in place.address else folder / "accounts.db"
    both = Accounts(at, clock=clock), Accounts(at, clock=clock)
    yield both
    for one in both:
        one.close()


def test_the_last_coordinators_cannot_close_each_other(place: Place, tmp_path: Path) -> None:
    def close(accounts: Accounts, name: str) -> None:
        together.wait(20)
        with suppress(AccountRefused):
            accounts.close_account(name)

    with two_of(place, tmp_path) as both:
        names = ("first", "second")
        for name in names:
            both[0].make(name, PASSWORD, "coordinator")
        for _ in range(8):
            together = threading.Barrier(2)
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(close, both, names))
            assert sum(not one.closed for one in both[0].all()) == 1
            for name in names:
                both[0].open_account(name)


@dataclass
class Setting:
    """A clock that somebody sets."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


def test_a_clock_put_back_keeps_no_session_open_and_nobody_out(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safepassage.web.accounts.KNOWN_SECONDS", 0.1)
    monkeypatch.setattr("safepassage.web.tries.TRIES_MINUTES", 0.4 / 60)
    clock = Setting(DESK.time("12:00"))
    with two_of(place, tmp_path, clock) as (here, elsewhere):
        here.make("desk", PASSWORD, "coordinator")
        token = here.sign_in("desk", PASSWORD)
        assert here.viewer(token)
        for _ in range(5):
            with pytest.raises(AccountRefused, match="do not belong together"):
                here.sign_in("desk", "?")
        elsewhere.sign_out(token)
        clock.at -= timedelta(days=1)
        threading.Event().wait(0.5)
        assert here.viewer(token) is None
        later = here.sign_in("desk", PASSWORD)
        clock.at -= timedelta(days=1)
        threading.Event().wait(0.1)
        assert here.viewer(later)
        clock.at += timedelta(hours=13)
        threading.Event().wait(0.1)
        assert here.viewer(later) is None


def test_where_the_accounts_are_is_told_to_nobody_outside(place: Place, tmp_path: Path) -> None:
    at = place.address if "://" in place.address else tmp_path / "accounts.db"
    with tiny_room(place.address, at) as tested:
        outside, inside = tested.as_role(None), tested.as_role("coordinator")
        assert outside.post("/sign-in", data={"name": "a\0b", "password": "?"}).status_code == 401
        assert inside.post("/accounts/a%00b", data={"password": PASSWORD}).status_code == 400
        assert inside.get("/accounts").status_code == 200
        with tested.accounts._engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE accounts RENAME TO elsewhere")
        answers = [outside.post("/sign-in", data={"name": "desk", "password": "?"}), outside.get("/set-up")]
        for answer in answers:
            assert answer.status_code == 503 and "The room cannot reach its database" in answer.text
            assert tmp_path.name not in answer.text and "accounts cannot be had" not in answer.text
        told = inside.get("/accounts")
        assert told.status_code == 503 and "accounts cannot be had" in told.text


def test_no_message_holds_the_password_of_a_database() -> None:
    for place in ("postgresql://room:hush@127.0.0.1:1/none", "postgresql://room@127.0.0.1:1/none?password=hush"):
        with pytest.raises(AccountsUnavailable, match=r"127\.0\.0\.1") as refused:
            Accounts(place)
        with pytest.raises(LogUnavailable, match=r"127\.0\.0\.1") as unopened:
            open_log(place)
        assert "hush" not in f"{refused.value} {unopened.value}"
    with pytest.raises(LogUnavailable, match="no address of a database") as unread:
        open_log("postgresql://room:hush@127.0.0.1:port/none")
    assert "hush" not in str(unread.value)


def test_a_demonstration_has_no_way_out_that_leads_nowhere(tested: Peopled, monkeypatch: pytest.MonkeyPatch) -> None:
    client = tested.as_role("coordinator")
    assert "/sign-out" in client.get("/agreement").text
    monkeypatch.setattr(tested.room, "demonstration", True)
    assert "/sign-out" not in client.get("/agreement").text


def test_a_changed_password_is_said_at_the_door_and_is_the_one_that_opens_it(tested: Peopled) -> None:
    tested.accounts.make("night-desk", PASSWORD, "dispatcher")
    client = TestClient(tested.app, base_url=HERE, follow_redirects=False)
    assert client.post("/sign-in", data={"name": "night-desk", "password": PASSWORD}).status_code == 303
    changed = client.post("/password", data={"old": PASSWORD, "password": "three other words"})
    assert "The password is changed. Sign in again." in client.get(changed.headers["location"]).text
    assert client.get("/board").status_code == 303
    assert client.post("/sign-in", data={"name": "night-desk", "password": "three other words"}).status_code == 303


# Refusals in Arabic


ARABIC = {"Accept-Language": "ar"}
LATIN_SENTENCE = re.compile(r"[A-Za-z]+( [a-z]+){2,}")


def refused_in_arabic(page: str) -> list[str]:
    """What a page marks as refused; nothing of it is an English sentence."""
    found = re.findall(r'class="(?:notice )?wrong"[^>]*>([^<]+)<', page)
    assert found and not [text for text in found if LATIN_SENTENCE.search(text)]
    return found


def test_what_is_wrong_with_an_account_is_said_in_the_language_of_the_page(tested: Peopled, tmp_path: Path) -> None:
    coordinator = tested.as_role("coordinator")
    coordinator.headers.update(ARABIC)
    new = {"name": "new-desk", "password": PASSWORD, "role": "dispatcher"}
    for change in ({"name": "x"}, {"name": "mediator"}, {"password": "short"}, {"role": "liaison"}, {"party": "mars"}):
        refused_in_arabic(coordinator.post("/accounts", data={**new, **change}).text)
    refused_in_arabic(coordinator.post("/accounts/coordinator/close").text)
    refused_in_arabic(coordinator.post("/password", data={"old": "wrong", "password": PASSWORD}).text)
    door = tested.as_role(None)
    door.headers.update(ARABIC)
    refused_in_arabic(door.post("/sign-in", data={"name": "nobody", "password": "wrong"}).text)
    accounts = Accounts(tmp_path / "new.db")
    fresh = TestClient(create_app(tested.room, accounts, code="4711"), base_url=HERE, headers=ARABIC)
    assert refused_in_arabic(fresh.post("/set-up", data={"code": "1"}).text)[0].startswith("ليس هذا هو الرمز")
    accounts.close()


def test_who_may_not_see_a_page_is_told_so_in_its_language_by_role_and_right(tested: Peopled) -> None:
    client = tested.as_role("information")
    page = client.get("/claims", headers=ARABIC).text
    assert "ليست لدور «إعلام» صلاحية: الاطلاع على الإفادات" in page and "coordinator" not in page
    assert client.get("/api/claims", headers=ARABIC).json() == {
        "why": "the role information does not have the right to see claims: ask a coordinator"
    }


def test_every_right_that_may_be_refused_has_its_words() -> None:
    refused = {right for right in get_args(Right) if len(WHO[right]) < len(ROLES)}
    assert {f"right {right}" for right in refused} <= ROOM.keys()


def test_a_password_is_kept_as_argon2id_and_a_session_as_a_hash(tested: Peopled) -> None:
    token = tested.accounts.open_session("verifier")
    database = Path(str(tested.accounts._engine.url.database))
    content = b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))
    assert b"$argon2id$" in content and PASSWORD.encode() not in content and token.encode() not in content
