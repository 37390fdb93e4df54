"""Who may do what: every role at every route, and what nobody may read who could do harm with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from safepassage.events import ConsentGiven, MovementAnnounced, RoadBlocked
from safepassage.web import access
from safepassage.web.access import RIGHTS, ROLES, RULES, Right, Role
from safepassage.web.accounts import Accounts
from safepassage.web.app import create_app
from safepassage.web.board import spans_of
from safepassage.web.terms import ROOM
from web.rooms import DESK, HERE, PARTY, PASSWORD, TINY, Peopled, plan_adopted, tiny_plan, tiny_room

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
    assert coordinator.post("/accounts/radio").status_code == 303
    assert radio.get("/board").status_code == 303
    assert radio.post("/sign-in", data={"name": "radio", "password": PASSWORD}).status_code == 401


def test_the_last_coordinator_stays(tested: Peopled) -> None:
    answer = tested.as_role("coordinator").post("/accounts/coordinator")
    assert answer.status_code == 400 and "the last coordinator" in answer.text


def test_after_five_wrong_passwords_an_account_has_to_wait(tested: Peopled) -> None:
    client = tested.as_role(None)
    for _ in range(5):
        assert "do not belong together" in client.post("/sign-in", data={"name": "mediator", "password": "?"}).text
    assert "Too many wrong tries" in client.post("/sign-in", data={"name": "mediator", "password": PASSWORD}).text


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
    refused_in_arabic(coordinator.post("/accounts/coordinator").text)
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
