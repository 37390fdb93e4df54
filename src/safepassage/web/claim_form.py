"""The forms of the claims desk: a claim in one line, its defaults, what was typed as events, and an assessment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from safepassage.claims import ABOUT_A_CLAIM, OTHER, Stance
from safepassage.events import ClaimMade, Event
from safepassage.report.terms import Term, Words
from safepassage.situation import Situation
from safepassage.web.entry import (
    ENVELOPE,
    Typed,
    Wrong,
    count,
    credibility,
    empty,
    envelope,
    envelope_typed,
    listed,
    parties_by_name,
    ranged,
    read_event,
)
from safepassage.web.pages import Asked

STANCES: tuple[Stance, ...] = get_args(Stance)
FIELDS = (
    *("question", "new_question", "answer", "stance", "text", "text_ar", "on", "against", "people", "ours"),
    *ENVELOPE,
)
ASSESSED = ("claim", "credibility", "why", "id")
SLUG_LETTERS_MOST = 40

TERMS: Mapping[str, Term] = {
    "no question": Term("Choose a question, or write a new one.", "اختر مسألة أو اكتب مسألة جديدة."),
    "no such question": Term(
        "There is no such question: choose one of the list.", "لا توجد مسألة كهذه: اختر من القائمة."
    ),
    "no text": Term("Write what was said.", "اكتب ما قيل."),
    "no origin": Term(
        "Write which office said it, or tick that our own saw it.",
        "اكتب الجهة التي قالته، أو أشِر إلى أن مراقبينا شاهدوه.",
    ),
    "origin and ours": Term(
        "Either an office said it or our own saw it: leave one out.",
        "إما أن جهة قالته أو أن مراقبينا شاهدوه: احذف أحدهما.",
    ),
    "no claim": Term(
        "Say which claim it is about: write its answer as it stands, or use the links below the claim.",
        "حدّد الإفادة المقصودة: اكتب إجابتها كما هي، أو استعمل الروابط تحتها.",
    ),
    "no accused": Term("Write who is accused: {}.", "اكتب من المتهم: {}."),
    "nobody": Term("{} is no party here: {}.", "{} ليس طرفًا هنا: {}."),
    "claim is not here": Term(
        "This claim is not on the desk: load the page again.", "هذه الإفادة ليست هنا: أعد تحميل الصفحة."
    ),
    "no reason": Term("Write why: an assessment gives its reason.", "اكتب السبب: لكل تقييم سببه."),
    "corrects no claim": Term("Only a claim can be corrected here.", "لا تُصحَّح هنا إلا إفادة."),
    "asserts": Term("asserts", "يؤكد"),
    "denies": Term("denies", "ينفي"),
    "confirms": Term("confirms", "يثبّت"),
    "qualifies": Term("qualifies", "يقيّد"),
    "retracts": Term("takes back", "يتراجع"),
    "demands": Term("demands", "يطالب"),
    "accuses": Term("accuses", "يتهم"),
}


@dataclass(frozen=True, kw_only=True)
class KnownAnswer:
    """An answer that was given to a question, as it can be written again."""

    question: str
    answer: str


def known_answers(situation: Situation) -> tuple[KnownAnswer, ...]:
    """The answers given, question by question."""
    return tuple(
        KnownAnswer(question=standing.question.id, answer=key)
        for standing in situation.questions
        for key in dict.fromkeys(answer.statements[0].claim.answer for answer in standing.answers)
        if key
    )


def blank(asked: Asked) -> dict[str, str]:
    """The form before anything is typed: on the question, or about the claim, that the address names."""
    query = asked.request.query_params
    claims = {event.id: event for event in asked.situation.events if isinstance(event.what, ClaimMade)}
    form = dict.fromkeys(FIELDS, "") | {"stance": "asserts"} | empty(asked.room)
    if (corrected := claims.get(query.get("corrects", ""))) is not None:
        return form | envelope_typed(corrected, asked.room.operation) | _typed_again(corrected)
    form["question"] = query.get("question", "")
    if (on := claims.get(query.get("on", ""))) is not None:
        assert isinstance(on.what, ClaimMade)
        form |= {"on": on.id, "question": on.what.claim.question, "stance": "denies"}
    if query.get("stance") in STANCES:
        form["stance"] = query["stance"]
    return form


def _typed_again(event: Event) -> dict[str, str]:
    """A claim as it would have been typed."""
    assert isinstance(event.what, ClaimMade)
    claim = event.what.claim
    return {
        "question": claim.question,
        "answer": claim.answer,
        "stance": claim.stance,
        "text": claim.text,
        "text_ar": claim.text_ar,
        "on": claim.on,
        "against": ", ".join(claim.against),
        "people": "" if claim.people is None else ranged(claim.people),
        "ours": "yes" if event.source is None or claim.grounds == "observed" else "",
    }


# A claim


def claim_events(asked: Asked, form: Typed, words: Words, wrong: Wrong) -> list[Event]:
    """What was typed as events: the claim, and before it the question where it is new. None where that is wrong."""
    typed = dict.fromkeys(FIELDS, "") | form
    situation = asked.situation
    stance = typed["stance"] or "asserts"
    question, raised = _question(situation, typed, words, wrong)
    claim: dict[str, Any] = {"question": question, "stance": stance}
    if stance in ABOUT_A_CLAIM:
        claim["on"] = typed["on"] or _said_before(situation, question, typed["answer"])
        about = next((event for event in situation.events if event.id == claim["on"]), None)
        if about is None or not isinstance(about.what, ClaimMade):
            wrong["answer"] = words("no claim")
        elif not typed["new_question"]:
            claim["question"] = about.what.claim.question
    else:
        claim["answer"] = typed["answer"]
    claim["text"] = typed["text"] or typed["answer"]
    if not claim["text"]:
        wrong["text"] = words("no text")
    claim |= {key: typed[key] for key in ("text_ar",) if typed[key]}
    claim |= _against(asked, typed, stance, words, wrong)
    if typed["people"]:
        try:
            claim["people"] = count(typed["people"])
        except ValueError:
            wrong["people"] = words("wrong number")
    if typed["ours"]:
        claim["grounds"] = "observed"
        if typed["origin"] and not typed["corrects"]:
            wrong["origin"] = words("origin and ours")
    elif not typed["origin"]:
        wrong["origin"] = words("no origin")
    corrected = next((event for event in situation.events if event.id == typed["corrects"]), None)
    if typed["corrects"] and (corrected is None or not isinstance(corrected.what, ClaimMade)):
        wrong[""] = words("corrects no claim")
    enveloped = envelope(asked, typed, words, wrong)
    if wrong:
        return []
    written = enveloped | {"what": {"kind": "claim made", "claim": claim}}
    event = read_event(asked.room, written, FIELDS, words, wrong)
    if event is None:
        return []
    if raised is None:
        return [event]
    # the question is as old as what is said of it, so that no picture has the one without the other
    asking = {key: enveloped[key] for key in ("happened", "author", "position", "sensitivity")}
    asks = read_event(asked.room, asking | {"what": raised}, FIELDS, words, wrong, {"what": "new_question"})
    return [] if asks is None else [asks, event]


def _question(situation: Situation, typed: Typed, words: Words, wrong: Wrong) -> tuple[str, dict[str, Any] | None]:
    """The question's id, and what raises it where nobody did yet."""
    known = {one.question.id: one.question for one in situation.questions}
    new = typed["new_question"]
    if not new:
        if not typed["question"]:
            wrong["question"] = words("no question")
        elif typed["question"] not in {*known, OTHER}:
            wrong["question"] = words("no such question")
        return typed["question"], None
    for question in known.values():
        if new.casefold() in {question.text.casefold(), question.text_ar.casefold()}:
            return question.id, None
    slug = re.sub(r"[^a-z0-9]+", "-", new.casefold()).strip("-")[:SLUG_LETTERS_MOST].strip("-")
    number, id = 1, f"q-{slug or 'new'}"
    while id in known:
        number += 1
        id = f"q-{slug or 'new'}-{number}"
    return id, {"kind": "question raised", "question": {"id": id, "text": new}}


