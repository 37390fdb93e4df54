"""The log desk in a browser: a report by keyboard, corrected without a script, on a phone, in Arabic, axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect
from web.rooms import served

from browser.conftest import Visit
from safepassage.web.serve import Opened, open_rehearsal


@pytest.fixture(scope="module")
def demonstration() -> Iterator[tuple[Opened, str]]:
    """A demonstration of these tests' own: they enter reports."""
    with ExitStack() as closing:
        opened = open_rehearsal(closing, demonstration=True)
        with served(opened) as address:
            yield opened, address


def test_a_report_is_entered_by_keyboard_alone(visit: Visit) -> None:
    page = visit("/log?report=road+blocked")
    page.keyboard.press("n")
    expect(page.locator('[name="what.road"]')).to_be_focused()
    page.keyboard.type("Ramouseh")
    page.keyboard.press("Tab")
    page.keyboard.type("militias")
    page.keyboard.press("Enter")
    expect(page.locator(".receipt")).to_contain_text("Entered as number")
    expect(page.locator(".entry.fresh")).to_contain_text("road blocked")
    expect(page.locator(".entry.fresh")).to_contain_text("own observation")


def test_without_scripts_an_entry_is_corrected_and_stays_struck(visit: Visit) -> None:
    page = visit("/log?kind=people+counted", java_script_enabled=False)
    first = page.locator(".entry").first
    id = first.get_attribute("id")
    first.get_by_role("link", name="correct").click()
    page.locator('[name="what.people.*"]').fill("790-810")
    page.get_by_role("button", name="Enter", exact=True).click()
    expect(page.locator(".receipt")).to_contain_text("Entered as number")
    expect(page.locator(".entry.fresh")).to_contain_text("790-810")
    struck = page.locator(f'[id="{id}"]')
    expect(struck).to_contain_text("corrected")
    expect(struck.locator("del")).to_be_visible()


@pytest.mark.parametrize("path", ["/log?report=people+counted", "/log?report=consent+given&language=ar"])
def test_on_a_phone_nothing_hangs_over_the_edge_and_axe_finds_nothing(
    visit: Visit, axe: Callable[[Page], list[str]], path: str
) -> None:
    page = visit(path, width=360, height=740)
    expect(page.locator(".entry").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert axe(page) == []
