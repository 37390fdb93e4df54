"""The log desk: what came in, what waits for something else, who entered it for whom, and new reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from safepassage.agreement import Clause, Language
from safepassage.claims import OTHER, Claim, Question
from safepassage.events import EVENTS, UNSPLIT, ClaimMade, Event, EventRetracted, Medium
from safepassage.formats.events import parse_event
from safepassage.movement import Timetable
from safepassage.people import Count
from safepassage.report.terms import STAGES, Term, Words
from safepassage.situation import Situation
from safepassage.web import claim_form, entry, log_form
from safepassage.web.access import Sight
from safepassage.web.board_terms import kind_said
from safepassage.web.claims import Choice
from safepassage.web.entrance import SEE_OTHER
from safepassage.web.entry import (
    ENVELOPE,
    MEDIA,
    Typed,
    Wrong,
    checked_instant,
    chosen,
    enter,
    entered,
    envelope_choices,
    fresh_id,
    known_origins,
    local,
    pending,
    side_said,
    typed,
)
from safepassage.web.log_form import NOTE, USUAL, Field, form_fields, names_of, others, plain, report_event
from safepassage.web.pages import Asked, asked

LINES_MOST = 50
"""Lines on one page."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One field of a report in words."""

    field: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A report as it came in. `number`: its place in the log; None while it waits for the events `missing`.

    `author` entered it, speaking for `position`; `chain`: who reported it first, then who passed it on (empty: the
    author's own observation). `struck`: "corrected" or "taken out" by the event `struck_by`, its text kept.
    `correct_at`: the desk at which it can be corrected; empty where only an entry can be taken out.
    """

    number: int | None
    event: str
    kind: str
    kind_said: str
    said: tuple[Said, ...]
    happened: datetime
    happened_latest: datetime
    noticed: datetime
    received: datetime
    author: str
    position: str
    chain: tuple[str, ...]
    side_said: str
    reliability: str
    credibility: int
    medium: Medium
    sensitivity: str
    note: str
    corrects: str
    struck: str
    struck_by: str
    struck_why: str
    correct_at: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """Which lines are shown: of a kind, a medium, an author, that came in within a stretch of time."""

    kind: str = ""
    medium: str = ""
    author: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def on(self) -> bool:
        return self != LogFilter()

    def passes(self, event: Event) -> bool:
        return (
            self.kind in ("", event.what.kind)
            and self.medium in ("", event.medium or NOT_SAID)
            and self.author in ("", event.author)
            and (self.since is None or event.known >= self.since)
            and (self.until is None or event.known <= self.until)
        )


NOT_SAID = "not said"
"""In the filter: the medium was not given."""


@dataclass(frozen=True, kw_only=True)
class LogView:
    """The log desk, newest first: what waits, and a page of the lines that pass the filter.

    `older`: the next page is of the lines before this number; None on the last.
    """

    pending: tuple[Line, ...]
    lines: tuple[Line, ...]
    total: int
    older: int | None
    filter: LogFilter
    kinds: tuple[Choice, ...]
    media: tuple[str, ...]
    authors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An event that waits for others."""

    event: Event
    missing: tuple[str, ...]


def log_view(
    situation: Situation,
    lines: Sequence[tuple[int, Event]],
    language: Language,
    sight: Sight,
    *,
    waiting: Iterable[Waiting] = (),
    filter: LogFilter = LogFilter(),
    before: int | None = None,
) -> LogView:
    """The lines of the log that a picture is folded from, oldest first in `lines`; nothing for whom the log is hidden.

    `before`: the page begins below this number.
    """
    if not sight.log:
        return LogView(pending=(), lines=(), total=0, older=None, filter=filter, kinds=(), media=(), authors=())
    known = {event.id for event in situation.events}
    here = [(seq, event) for seq, event in lines if event.id in known and sight.reads(event)]
    passed = [(seq, event) for seq, event in here if filter.passes(event)]
    below = [one for one in reversed(passed) if before is None or one[0] < before]
    page = below[:LINES_MOST]
    writer = _Writer(situation, language, {event.id: seq for seq, event in here})
    kinds = sorted({event.what.kind for _, event in here}, key=list(EVENTS).index)
    return LogView(
        pending=tuple(
            writer.line(None, one.event, one.missing)
            for one in waiting
            if sight.reads(one.event) and filter.passes(one.event)
        ),
        lines=tuple(writer.line(seq, event) for seq, event in page),
        total=len(passed),
        older=page[-1][0] if len(below) > len(page) else None,
        filter=filter,
        kinds=tuple(Choice(value=kind, said=kind_said(kind, language)) for kind in kinds),
        media=tuple(medium for medium in MEDIA if medium in {event.medium for _, event in here}),
        authors=tuple(sorted({event.author for _, event in here})),
    )


class _Writer:
    """Lines of a log in one language."""

    def __init__(self, situation: Situation, language: Language, numbers: Mapping[str, int]) -> None:
        self.operation, self.language, self.numbers = situation.operation, language, numbers
        self.replaced = {event.corrects: event for event in situation.events if event.corrects}
        self.words = Words(language, *TABLES)
        asked = (standing.question for standing in situation.questions if standing.question.id != OTHER)
        self.questions = {one.id: self.text("question", one) for one in asked}

    def line(self, number: int | None, event: Event, missing: tuple[str, ...] = ()) -> Line:
        source, what = event.source, event.what
        by = self.replaced.get(event.id)
        retracted = by is not None and isinstance(by.what, EventRetracted)
        typed_here = plain(what.kind) and what.kind != RETRACTED
        return Line(
            number=number,
            event=event.id,
            kind=what.kind,
            kind_said=kind_said(what.kind, self.language),
            said=tuple(self.said(event)),
            happened=event.happened.earliest,
            happened_latest=event.happened.latest,
            noticed=event.noticed.astimezone(self.operation.calendar.starts.tzinfo),
            received=event.known.astimezone(self.operation.calendar.starts.tzinfo),
            author=event.author,
            position=event.position,
            chain=() if source is None else (source.origin, *source.relayed_by),
            side_said="" if source is None else side_said(source.side, self.operation, self.language),
            reliability="F" if source is None else source.reliability,
            credibility=event.credibility,
            medium=event.medium,
            sensitivity=event.sensitivity,
            note=event.note,
            corrects=event.corrects,
            struck="" if by is None else "taken out" if retracted else "corrected",
            struck_by="" if by is None else by.id,
            struck_why=by.what.why if by is not None and isinstance(by.what, EventRetracted) else "",
            correct_at="/claims" if isinstance(what, ClaimMade) else "/log" if typed_here else "",
            missing=missing,
        )

    def said(self, event: Event) -> Iterable[Said]:
        """What a report says, field by field, the empty ones left out."""
        for part in fields(event.what):
            value = getattr(event.what, part.name)
            if value is None or (text := self.text(part.name, value)) == "":
                continue
            if isinstance(value, Claim) and value.question in self.questions:
                yield Said(field=self.words("field question"), text=self.questions[value.question])
            key = f"field {part.name}"
            yield Said(field=self.words(key) if key in log_form.TERMS else part.name, text=text)

    def text(self, key: str, value: Any) -> str:
        if isinstance(value, Claim):
            return f"{self.words(value.stance)}: {value.said(self.language)}"
        if isinstance(value, Question):
            return value.said(self.language)
        if isinstance(value, Timetable):
            return self.words("movements planned", self.words.number(len(value.movements)))
        if isinstance(value, Clause):
            return value.id
        if isinstance(value, Count):
            number = self.words.number
            return number(value.best) if value.low == value.high else f"{number(value.low)}-{number(value.high)}"
        if isinstance(value, datetime):
            return self.words.time(value)
        if isinstance(value, Mapping):
            return self.words.listed(f"{self.name(id)}: {self.text(key, held)}" for id, held in value.items())
        if isinstance(value, tuple):
            return self.words.listed(self.text(key, one) for one in value)
        if isinstance(value, str):
            if value in self.numbers:
                return self.words("entry", self.numbers[value])
            return self.words.said(value) if key in CHOSEN else value if key in IN_WORDS else self.name(value)
        assert not is_dataclass(value), f"{key}: {type(value).__name__} has no words"
        return str(value)

    def name(self, id: str) -> str:
        return self.words("together") if id == UNSPLIT else self.operation.theatre.name(id, self.language)


RETRACTED = EventRetracted.kind
CHOSEN = frozenset({"stage", "incident"})
IN_WORDS = frozenset({"text", "why", "elsewhere", "movement", "movements", "vehicle"})


# The routes

router = APIRouter()
Now = Annotated[Asked, Depends(asked)]
FILTERS = ("kind", "medium", "author", "since", "until")


def shown(asked: Asked) -> LogView:
    """The desk that a viewer is shown, through the filter of the address."""
    wanted = LogFilter(
        kind=chosen(asked, "kind", EVENTS),
        medium=chosen(asked, "medium", (*filter(None, MEDIA), NOT_SAID)),
        author=asked.request.query_params.get("author", ""),
        since=checked_instant(asked, "since"),
        until=checked_instant(asked, "until"),
    )
    lines = [(seq, event) for seq, event in asked.room.came_in(asked.sight, 0) if event is not None]
    query = asked.request.query_params
    before = int(query["before"]) if query.get("before", "").isdecimal() and len(query["before"]) < 19 else None
    if (at := query.get("event")) is not None:
        before = next((seq + 1 for seq, event in lines if event.id == at), before)
    waiting: list[Waiting] = []
    if asked.as_of is None and asked.known_at is None:
        for one in pending(asked.room):
            event, _ = parse_event(one.content)
            if event is not None:
                waiting.append(Waiting(event=event, missing=one.missing))
    return log_view(asked.situation, lines, asked.language, asked.sight, waiting=waiting, filter=wanted, before=before)


@router.get("/log", include_in_schema=False)
def log_page(asked: Now) -> HTMLResponse:
    """The log desk, with the form of the report that the address names."""
    query = asked.request.query_params
    corrected = next((event for event in asked.situation.events if event.id == query.get("corrects")), None)
    kind = query.get("report", "")
    if corrected is not None and kind != RETRACTED:
        kind = corrected.what.kind
    if not plain(kind) or (kind == RETRACTED and corrected is None):
        return _page(asked, None, {})
    return _page(asked, log_form.blank(asked, kind, corrected), {})


@router.get("/api/log", response_model=LogView)
def log_json(asked: Now) -> LogView:
    """The log desk: what the page shows. Filters: `kind`, `medium`, `author`, `since`, `until`; pages: `before`."""
    return shown(asked)


@router.post("/log", include_in_schema=False)
def add_report(asked: Now, form: Annotated[Typed, Depends(typed)]) -> Response:
    """Enters a report, or shows what is wrong with it at its fields."""
    wrong: Wrong = {}
    words = Words(asked.language, *TABLES)
    kind = form.get("report", "")
    if not plain(kind):
        return _page(asked, None, {"": words("no such report")}, status=422)
    form_of = form_fields(kind, asked.situation, asked.language, words)
    event = report_event(asked, form, form_of, words, wrong)
    if event is not None:
        receipt = enter(asked.room, [event], names_of(form_of), words, wrong)
        if not wrong:
            report = "" if kind == RETRACTED else kind
            return RedirectResponse(_here(asked, report=report, entered=receipt.id, answer=receipt.answer), SEE_OTHER)
    again = dict.fromkeys(ENVELOPE, "") | form | {"id": fresh_id(asked.room)}
    return _page(asked, again, wrong, status=422)


def _here(asked: Asked, **more: str) -> str:
    """The desk with the same filter."""
    return asked.link("/log", **{key: asked.request.query_params.get(key, "") for key in FILTERS}, **more)


def _page(asked: Asked, form: Typed | None, wrong: Mapping[str, str], *, status: int = 200) -> HTMLResponse:
    """The desk, with a form as typed and what is wrong with it; None: no report is being entered."""
    words = Words(asked.language, *TABLES)
    view = shown(asked)
    live = asked.as_of is None and asked.known_at is None
    may_record = live and asked.viewer.may("record")
    form_of: tuple[Field, ...] = ()
    if form is not None and may_record:
        form_of = form_fields(form["report"], asked.situation, asked.language, words)

    def said(kind: str) -> str:
        return words("a note") if kind == NOTE else kind_said(kind, asked.language)

    choices: dict[str, list[tuple[object, str]]] = {
        "kinds": [(one.value, one.said) for one in view.kinds],
        "filter media": [(one or NOT_SAID, words(one or "no medium")) for one in view.media],
        "authors": [(one, one) for one in view.authors],
        "reports": [(kind, said(kind)) for kind in others()],
        **envelope_choices(words),
    }
    return asked.page(
        "log.html.j2",
        view,
        *TABLES,
        status=status,
        form=form if may_record else None,
        form_of=form_of,
        report_said="" if form is None else said(form["report"]),
        wrong=wrong,
        usual=[(kind, said(kind)) for kind in USUAL],
        choices=choices,
        typed_filter={
            key: local(value, asked.room.operation) if isinstance(value, datetime) else value or ""
            for key in FILTERS
            for value in (getattr(view.filter, key),)
        },
        may_record=may_record,
        live=live,
        receipt=entered(asked),
        origins=known_origins(asked.situation, asked.language),
        here=_here(asked),
        filters={key: asked.request.query_params.get(key) for key in FILTERS},
    )


TERMS: Mapping[str, Term] = {
    "log desk": Term("Log desk", "مكتب السجل"),
    "log lead": Term(
        "What came in, newest first. Nothing is edited or deleted; a correction is a new entry.",
        "ما ورد، الأحدث أولًا. لا تعديل ولا حذف؛ التصحيح قيد جديد.",
    ),
    "new report": Term("Enter a report", "إدخال تقرير"),
    "a note": Term("note", "ملاحظة"),
    "other reports": Term("another kind", "نوع آخر"),
    "open form": Term("Open the form", "فتح النموذج"),
    "correcting entry": Term("Correct an entry: the first stays, struck out", "تصحيح قيد: يبقى الأول مشطوبًا"),
    "taking out": Term("Take an entry out: it stays, struck out", "إخراج قيد: يبقى مشطوبًا"),
    "who and how": Term("Who reported it, and how it came in", "من أبلغ به، وكيف ورد"),
    "own report": Term("Empty: the author's own observation", "فارغ: مشاهدة المُدخِل نفسه"),
    "when": Term("When it happened (empty: now)", "متى حدث (فارغ: الآن)"),
    "earliest": Term("At, or not before", "في، أو ليس قبل"),
    "latest": Term("Not after", "ليس بعد"),
    "waits": Term("Waiting for another event", "في انتظار حدث آخر"),
    "waits for": Term("waits for {}", "ينتظر {}"),
    "nothing waits": Term("Nothing waits.", "لا شيء معلّق."),
    "done": Term("In the log", "في السجل"),
    "how many": Term("{} entries", "{} قيدًا"),
    "nothing logged": Term("No entry passes this filter.", "لا قيد يطابق هذه التصفية."),
    "number": Term("No.", "رقم"),
    "came in": Term("Came in", "ورد"),
    "happened when": Term("Happened", "حدث"),
    "who reported": Term("Who reported it", "من أبلغ به"),
    "who entered": Term("Entered by", "أدخله"),
    "kind": Term("Kind", "النوع"),
    "author": Term("Author", "المُدخِل"),
    "came since": Term("Came in since", "ورد منذ"),
    "came until": Term("Came in until", "ورد حتى"),
    "for post": Term("{} for {}", "{} نيابةً عن {}"),
    "own observation": Term("own observation", "مشاهدة ذاتية"),
    "via": Term("through {}", "عبر {}"),
    "from to": Term("{} to {}", "{} إلى {}"),
    "entry": Term("entry {}", "القيد {}"),
    "corrected": Term("corrected", "صُحّح"),
    "taken out": Term("taken out", "أُخرج"),
    "by entry": Term("see by what", "انظر بماذا"),
    "correction of": Term("correction of an earlier entry", "تصحيح لقيد سابق"),
    "correct": Term("correct", "تصحيح"),
    "take out": Term("take out", "إخراج"),
    "older": Term("Older entries", "قيود أقدم"),
    "newest": Term("Newest entries", "أحدث القيود"),
    "movements planned": Term("{} convoys planned", "{} قافلة مخططة"),
    "past only": Term("This is the past: go to now to enter a report.", "هذا هو الماضي: انتقل إلى الآن لإدخال تقرير."),
    "people hint": Term("a number, or 700-900", "عدد، أو 700-900"),
    "new key": Term("Key n: to the form.", "المفتاح n: إلى النموذج."),
}
"""The words of the log desk."""
TABLES = (STAGES, TERMS, claim_form.TERMS, log_form.TERMS, entry.TERMS)
