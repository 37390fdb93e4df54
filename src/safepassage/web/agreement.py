"""The agreement: every clause in words and how it stands, consents, parties, talks, and whether all of it can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeVar

from anyio import to_thread
from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse

from safepassage import control
from safepassage.agreement import Clause, Language
from safepassage.events import (
    AgreementAmended,
    AgreementProposed,
    AgreementSigned,
    ClauseRestored,
    ClauseSuspended,
    Event,
    TalksHeld,
)
from safepassage.report.terms import STATES, Term
from safepassage.situation import ClauseState, ConsentState, Situation, Word
from safepassage.situation.picture import ClausePhase, ConsentPhase
from safepassage.web.access import Sight
from safepassage.web.board_terms import kind_said
from safepassage.web.pages import Asked, asked

router = APIRouter()
T = TypeVar("T")
Now = Annotated[Asked, Depends(asked)]
PRESSING: tuple[ClausePhase, ...] = (
    *("broken", "contested", "at its limit", "suspended", "not known", "kept", "proposed", "not in force"),
)
"""How a clause may stand, what needs eyes first."""
APART: frozenset[ClausePhase] = frozenset({"proposed", "not in force"})
CONSENTS: tuple[ConsentPhase, ...] = ("withdrawn", "expired", "missing", "given")
TERMS_CHANGED = (AgreementProposed, AgreementSigned, AgreementAmended, ClauseSuspended, ClauseRestored)
CONFLICT_SECONDS = 20.0
REOPENS = timedelta(days=1)
Outcome = Literal["can hold", "cannot hold", "not proven"]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What something rests on: the event, who says it (empty: our own), when it happened and when it was known."""

    event: str
    who: str
    happened: datetime
    known: datetime


@dataclass(frozen=True, kw_only=True)
class ClauseView:
    """A clause in words. `room`: how many people more it allows; `text`: what makes it stand so."""

    id: str
    kind: str
    phase: ClausePhase
    sentence: str
    room: int | None
    text: str
    since: datetime | None
    said: tuple[Said, ...]


@dataclass(frozen=True, kw_only=True)
class ChangeView:
    """One step of the agreement: proposed, signed, amended, a clause suspended or restored, by whom."""

    what: str
    text: str
    parties: tuple[str, ...]
    clauses: tuple[str, ...]
    dropped: tuple[str, ...]
    said: Said


@dataclass(frozen=True, kw_only=True)
class ConsentView:
    """A party's consent for a road or crossing. `movements`: the only ones it is for."""

    segment: str
    party: str
    phase: ConsentPhase
    until: datetime | None
    movements: tuple[str, ...]
    said: tuple[Said, ...]


@dataclass(frozen=True, kw_only=True)
class PartyView:
    """A party and its role; `holds`: how many roads and crossings need its consent."""

    id: str
    name: str
    role: str
    holds: int


