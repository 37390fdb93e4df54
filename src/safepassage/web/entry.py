"""From a form to the record: what was typed as one event, what is wrong with it field by field, and the receipt."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, get_args

from fastapi import HTTPException, Request

from safepassage.agreement import Language
from safepassage.claims import Credibility, Reliability, Source
from safepassage.control import Unreadable
from safepassage.events import AHEAD_MOST, Event, Medium, Sensitivity
from safepassage.formats.events import UNSEEN, UUID7, uuid7
from safepassage.log import Receipt
from safepassage.operation import Operation
from safepassage.people import Count
from safepassage.report.terms import Term, Words
from safepassage.situation import Situation
from safepassage.web.accounts import secret
from safepassage.web.pages import Asked, instant_asked
from safepassage.web.room import Room

Typed = dict[str, str]
"""A form's fields as typed; of one that holds several values these, with commas between them."""
Wrong = dict[str, str]
"""What is wrong, by the field where it was typed; under the empty name what belongs to none."""

RELIABILITIES: tuple[Reliability, ...] = get_args(Reliability)
CREDIBILITIES: tuple[Credibility, ...] = get_args(Credibility)
MEDIA: tuple[Medium, ...] = get_args(Medium)
SENSITIVITIES: tuple[Sensitivity, ...] = get_args(Sensitivity)

ENVELOPE = (
    *("earliest", "latest", "origin", "side", "via", "reliability", "credibility", "medium", "position"),
    *("sensitivity", "note", "corrects", "id"),
)
"""Fields of every form: when, from whom, how it came in, for whom it is entered."""
IN_THE_EVENT = {"relayed_by": "via"}
"""Fields of the event that the forms call otherwise."""

FIELDS_MOST = 300
UNSEEN_MARK = re.compile(f"[{UNSEEN}]")
DIGITS_MOST = 15
"""Of a number: not every program reads a longer one as the same (RFC 8785)."""
NUMBERS = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")
THOUSANDS = re.compile(r"(?<=\d)[,\s](?=\d{3}\b)")

