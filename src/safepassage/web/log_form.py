"""The form of any report, made from the event's own fields: its choices, what was typed as an event, a correction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from safepassage.agreement import Language
from safepassage.claims import OTHER
from safepassage.events import EVENTS, UNSPLIT, ClaimAssessed, ClaimMade, Event, EventRetracted, Heads
from safepassage.operation import Operation
from safepassage.people import Count
from safepassage.report.terms import Term, Words
from safepassage.situation import Situation
from safepassage.web.entry import (
    ENVELOPE,
    Typed,
    Wrong,
    count,
    empty,
    envelope,
    envelope_typed,
    instant,
    listed,
    local,
    ranged,
    read_event,
    whole,
)
from safepassage.web.pages import Asked

NOTE = "note"
"""A report that is only words: a claim that belongs to no question."""
USUAL = (
    *("departed", "arrived", "held", "turned back", "people counted", "road blocked", "road cleared"),
    *("consent given", "consent withdrawn", NOTE),
)
"""The reports that come in most."""
WHAT = "what."
"""Before the fields of what happened, apart from those of its envelope."""

Shape = Literal["line", "choice", "many", "people", "vehicles", "time", "number"]
Options = Sequence[tuple[str, str]]

TERMS: Mapping[str, Term] = {
    "field at": Term("At", "في"),
    "field place": Term("Place", "المكان"),
    "field destination": Term("Destination", "الوجهة"),
    "field road": Term("Road", "الطريق"),
    "field crossing": Term("Crossing", "المعبر"),
    "field on": Term("Roads and crossings", "الطرق والمعابر"),
    "field party": Term("Party", "الطرف"),
    "field parties": Term("Parties", "الأطراف"),
    "field held_by": Term("Held by", "يسيطر عليه"),
    "field teams": Term("Escorted by", "بمرافقة"),
    "field to": Term("Told to", "أُبلغ به"),
    "field by": Term("By whom", "من قبل"),
    "field why": Term("Why", "السبب"),
    "field text": Term("In words", "بالكلمات"),
    "field movement": Term("Convoy", "القافلة"),
    "field movements": Term("Only for the convoys", "للقوافل التالية فقط"),
    "field evacuation": Term("Evacuation", "عملية الإجلاء"),
    "field evacuations": Term("Evacuations (none: all)", "عمليات الإجلاء (بلا تحديد: كلها)"),
    "field clause": Term("Clause", "البند"),
    "field clauses": Term("Clauses", "البنود"),
    "field dropped": Term("Clauses dropped", "بنود أُسقطت"),
    "field agreement": Term("Agreement", "الاتفاق"),
    "field proposals": Term("Proposals", "مقترحات"),
    "field timetable": Term("Plan", "الخطة"),
    "field incident": Term("Incident", "الحادث"),
    "field stage": Term("Counted as", "عُدّوا عند"),
    "field people": Term("People", "الأشخاص"),
    "field hurt": Term("Hurt", "المصابون"),
    "field vehicle": Term("Vehicle (a token, no name)", "المركبة (رمز لا اسم)"),
    "field vehicles": Term("Vehicles", "المركبات"),
    "field vehicles_lost": Term("Vehicles lost", "مركبات فُقدت"),
    "field escort": Term("Escort", "المرافقة"),
    "field elsewhere": Term("Elsewhere, in words", "في مكان آخر، بالكلمات"),
    "field observers": Term("How many observers", "عدد المراقبين"),
    "field until": Term("Until", "حتى"),
    "field loads": Term("Starts loading", "يبدأ التحميل"),
    "field question": Term("Question", "المسألة"),
    "field claim": Term("Claim", "الإفادة"),
    "field credibility": Term("Credibility", "المصداقية"),
    "as crossing": Term("{} (crossing)", "{} (معبر)"),
    "together": Term("not told apart", "دون تمييز"),
    "fill in": Term("Fill this in.", "املأ هذا الحقل."),
    "no such report": Term("There is no such report: choose from the list.", "لا يوجد تقرير كهذا: اختر من القائمة."),
    "fire": Term("fire", "إطلاق نار"),
    "explosion": Term("explosion", "انفجار"),
    "attack": Term("attack", "هجوم"),
    "robbery": Term("robbery", "سلب"),
    "crowd": Term("crowd", "تجمهر"),
    "weapons": Term("weapons", "أسلحة"),
    "breakdown": Term("breakdown", "عطل"),
    "weather": Term("weather", "طقس"),
    "other": Term("other", "أخرى"),
}
"""The fields of events and their fixed values."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a form. `name`: as it is sent; `key`: as the event has it. `options`: of a choice, or to offer."""

    name: str
    key: str
    label: str
    shape: Shape
    needed: bool
    options: Options = ()


