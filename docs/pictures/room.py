"""Takes the pictures of the operations room: `python docs/pictures/room.py` opens the demonstration, and a browser on it."""

from __future__ import annotations

import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "tests"))

from web.rooms import served

from safepassage.web.serve import open_rehearsal

WIDE, PHONE = (1440, 900), (360, 740)
PICTURES = {
    "room-board": ("/board", WIDE, False),
    "room-board-ar": ("/board?language=ar", WIDE, False),
    "room-board-phone": ("/board?language=en", PHONE, False),
    "room-agreement": ("/agreement?language=en", WIDE, False),
    "room-claims": ("/claims", WIDE, False),
    "room-log": ("/log", WIDE, False),
    "room-report": ("/report", WIDE, False),
    "room-accounts": ("/accounts", WIDE, False),
}
"""Address, size, and whether the whole page is taken."""


def main() -> None:
    """Takes them all, or those named."""
    names = sys.argv[1:] or list(PICTURES)
    with ExitStack() as closing, sync_playwright() as playwright:
        address = closing.enter_context(served(open_rehearsal(closing, demonstration=True)))
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--headless", "--no-sandbox", "--disable-gpu"])
        for name in names:
            where, (width, height), whole = PICTURES[name]
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(address + where)
            page.wait_for_timeout(1_500)
            page.screenshot(path=HERE / f"{name}.png", full_page=whole)
            page.close()
            print(f"Wrote {name}.png")
        browser.close()


if __name__ == "__main__":
    main()