TERMS: Mapping[str, Term] = {
    "accepted": Term("Entered as number {}.", "قُيّد برقم {}."),
    "duplicate": Term("It was entered already, as number {}.", "قُيّد من قبل برقم {}."),
    "pending": Term(
        "It waits: it names another event that has not come in yet. It is kept, and enters by itself.",
        "إنه معلّق: يذكر حدثًا آخر لم يرد بعد. هو محفوظ، وسيُقيَّد تلقائيًا.",
    ),
    "rejected": Term("Not entered: {}", "لم يُقيَّد: {}"),
    "wrong fields": Term("Not entered yet. See what is marked below.", "لم يُقيَّد بعد. انظر ما وُضعت عليه علامة أدناه."),
    "wrong time": Term("Write a time such as {}.", "اكتب وقتًا مثل {}."),
    "wrong order": Term("This is before the earliest: give them in order.", "هذا قبل الوقت الأبكر: رتّبهما."),
    "no credibility": Term("Choose 1 to 6.", "اختر من 1 إلى 6."),
    "no medium": Term("not said", "غير مذكور"),
    "phone": Term("phone", "هاتف"),
    "radio": Term("radio", "لاسلكي"),
    "message": Term("message", "رسالة"),
    "paper": Term("paper", "ورق"),
    "screen": Term("screen", "شاشة"),
    "in person": Term("in person", "شخصيًا"),
    "public": Term("public", "علني"),
    "restricted": Term("restricted", "مقيّد"),
    "secret": Term("secret", "سري"),
    "A": Term("completely reliable", "موثوق تمامًا"),
    "B": Term("usually reliable", "موثوق عادةً"),
    "C": Term("fairly reliable", "موثوق إلى حد ما"),
    "D": Term("not usually reliable", "غير موثوق عادةً"),
    "E": Term("unreliable", "غير موثوق"),
    "F": Term("cannot be judged", "لا يمكن الحكم عليه"),
    "1": Term("confirmed by others", "أكدتها مصادر أخرى"),
    "2": Term("probably true", "صحيحة على الأرجح"),
    "3": Term("possibly true", "ربما صحيحة"),
    "4": Term("doubtful", "مشكوك فيها"),
    "5": Term("improbable", "مستبعدة"),
    "6": Term("cannot be judged", "لا يمكن الحكم عليها"),
    "side ally": Term("ally", "حليف"),
    "side guarantor": Term("guarantor", "ضامن"),
    "side media": Term("media", "إعلام"),
    "side monitor": Term("monitor", "جهة رصد"),
    "side neutral": Term("neutral", "جهة محايدة"),
    "side ngo": Term("aid organisation", "منظمة إغاثة"),
    "side state": Term("state", "دولة"),
    "all": Term("all", "الكل"),
    "filter": Term("Filter", "تصفية"),
    "show": Term("Show", "عرض"),
    "show all": Term("Show all", "عرض الكل"),
    "choose": Term("choose", "اختر"),
    "origin": Term("Who says it (office)", "القائل (جهة)"),
    "side": Term("Side", "الطرف"),
    "through whom": Term("Through whom", "عبر من"),
    "source rating": Term("Source", "المصدر"),
    "information rating": Term("Information", "المعلومة"),
    "medium": Term("Came in by", "ورد عبر"),
    "position": Term("Entered for (post)", "أُدخل نيابةً عن (منصب)"),
    "sensitivity": Term("Sensitivity", "الحساسية"),
    "note": Term("Note", "ملاحظة"),
    "enter": Term("Enter", "تقييد"),
    "ahead": Term("This is in the future: write when it happened.", "هذا وقت في المستقبل: اكتب متى حدث ذلك."),
    "what: a count is of a movement, of an evacuation or at a place. Name one.": Term(
        "A count is of a convoy, of an evacuation or at a place: choose one.",
        "العدد يخص قافلة أو عملية إجلاء أو مكانًا: اختر واحدًا منها.",
    ),
    "another event has this id: give it a new one": Term(
        "This form was entered already with other words. Enter it again to record it as new.",
        "قُيّد هذا النموذج من قبل بكلمات أخرى. أدخله مرة أخرى ليُقيَّد من جديد.",
    ),
    "another event with this id waits: give it a new one": Term(
        "This form was sent already with other words, and waits. Enter it again to record it as new.",
        "أُرسل هذا النموذج من قبل بكلمات أخرى، وهو معلّق. أدخله مرة أخرى ليُقيَّد من جديد.",
    ),
    "wrong number": Term("Write a number such as 800, or 700-900.", "اكتب عددًا مثل 800 أو 700-900."),
}


def fresh_id(room: Room) -> str:
    """The id of an event to be entered: given with the form, so that sending the form twice enters it once."""
    return uuid7(room.record.now, int(secret(), 16))


async def typed(request: Request) -> Typed:
    """The dependency of a route that a form is sent to. Marks that nobody sees, as pasted text has, are left out."""
    form = await request.form(max_fields=FIELDS_MOST)
    fields: dict[str, str] = {}
    for name in form:
        values = [value for value in form.getlist(name) if isinstance(value, str)]
        fields[name] = ",".join(filter(None, map(_seen, values)))
    return fields


def _seen(text: str) -> str:
    return UNSEEN_MARK.sub("", text.replace("\r\n", "\n").replace("\t", " ")).strip()


def listed(text: str) -> list[str]:
    """The items of a list typed with commas, Arabic ones too."""
    return [item.strip() for item in re.split("[,،]", text) if item.strip()]


def side_said(side: str, operation: Operation, language: Language) -> str:
    """A side by the party's name, or by what it is to the parties; as it was entered where it is neither."""
    if side in operation.parties or f"side {side}" not in TERMS:
        return operation.theatre.name(side, language)
    return TERMS[f"side {side}"].said(language)


def parties_by_name(operation: Operation) -> dict[str, str]:
    """The parties by their ids and by what they are called in either language, all in small letters."""
    theatre = operation.theatre
    return {
        name.casefold(): party
        for party in theatre.parties
        for name in (party, theatre.name(party, "en"), theatre.name(party, "ar"))
    }


# Times and numbers


def instant(text: str, operation: Operation) -> datetime:
    """A time as a form writes it, in the operation's offset where it has none. Raises ValueError."""
    return operation.calendar.instant(text)


