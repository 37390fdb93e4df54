"""The claims desk in a browser: a claim by keyboard alone, without a script too, on a phone, in Arabic, axe."""

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
    """A demonstration of these tests' own: they enter claims."""
    with ExitStack() as closing:
        opened = open_rehearsal(closing, demonstration=True)
        with served(opened) as address:
            yield opened, address


def test_a_claim_is_entered_by_keyboard_alone_in_few_keys(visit: Visit) -> None:
    page = visit("/claims")
    page.keyboard.press("n")
    expect(page.locator("#f-question")).to_be_focused()
    page.keyboard.type("Why did")
    for typed in ("", "", "buses held back", "", "SOHR"):  # question, new one, stance, answer, what was said, origin
        page.keyboard.press("Tab")
        page.keyboard.type(typed)
    expect(page.locator("#f-side")).to_have_value("monitor")
    page.keyboard.press("Enter")
    expect(page.locator(".receipt")).to_contain_text("Entered as number")
    fresh = page.locator(".claim.fresh")
    expect(fresh).to_contain_text("buses held back")
    expect(fresh.locator(".chain")).to_contain_text("From SOHR")


def test_the_key_on_a_question_adds_a_claim_to_it(visit: Visit) -> None:
    page = visit("/claims")
    page.locator('[data-question="q-bags"] a[data-new]').focus()
    page.keyboard.press("n")
    expect(page.locator("#f-question")).to_have_value("q-bags")
    expect(page.locator("#f-stance")).to_be_focused()


def test_another_office_does_not_inherit_the_relay_of_the_last(visit: Visit) -> None:
    page = visit("/claims")
    page.locator("#f-origin").fill("Damascus")
    expect(page.locator("#f-via")).not_to_have_value("")
    page.locator("#f-origin").fill("an office never heard of")
    expect(page.locator("#f-via")).to_have_value("")
    expect(page.locator("#f-side")).to_have_value("")


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
