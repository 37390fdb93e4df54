"""The board in a browser: the newcomer's ten seconds, the past, Arabic, a phone, no map, print."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Visit


def test_the_newcomer_sees_who_moves_since_when_who_says_why_and_what_comes_next(visit: Visit) -> None:
    page = visit("/board")
    headline = page.locator(".headline")
    expect(headline.get_by_role("heading", level=1)).to_contain_text("Suspended")
    expect(headline).to_contain_text("27 h")
    expect(headline).to_contain_text("Suspended since 16 Dec 09:00: nobody may leave. WHO says so.")
    expect(headline).to_contain_text("4 rival answers, none settled")
    expect(headline).to_contain_text("Demanded by Iran: The wounded of Foua and Kefraya leave at the same time")
    for element in (headline, page.get_by_text("What would have to happen next")):
        box = element.bounding_box()
        assert box is not None and box["y"] < 400, "all of it is on the first screen"


def test_the_slider_moves_everything_to_another_instant(visit: Visit) -> None:
    page = visit("/board?as_of=2016-12-15T15:00%2B02:00")
    expect(page.locator(".headline")).to_contain_text("Moving")
    page.get_by_role("slider").first.press("Home")
    expect(page.locator(".headline")).to_contain_text("Not begun")
    expect(page).to_have_url(re.compile("as_of=2016-12-1[345]"))
    page.get_by_role("button", name="Now").click()
    expect(page.locator(".headline")).to_contain_text("Suspended")


def test_the_address_of_an_instant_shows_it_again(visit: Visit) -> None:
    page = visit("/board?as_of=2016-12-19T12:00%2B02:00")
    expect(page.locator(".headline")).to_contain_text("19 Dec")


def test_in_arabic_the_board_is_right_to_left(visit: Visit) -> None:
    page = visit("/board?language=ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    expect(page.locator(".headline")).to_contain_text("معلّقة")
    english = page.locator(".headline, .card h2").all_inner_texts()
    assert not any(re.search(r"\b(Suspended|Unaccounted|People out|Events|Consents)\b", text) for text in english)


@pytest.mark.parametrize("path", ["/board", "/board?language=ar"])
def test_on_a_phone_nothing_hangs_over_the_edge(visit: Visit, path: str) -> None:
    page = visit(path, width=360, height=740)
    expect(page.locator(".headline")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator(".headline h1").bounding_box()
    assert box is not None and box["y"] < 400


def test_without_webgl_the_strip_is_there_and_no_map_is_loaded(visit: Visit) -> None:
    blind = "HTMLCanvasElement.prototype.getContext = () => null; delete window.WebGL2RenderingContext;"
    page = visit("/board", init=blind)
    expect(page.locator(".headline")).to_be_visible()
    expect(page.get_by_text("Ramouseh").first).to_be_visible()
    page.wait_for_timeout(300)
    names = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    assert not any("theatre" in name for name in names)


def test_without_scripts_the_headline_is_there_in_words(visit: Visit) -> None:
    page = visit("/board", java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Suspended since 16 Dec 09:00")
    expect(page.get_by_role("row", name=re.compile("East Aleppo to Idlib"))).to_contain_text("951")
    expect(page.get_by_text("Nobody is unaccounted for.")).to_be_visible()
    expect(page.get_by_text("Demanded by Iran")).to_be_visible()


def test_with_reduced_motion_nothing_moves_by_itself(visit: Visit) -> None:
    page = visit("/board", reduced_motion="reduce")
    expect(page.locator(".headline")).to_be_visible()
    assert page.evaluate("document.getAnimations().filter((one) => one.playState === 'running').length") == 0


@pytest.mark.parametrize("path", ["/board", "/board?language=ar"])
def test_those_who_cannot_see_it_or_use_a_mouse_can_use_it(
    visit: Visit, axe: Callable[[Page], list[str]], path: str
) -> None:
    page = visit(path)
    expect(page.locator(".headline")).to_be_visible()
    assert axe(page) == []
