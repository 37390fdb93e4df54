"""Every page in a browser: in both languages, on a phone, on paper, for those who cannot see it or use a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from browser.conftest import Visit
from safepassage.web.pages import NAVIGATION
from safepassage.web.terms import ROOM

PAGES = [*NAVIGATION, "account"]
A4: ViewportSize = {"width": 794, "height": 1123}
"""A sheet in pixels of the page."""
FIRST_PAGE = """high => {
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), shown = [], range = new Range();
  while (words.nextNode()) {
    range.selectNode(words.currentNode);
    const {bottom, height} = range.getBoundingClientRect(), seen = words.currentNode.parentElement.checkVisibility();
    if (seen && height && bottom <= high) shown.push(words.currentNode.data);
  }
  return shown.join(" ");
}"""
"""The words that are printed on a sheet's height from the top."""


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_without_seeing_it_and_without_a_mouse(
    visit: Visit, axe: Callable[[Page], list[str]], name: str, language: str
) -> None:
    page = visit(f"/{name}?language={language}")
    page.wait_for_timeout(200)
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    assert axe(page) == []


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_on_a_phone_nothing_hangs_over_the_edge(visit: Visit, name: str, language: str) -> None:
    page = visit(f"/{name}?language={language}", width=360, height=740)
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("name", NAVIGATION)
def test_in_arabic_the_frame_of_a_page_is_arabic(visit: Visit, name: str) -> None:
    page = visit(f"/{name}?language=ar")
    shown = page.locator(".top nav").inner_text()
    assert ROOM[name].ar in shown and not re.search("[A-Za-z]", shown)


def test_the_headline_is_on_every_page_and_moves_with_the_instant(visit: Visit) -> None:
    for name in ("agreement", "claims", "log"):
        page = visit(f"/{name}?language=en&as_of=2016-12-19T12:00%2B02:00")
        band = page.locator(".band")
        expect(band).to_contain_text("As of 19 Dec 12:00")
        expect(band).to_contain_text("This is the past, not now.")
        expect(page.locator(".top nav a").first).to_have_attribute("href", re.compile("as_of=2016-12-19"))


def test_the_planner_is_asked_whether_all_can_hold(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safepassage.web.agreement.CONFLICT_SECONDS", 2.0)
    page = visit("/agreement?language=en")
    page.get_by_role("button", name="Ask the planner").click()
    expect(page.locator("#conflict .answer")).to_be_visible(timeout=60_000)


def test_the_report_prints_on_a4_without_the_frame(visit: Visit) -> None:
    page = visit("/report?language=en")
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".take")).to_be_hidden()
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF") and printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") > 1
    page.set_viewport_size(A4)
    first = " ".join(str(page.evaluate(FIRST_PAGE, A4["height"])).split())
    assert "Demonstration: nothing here is happening." in first
    assert "As of 17 Dec 12:0" in first
    assert "Suspended since 16 Dec 09:00: nobody may leave. WHO says so." in first
    assert "Sign out" not in first


@pytest.mark.parametrize(
    ("motion", "sign"), [("not begun", "○"), ("over", "✓"), ("not known", "?"), ("held", "❚❚"), ("moving", "▶")]
)
def test_each_motion_has_its_own_sign_in_the_band(visit: Visit, motion: str, sign: str) -> None:
    page = visit("/claims?language=en")
    page.locator(".band").evaluate("(band, motion) => { band.dataset.motion = motion }", motion)
    shown = page.locator(".band .mark").evaluate("mark => getComputedStyle(mark, '::before').content")
    assert shown.strip('"').strip() == sign


def test_the_entrance_is_narrow(visit: Visit) -> None:
    page = visit("/sign-in?language=en")
    box = page.locator("#password").bounding_box()
    assert box is not None and box["width"] <= 420


def test_what_comes_in_is_shown_at_once_where_nobody_types(visit: Visit) -> None:
    watching = visit("/log?language=en")
    before = watching.locator("main").inner_text()
    entering = visit("/log?language=en")
    entering.evaluate(
        """() => fetch('/api/events', {method: 'POST', headers: {'Content-Type': 'application/json'},
        body: JSON.stringify([{what: {kind: 'road blocked', road: 'foua--rashideen', why: 'seen in a test'}}])})"""
    )
    expect(watching.locator("main")).to_contain_text("seen in a test", timeout=10_000)
    assert "seen in a test" not in before