def happened(form: Typed, room: Room, words: Words, wrong: Wrong) -> dict[str, str]:
    """When it happened: now where nothing is typed, an instant where one time is, else the stretch between two."""
    now = room.record.now.replace(microsecond=0)
    ends: dict[str, datetime] = {}
    for name in ("earliest", "latest"):
        if text := form.get(name, ""):
            try:
                ends[name] = instant(text, room.operation)
            except ValueError:
                wrong[name] = words("wrong time", f"{now:%Y-%m-%dT%H:%M}")
    first = ends.get("earliest", ends.get("latest", now))
    last = ends.get("latest", first)
    if first - now > AHEAD_MOST:
        wrong["earliest" if "earliest" in ends else "latest"] = words("ahead")
    if last < first:
        wrong["latest"] = words("wrong order")
    return {"earliest": first.isoformat(), "latest": last.isoformat()}


def whole(text: str) -> int:
    """A whole number as a form writes it. Raises ValueError."""
    if not text.isdecimal() or len(text) > DIGITS_MOST:
        raise ValueError(text)
    return int(text)


def count(text: str) -> int | dict[str, int]:
    """A count as an event writes it: `800`, or `700-900` with its middle as the best. Raises ValueError."""
    found = NUMBERS.fullmatch(THOUSANDS.sub("", text))
    if found is None:
        raise ValueError(text)
    low = whole(found[1])
    if found[2] is None:
        return low
    high = whole(found[2])
    if high < low:
        raise ValueError(text)
    return {"low": low, "best": (low + high) // 2, "high": high}


def ranged(people: Count) -> str:
    """A count as it is typed."""
    return str(people.best) if people.low == people.high else f"{people.low}-{people.high}"


def local(when: datetime, operation: Operation) -> str:
    """A time as a form has it: in the operation's offset, which is not written."""
    at = when.astimezone(operation.calendar.starts.tzinfo).replace(tzinfo=None)
    return at.isoformat(timespec="seconds" if at.second else "minutes")


# The envelope


@dataclass(frozen=True, kw_only=True)
class KnownOrigin:
    """Who may speak, and the side that the form may offer: a party speaks for its own. Nothing else is known before."""

    origin: str
    side: str


def known_origins(situation: Situation, language: Language) -> tuple[KnownOrigin, ...]:
    """The offices that have spoken and the parties, by name."""
    theatre = situation.operation.theatre
    named = parties_by_name(situation.operation)
    spoken = {event.source.origin for event in situation.events if event.source is not None}
    names = {*spoken, *(theatre.name(party, language) for party in theatre.parties)}
    ordered = sorted(names, key=lambda name: (name.casefold(), name))
    return tuple(KnownOrigin(origin=name, side=named.get(name.casefold(), "")) for name in ordered)


def empty(room: Room) -> dict[str, str]:
    """An envelope before anything is typed."""
    held = {"reliability": "F", "credibility": "6", "sensitivity": "restricted", "id": fresh_id(room)}
    return dict.fromkeys(ENVELOPE, "") | held


def source_typed(source: Source | None) -> dict[str, str]:
    """A source as it would have been typed; nothing where the author observed it."""
    if source is None:
        return {}
    via = ", ".join(source.relayed_by)
    return {"origin": source.origin, "side": source.side, "via": via, "reliability": source.reliability}


def envelope_typed(event: Event, operation: Operation) -> dict[str, str]:
    """An event's envelope as it would have been typed, for a correction."""
    return source_typed(event.source) | {
        "earliest": local(event.happened.earliest, operation),
        "latest": local(event.happened.latest, operation),
        "credibility": str(event.credibility),
        "medium": event.medium,
        "position": event.position,
        "sensitivity": event.sensitivity,
        "note": event.note,
        "corrects": event.id,
    }


def envelope(asked: Asked, typed: Typed, words: Words, wrong: Wrong) -> dict[str, Any]:
    """What was typed as the envelope of an event. An office whose side is left out keeps the one it had."""
    written: dict[str, Any] = {
        "author": asked.viewer.account,
        "position": typed["position"] or asked.viewer.role,
        "happened": happened(typed, asked.room, words, wrong),
        "sensitivity": typed["sensitivity"] or "restricted",
        "credibility": credibility(typed["credibility"] or "6", words, wrong),
    }
    written |= {key: typed[key] for key in ("id", "medium", "note", "corrects") if typed[key]}
    if typed["origin"]:
        source = {
            "origin": typed["origin"],
            "side": typed["side"] or parties_by_name(asked.room.operation).get(typed["origin"].casefold(), ""),
            "relayed_by": listed(typed["via"]),
            "reliability": typed["reliability"] or "F",
        }
        written["source"] = {key: value for key, value in source.items() if value}
    return written


def credibility(text: str, words: Words, wrong: Wrong) -> int:
    """How credible it is, 1 to 6."""
    if text not in map(str, CREDIBILITIES):
        wrong["credibility"] = words("no credibility")
        return 6
    return int(text)


def envelope_choices(words: Words) -> dict[str, list[tuple[object, str]]]:
    """The choices of an envelope's fields in words."""
    return {
        "letters": [(one, f"{one} {words(one)}") for one in RELIABILITIES],
        "figures": [(one, f"{one} {words(str(one))}") for one in CREDIBILITIES],
        "media": [(one, words(one or "no medium")) for one in MEDIA],
        "sensitivities": [(one, words(one)) for one in SENSITIVITIES],
    }


# Into the record


def read_event(
    room: Room,
    written: Mapping[str, Any],
    fields: Collection[str],
    words: Words,
    wrong: Wrong,
    called: Mapping[str, str] = MappingProxyType(IN_THE_EVENT),
) -> Event | None:
    """The event that was typed; None, and what is wrong at which of the form's fields. `called`: keys of the event that
    the form calls otherwise.
    """
    try:
        return room.record.event_from(written, file="form")
    except Unreadable as error:
        for problem in error.problems:
            path = re.match(r"[\w.\[\]]+", problem.what)
            steps = re.split(r"[.\[\]]+", path[0]) if path else []
            names = [".".join(steps[:length]) for length in range(len(steps), 0, -1)]
            names += [called.get(step, step) for step in reversed(steps)]
            field = next((name for name in names if name in fields), "")
            wrong.setdefault(field, words.said(f"{problem.what.rstrip('.')}. {problem.fix}"))
        return None


def enter(room: Room, events: Sequence[Event], fields: Collection[str], words: Words, wrong: Wrong) -> Receipt:
    """Records events; the receipt is that of the last. What is rejected stands in `wrong`. Raises LogUnavailable."""
    receipts = room.append(events)
    for receipt in receipts:
        if receipt.answer == "rejected":
            for why in receipt.why.split("; "):
                key = why.partition(":")[0]
                wrong.setdefault(next((name for name in (key, f"what.{key}") if name in fields), ""), words.said(why))
    return receipts[-1]


# The receipt


@dataclass(frozen=True, kw_only=True)
class Entered:
    """What became of what was just typed. `number`: its place in the log; None while it waits."""

    event: str
    answer: Literal["accepted", "duplicate", "pending"]
    number: int | None


def entered(asked: Asked) -> Entered | None:
    """The receipt that a page shows after a form was sent: the address names the event and the answer."""
    id, answer = (asked.request.query_params.get(key, "") for key in ("entered", "answer"))
    if not re.fullmatch(UUID7, id):
        return None
    lines = asked.room.came_in(asked.sight, 0)
    number = next((seq for seq, event in reversed(lines) if event is not None and event.id == id), None)
    if number is None:
        waits = answer == "pending" and id in {one.id for one in pending(asked.room)}
        return Entered(event=id, answer="pending", number=None) if waits else None
    return Entered(event=id, answer="duplicate" if answer == "duplicate" else "accepted", number=number)


def pending(room: Room) -> Sequence[Any]:
    """The events that came in and wait for others. Raises LogUnavailable."""
    return () if room.record.log is None else room.record.log.pending()


def checked_instant(asked: Asked, key: str) -> datetime | None:
    """A time of the address, such as the end of a filter. Raises HTTPException where it is none."""
    return instant_asked(asked.room, key, asked.request.query_params.get(key))


def chosen(asked: Asked, key: str, allowed: Iterable[str]) -> str:
    """A choice of the address; empty for all. Raises HTTPException for one that is not there."""
    value = asked.request.query_params.get(key, "")
    known = tuple(allowed)
    if value and value not in known:
        raise HTTPException(400, f"{key}={value}: choose one of {', '.join(known) or 'none: there is nothing yet'}")
    return value