@dataclass(frozen=True, kw_only=True)
class TalksView:
    """Talks that were held, and what each side put forward there."""

    text: str
    parties: tuple[str, ...]
    proposals: tuple[tuple[str, str], ...]
    said: Said


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Whether all that binds can hold while everyone is brought out.

    `sentences`: where it cannot, a smallest set that cannot. `left`: people left behind by the best timetable found.
    """

    outcome: Outcome
    sentences: tuple[str, ...] = ()
    left: int = 0


@dataclass(frozen=True, kw_only=True)
class AgreementView:
    """The agreement as it stands. `counts`: binding clauses by how they stand, what needs eyes first."""

    counts: tuple[tuple[ClausePhase, int], ...]
    clauses: tuple[ClauseView, ...]
    apart: tuple[ClauseView, ...]
    changes: tuple[ChangeView, ...]
    consents: tuple[ConsentView, ...]
    parties: tuple[PartyView, ...]
    talks: tuple[TalksView, ...]


def agreement_view(situation: Situation, language: Language, sight: Sight) -> AgreementView:
    """The agreement of a picture. Consents for single convoys are left out for whom the future is not shown."""
    return _Drawn(situation, language, sight).view()


class _Drawn:
    """One picture's agreement, in one language."""

    def __init__(self, situation: Situation, language: Language, sight: Sight) -> None:
        self.situation, self.language, self.sight = situation, language, sight
        self.theatre = situation.operation.theatre
        self.kinds = {clause.id: clause.kind for clause in situation.operation.clauses}

    def name(self, id: str) -> str:
        return self.theatre.name(id, self.language)

    def view(self) -> AgreementView:
        states = sorted(self.situation.clauses, key=lambda one: PRESSING.index(one.phase))
        binding = [one for one in states if one.phase not in APART]
        counted = [(phase, sum(one.phase == phase for one in binding)) for phase in PRESSING]
        events = [event for event in self.situation.events if self.sight.reads(event)]
        shown = self.situation.consents
        return AgreementView(
            counts=tuple((phase, count) for phase, count in counted if count),
            clauses=tuple(map(self.clause, binding)),
            apart=tuple(self.clause(one) for one in states if one.phase in APART),
            changes=tuple(self.change(event) for event in reversed(events) if isinstance(event.what, TERMS_CHANGED)),
            consents=tuple(map(self.consent, sorted(shown, key=lambda one: CONSENTS.index(one.phase)))),
            parties=self.parties(),
            talks=tuple(self.talks(event) for event in reversed(events) if isinstance(event.what, TalksHeld)),
        )

    def clause(self, state: ClauseState) -> ClauseView:
        return ClauseView(
            id=state.clause,
            kind=self.kinds.get(state.clause, ""),
            phase=state.phase,
            sentence=state.said(self.language),
            room=state.room,
            text=state.text,
            since=state.since,
            said=tuple(map(self.word, state.words)),
        )

    def word(self, word: Word) -> Said:
        return Said(event=word.event, who=self.name(word.says), happened=word.happened, known=word.known)

    def event(self, event: Event) -> Said:
        who = "" if event.source is None else self.name(event.source.origin)
        return Said(event=event.id, who=who, happened=event.happened.earliest, known=event.known)

    def change(self, event: Event) -> ChangeView:
        what = event.what
        assert isinstance(what, TERMS_CHANGED)
        clauses = (what.clause,) if isinstance(what, ClauseSuspended | ClauseRestored) else _ids(what.clauses)
        parties = what.parties if isinstance(what, AgreementSigned | AgreementAmended) else what.by
        return ChangeView(
            what=kind_said(what.kind, self.language),
            text=getattr(what, "text", "") or getattr(what, "why", ""),
            parties=tuple(map(self.name, parties)),
            clauses=clauses,
            dropped=what.dropped if isinstance(what, AgreementAmended) else (),
            said=self.event(event),
        )

    def consent(self, state: ConsentState) -> ConsentView:
        return ConsentView(
            segment=self.name(state.segment),
            party=self.name(state.party),
            phase=state.phase,
            until=state.until,
            movements=state.movements,
            said=tuple(map(self.word, state.words)),
        )

    def parties(self) -> tuple[PartyView, ...]:
        world = self.situation.operation.world
        asked = [party for id in (*world.roads, *world.crossings) for party in world.segment_consent(id)]
        return tuple(
            PartyView(id=id, name=self.name(id), role=party.role, holds=asked.count(id))
            for id, party in self.theatre.parties.items()
        )

    def talks(self, event: Event) -> TalksView:
        what = event.what
        assert isinstance(what, TalksHeld)
        return TalksView(
            text=what.text,
            parties=tuple(map(self.name, what.parties)),
            proposals=tuple((self.name(side), text) for side, text in what.proposals.items()),
            said=self.event(event),
        )


def _ids(clauses: Sequence[Clause]) -> tuple[str, ...]:
    return tuple(clause.id for clause in clauses)


def conflict_of(situation: Situation) -> Conflict:
    """Whether everyone who waits can be brought out under all that binds; what is shut is taken to open within a day.

    Takes up to `CONFLICT_SECONDS`. Raises ValueError outside the operation's days.
    """
    opens = situation.as_of + REOPENS
    reopens = dict.fromkeys(control.shut(situation), opens)
    planned = control.replan_from(situation, reopens=reopens, seconds=CONFLICT_SECONDS).planned
    if not planned.timetable.left_behind:
        return Conflict(outcome="can hold")
    left = sum(one.people for one in planned.timetable.left_behind)
    if planned.conflict is not None and planned.conflict.proven:
        return Conflict(outcome="cannot hold", sentences=planned.conflict.sentences, left=left)
    return Conflict(outcome="not proven", left=left)


# Its routes


@router.get("/agreement", include_in_schema=False)
def agreement_page(asked: Now) -> HTMLResponse:
    """The agreement as a page."""
    return _page(asked)


@router.get("/api/agreement")
def agreement_json(asked: Now) -> AgreementView:
    """The agreement: clauses and how they stand, changes, consents, parties, talks."""
    return agreement_view(asked.situation, asked.language, asked.sight)


@router.post("/agreement/conflict", include_in_schema=False)
async def ask_conflict(asked: Now) -> HTMLResponse:
    """Asks the planner whether all clauses can hold; the page with its answer."""

    def answered() -> HTMLResponse:
        try:
            found = _found(asked)
        except ValueError as error:
            return _page(asked, refused=str(error))
        return _page(asked, conflict=found)

    try:
        return await _in_turn(asked, answered)
    except AskedAlready:
        return await to_thread.run_sync(lambda: _page(asked, already=True))


@router.post("/api/agreement/conflict")
async def conflict_json(asked: Now) -> Conflict:
    """Whether all that binds can hold while everyone is brought out."""
    try:
        return await _in_turn(asked, lambda: _found(asked))
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


def _found(asked: Asked) -> Conflict:
    situation = asked.situation
    return asked.room.kept(situation, "conflict", lambda: conflict_of(situation))


class AskedAlready(HTTPException):
    """Somebody asked again before their question was answered."""

    def __init__(self) -> None:
        super().__init__(429, TERMS["asked already"].en)


