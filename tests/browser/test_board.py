"""The board in a browser: the newcomer's ten seconds, the past, Arabic, a phone, no map, print."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

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
    page = visit("/board?as_of=2016-12-15T15:00%2B02:00&language=en")
    headline, strip, people, feed = (page.locator(f".{part}") for part in ("headline", "strip", "people", "feed"))
    amiriyah = page.locator(".map-place", has_text="Amiriyah")
    expect(headline).to_contain_text("Moving")
    expect(strip).to_contain_text("convoy-1")
    expect(people).to_contain_text("951")
    expect(feed).to_contain_text("handed over")
    page.locator(".theatre").scroll_into_view_if_needed()
    expect(amiriyah).to_contain_text("35,135 waiting")
    page.get_by_role("slider").first.press("Home")
    expect(headline).to_contain_text("Not begun")
    expect(page).to_have_url(re.compile("as_of=2016-12-1[345]"))
    expect(strip).not_to_contain_text("convoy-1")
    expect(people).not_to_contain_text("951")
    expect(feed).not_to_contain_text("handed over")
    expect(amiriyah).not_to_contain_text("35,135 waiting")
    page.get_by_role("button", name="Now").click()
    expect(headline).to_contain_text("Suspended")
    expect(feed).to_contain_text("consent withdrawn")
    expect(strip).to_contain_text("blocked")


def test_the_slider_marks_the_days_and_now(visit: Visit) -> None:
    page = visit("/board?language=en")
    days = page.locator(".days text")
    expect(days.filter(has_text="16 Dec")).to_be_visible()
    expect(days.filter(has_text="Now")).to_be_visible()
    page.get_by_role("slider").first.press("Home")
    expect(page.locator(".headline")).to_contain_text("Not begun")
    expect(days.filter(has_text="Now")).to_be_visible()
    assert len([said for said in days.all_text_contents() if said]) >= 8, "a date for each of the operation's days"


def test_the_address_of_an_instant_shows_it_again(visit: Visit) -> None:
    page = visit("/board?as_of=2016-12-19T12:00%2B02:00")
    expect(page.locator(".headline")).to_contain_text("19 Dec")


def test_in_arabic_the_board_is_right_to_left(visit: Visit) -> None:
    page = visit("/board?language=ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    expect(page.locator(".headline")).to_contain_text("معلّقة")
    english = page.locator(".headline, .card h2").all_inner_texts()
    assert not any(re.search(r"\b(Suspended|Unaccounted|People out|Events|Consents)\b", text) for text in english)


def below(element: Locator) -> float:
    """Where an element begins, in pixels from the top of the screen."""
    box = element.bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("path", ["/board?language=en", "/board?language=ar"])
def test_on_a_phone_the_first_screen_says_what_since_when_and_who_says_why(visit: Visit, path: str) -> None:
    page = visit(path, width=360, height=740)
    expect(page.locator(".headline")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    bar = below(page.locator(".time-bar"))
    assert bar > 740 - 60, "the time bar is one line"
    for part in ("h1", ".sentence", ".why h2", ".answers .claim >> nth=0"):
        assert below(page.locator(".headline").locator(part)) + 20 < bar
    assert below(page.locator(".headline")) < 90, "what stands above it takes little room"


def test_on_a_phone_the_time_bar_unfolds_by_keyboard(visit: Visit) -> None:
    page = visit("/board?language=en", width=360, height=740)
    slider, unfold = page.get_by_role("slider"), page.get_by_role("button", name="Time")
    expect(unfold).to_have_attribute("aria-expanded", "false")
    expect(slider).to_be_hidden()
    unfold.focus()
    page.keyboard.press("Enter")
    expect(slider).to_be_visible()
    slider.press("Home")
    expect(page.locator(".headline")).to_contain_text("Not begun")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    unfold.press("Enter")
    expect(slider).to_be_hidden()
    page.get_by_role("button", name="Now").click()
    expect(page.locator(".headline")).to_contain_text("Suspended")


def map_code(page: Page) -> list[str]:
    """What of the map's code was loaded."""
    names: list[str] = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    return [name for name in names if "theatre" in name]


