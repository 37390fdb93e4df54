"""Events as JSON: written and read back the same, and what is wrong with one said with its fix."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from safepassage.agreement import Clause
from safepassage.claims import ABOUT_A_CLAIM, Claim, Source
from safepassage.clauses import KINDS
from safepassage.events import EVENTS, Departed, Event, EventRetracted, PeopleCounted, RoadBlocked, When
from safepassage.formats.events import (
    BYTES_MAX,
    TEXT_MAX,
    canonical_event,
    event_value,
    parse_event,
    read_events,
    uuid7,
)
from safepassage.people import Count

NOON = datetime(2016, 12, 17, 12, tzinfo=timezone(timedelta(hours=2)))
LATER = datetime(2070, 1, 1, tzinfo=UTC)
HASH = "0123456789abcdef" * 4


def event(what: Any, **more: Any) -> Event:
    said: dict[str, Any] = {"id": uuid7(NOON, 1), "operation": HASH, "happened": When.at(NOON), "noticed": NOON}
    return Event(what=what, author="post-1", **{**said, **more})


BLOCKED = event(RoadBlocked(road="ramouseh--rashideen", why="احتجاج على الطريق"), source=Source(origin="UN"))


def test_an_event_says_only_what_is_not_the_default() -> None:
    assert event_value(BLOCKED) == {
        "id": BLOCKED.id,
        "operation": HASH,
        "what": {"kind": "road blocked", "road": "ramouseh--rashideen", "why": "احتجاج على الطريق"},
        "happened": "2016-12-17T12:00:00+02:00",
        "noticed": "2016-12-17T12:00:00+02:00",
        "author": "post-1",
        "source": {"origin": "UN"},
    }
    assert canonical_event(BLOCKED) == rfc8785.dumps(event_value(BLOCKED))


def test_when_the_log_received_it_is_not_part_of_an_event() -> None:
    assert canonical_event(replace(BLOCKED, received=NOON)) == canonical_event(BLOCKED)


def test_an_id_holds_its_time_and_its_chance() -> None:
    id = uuid7(datetime(2016, 12, 16, tzinfo=UTC), (1 << 74) - 1)
    assert id == "015904ed-a400-7fff-bfff-ffffffffffff"
    assert uuid7(NOON, 1) < uuid7(NOON, 2) < uuid7(NOON + timedelta(milliseconds=1), 0)


# Any event there can be

WORDS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]) | st.sampled_from("\nابتح"), max_size=12)
IDS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]) | st.sampled_from("-_ابتح"), min_size=1, max_size=8)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)).flatmap(
    lambda time: st.integers(-14 * 60, 14 * 60).map(
        lambda minutes: time.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    )
)
EVENT_IDS = st.builds(uuid7, TIMES, st.integers(0, (1 << 74) - 1))
NUMBERS = st.integers(0, 10**9)
SHARES = st.floats(0, 1)
IN_WORDS = {"text", "text_ar", "why", "note", "notes", "elsewhere", "looked_for", "looked_for_ar"}


def counts() -> st.SearchStrategy[Count]:
    ordered = st.lists(NUMBERS, min_size=3, max_size=3).map(sorted)
    return NUMBERS.map(Count.exactly) | ordered.map(lambda three: Count(low=three[0], best=three[1], high=three[2]))


def whens() -> st.SearchStrategy[When]:
    return TIMES.map(When.at) | st.lists(TIMES, min_size=2, max_size=2).map(sorted).map(
        lambda both: When(earliest=both[0], latest=both[1])
    )


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    said = draw(fields_of(Claim))
    said["on"] = draw(EVENT_IDS) if said["stance"] in ABOUT_A_CLAIM else ""
    said["against"] = said["against"] or (("government",) if said["stance"] == "accuses" else ())
    said["text"] = said["text"] or "said"
    return Claim(**said)


def fields_of(described: type) -> st.SearchStrategy[dict[str, Any]]:
    """Values for the fields of a dataclass; those that have a default may keep it."""
    hints = get_type_hints(described)
    parts = [part for part in fields(described) if part.init and part.name != "received"]
    needed = {part.name for part in parts if part.default is MISSING and part.default_factory is MISSING}
    values = {part.name: some(hints[part.name], part.name, part.name in needed) for part in parts}
    left_out = {name for name in values if name not in needed and name not in {"stance", "against"}}
    return st.fixed_dictionaries(
        {name: value for name, value in values.items() if name not in left_out},
        optional={name: values[name] for name in left_out},
    )


def built(described: type) -> st.SearchStrategy[Any]:
    def make(given: dict[str, Any]) -> Any:
        try:
            return described(**given)
        except ValueError:
            return None

    return fields_of(described).map(make).filter(lambda value: value is not None)


def some(annotation: Any, name: str, needed: bool) -> st.SearchStrategy[Any]:
    special: dict[Any, Callable[[], st.SearchStrategy[Any]]]
    special = {Count: counts, When: whens, Claim: claims, datetime: lambda: TIMES, float: lambda: SHARES}
    if annotation in special:
        return special[annotation]()
    if annotation is Clause:
        return st.sampled_from(KINDS).flatmap(built)
    if annotation is int:
        return NUMBERS
    if annotation is bool:
        return st.booleans()
    if annotation is str:
        if name in ("corrects", "on", "claim") or (name == "incident" and needed):
            return EVENT_IDS
        if name == "operation_hash":
            return st.just(HASH)
        words = WORDS.filter(str.strip) if name == "why" and needed else WORDS
        return words if name in IN_WORDS else IDS if needed else IDS | st.just("")
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple and inner[-1] is ...:
        item = EVENT_IDS if name == "after" else some(inner[0], name, True)
        return st.lists(item, max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(some(part, name, needed) for part in inner))
    if is_dataclass(annotation) and isinstance(annotation, type):
        return built(annotation)
    if isinstance(annotation, type) and issubclass(annotation, tuple):
        return st.tuples(*(some(hint, name, True) for hint in get_type_hints(annotation).values())).map(
            lambda values: annotation(*values)
        )
    if type(None) in inner:
        return st.none() | some(next(part for part in inner if part is not type(None)), name, needed)
    _, held = inner
    return st.dictionaries(IDS, some(held, name, True), min_size=int(needed), max_size=2)


@st.composite
def events(draw: st.DrawFn, kind: type) -> Event:
    what = draw(built(kind))
    corrects = draw(EVENT_IDS) if kind is EventRetracted or draw(st.booleans()) else ""
    envelope = {
        "id": uuid7(LATER, draw(st.integers(0, (1 << 74) - 1))),
        "happened": draw(whens()),
        "noticed": draw(TIMES),
        "position": draw(IDS | st.just("")),
        "source": draw(st.none() | built(Source)),
        "credibility": draw(st.integers(1, 6)),
        "sensitivity": draw(st.sampled_from(["public", "restricted", "secret"])),
        "medium": draw(st.sampled_from(["", "phone", "radio", "paper"])),
        "after": tuple(draw(st.lists(EVENT_IDS, max_size=2))),
        "note": draw(WORDS),
        "sealed": draw(st.dictionaries(IDS, WORDS, max_size=2)),
    }
    return event(what, corrects=corrects, **envelope)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
@settings(max_examples=25)
@given(data=st.data())
def test_whatever_can_happen_is_read_back_as_it_was_written(kind: type, data: st.DataObject) -> None:
    written = data.draw(events(kind))
    content = canonical_event(written)
    assert parse_event(content) == (written, ())
    assert parse_event(event_value(written)) == (written, ())
    again, _ = parse_event(content)
    assert again is not None and canonical_event(again) == content


# What is wrong with it


def refused(content: bytes | str | dict[str, Any]) -> str:
    """What is wrong with an event, a line each."""
    found, problems = parse_event(content, file="log", line=7)
    assert found is None and problems
    return "\n".join(str(problem) for problem in problems)


def changed(**keys: Any) -> dict[str, Any]:
    """An event with some of its keys changed, those inside `what` included; None takes a key away."""
    value = event_value(BLOCKED)
    for key, new in keys.items():
        table = value["what"] if key in ("kind", "road", "why", "people") else value
        table[key] = new
        if new is None:
            del table[key]
    return value


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"kind": "road blockd"}, 'log:7: what: "road blockd" is no kind known here. Did you mean "road blocked"?'),
        ({"kind": None}, "log:7: what has no kind. Add `kind`."),
        ({"road": None}, "log:7: what.road is missing. Add `road`."),
        ({"road": ""}, "log:7: what.road is empty. Fill it in."),
        ({"road": 5}, "log:7: what.road is 5. It should be string."),
        ({"people": 5}, "log:7: what.people is unknown. Leave it out, or use a newer version."),
        ({"received": "2016-12-17T12:00:00+02:00"}, "log:7: received is unknown. The log sets it: leave it out."),
        ({"author": None}, "log:7: author is missing. Add `author`."),
        ({"credibility": 7}, "log:7: credibility is 7. It should be 1, 2, 3, 4, 5 or 6."),
        ({"sensitivity": "none"}, "log:7: sensitivity is \"none\". It should be 'public', 'restricted' or 'secret'."),
        (
            {"noticed": "2016-12-17T12:00:00"},
            'log:7: noticed is "2016-12-17T12:00:00". Write a time with its offset, such as 2016-12-16T09:00:00+02:00.',
        ),
        (
            {"noticed": "1481968800"},
            'log:7: noticed is "1481968800". Write a time with its offset, such as 2016-12-16T09:00:00+02:00.',
        ),
        ({"noticed": "2016-13-17T12:00:00Z"}, "log:7: noticed: month must be in 1..12. Check it."),
        (
            {"happened": {"earliest": "2016-12-17T12:00:00Z", "latest": "2016-12-17T11:00:00Z"}},
            "log:7: happened: latest is before earliest. Give them in order.",
        ),
        ({"id": "17"}, 'log:7: id is "17". The id of an event is a UUID of version 7, in small letters.'),
        (
            {"id": "015904ed-a400-4000-8000-000000000005"},
            (
                'log:7: id is "015904ed-a400-4000-8000-000000000005".'
                " The id of an event is a UUID of version 7, in small letters."
            ),
        ),
        (
            {"operation": "aleppo"},
            'log:7: operation is "aleppo". Give the hash of the operation: 64 digits 0-9 and a-f.',
        ),
        ({"corrects": "17"}, 'log:7: corrects is "17". The id of an event is a UUID of version 7, in small letters.'),
    ],
)
def test_what_is_wrong_is_said_with_its_fix(keys: dict[str, Any], said: str) -> None:
    assert refused(changed(**keys)) == said


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert len(refused(changed(author=None, kind="block", id="17", noticed="noon")).splitlines()) == 4


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u2067", "U+2067 RIGHT-TO-LEFT ISOLATE"),
        ("\u200f", "U+200F RIGHT-TO-LEFT MARK"),
        ("\u061c", "U+061C ARABIC LETTER MARK"),
        ("\u200b", "U+200B ZERO WIDTH SPACE"),
        ("\x1b", "U+001B a control character"),
        ("\x00", "U+0000 a control character"),
        ("\x85", "U+0085 a control character"),
    ],
)
def test_what_is_not_seen_is_not_taken(character: str, name: str) -> None:
    said = "Leave it out: text holds only what can be seen."
    assert refused(changed(road=f"a--b{character}")) == f"log:7: what.road holds {name}. {said}"
    assert refused(changed(why=f"محاصرة{character}")) == f"log:7: what.why holds {name}. {said}"
    assert f"holds {name}" in refused(changed(sealed={f"p{character}": "x"}))


def test_arabic_and_lines_are_taken_in_texts_and_line_ends_not_in_ids() -> None:
    text = "قال المتحدث: «لن تغادر أي قافلة».\nحلب، 17 كانون الأول"
    found, _ = parse_event(changed(why=text))
    assert found is not None and isinstance(found.what, RoadBlocked) and found.what.why == text
    assert "U+000A" in refused(changed(road="a\nb"))


def test_what_is_too_long_is_not_taken() -> None:
    assert refused(changed(why="x" * 30_000)) == "log:7: what.why has 30,000 characters. It has at most 20,000."
    assert refused(changed(road="x" * 300)) == "log:7: what.road has 300 characters. It has at most 200."
    assert refused(changed(why="x" * BYTES_MAX)).endswith("bytes is too long. An event has at most 10,000,000.")
    assert parse_event(changed(why="x" * TEXT_MAX))[0] is not None


@pytest.mark.parametrize(
    "content",
    ["", "[]", "null", '"x"', "{}", "{", '{"id":', "[" * 100_000, '{"id": NaN}', '"\\ud800"', b"\xff", b"\x00"],
)
def test_what_is_no_event_is_not_taken(content: bytes | str) -> None:
    assert refused(content)


def test_half_a_character_is_not_taken() -> None:
    assert "this is not JSON" in refused(changed(why="\ud800"))


def test_numbers_are_people_only_when_whole_and_not_below_zero() -> None:
    def count(people: object) -> dict[str, Any]:
        return {**changed(), "what": {"kind": "departed", "movement": "c1", "at": "amiriyah", "people": {"*": people}}}

    for wrong in (-1, 1.5, "5", True, None, 10**10, {"low": 5, "best": 3, "high": 9}, {"best": 5}, [5]):
        assert "what.people.*" in refused(count(wrong)), wrong
    found, _ = parse_event(count({"low": 800, "best": 900, "high": 1000}))
    assert found is not None and found.what == Departed(
        movement="c1", at="amiriyah", people={"*": Count(low=800, best=900, high=1000)}
    )


def test_what_a_constructor_refuses_is_refused() -> None:
    nothing = {"kind": "event retracted", "why": "a slip"}
    assert "corrects is missing. Name the event that is taken back." in refused({**changed(), "what": nothing})
    itself = {"kind": "claim made", "claim": {"question": "q", "text": "no", "stance": "denies", "on": BLOCKED.id}}
    assert "about itself" in refused({**changed(), "what": itself})
    empty = {"kind": "people counted", "stage": "arrived", "people": {"*": 5}}
    assert "name one" in refused({**changed(), "what": empty}).lower()
    bare = {"kind": "claim made", "claim": {"question": "q", "text": "no", "stance": "denies"}}
    assert "what.claim" in refused({**changed(), "what": bare})


def test_a_problem_names_the_line_of_an_event_that_is_laid_out_on_several() -> None:
    text = json.dumps(changed(noticed="noon"), indent=1)
    line = 7 + text[: text.index('"noticed"')].count("\n")
    assert refused(text).startswith(f'log:{line}: noticed is "noon"')


# Files of many


def written(path: Path, *lines: str | bytes) -> Path:
    path.write_bytes(b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines))
    return path


def test_a_file_of_events_is_read_with_all_that_is_wrong(tmp_path: Path) -> None:
    counted = event(PeopleCounted(stage="arrived", people={"*": Count.exactly(5)}, at="idlib"), id=uuid7(NOON, 2))
    good = canonical_event(BLOCKED)
    same_id = canonical_event(replace(counted, id=BLOCKED.id))
    path = written(
        tmp_path / "many.jsonl", b"\xef\xbb\xbf" + good, "", canonical_event(counted) + b"\r", "{", good, same_id
    )
    events, problems = read_events(path)
    assert events == (BLOCKED, counted)
    assert [(problem.line, problem.what) for problem in problems] == [
        (4, "this is not JSON: EOF while parsing an object"),
        (6, f"the id {BLOCKED.id} is that of another event, on line 1"),
    ]


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        events, problems = read_events(path)
        assert events == () and len(problems) == 1
    assert read_events("a\0b")[1][0].what == "this cannot be the name of a file"


def test_an_endless_line_ends_the_reading(tmp_path: Path) -> None:
    path = written(tmp_path / "long.jsonl", canonical_event(BLOCKED), b"x" * (BYTES_MAX + 9), canonical_event(BLOCKED))
    events, problems = read_events(path)
    assert events == (BLOCKED,)
    assert [problem.line for problem in problems] == [2]


# Kinds and fields are only ever added

GOLDEN = Path(__file__).parent / "golden" / "events.txt"


def shape() -> set[str]:
    """Each field an event can have, a line each, and each word a field may hold."""
    lines: set[str] = set()
    waiting: list[type] = [Event, *EVENTS.values(), *KINDS]
    seen: set[type] = set()
    while waiting:
        described = waiting.pop()
        if described in seen:
            continue
        seen.add(described)
        name = f"{described.__name__} ({kind})" if (kind := getattr(described, "kind", "")) else described.__name__
        lines.add(name)
        hints = get_type_hints(described)
        for part in fields(described):
            needed = part.default is MISSING and part.default_factory is MISSING
            default = "needed" if needed else f"default {part.default if part.default is not MISSING else 'empty'!r}"
            for said in spelt(hints[part.name], waiting):
                lines.add(f"{name}.{part.name}: {said}; {default}")
    return lines


def spelt(annotation: Any, waiting: list[type]) -> list[str]:
    """How a field is written; the dataclasses met on the way are noted."""
    inner = get_args(annotation)
    if get_origin(annotation) is Literal:
        return [f"may be {word!r}" for word in inner]
    if is_dataclass(annotation) and isinstance(annotation, type):
        waiting.append(annotation)
        return [annotation.__name__]
    if inner and set(inner) == set(EVENTS.values()):
        return ["What"]
    if not inner:
        return ["..." if annotation is ... else annotation.__name__]
    name = getattr(get_origin(annotation), "__name__", "")
    parts = [" or ".join(spelt(part, waiting)) for part in inner]
    return [" or ".join(parts) if "Union" in name else f"{name} of {', '.join(parts)}"]


def test_no_kind_and_no_field_of_an_event_is_ever_taken_away_or_changed() -> None:
    """What a log says can always be read. What is new is added by SAFEPASSAGE_GOLDEN=write, if it is optional."""
    known, now = set(GOLDEN.read_text(encoding="utf-8").splitlines()), shape()
    assert known - now == set(), "taken away or changed: old logs could not be read any more"
    new = now - known
    old_kinds = {line for line in known if "." not in line}
    assert [line for line in new if line.endswith("; needed") and line.partition(".")[0] in old_kinds] == []
    if new and os.environ.get("SAFEPASSAGE_GOLDEN") == "write":
        GOLDEN.write_text("\n".join(sorted(known | new)) + "\n", encoding="utf-8")
        new = set()
    assert new == set(), "new: add it with SAFEPASSAGE_GOLDEN=write, and read it"
