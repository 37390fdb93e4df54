"""The claims desk: questions with their rival answers side by side, who said what through whom, and new claims."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, get_args

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from safepassage.agreement import Language
from safepassage.claims import OTHER, Assessment, Claim, Reliability, Stance, Standing, StandingKind
from safepassage.claims import Answer as RivalAnswer
from safepassage.events import ClaimMade, Event, EventRetracted
from safepassage.operation import Operation
from safepassage.report.terms import STATES, Term, Words
from safepassage.situation import Situation
from safepassage.web import claim_form, entry
from safepassage.web.access import Sight
from safepassage.web.claim_form import STANCES
from safepassage.web.entrance import SEE_OTHER
from safepassage.web.entry import (
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
    side_said,
    typed,
)
from safepassage.web.pages import Asked, asked

STANDINGS: tuple[StandingKind, ...] = get_args(StandingKind)

CLOSED: frozenset[StandingKind] = frozenset({"settled by observation", "retracted"})
"""Standings of a question that is not open any more."""


@dataclass(frozen=True, kw_only=True)
class AssessmentView:
    """How a verifier judged a claim, and why."""

    author: str
    credibility: int
    why: str
    made: datetime


@dataclass(frozen=True, kw_only=True)
class ClaimView:
    """A claim as the record has it.

    `chain`: who said it first, then who passed it on until it reached us. `observed`: our own saw it. `made` until
    `made_latest`: when it was said; `known`: when we knew. `about`: whose claim it denies, confirms, qualifies or takes
    back. `struck`: why it no longer counts, its text kept: "corrected", "taken out", "taken back", or empty.
    `struck_by`: the event that says so.
    """

    event: str
    stance: Stance
    text: str
    chain: tuple[str, ...]
    side: str
    side_said: str
    observed: bool
    made: datetime
    made_latest: datetime
    known: datetime
    reliability: Reliability
    credibility: int
    against: tuple[str, ...]
    about: str
    author: str
    position: str
    note: str
    struck: str
    struck_by: str
    struck_why: str
    assessments: tuple[AssessmentView, ...]

    @property
    def origin(self) -> str:
        return self.chain[0]


@dataclass(frozen=True, kw_only=True)
class SideView:
    """The claims of one side, in the order in which they were made."""

    side: str
    name: str
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True, kw_only=True)
class AnswerView:
    """A rival answer: its standing in a kind and a sentence, and all that was said of it, by side."""

    key: str
    heading: str
    kind: StandingKind
    sentence: str
    sides: tuple[SideView, ...]


@dataclass(frozen=True, kw_only=True)
class QuestionView:
    """A question with its standing. `demands` ask for something; `apart`: claims that belong to no answer here."""

    id: str
    text: str
    kind: StandingKind
    open: bool
    contested: bool
    sentence: str
    since: datetime | None
    answers: tuple[AnswerView, ...]
    demands: tuple[ClaimView, ...]
    apart: tuple[ClaimView, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of the values that a filter or a field may take, and how it reads."""

    value: str
    said: str


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which questions are shown: those that mention a place, in which a side speaks or is accused, of a standing, with
    something said in a stretch of time. Of a question that is shown, every claim is.
    """

    place: str = ""
    side: str = ""
    standing: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def on(self) -> bool:
        return self != Filter()


@dataclass(frozen=True, kw_only=True)
class ClaimsView:
    """The claims desk: open questions first, contested ones before others. `hidden`: those the filter leaves out."""

    questions: tuple[QuestionView, ...]
    hidden: int
    filter: Filter
    places: tuple[Choice, ...]
    sides: tuple[Choice, ...]
    standings: tuple[StandingKind, ...]


def claims_view(
    situation: Situation,
    language: Language,
    sight: Sight,
    filter: Filter = Filter(),
) -> ClaimsView:
    """The questions of a picture with all that was said of them; nothing for whom claims are hidden."""
    if not sight.claims:
        return ClaimsView(questions=(), hidden=0, filter=filter, places=(), sides=(), standings=())
    return _Desk(situation, language).view(filter)


class _Desk:
    """One picture's claims, in one language."""

    def __init__(self, situation: Situation, language: Language) -> None:
        self.situation, self.language = situation, language
        self.theatre = situation.operation.theatre
        self.replaced = {event.corrects: event for event in situation.events if event.corrects}
        self.events = {event.id: event for event in situation.events if isinstance(event.what, ClaimMade)}
        self.by_question: dict[str, list[Event]] = {}
        for event in self.events.values():
            self.by_question.setdefault(_claim(event).question, []).append(event)
        self.judged: dict[str, list[Assessment]] = {}
        for one in situation.assessments:
            self.judged.setdefault(one.claim, []).append(one)

    def view(self, filter: Filter) -> ClaimsView:
        standings = sorted(self.situation.questions, key=_pressing)
        mentions = {one.question.id: self.mentioned(one) for one in standings}
        shown = [one for one in standings if self.passes(one, filter, mentions[one.question.id])]
        mentioned = {place for places in mentions.values() for place in places}
        sides = dict.fromkeys(side for event in self.events.values() for side in _sides(event))
        return ClaimsView(
            questions=tuple(map(self.question, shown)),
            hidden=len(standings) - len(shown),
            filter=filter,
            places=_choices((id, self.theatre.name(id, self.language)) for id in mentioned),
            sides=_choices((side, side_said(side, self.situation.operation, self.language)) for side in sides),
            standings=tuple(kind for kind in STANDINGS if kind in {one.kind for one in standings}),
        )

    # Which questions

    def mentioned(self, standing: Standing) -> frozenset[str]:
        """The places named in a question or in what was said of it."""
        question = standing.question
        claims = map(_claim, self.by_question.get(question.id, ()))
        text = "\n".join([question.text, question.text_ar, *(f"{one.text}\n{one.text_ar}" for one in claims)])
        return frozenset(id for id, names in _place_names(self.situation.operation).items() if names.search(text))

    def passes(self, standing: Standing, filter: Filter, places: frozenset[str]) -> bool:
        events = self.by_question.get(standing.question.id, ())
        if filter.place and filter.place not in places:
            return False
        if filter.side and not any(filter.side in _sides(event) for event in events):
            return False
        if filter.standing and filter.standing != standing.kind:
            return False
        if filter.since is None and filter.until is None:
            return True
        return any(
            (filter.since is None or event.happened.latest >= filter.since)
            and (filter.until is None or event.happened.earliest <= filter.until)
            for event in events
        )

    # One question

    def question(self, standing: Standing) -> QuestionView:
        question = standing.question
        keys = {one.event: answer.key for answer in standing.answers for one in answer.statements}
        below: dict[str, list[Event]] = {}
        for event in sorted(self.by_question.get(question.id, ()), key=lambda one: one.order):
            below.setdefault(self.belongs(event, keys), []).append(event)
        answers = [self.answer(one, below.pop(one.key, ())) for one in standing.answers]
        order = {side: place for place, side in enumerate(self.theatre.parties)}
        answers.sort(key=lambda one: order.get(one.sides[0].side, len(order)))
        demands = below.pop(DEMANDS, ())
        apart = [event for events in below.values() for event in events]
        return QuestionView(
            id=question.id,
            text=question.said(self.language),
            kind=standing.kind,
            open=standing.kind not in CLOSED,
            contested=standing.contested,
            sentence=standing.said(self.language),
            since=standing.since,
            answers=tuple(answers),
            demands=tuple(map(self.claim, demands)),
            apart=tuple(map(self.claim, sorted(apart, key=lambda one: one.order))),
        )

    def belongs(self, event: Event, keys: Mapping[str, str]) -> str:
        """The key of the answer that a claim is shown with: what it says, or what the claim says that it is about."""
        seen: set[str] = set()
        while event.id not in seen:
            seen.add(event.id)
            while (newer := self.events.get(self.replacement(event.id))) is not None and newer.id not in seen:
                event = newer
                seen.add(event.id)
            if event.id in keys:
                return keys[event.id]
            claim = _claim(event)
            if claim.on not in self.events:
                return DEMANDS if claim.stance == "demands" else claim.answer
            event = self.events[claim.on]
        return ""

    def replacement(self, id: str) -> str:
        newer = self.replaced.get(id)
        return "" if newer is None else newer.id

    def answer(self, answer: RivalAnswer, events: Sequence[Event]) -> AnswerView:
        sides: dict[str, list[ClaimView]] = {}
        for event in events:
            claim = self.claim(event)
            sides.setdefault(claim.side, []).append(claim)
        first = answer.statements[0].claim
        return AnswerView(
            key=answer.key,
            heading=first.answer if self.language == "en" and first.answer else first.said(self.language),
            kind=answer.kind,
            sentence=answer.said(self.language),
            sides=tuple(SideView(side=side, name=claims[0].side_said, claims=tuple(claims))
                        for side, claims in sides.items()),
        )  # fmt: skip

    # One claim

    def claim(self, event: Event) -> ClaimView:
        claim, source = _claim(event), event.source
        about = self.events.get(claim.on)
        struck, by = self.struck(event)
        why = by.what.why if by is not None and isinstance(by.what, EventRetracted) else ""
        side = "" if source is None else source.side
        return ClaimView(
            event=event.id,
            stance=claim.stance,
            text=claim.said(self.language),
            chain=_chain(event),
            side=side,
            side_said=side_said(side, self.situation.operation, self.language),
            observed=source is None or claim.grounds == "observed",
            made=event.happened.earliest,
            made_latest=event.happened.latest,
            known=event.known.astimezone(self.situation.operation.calendar.starts.tzinfo),
            reliability="F" if source is None else source.reliability,
            credibility=event.credibility,
            against=tuple(self.theatre.name(party, self.language) for party in claim.against),
            about="" if about is None else _chain(about)[0],
            author=event.author,
            position=event.position,
            note=event.note,
            struck=struck,
            struck_by="" if by is None else by.id,
            struck_why=why,
            assessments=tuple(
                AssessmentView(author=one.author, credibility=one.credibility, why=one.why, made=one.made)
                for one in self.judged.get(event.id, ())
            ),
        )

    def struck(self, event: Event) -> tuple[str, Event | None]:
        """Why a claim no longer counts, and the event that says so."""
        newer = self.replaced.get(event.id)
        if newer is not None:
            return ("taken out" if isinstance(newer.what, EventRetracted) else "corrected"), newer
        for other in self.by_question.get(_claim(event).question, ()):
            back = _claim(other).stance == "retracts" and _claim(other).on == event.id
            if back and other.id not in self.replaced and _chain(other)[0] == _chain(event)[0]:
                return "taken back", other
        return "", None


