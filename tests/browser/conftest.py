"""A real browser on a real server: the system's Chromium, and the room on East Aleppo at midday of 17 December 2016."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from web.rooms import served

from safepassage.web.serve import Opened, open_rehearsal

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
CUT = "ERR_INTERNET_DISCONNECTED"
"""What a browser says of each request while a test has taken its network away."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of all tests of this process."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path is not None, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demonstration() -> Iterator[tuple[Opened, str]]:
    """The demonstration, and its address."""
    with ExitStack() as closing:
        opened = open_rehearsal(closing, demonstration=True)
        with served(opened) as address:
            yield opened, address


Visit = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, demonstration: tuple[Opened, str]) -> Iterator[Visit]:
    """Opens a page of the demonstration; what goes wrong in it, or asks for another host, fails the test."""
    wrong: list[str] = []
    contexts: list[BrowserContext] = []
    _, address = demonstration

    def go(path: str, *, width: int = 1440, height: int = 900, init: str = "", **settings: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        if init:
            context.add_init_script(init)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console", lambda said: wrong.append(said.text) if said.type == "error" and CUT not in said.text else None
        )
        page.on("request", lambda asked: None if _own(asked.url, address) else wrong.append(asked.url))
        page.goto(f"{address}{path}")
        return page

    yield go
    for context in contexts:
        context.close()
    assert not wrong


def _own(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:"))


AXE = Path(__file__).parent.parent.parent / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """What is wrong with a page for those who cannot see it or use a mouse: serious findings, each with where it is."""
    source = AXE.read_text(encoding="utf-8")

    def find(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{one['id']}: {one['help']}: {node['html'][:160]}"
            for one in found["violations"]
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]

    return find
