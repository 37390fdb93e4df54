"""The claims desk in a browser: a claim by keyboard alone, without a script too, on a phone, in Arabic, axe."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect
from web.rooms import served

from browser.conftest import Visit
from safepassage.web.serve import Opened, open_rehearsal


@pytest.fixture(scope="module")
def demonstration() -> Iterator[tuple[Opened, str]]:
    """A demonstration of these tests' own: they enter claims."""
    with ExitStack() as closing:
        opened = open_rehearsal(closing, demonstration=True)
        with served(opened) as address:
            yield opened, address


KEY_MILLIS = 120
"""From one key to the next of somebody who does not type fast."""
SECONDS_MOST = 20


def test_a_claim_is_entered_by_keyboard_alone_in_twenty_seconds(visit: Visit) -> None:
    page = visit("/claims")
    expect(page.locator("#f-question")).to_be_visible()
    began = time.monotonic()
    page.keyboard.press("n", delay=KEY_MILLIS)
    expect(page.locator("#f-question")).to_be_focused()
    page.keyboard.type("Why did", delay=KEY_MILLIS)
    for typed in ("", "", "buses held back", "", "SOHR"):  # question, new one, stance, answer, what was said, origin
        page.keyboard.press("Tab", delay=KEY_MILLIS)
        page.keyboard.type(typed, delay=KEY_MILLIS)
    expect(page.locator("#f-side")).to_have_value("sohr")
    page.keyboard.press("Enter", delay=KEY_MILLIS)
    expect(page.locator(".receipt")).to_contain_text("Entered as number")
    assert time.monotonic() - began < SECONDS_MOST
    fresh = page.locator(".claim.fresh")
    expect(fresh).to_contain_text("buses held back")
    expect(fresh.locator(".chain")).to_contain_text("From SOHR")


def test_the_key_on_a_question_adds_a_claim_to_it(visit: Visit) -> None:
    page = visit("/claims")
    page.locator('[data-question="q-bags"] a[data-new]').focus()
    page.keyboard.press("n")
    expect(page.locator("#f-question")).to_have_value("q-bags")
    expect(page.locator("#f-stance")).to_be_focused()


def test_nothing_is_filled_in_that_nobody_typed(visit: Visit) -> None:
    page = visit("/claims?language=en")
    for origin, side in (("Damascus", ""), ("ICRC", "icrc"), ("AFP", ""), ("an office never heard of", "")):
        page.locator("#f-origin").fill(origin)
        expect(page.locator("#f-side")).to_have_value(side)
        expect(page.locator("#f-via")).to_have_value("")
        expect(page.locator("#f-reliability")).to_have_value("F")
    page.locator("#f-side").fill("neutral")
    page.locator("#f-origin").fill("ICRC")
    expect(page.locator("#f-side")).to_have_value("neutral")


def test_the_key_is_there_on_an_arabic_keyboard(visit: Visit) -> None:
    page = visit("/claims?language=ar")
    pressed = "new KeyboardEvent('keydown', {key: 'ى', code: 'KeyN', bubbles: true, cancelable: true})"
    page.evaluate(f"document.body.dispatchEvent({pressed})")
    expect(page.locator("#f-question")).to_be_focused()


def test_without_scripts_a_claim_is_denied_by_links_and_a_form(visit: Visit) -> None:
    page = visit("/claims", java_script_enabled=False)
    card = page.locator('[data-question="q-held"] .claim').first
    card.locator("summary").click()
    card.get_by_role("link", name="denies").click()
    page.locator("#f-text").fill("Nobody was held at the checkpoint")
    page.locator("#f-origin").fill("militias' office")
    page.get_by_role("button", name="Enter", exact=True).click()
    expect(page.locator(".receipt")).to_contain_text("Entered as number")
    denied = page.locator('[data-question="q-held"] [data-stance="denies"]')
    expect(denied).to_contain_text("Nobody was held at the checkpoint")


@pytest.mark.parametrize("path", ["/claims", "/claims?language=ar"])
def test_on_a_phone_nothing_hangs_over_the_edge_and_axe_finds_nothing(
    visit: Visit, axe: Callable[[Page], list[str]], path: str
) -> None:
    page = visit(path, width=360, height=740)
    expect(page.locator(".question").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert axe(page) == []