DEMANDS = "\n"
"""In place of an answer's key: what asks for something answers nothing."""


def _claim(event: Event) -> Claim:
    assert isinstance(event.what, ClaimMade)
    return event.what.claim


def _chain(event: Event) -> tuple[str, ...]:
    if event.source is None:
        return (event.position or event.author,)
    return (event.source.origin, *event.source.relayed_by)


def _sides(event: Event) -> Iterator[str]:
    if event.source is not None and event.source.side:
        yield event.source.side
    yield from _claim(event).against


def _pressing(standing: Standing) -> tuple[int, bool, bool, float, str]:
    """Contested ones first, then what is open, what nobody answered, what is closed; newest first among them."""
    rank = 0 if standing.contested else 3 if standing.kind in CLOSED else 2 if not standing.answers else 1
    since = 0.0 if standing.since is None else -standing.since.timestamp()
    return rank, standing.question.id == OTHER, not standing.question.about, since, standing.question.id


def _place_names(operation: Operation) -> dict[str, re.Pattern[str]]:
    """How each place may be named in a text."""
    found = {}
    for id, place in operation.world.places.items():
        names = "|".join(re.escape(name) for name in (place.name, place.name_ar, *place.aliases) if name)
        found[id] = re.compile(rf"\b(?:{names or re.escape(id)})\b", re.IGNORECASE)
    return found