def _said_before(situation: Situation, question: str, answer: str) -> str:
    """The first claim that gives an answer to a question; empty where nobody gave it."""
    for standing in situation.questions:
        if standing.question.id == question:
            for one in standing.answers:
                if answer and answer.casefold() in {one.key.casefold(), one.statements[0].claim.text.casefold()}:
                    return one.statements[0].event
    return ""


def _against(asked: Asked, typed: Typed, stance: str, words: Words, wrong: Wrong) -> dict[str, list[str]]:
    theatre = asked.room.operation.theatre
    by_name = parties_by_name(asked.room.operation)
    all_names = words.listed(theatre.name(party, asked.language) for party in theatre.parties)
    accused = []
    for name in listed(typed["against"]):
        if name.casefold() in by_name:
            accused.append(by_name[name.casefold()])
        else:
            wrong["against"] = words("nobody", name, all_names)
    if stance == "accuses" and not typed["against"]:
        wrong["against"] = words("no accused", all_names)
    return {"against": accused} if accused else {}


# An assessment


def assessment_events(asked: Asked, form: Typed, words: Words, wrong: Wrong) -> Sequence[Event]:
    """What was typed as an assessment of a claim; empty where something is wrong."""
    typed = dict.fromkeys(ASSESSED, "") | form
    known = {event.id for event in asked.situation.events if isinstance(event.what, ClaimMade)}
    if typed["claim"] not in known:
        wrong[""] = words("claim is not here")
    if not typed["why"]:
        wrong["why"] = words("no reason")
    judged = credibility(typed["credibility"], words, wrong)
    if wrong:
        return ()
    written = {
        "author": asked.viewer.account,
        "position": asked.viewer.role,
        "what": {"kind": "claim assessed", "claim": typed["claim"], "credibility": judged, "why": typed["why"]},
    }
    written |= {"id": typed["id"]} if typed["id"] else {}
    event = read_event(asked.room, written, ASSESSED, words, wrong)
    return () if event is None else (event,)