def plain(kind: str) -> bool:
    """Whether a report can be typed: its fields are words, choices, counts and times."""
    if kind not in EVENTS or kind == ClaimAssessed.kind:  # claims are judged at the claims desk
        return kind == NOTE
    return all(shape is not None for _, shape, _ in _shapes(kind))


def others() -> tuple[str, ...]:
    """The reports that can be typed besides the usual ones."""
    return tuple(kind for kind in EVENTS if plain(kind) and kind not in USUAL and kind != "event retracted")


@cache
def _shapes(kind: str) -> tuple[tuple[str, Shape | None, bool], ...]:
    """Each field of a kind of event with how it is typed, and whether it is needed."""
    event = EVENTS[kind]
    hints = get_type_hints(event)
    return tuple(
        (part.name, _shape(hints[part.name]), part.default is MISSING and part.default_factory is MISSING)
        for part in fields(event)
    )


def _shape(hint: Any) -> Shape | None:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is str:
        return "line"
    if hint == Heads:
        return "people"
    if hint == Mapping[str, int]:
        return "vehicles"
    if hint == tuple[str, ...]:
        return "many"
    if origin is Literal:
        return "choice"
    if hint is datetime or (origin is UnionType and datetime in inner):
        return "time"
    if origin is UnionType and int in inner:
        return "number"
    return None


def form_fields(kind: str, situation: Situation, language: Language, words: Words) -> tuple[Field, ...]:
    """The fields of a report with their choices from the operation and the record."""
    if kind == NOTE:
        return (Field(name="what.text", key="text", label=words("field text"), shape="line", needed=True),)
    offers = _Offers(kind, situation, language, words)
    found = []
    for key, shape, needed in _shapes(kind):
        assert shape is not None, f"{kind!r} cannot be typed"
        options = offers.of(key, shape)
        if shape == "line" and options and key not in FREE:
            shape = "choice"
        name = f"{WHAT}{key}"
        label = words(f"field {key}") if f"field {key}" in TERMS else key
        found.append(Field(name=name, key=key, label=label, shape=shape, needed=needed, options=options))
    return tuple(sorted(found, key=lambda one: one.shape in {"people", "vehicles"}))  # what is long stands last


FREE = frozenset({"movement", "by", "escort", "vehicle", "agreement"})
"""Fields in which anything may be typed; what is known is only offered."""


class _Offers:
    """What may be chosen in the fields of a report."""

    def __init__(self, kind: str, situation: Situation, language: Language, words: Words) -> None:
        self.kind, self.situation, self.language, self.words = kind, situation, language, words
        self.operation = situation.operation

    def of(self, key: str, shape: Shape) -> Options:
        world = self.operation.world
        if key == "on":
            crossings = [(id, self.words("as crossing", said)) for id, said in self.named(world.crossings)]
            return [*self.named(world.roads), *crossings]
        if key == "question":
            asked = (one.question for one in self.situation.questions)
            return [(one.id, one.said(self.language)) for one in asked]
        if shape == "choice":
            hint = get_type_hints(EVENTS[self.kind])[key]
            return [(str(value), self.words.said(str(value))) for value in get_args(hint)]
        if shape == "people":
            return [*self.named(self.operation.groups), (UNSPLIT, self.words("together"))]
        if key == "incident":
            return [(one.event, f"{self.words.time(one.words[0].happened)}: {one.report.text}")
                    for one in self.situation.incidents if not one.over]  # fmt: skip
        if key == "movement":
            heard = [id for id, one in self.situation.movements.items() if one.phase not in {"planned", "returned"}]
            return [(id, "") for id in reversed(heard)]
        ids: Mapping[str, Sequence[str]] = {
            "at": [*world.places, *world.roads],
            "place": [*world.places],
            "destination": [*world.places],
            "road": [*world.roads],
            "crossing": [*world.crossings],
            "evacuation": [*self.operation.evacuations],
            "evacuations": [*self.operation.evacuations],
            "clause": [clause.id for clause in self.operation.clauses],
            "vehicles": [*self.operation.fleets],
            "vehicles_lost": [*self.operation.fleets],
            **dict.fromkeys(("party", "parties", "held_by", "teams", "to", "by"), tuple(self.operation.parties)),
        }
        return self.named(ids.get(key, ()))

    def named(self, ids: Iterable[str]) -> list[tuple[str, str]]:
        return [(id, self.operation.theatre.name(id, self.language)) for id in ids]


