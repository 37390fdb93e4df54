"""A new room from its first minute, on either store: the code, accounts, a claim, and back after a restart."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from log.events import Place
from playwright.sync_api import Browser, Page, expect
from web.rooms import PASSWORD, served

from safepassage.web.serve import Opened, open_kept


def opened_in(closing: ExitStack, place: Place, folder: Path) -> Opened:
    if "://" in place.address:
        return open_kept(closing, "tiny", database=place.address)
    return open_kept(closing, "tiny", data=folder)


def sign_in(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/claims?language=en")
    page.get_by_label("Account").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_a_room_from_its_first_minute(chromium: Browser, place: Place, tmp_path: Path) -> None:
    with ExitStack() as closing:
        opened = opened_in(closing, place, tmp_path / "room")
        address = closing.enter_context(served(opened))
        page = chromium.new_page()
        page.goto(f"{address}/?language=en")
        expect(page.get_by_role("heading", name="Set up this room")).to_be_visible()
        page.get_by_label("Code").fill("guessed")
        page.get_by_label("Account").fill("duty")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("This is not the code")
        page.get_by_label("Code").fill(opened.code)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator(".headline")).to_contain_text("Not begun")
        page.get_by_role("link", name="Accounts", exact=True).click()
        page.get_by_label("Account", exact=True).fill("eyes")
        page.get_by_label("Role").select_option("verifier")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Make the account").click()
        expect(page.get_by_role("rowheader", name="eyes")).to_be_visible()
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="eyes"))
        expect(page.get_by_role("button", name="Close eyes now")).not_to_be_visible()
        row.get_by_text("Close eyes", exact=True).click()
        page.get_by_role("button", name="Close eyes now").click()
        page.get_by_role("button", name="Open again eyes").click()
        expect(row.get_by_text("open", exact=True)).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        sign_in(page, address, "eyes")
        expect(page.get_by_role("link", name="Accounts", exact=True)).to_have_count(0)
        page.keyboard.press("n")
        page.locator("#f-new_question").fill("Who shut the bridge?")
        page.locator("#f-answer").fill("the council")
        page.locator("#f-origin").fill("Radio Hill")
        page.keyboard.press("Enter")
        expect(page.locator(".receipt")).to_contain_text("Entered as number")
        page.context.close()
    with ExitStack() as closing:
        address = closing.enter_context(served(opened_in(closing, place, tmp_path / "room")))
        page = chromium.new_page()
        sign_in(page, address, "eyes")
        expect(page.get_by_role("heading", name="Who shut the bridge?")).to_be_visible()
        expect(page.get_by_text("From Radio Hill").first).to_be_visible()
        page.context.close()


def test_what_was_typed_outlives_the_session(chromium: Browser, tmp_path: Path) -> None:
    with ExitStack() as closing:
        opened = open_kept(closing, "tiny", data=tmp_path / "room")
        address = closing.enter_context(served(opened))
        opened.app.state.accounts.make("duty", PASSWORD, "coordinator")
        page = chromium.new_page()
        sign_in(page, address, "duty")
        expect(page.get_by_role("heading", name="Claims desk")).to_be_visible()
        page.goto(f"{address}/log?report=road+blocked&language=en")
        page.locator('[name="what.why"]').fill("a mine was seen")
        page.locator("#f-reliability").select_option("B")
        page.locator("#f-origin").fill("Radio Hill")
        page.context.clear_cookies()
        page.get_by_role("button", name="Enter", exact=True).click()
        page.get_by_label("Account").fill("duty")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("#draft")).to_contain_text("What you had typed is here again")
        expect(page.locator('[name="what.why"]')).to_have_value("a mine was seen")
        expect(page.locator("#f-reliability")).to_have_value("B")
        assert PASSWORD not in page.evaluate("JSON.stringify(sessionStorage)")
        page.locator('[name="what.road"]').select_option("hill--bridge")
        page.get_by_role("button", name="Enter", exact=True).click()
        expect(page.locator(".receipt")).to_contain_text("Entered as number")
        expect(page.locator(".entry.fresh")).to_contain_text("a mine was seen")
        page.wait_for_function("!JSON.stringify(sessionStorage).includes('a mine was seen')")
        page.goto(f"{address}/log?report=road+blocked")
        expect(page.locator('[name="what.why"]')).to_have_value("")
        expect(page.locator("#draft")).to_be_hidden()
        page.locator('[name="what.why"]').fill("typed and left")
        page.reload()
        expect(page.locator('[name="what.why"]')).to_have_value("typed and left")
        page.get_by_role("button", name="Drop it").click()
        expect(page.locator('[name="what.why"]')).to_have_value("")
        page.locator('[name="what.why"]').fill("not for the next who signs in here")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert page.evaluate("sessionStorage.length") == 0
        page.context.close()
