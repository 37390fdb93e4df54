"""The pages of a running room in a browser: time that passes, news, a line that breaks, more pages than connections."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest
from playwright.sync_api import Page, Route, expect
from web.rooms import served

from browser.conftest import Visit
from safepassage import control
from safepassage.web.serve import Opened, open_rehearsal

HIDE = "Object.defineProperty(document, 'hidden', {configurable: true, get: () => %s});"
TURN = HIDE + "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture(scope="module")
def demonstration() -> Iterator[tuple[Opened, str]]:
    """A demonstration of these tests' own: reports come in, and its clock is set."""
    with ExitStack() as closing:
        opened = open_rehearsal(closing, demonstration=True)
        with served(opened) as address:
            yield opened, address


@pytest.fixture
def before_noon(demonstration: tuple[Opened, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets the room's clock to some seconds before noon."""
    starts = datetime.fromisoformat("2016-12-17T11:59:53+02:00")
    monkeypatch.setattr(demonstration[0].room.record, "_clock", control.running_from(starts))


def report(page: Page, why: str) -> None:
    """A report comes in."""
    written = json.dumps([{"what": {"kind": "road blocked", "road": "foua--rashideen", "why": why}}])
    headers = "{'Content-Type': 'application/json'}"
    page.evaluate(f"body => fetch('/api/events', {{method: 'POST', headers: {headers}, body}})", written)


def shown(page: Page, whether: bool) -> None:
    """The page is brought before the user, or behind others."""
    page.evaluate(TURN % ("false" if whether else "true"))


def test_time_passes_on_the_board_though_nothing_comes_in(visit: Visit, before_noon: None) -> None:
    page = visit("/board?language=en")
    expect(page.locator(".instant")).to_contain_text("As of 17 Dec 11:59")
    expect(page.locator(".instant")).to_contain_text("As of 17 Dec 12:00", timeout=12_000)
    expect(page.locator(".instant .pill")).to_have_text("● Live")


def test_time_passes_on_a_desk_but_not_under_the_hands_of_who_types(visit: Visit, before_noon: None) -> None:
    typing, reading = visit("/claims?language=en"), visit("/log?language=en")
    typing.locator("#f-new_question").fill("Who shut the")
    for page in (typing, reading):
        expect(page.locator(".band")).to_contain_text("As of 17 Dec 11:59")
    expect(reading.locator(".band")).to_contain_text("As of 17 Dec 12:00", timeout=12_000)
    expect(typing.locator(".band")).to_contain_text("As of 17 Dec 11:59")
    expect(typing.locator("#f-new_question")).to_have_value("Who shut the")


def test_a_board_that_is_shown_again_is_of_now(
    visit: Visit, before_noon: None, demonstration: tuple[Opened, str]
) -> None:
    page = visit("/board?language=en")
    expect(page.locator(".instant .pill")).to_have_text("● Live")
    shown(page, False)
    later = control.running_from(datetime.fromisoformat("2016-12-17T12:07:10+02:00"))
    demonstration[0].room.record._clock = later
    page.wait_for_timeout(500)
    expect(page.locator(".instant")).to_contain_text("As of 17 Dec 11:59")
    shown(page, True)
    expect(page.locator(".instant")).to_contain_text("As of 17 Dec 12:07", timeout=3_000)


def test_a_rehearsal_shows_news_and_its_address_stays_now(visit: Visit, demonstration: tuple[Opened, str]) -> None:
    page = visit("/board?language=en")
    expect(page.locator(".headline")).to_contain_text("Suspended")
    report(page, "seen on the rehearsal's board")
    expect(page.locator(".feed")).to_contain_text("seen on the rehearsal's board", timeout=3_000)
    assert not re.search("as_of|known_at", page.url)
    page.reload()
    expect(page.locator(".feed")).to_contain_text("seen on the rehearsal's board")
    page.get_by_role("link", name="Log", exact=True).click()
    expect(page.locator(".band")).to_contain_text("As of 17 Dec")
    expect(page.locator(".band")).not_to_contain_text("This is the past")
    expect(page.locator("#content")).to_contain_text("seen on the rehearsal's board")


def test_eight_pages_of_one_browser_are_all_served(visit: Visit) -> None:
    first = visit("/board?language=en")
    pages = [first]
    for path in ("board", "log", "claims", "board", "log", "board", "board"):
        shown(pages[-1], False)
        page = first.context.new_page()
        page.goto(first.url.replace("/board", f"/{path}"), timeout=10_000)
        pages.append(page)
    expect(pages[-1].locator(".instant .pill")).to_have_text("● Live")
    report(pages[-1], "the eighth page was open")
    expect(pages[-1].locator(".feed")).to_contain_text("the eighth page was open")
    assert "the eighth page was open" not in first.locator(".feed").inner_text()
    shown(pages[-1], False)
    shown(first, True)
    expect(first.locator(".feed")).to_contain_text("the eighth page was open", timeout=3_000)


@pytest.mark.parametrize("name", ["board", "log", "claims", "agreement"])
def test_a_lost_line_is_said_and_found_again(visit: Visit, name: str) -> None:
    page = visit(f"/{name}?language=en")
    said = page.locator(".banner, #line")
    if name == "board":
        expect(page.locator(".instant .pill")).to_have_text("● Live")
    expect(said).to_be_hidden()
    page.wait_for_timeout(500)
    page.context.set_offline(True)
    expect(said).to_contain_text("No connection")
    if name == "board":
        expect(page.locator(".instant .pill")).to_contain_text("Lost since")
    else:
        expect(said).to_contain_text(re.compile(r"since \d\d:\d\d"))
    page.context.set_offline(False)
    expect(said).to_be_hidden()
    if name == "board":
        expect(page.locator(".instant .pill")).to_have_text("● Live")


@pytest.mark.parametrize("name", ["board", "log"])
def test_where_a_proxy_holds_back_the_stream_a_long_poll_brings_the_news(visit: Visit, name: str) -> None:
    page = visit("/account?language=en")

    def hold(route: Route) -> None:
        if "wait=" in route.request.url:
            route.continue_()

    page.context.route("**/stream?*", hold)
    page.goto(page.url.replace("/account", f"/{name}"))
    with page.expect_request(re.compile("wait=25"), timeout=12_000):
        pass
    report(page, f"by a poll of the {name}")
    expect(page.locator("main")).to_contain_text(f"by a poll of the {name}", timeout=3_000)


def test_the_links_of_the_frame_go_to_the_instant_of_the_slider(visit: Visit) -> None:
    page = visit("/board?language=en")
    expect(page.locator(".headline")).to_contain_text("Suspended")
    page.get_by_role("slider").first.press("PageDown")
    expect(page.locator(".instant")).to_contain_text("As of 17 Dec 06:0")
    page.locator(".top").get_by_role("link", name="العربية").click()
    expect(page.locator(".instant")).to_contain_text("06:0")
    page.locator(".top nav").get_by_role("link").last.click()
    expect(page.locator(".band")).to_contain_text("06:0")
    page.go_back()
    page.get_by_role("button", name="الآن").click()
    expect(page.locator(".top nav a").last).not_to_have_attribute("href", re.compile("as_of|known_at"))
    page.locator(".top nav").get_by_role("link").nth(4).click()
    expect(page.locator("main h1, main h2").first).to_be_visible()
    assert "as_of" not in page.url


def test_the_report_downloaded_is_of_the_instant_of_the_slider(visit: Visit) -> None:
    page = visit("/board?language=en")
    expect(page.locator(".headline")).to_contain_text("Suspended")
    page.get_by_role("slider").first.press("PageDown")
    page.locator(".top nav").get_by_role("link", name="Report").click()
    for link in page.locator(".take a").all():
        assert "as_of=2016-12-17T06" in (link.get_attribute("href") or "")