# What was typed


def blank(asked: Asked, kind: str, corrected: Event | None) -> dict[str, str]:
    """The form before anything is typed: with the source that the account entered last, or what is corrected."""
    form = empty(asked.room) | {"report": kind}
    if corrected is None:
        mine = [event for event in asked.situation.events if event.author == asked.viewer.account]
        if mine:
            last = max(mine, key=lambda event: event.noticed)
            form |= {"medium": last.medium, "position": "" if last.position == asked.viewer.role else last.position}
        return form
    if kind == EventRetracted.kind:
        return form | {"corrects": corrected.id}
    operation = asked.room.operation
    return form | envelope_typed(corrected, operation) | dict(_typed_again(corrected, operation))


def _typed_again(event: Event, operation: Operation) -> Iterator[tuple[str, str]]:
    """What happened as it would have been typed."""
    for key, shape, _ in _shapes(event.what.kind):
        value = getattr(event.what, key)
        if shape in {"people", "vehicles"}:
            for id, held in value.items():
                yield f"{WHAT}{key}.{id}", ranged(held) if isinstance(held, Count) else str(held)
        elif shape == "many":
            yield f"{WHAT}{key}", ",".join(value)
        elif value is not None:
            yield f"{WHAT}{key}", local(value, operation) if isinstance(value, datetime) else str(value)


def names_of(form_of: Sequence[Field]) -> tuple[str, ...]:
    """The names under which a form is sent."""
    inner = (f"{one.name}.{id}" for one in form_of if one.shape in {"people", "vehicles"} for id, _ in one.options)
    return ("report", *ENVELOPE, *(one.name for one in form_of), *inner)


def report_event(asked: Asked, form: Typed, form_of: Sequence[Field], words: Words, wrong: Wrong) -> Event | None:
    """What was typed as an event; None where something is wrong."""
    typed = dict.fromkeys(ENVELOPE, "") | {"report": ""} | form
    what: dict[str, Any] = {"kind": typed["report"]}
    for one in form_of:
        value = _value(asked, one, typed, words, wrong)
        if value not in ("", None, [], {}) or (one.needed and one.key == "held_by"):
            what[one.key] = value
        elif one.needed and one.name not in wrong:
            wrong[one.name] = words("fill in")
    if typed["report"] == NOTE:
        claim = {"question": OTHER, "text": what.get("text", "")}
        what = {"kind": ClaimMade.kind, "claim": claim}
    written = envelope(asked, typed, words, wrong) | {"what": what}
    return None if wrong else read_event(asked.room, written, names_of(form_of), words, wrong)


def _value(asked: Asked, one: Field, typed: Typed, words: Words, wrong: Wrong) -> Any:
    """A field's value as the event writes it."""
    text = typed.get(one.name, "")
    if one.shape in {"people", "vehicles"}:
        found: dict[str, Any] = {}
        for id, _ in one.options:
            name = f"{one.name}.{id}"
            if given := typed.get(name, ""):
                try:
                    found[id] = count(given) if one.shape == "people" else whole(given)
                except ValueError:
                    wrong[name] = words("wrong number")
        return found
    if one.shape == "many":
        return listed(text)
    if one.shape == "time" and text:
        try:
            return instant(text, asked.room.operation).isoformat()
        except ValueError:
            wrong[one.name] = words("wrong time", f"{asked.room.record.now:%Y-%m-%dT%H:%M}")
            return text
    if one.shape == "number" and text:
        try:
            return whole(text)
        except ValueError:
            wrong[one.name] = words("wrong number")
    return text
