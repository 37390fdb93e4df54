"""The page of the record that ships, from its events: docs/aleppo-record.md.

`python -m safepassage.formats.record_page docs/aleppo-record.md` writes it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from safepassage.claims import Source
from safepassage.events import ClaimMade, Event, QuestionRaised, When
from safepassage.formats.events import event_value, read_events

RECORD = Path(__file__).parents[1] / "examples" / "aleppo-2016.record.jsonl"

HEAD = """# The record of East Aleppo, 13 to 22 December 2016

`{name}` ships beside the operation `aleppo-2016.toml`: what happened as {events} events, in our own words, each
with who says so. `safepassage replay aleppo-2016` walks through it. This page is made from it, a line an event, for
review: `python -m safepassage.formats.record_page docs/aleppo-record.md`.

How reports became events:

- **Rows.** Reports were gathered in 91 rows, then turned into events: an event's `note` gives its row, the letter
  where a row holds several claims, and the key of its source. What is read from a row and not stated in it is
  marked so. Row 0 is the record's own: its questions, and which terms of the operation file were not agreed yet.
- **happened** is the instant where the row has one. Of a row that gives a day only it is that day; of one about the
  stop of 16 December, that day from 09:00; where one thing follows another, it begins no earlier than that other.
- **noticed** is the end of what happened, or when it was published where that is known: nothing is known before it
  is over.
- **Sources** are offices, with their side in the talks and those who passed it on. A letter is given to bodies that
  reported on their own work (B) or decided (A); all others are F, cannot be judged, and so is every credibility
  (6).
- **Counts** are as published: "about" and "more than" stay in the words. Rival counts and rival numbers of dead are
  claims or counts beside each other; they move nobody in the ledger. What is not recorded is left out, and is not
  zero.
- **Consent** is recorded where a report says that a party agreed or stopped it, and nowhere else. What a party is
  *said* to have agreed to (row 37) is a claim.
- **The agreement.** The operation file holds the whole of it, for planning. Row 0 takes out what was agreed on 18
  and 19 December; rows 61, 62 and 78 bring it back, binding from then. It takes out the hours too, which are
  assumed.
- The operation's hash stands in every event. Where the operation file changes in meaning, replace it in all of
  them.
"""


def record_page(events: tuple[Event, ...]) -> str:
    """The page as Markdown."""
    lines = [HEAD.format(name=RECORD.name, events=len(events)), *_table(events)]
    return "\n".join(lines) + "\n"


def row(event: Event) -> int:
    """The row of the gathered reports that an event comes from."""
    return int("".join(digit for digit in event.note.removeprefix("row ").partition(",")[0] if digit.isdigit()))


def _table(events: tuple[Event, ...]) -> Iterator[str]:
    yield "| row | when | what | who says so | source |"
    yield "|---|---|---|---|---|"
    for event in sorted(events, key=lambda event: (row(event), event.id)):
        label, _, key = event.note.removeprefix("row ").partition(", ")
        yield f"| {label} | {_when(event.happened)} | {_what(event)} | {_who(event.source)} | {key} |"


def _when(when: When) -> str:
    first = _time(when.earliest)
    if when.earliest == when.latest:
        return first
    same_day = when.earliest.date() == when.latest.date()
    return f"{first} to {when.latest:%H:%M}" if same_day else f"{first} to {_time(when.latest)}"


def _time(when: datetime) -> str:
    return f"{when.day} {when:%b %H:%M}"


def _what(event: Event) -> str:
    what = event.what
    if isinstance(what, QuestionRaised):
        return f"**question** `{what.question.id}`: {what.question.text}"
    if isinstance(what, ClaimMade):
        return f"**{what.claim.stance}** `{what.claim.question}`: {what.claim.text}"
    told = {key: _short(value) for key, value in event_value(event)["what"].items() if key != "kind"}
    return f"**{what.kind}** " + "; ".join(f"{key.replace('_', ' ')}: {value}" for key, value in told.items())


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value["id"]) if "id" in value else ", ".join(f"{_short(v)} {k}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(_short(part) for part in value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _who(source: Source | None) -> str:
    if source is None:
        return "the record"
    side = f" ({source.side})" if source.side else ""
    return source.origin + side + (f", through {', '.join(source.relayed_by)}" if source.relayed_by else "")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(record_page(read_events(RECORD)[0]), encoding="utf-8")