async def _in_turn(asked: Asked, answer: Callable[[], T]) -> T:
    """The planner answers one question at a time, of each account one, and keeps nobody else waiting."""
    asking: set[str] = asked.request.app.state.asking
    account = asked.viewer.account
    if account in asking:
        raise AskedAlready
    asking.add(account)
    try:
        return await to_thread.run_sync(answer, limiter=asked.request.app.state.planning)
    finally:
        asking.remove(account)


def _page(asked: Asked, conflict: Conflict | None = None, refused: str = "", already: bool = False) -> HTMLResponse:
    view = agreement_view(asked.situation, asked.language, asked.sight)
    return asked.page(
        "agreement.html.j2",
        view,
        STATES,
        TERMS,
        status=429 if already else 200,
        already=already,
        conflict=conflict,
        refused=refused,
        may_ask=asked.viewer.may("negotiate"),
        may_read_log=asked.viewer.may("see log"),
        seconds=int(CONFLICT_SECONDS),
    )


TERMS: Mapping[str, Term] = {
    "clauses": Term("Clauses in force", "البنود النافذة"),
    "no clauses": Term("No clause is in force.", "لا يوجد بند نافذ."),
    "apart": Term("Proposed, and not in force now", "مقترحة أو غير نافذة الآن"),
    "room for": Term("room for {} people more", "يتسع لـ {} أشخاص آخرين"),
    "rests on": Term("Rests on", "يستند إلى"),
    "changes": Term("How it came to this, newest first", "كيف وصل الاتفاق إلى هذا، الأحدث أولًا"),
    "no changes": Term("Nothing was proposed, signed or changed yet.", "لم يُقترح شيء ولم يُوقَّع أو يُعدَّل بعد."),
    "dropped": Term("no longer in force: {}", "لم يعد نافذًا: {}"),
    "see consents": Term(
        "Held by the gate, convoy by convoy: see the consents", "يُراعى عند البوابة، قافلة قافلة: انظر الموافقات"
    ),
    "consents": Term("Consents", "الموافقات"),
    "consents missing": Term("{} of {} are not there.", "{} من {} غير موجودة."),
    "consents there": Term("All {} are there.", "كلها موجودة ({})."),
    "road or crossing": Term("Road or crossing", "الطريق أو المعبر"),
    "until when": Term("Until", "حتى"),
    "no end": Term("does not lapse", "لا تنقضي"),
    "for convoys": Term("only for {}", "فقط لـ {}"),
    "who says so": Term("Who says so", "القائل"),
    "our observer": Term("our observer", "مراقبنا"),
    "parties": Term("Parties and their roles", "الأطراف وأدوارها"),
    "holds": Term("Consents asked of it", "الموافقات المطلوبة منه"),
    "role party": Term("party", "طرف"),
    "role guarantor": Term("guarantor", "ضامن"),
    "role mediator": Term("mediator", "وسيط"),
    "role observer": Term("observer", "مراقب"),
    "role neutral": Term("neutral", "محايد"),
    "role media": Term("media", "إعلام"),
    "talks": Term("Talks held, newest first", "المحادثات، الأحدث أولًا"),
    "no talks": Term("No talks are recorded.", "لا محادثات مسجَّلة."),
    "proposes": Term("{} put forward: {}", "طرح {}: {}"),
    "conflict": Term("Can all of this hold?", "هل يمكن أن تُراعى كلها معًا؟"),
    "ask": Term("Ask the planner (up to {} seconds)", "اسأل المخطِّط (حتى {} ثانية)"),
    "asked already": Term(
        "What you asked the planner before is still being answered: wait for that, then ask again.",
        "ما زال المخطِّط يعالج طلبك السابق: انتظر الجواب ثم اطلب من جديد.",
    ),
    "assumed": Term(
        "It takes what is shut to open within a day, consents never given as still to be had, a suspension as over.",
        "يفترض أن المغلق يُفتح خلال يوم، وأن الموافقات التي لم تُمنح قط ستُمنح، وأن التعليق ينتهي.",
    ),
    "can hold": Term(
        "Yes: a timetable was found that brings out everyone who waits and keeps every clause.",
        "نعم: وُجد جدول زمني يُخرج كل من ينتظر ويراعي كل بند.",
    ),
    "cannot hold": Term(
        "No, and that is proven. These cannot all hold while everyone is brought out:",
        "لا، وهذا مُثبَت. لا يمكن أن تُراعى هذه كلها مع إخراج الجميع:",
    ),
    "not proven": Term(
        "Not known: the best timetable found leaves {} people behind, and that this has to be so is not proven.",
        "غير معروف: أفضل جدول وُجد يترك {} شخصًا، ولم يُثبَت أن ذلك لا مفر منه.",
    ),
    "no answer": Term("The planner cannot answer this: {}", "لا يستطيع المخطِّط الإجابة عن هذا: {}"),
    "in english": Term("", "(بالإنكليزية)"),
}