def _choices(named: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
    return tuple(Choice(value=value, said=said) for value, said in sorted(named, key=lambda one: one[1].casefold()))


# The routes

router = APIRouter()
Now = Annotated[Asked, Depends(asked)]
FILTERS = ("place", "side", "standing", "since", "until")


def shown(asked: Asked) -> ClaimsView:
    """The desk that a viewer is shown, through the filter of the address; made once for all who are shown the same."""
    since, until = checked_instant(asked, "since"), checked_instant(asked, "until")
    standing = chosen(asked, "standing", STANDINGS)
    place = chosen(asked, "place", asked.room.operation.world.places)
    side = asked.request.query_params.get("side", "")
    wanted = Filter(place=place, side=side, standing=standing, since=since, until=until)
    return asked.room.kept(
        asked.situation,
        ("claims", asked.language, asked.sight.claims, wanted),
        lambda: claims_view(asked.situation, asked.language, asked.sight, wanted),
    )


@router.get("/claims", include_in_schema=False)
def claims_page(asked: Now) -> HTMLResponse:
    """The claims desk, with the form of a new claim."""
    return _page(asked, claim_form.blank(asked), {})


@router.get("/api/claims", response_model=ClaimsView)
def claims_json(asked: Now) -> ClaimsView:
    """The claims desk: what the page shows. Filters: `place`, `side`, `standing`, `since`, `until`."""
    return shown(asked)


@router.post("/claims", include_in_schema=False)
def add_claim(asked: Now, form: Annotated[Typed, Depends(typed)]) -> Response:
    """Enters a claim, or shows what is wrong with it at its fields."""
    wrong: Wrong = {}
    events = claim_form.claim_events(asked, form, _words(asked), wrong)
    if events:
        receipt = enter(asked.room, events, claim_form.FIELDS, _words(asked), wrong)
        if not wrong:
            return _back(asked, receipt.id, receipt.answer)
    again = dict.fromkeys(claim_form.FIELDS, "") | form | {"id": fresh_id(asked.room)}
    return _page(asked, again, wrong, status=422)


@router.post("/claims/assessment", include_in_schema=False)
def assess(asked: Now, form: Annotated[Typed, Depends(typed)]) -> Response:
    """Enters how the viewer judges a claim, and why."""
    wrong: Wrong = {}
    events = claim_form.assessment_events(asked, form, _words(asked), wrong)
    if events:
        receipt = enter(asked.room, events, claim_form.ASSESSED, _words(asked), wrong)
        if not wrong:
            return _back(asked, receipt.id, receipt.answer, at=form["claim"])
    return _page(asked, claim_form.blank(asked), {}, status=422, assessing=form, assessing_wrong=wrong)


def _back(asked: Asked, event: str, answer: str, at: str = "") -> Response:
    """To the desk with the same filter, and the receipt on it."""
    return RedirectResponse(f"{_here(asked, entered=event, answer=answer)}#{at or event}", SEE_OTHER)


def _here(asked: Asked, path: str = "/claims", **more: str) -> str:
    """The desk, or what is sent from it, with the same filter."""
    return asked.link(path, **{key: asked.request.query_params.get(key, "") for key in FILTERS}, **more)


def _words(asked: Asked) -> Words:
    return Words(asked.language, *TABLES)


def _page(
    asked: Asked,
    form: Mapping[str, str],
    wrong: Mapping[str, str],
    *,
    status: int = 200,
    assessing: Mapping[str, str] | None = None,
    assessing_wrong: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The desk, with a form as typed and what is wrong with it."""
    situation, theatre, words = asked.situation, asked.room.operation.theatre, _words(asked)
    view = shown(asked)
    live = asked.as_of is None and asked.known_at is None
    about = next((event for event in situation.events if event.id == form["on"]), None)
    answering = [event for event in situation.events if isinstance(event.what, ClaimMade) and event.what.claim.on]
    left_behind = sum(_claim(event).on == form["corrects"] for event in answering)
    choices: dict[str, list[tuple[object, str]]] = {
        "questions": [
            *((one.question.id, one.question.said(asked.language))
              for one in sorted(situation.questions, key=_pressing) if one.question.id != OTHER),
            (OTHER, words("other question")),
        ],
        "places": [(one.value, one.said) for one in view.places],
        "sides": [(one.value, one.said) for one in view.sides],
        "standings": [(one, words(one)) for one in view.standings],
        "stances": [(one, words(one)) for one in STANCES],
        **envelope_choices(words),
    }  # fmt: skip
    return asked.page(
        "claims.html.j2",
        view,
        *TABLES,
        status=status,
        form=form,
        wrong=wrong,
        typed_filter={
            key: local(value, asked.room.operation) if isinstance(value, datetime) else value or ""
            for key in FILTERS
            for value in (getattr(view.filter, key),)
        },
        choices=choices,
        about=None if about is None else _Desk(situation, asked.language).claim(about),
        left_behind=left_behind,
        may_claim=live and asked.viewer.may("claim"),
        may_assess=live and asked.viewer.may("assess"),
        may_record=live and asked.viewer.may("record"),
        assessing=assessing or {"claim": asked.request.query_params.get("assess", "")},
        assessing_wrong=assessing_wrong or {},
        assessment_id=fresh_id(asked.room) if live and asked.viewer.may("assess") else "",
        assess_action=_here(asked, "/claims/assessment"),
        receipt=entered(asked),
        origins=known_origins(situation, asked.language),
        answers=claim_form.known_answers(situation),
        parties={id: theatre.name(id, asked.language) for id in theatre.parties},
        here=_here(asked),
        filters={key: asked.request.query_params.get(key) for key in FILTERS},
    )


TERMS: Mapping[str, Term] = {
    "claims desk": Term("Claims desk", "مكتب الإفادات"),
    "claims lead": Term(
        "Who says what. Nothing is voted, averaged or merged; nothing that was said is deleted.",
        "من يقول ماذا. لا تصويت ولا متوسطات ولا دمج، ولا يُحذف شيء مما قيل.",
    ),
    "open questions": Term("{} open, {} of them contested", "{} مفتوحة، منها {} متنازع عليها"),
    "left out": Term("{} questions are left out by the filter.", "أخفت التصفية {} مسائل."),
    "nothing here": Term("No question passes this filter.", "لا مسألة تطابق هذه التصفية."),
    "no questions": Term("No question has been raised yet.", "لم تُطرح مسألة بعد."),
    "place": Term("Place", "المكان"),
    "standing": Term("Standing", "حال المسألة"),
    "since": Term("Said since", "قيل منذ"),
    "until": Term("Said until", "قيل حتى"),
    "since when": Term("since {}", "منذ {}"),
    "of whom": Term("the claim of {}", "إفادة {}"),
    "against": Term("against {}", "ضد {}"),
    "said": Term("said {}", "قيل {}"),
    "said between": Term("said between {} and {}", "قيل بين {} و{}"),
    "known": Term("known here {}", "عُرف هنا {}"),
    "chain": Term("From {}", "من {}"),
    "via": Term("through {}", "عبر {}"),
    "to us": Term("to us", "إلينا"),
    "we saw": Term("seen by our own", "شاهده مراقبونا"),
    "no side": Term("side not known", "طرف غير معروف"),
    "rating": Term("Rating {}{}: source {}, information {}", "التقييم {}{}: المصدر {}، والمعلومة {}"),
    "judged": Term("{} judges it {}: {}", "يقيّمها {} بـ {}: {}"),
    "entered by": Term("entered by {} ({})", "أدخلها {} ({})"),
    "corrected": Term("corrected", "صُحّحت"),
    "taken out": Term("taken out of the record", "أُخرجت من السجل"),
    "taken back": Term("taken back by who said it", "تراجع عنها قائلها"),
    "see what": Term("see by what", "انظر بماذا"),
    "demands title": Term("Demands and conditions", "مطالب وشروط"),
    "apart": Term("Said beside these answers, or no longer counted", "قيل إلى جانب هذه الإجابات، أو لم يعد محسوبًا"),
    "answer this": Term("Answer this claim", "الرد على هذه الإفادة"),
    "correct": Term("correct the entry", "تصحيح القيد"),
    "take out": Term("take the entry out", "إخراج القيد"),
    "assess": Term("assess", "تقييم"),
    "assess why": Term("Why", "السبب"),
    "assess button": Term("Enter the assessment", "تسجيل التقييم"),
    "new claim": Term("Add a claim", "إضافة إفادة"),
    "new claim here": Term("Add a claim on this", "إضافة إفادة هنا"),
    "correcting": Term("Correct a claim: the first entry stays, struck out", "تصحيح إفادة: يبقى القيد الأول مشطوبًا"),
    "come along": Term(
        "Claims about the first entry: {}. They count for the corrected one too.",
        "إفادات حول القيد الأول: {}. تُحسب للقيد المصحَّح أيضًا.",
    ),
    "answering": Term("About the claim of {}: {}", "حول إفادة {}: {}"),
    "keys": Term("Key n: a new claim. Enter: enters it.", "المفتاح n: إفادة جديدة. Enter: قيّدها."),
    "question": Term("Question", "المسألة"),
    "new question": Term("or a new question", "أو مسألة جديدة"),
    "other question": Term("belongs to none of these", "لا تخص أيًا منها"),
    "answer": Term("Answer, in a few words", "الإجابة بكلمات قليلة"),
    "stance": Term("Stance", "الموقف"),
    "text": Term("What was said (empty: as the answer)", "ما قيل (فارغ: كالإجابة)"),
    "text in arabic": Term("The same in Arabic", "الشيء نفسه بالعربية"),
    "accused": Term("Against whom", "ضد من"),
    "people count": Term("People, such as 800 or 700-900", "الأشخاص، مثل 800 أو 700-900"),
    "ours": Term("Our own observer saw it", "شاهده مراقبنا"),
    "earliest": Term("Said at, or not before", "قيل في، أو ليس قبل"),
    "latest": Term("Not after", "ليس بعد"),
    "more fields": Term("More: accused, time, medium, Arabic ...", "المزيد: المتهم، الوقت، الوسيلة، العربية ..."),
    "past only": Term("This is the past: go to now to enter a claim.", "هذا هو الماضي: انتقل إلى الآن لإدخال إفادة."),
}
"""The words of the claims desk beside those for states."""
TABLES = (STATES, TERMS, claim_form.TERMS, entry.TERMS)