def test_the_map_is_loaded_where_it_can_be_drawn_and_is_looked_at(visit: Visit) -> None:
    page = visit("/board?language=en")
    expect(page.locator(".headline")).to_be_visible()
    assert map_code(page) == []
    page.locator(".theatre").scroll_into_view_if_needed()
    expect(page.locator(".chart canvas")).to_be_visible()
    assert map_code(page) != []


def test_without_webgl_the_strip_is_there_and_no_map_is_loaded(visit: Visit) -> None:
    blind = "HTMLCanvasElement.prototype.getContext = () => null; delete window.WebGL2RenderingContext;"
    page = visit("/board?language=en", init=blind)
    expect(page.locator(".headline")).to_be_visible()
    expect(page.get_by_text("Ramouseh").first).to_be_visible()
    page.locator(".theatre").scroll_into_view_if_needed()
    expect(page.locator(".theatre")).to_contain_text("cannot draw the map")
    page.wait_for_timeout(500)
    assert map_code(page) == []


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_map_names_whole_the_places_where_people_wait(visit: Visit, width: int) -> None:
    page = visit("/board?language=en", width=width)
    page.locator(".theatre").scroll_into_view_if_needed()
    chart = page.locator(".chart")
    for name in ("Amiriyah", "Jibreen shelter"):
        label = page.locator(".map-label", has_text=name)
        expect(label).to_be_visible()
        inner, outer = label.bounding_box(), chart.bounding_box()
        assert inner is not None and outer is not None
        assert outer["x"] <= inner["x"] and inner["x"] + inner["width"] <= outer["x"] + outer["width"]


def test_the_map_speaks_arabic(visit: Visit) -> None:
    page = visit("/board?language=ar")
    page.locator(".theatre").scroll_into_view_if_needed()
    expect(page.locator(".chart").get_by_role("button", name="تكبير")).to_be_visible()
    assert not re.search("[a-z]{3}", page.locator(".maplibregl-desktop-message").inner_text().replace("Ctrl", ""))


def test_without_scripts_the_headline_is_there_in_words(visit: Visit) -> None:
    page = visit("/board", java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Suspended since 16 Dec 09:00")
    expect(page.get_by_role("row", name=re.compile("East Aleppo to Idlib"))).to_contain_text("951")
    expect(page.get_by_text("Nobody is unaccounted for.")).to_be_visible()
    expect(page.get_by_text("Demanded by Iran")).to_be_visible()


def moved(visit: Visit, motion: str) -> int:
    """How many things moved by themselves while the slider went to another instant and its time was loaded."""
    page = visit("/board?as_of=2016-12-15T15:00%2B02:00&language=en", reduced_motion=motion)
    expect(page.locator(".headline")).to_contain_text("Moving")
    for kind in ("transitionrun", "animationstart"):
        page.evaluate(f"window.ran = 0; document.addEventListener('{kind}', () => window.ran++)")
    page.get_by_role("slider").first.press("Home")
    expect(page.locator(".headline")).to_contain_text("Not begun")
    page.wait_for_timeout(300)
    return int(page.evaluate("window.ran"))


def test_with_reduced_motion_nothing_moves_by_itself(visit: Visit) -> None:
    assert moved(visit, "no-preference") > 0
    assert moved(visit, "reduce") == 0


@pytest.mark.parametrize("path", ["/board", "/board?language=ar"])
def test_those_who_cannot_see_it_or_use_a_mouse_can_use_it(
    visit: Visit, axe: Callable[[Page], list[str]], path: str
) -> None:
    page = visit(path)
    expect(page.locator(".headline")).to_be_visible()
    assert axe(page) == []
