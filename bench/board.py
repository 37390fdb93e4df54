"""The board in a browser slowed down four times: what it loads, when the headline is there, frames while sliding.

`python bench/board.py` is quick; `large` has a record of 10,000 events. The room is a real one, on loopback.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from browser.conftest import BROWSERS, FLAGS
from playwright.sync_api import Browser, Page, sync_playwright
from web.rooms import Peopled, opened, room_of, served

from safepassage.web.entrance import SESSION_COOKIE
from safepassage.web.serve import open_rehearsal

SIZES = {"small": (300, 1, 1.0), "large": (10_000, 5, 4.0)}
"""Events of the record, loads measured, seconds of sliding."""
SLOWER = 4
FIRST_LOAD_KB, WITH_MAP_KB, HEADLINE_SECONDS, FRAMES = 150, 600, 1.0, 60
BLIND = "HTMLCanvasElement.prototype.getContext = () => null; delete window.WebGL2RenderingContext;"

SEEN = """() => new Promise((done) => {
  const look = () => {
    const drawn = document.querySelector('.board .headline h1');
    if (drawn) done([performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0, performance.now()]);
    else requestAnimationFrame(look);
  };
  look();
})"""

LOADED = "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
KILOBYTES = f"{LOADED}.reduce((sum, one) => sum + one.encodedBodySize, 0) / 1000"

SLIDE = """(seconds) => new Promise((done) => {
  const slider = document.querySelector('.time-bar input[type=range]');
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const frames = [];
  const starts = performance.now();
  const next = (now) => {
    frames.push(now);
    const gone = (performance.now() - starts) / 1000;
    if (gone > seconds) return done(frames);
    slider.value = String(low + (high - low) * (0.5 - 0.5 * Math.cos(gone * Math.PI)));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""


def bench_log() -> ModuleType:
    """The bench of the log, which makes records of any length."""
    spec = importlib.util.spec_from_file_location("bench_log", Path(__file__).parent / "log.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def long_record(folder: Path, count: int) -> Iterator[Peopled]:
    """A room whose record has so many events."""
    made = bench_log()
    events = made.convoys(count)
    last = max(event.happened.latest for event in events)
    with room_of(made.OPERATION, folder / "a.log", folder / "a.db", (), last) as tested:
        for first in range(0, len(events), 500):
            tested.room.append(events[first : first + 500])
        yield tested


def opened_page(browser: Browser, address: str, *, token: str = "", init: str = "") -> tuple[Page, Any]:
    """A page slowed down, and the way to slow it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    if token:
        context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": address}])
    if init:
        context.add_init_script(init)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page, session


def loads(browser: Browser, address: str, times: int) -> None:
    """Sizes, and when the first words and the drawn headline are there."""
    for name, init, most in (("without the map", BLIND, FIRST_LOAD_KB), ("with the map", "", WITH_MAP_KB)):
        words, drawn, size = [], [], 0.0
        for _ in range(times):
            page, _session = opened_page(browser, address, init=init)
            page.goto(f"{address}/account")  # signs in, as the first page of a demonstration does
            page.goto(f"{address}/board", wait_until="commit")
            painted, shown = page.evaluate(SEEN)
            words.append(painted / 1000)
            drawn.append(shown / 1000)
            if not init:
                page.locator(".theatre").scroll_into_view_if_needed()
                page.locator(".maplibregl-canvas").wait_for(state="attached", timeout=60_000)
            page.wait_for_timeout(500)
            size = page.evaluate(KILOBYTES)
            page.context.close()
        first, whole = statistics.median(words), statistics.median(drawn)
        kept = "kept" if size <= most and first <= HEADLINE_SECONDS else "MISSED"
        print(f"{name:<16} {size:.0f} kB (aim {most}): {kept}")
        print(f"{'':<16} headline in words after {first:.2f} s (aim {HEADLINE_SECONDS:.0f}), drawn after {whole:.2f} s")


def slides(browser: Browser, address: str, token: str, seconds: float) -> None:
    """Frames a second while the slider is dragged over the whole record."""
    page, _session = opened_page(browser, address, token=token, init=BLIND)
    page.goto(f"{address}/board")
    page.locator(".time-bar input[type=range]").wait_for()
    page.wait_for_timeout(1_000)
    frames: Sequence[float] = page.evaluate(SLIDE, seconds)
    gaps = [after - before for before, after in pairwise(frames)]
    rate = 1_000 * len(gaps) / (frames[-1] - frames[0])
    late = sum(gap > 1.5 * 1_000 / FRAMES for gap in gaps) / len(gaps)
    said = f"{100 * late:.0f} % of them late, the longest {max(gaps):.0f} ms"
    print(f"sliding: {rate:.0f} frames a second (aim {FRAMES}), {said}")
    page.context.close()


def main(size: str) -> None:
    """Measures, and says what was reached."""
    count, times, seconds = SIZES[size]
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path is not None, "Chromium is missing: apt-get install chromium"
    with ExitStack() as closing, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        print(f"the browser slowed down {SLOWER} times; load {os.getloadavg()[0]:.1f}")
        loads(browser, closing.enter_context(served(open_rehearsal(closing, demonstration=True))), times)
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        tested = closing.enter_context(long_record(folder, count))
        address = closing.enter_context(served(opened(tested)))
        print(f"a record of {tested.room.seq:,} events")
        slides(browser, address, tested.accounts.open_session("coordinator"), seconds)
        browser.close()


if __name__ == "__main__":
    match sys.argv[1:]:
        case [size] if size in SIZES:
            main(size)
        case []:
            main("small")
        case other:
            sys.exit(f"{' '.join(other)}: say small or large")
