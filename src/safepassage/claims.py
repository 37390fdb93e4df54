"""Who says what: sources, questions, claims, and what they amount to. Nothing is voted or merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from safepassage.agreement import Language, in_language
from safepassage.people import Count

Stance = Literal["asserts", "denies", "confirms", "qualifies", "retracts", "demands", "accuses"]
Reliability = Literal["A", "B", "C", "D", "E", "F"]
Credibility = Literal[1, 2, 3, 4, 5, 6]
Grounds = Literal["said", "observed"]
StandingKind = Literal[
    "unanswered",
    "single-source",
    "corroborated",
    "contested",
    "denied by the accused",
    "settled by observation",
    "retracted",
]

ABOUT_A_CLAIM: frozenset[Stance] = frozenset({"denies", "confirms", "qualifies", "retracts"})
OTHER = "other"
"""The question of claims that belong to none of the operation's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a report comes from: an office, never a person by name.

    `origin` said it first; `relayed_by` passed it on, nearest to the origin first. `side`: in the talks, a party's id
    or what the origin is to them (un, media ...); empty where it is not known. `reliability` is the Admiralty letter of
    the origin (F: cannot be judged, which is not the worst).
    """

    origin: str
    side: str = ""
    relayed_by: tuple[str, ...] = ()
    reliability: Reliability = "F"

    def __post_init__(self) -> None:
        if not self.origin.strip():
            raise ValueError("origin is empty: name the office that said it, or write `not stated`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What claims are about. `about`: whether it asks why it stopped, or what has to happen to go on."""

    id: str
    text: str
    text_ar: str = ""
    about: Literal["stop", "resume", ""] = ""

    def __post_init__(self) -> None:
        if not self.id or not self.text:
            raise ValueError("a question has an id and a text: give both")

    def said(self, language: Language) -> str:
        return in_language(language, self.text, self.text_ar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Someone's statement about a question.

    `answer` is the key under which claims that say the same are set beside each other; `text` says it in our words.
    `on`: the claim (by its event) that it denies, confirms, qualifies or retracts. A bare denial asserts nothing else.
    `against`: the sides it accuses or burdens. `people`: where the answer is a number of people. `grounds`: `observed`
    where our own observer saw it.
    """

    question: str
    text: str
    stance: Stance = "asserts"
    answer: str = ""
    on: str = ""
    against: tuple[str, ...] = ()
    people: Count | None = None
    grounds: Grounds = "said"
    text_ar: str = ""

    def __post_init__(self) -> None:
        if not self.question or not self.text:
            raise ValueError("a claim has a question and a text: give both (question `other` where it fits none)")
        if self.stance in ABOUT_A_CLAIM and not self.on:
            raise ValueError(f"stance = {self.stance!r}: name in `on` the claim that it is about")
        if self.stance not in ABOUT_A_CLAIM and self.on:
            raise ValueError(f"stance = {self.stance!r} stands by itself: leave `on` out, or choose another stance")
        if self.stance == "accuses" and not self.against:
            raise ValueError("stance = 'accuses': name in `against` the sides that are accused")

    def said(self, language: Language) -> str:
        return in_language(language, self.text, self.text_ar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A claim as it stands in the record: by which event, whose, and when it was made and known."""

    event: str
    claim: Claim
    source: Source
    made: datetime
    known: datetime
    credibility: Credibility = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How a verifier, by name of their token, judges a claim and why."""

    event: str
    claim: str
    author: str
    credibility: Credibility
    why: str
    made: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One of the rival answers to a question, with those who give it and those who deny it.

    `origins` are counted, not relays. `against_own_side`: statements in which a speaker burdens their own side.
    """

    key: str
    kind: StandingKind
    sentence: str
    sentence_ar: str
    statements: tuple[Statement, ...]
    origins: tuple[str, ...]
    sides: tuple[str, ...]
    denied_by: tuple[Statement, ...] = ()
    qualified_by: tuple[Statement, ...] = ()
    against_own_side: tuple[str, ...] = ()
    assessments: tuple[Assessment, ...] = ()

    def said(self, language: Language) -> str:
        return in_language(language, self.sentence, self.sentence_ar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the claims on a question amount to, in a kind and one sentence. `demands` ask for something; they answer
    nothing.
    """

    question: Question
    kind: StandingKind
    sentence: str
    sentence_ar: str
    answers: tuple[Answer, ...] = ()
    demands: tuple[Statement, ...] = ()
    since: datetime | None = None

    @property
    def contested(self) -> bool:
        """Whether answers rival each other, or the accused deny the only one."""
        return self.kind in CONTESTED

    def said(self, language: Language) -> str:
        return in_language(language, self.sentence, self.sentence_ar)


CONTESTED: frozenset[StandingKind] = frozenset({"contested", "denied by the accused"})
LIVE: frozenset[StandingKind] = frozenset(
    {"single-source", "corroborated", "contested", "denied by the accused", "settled by observation"}
)


def standing(question: Question, statements: Iterable[Statement], assessments: Iterable[Assessment] = ()) -> Standing:
    """What the claims on a question amount to, whatever the order they came in.

    Origins are counted, not relays. A denial by a side that the claim is against is one of the accused; by anybody else
    it contests. An observation settles unless another one gives a rival answer. Who takes a claim back must be who made
    it. An assessment stands beside an answer and changes nothing.
    """
    ordered = sorted(statements, key=lambda one: (one.made, one.known, one.event))
    by_event = {one.event: one for one in ordered}
    taken_back = {
        one.claim.on
        for one in ordered
        if one.claim.stance == "retracts"
        and one.claim.on in by_event
        and by_event[one.claim.on].source.origin == one.source.origin
    }
    roots = [one for one in ordered if one.claim.stance in {"asserts", "accuses"}]
    keys = {one.event: one.claim.answer or one.event for one in roots}
    for one in ordered:
        if one.claim.stance == "confirms" and (root := _root(one, by_event)) in keys:
            keys[one.event] = keys[root]
    judged = tuple(assessments)
    answers = tuple(
        _answer(key, [one for one in ordered if keys.get(one.event) == key], ordered, by_event, taken_back, judged)
        for key in dict.fromkeys(keys[one.event] for one in roots)
    )
    answers = _settled(answers)
    live = [answer for answer in answers if answer.kind in LIVE]
    kind: StandingKind
    if not live:
        kind = "retracted" if answers else "unanswered"
    elif any(answer.kind == "settled by observation" for answer in live):
        kind = "settled by observation"
    elif len(live) > 1:
        kind = "contested"
    else:
        kind = live[0].kind
    english, arabic = _summed_up(kind, live, answers)
    return Standing(
        question=question,
        kind=kind,
        sentence=english,
        sentence_ar=arabic,
        answers=answers,
        demands=tuple(one for one in ordered if one.claim.stance == "demands" and one.event not in taken_back),
        since=min((one.made for one in ordered), default=None),
    )


def _root(one: Statement, by_event: Mapping[str, Statement]) -> str:
    """The claim that a chain of confirmations begins with."""
    seen: set[str] = set()
    while one.claim.stance in ABOUT_A_CLAIM and one.claim.on in by_event and one.event not in seen:
        seen.add(one.event)
        one = by_event[one.claim.on]
    return one.event


def _answer(
    key: str,
    given: Sequence[Statement],
    ordered: Sequence[Statement],
    by_event: Mapping[str, Statement],
    taken_back: frozenset[str] | set[str],
    assessments: Sequence[Assessment],
) -> Answer:
    live = [one for one in given if one.event not in taken_back]
    ids = {one.event for one in given}
    said = [one for one in ordered if one.event not in taken_back and one.claim.on in ids]
    denials = [
        one
        for one in said
        if one.claim.stance == "denies" or (one.claim.stance == "retracts" and one.claim.on not in taken_back)
    ]
    qualified = [one for one in said if one.claim.stance == "qualifies"]
    origins = tuple(dict.fromkeys(one.source.origin for one in live))
    sides = tuple(dict.fromkeys(one.source.side for one in live if one.source.side))
    kind: StandingKind
    if not live:
        kind = "retracted"
    elif any(one.claim.grounds == "observed" for one in live):
        kind = "settled by observation"
    elif any(_is_accused(one, by_event[one.claim.on]) for one in denials):
        kind = "denied by the accused"
    elif denials:
        kind = "contested"
    else:
        kind = "corroborated" if len(origins) > 1 else "single-source"
    own = tuple(
        dict.fromkeys(one.source.origin for one in live if one.source.side and one.source.side in one.claim.against)
    )
    shown = live or given
    english, arabic = _said(kind, shown, origins, sides, denials, qualified, own)
    return Answer(
        key=key,
        kind=kind,
        sentence=english,
        sentence_ar=arabic,
        statements=tuple(given),
        origins=origins,
        sides=sides,
        denied_by=tuple(denials),
        qualified_by=tuple(qualified),
        against_own_side=own,
        assessments=tuple(one for one in assessments if one.claim in ids),
    )


def _is_accused(denial: Statement, denied: Statement) -> bool:
    return bool(denial.source.side) and denial.source.side in denied.claim.against


def _settled(answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """Observations that give rival answers settle nothing: those answers are contested."""
    observed = [answer for answer in answers if answer.kind == "settled by observation"]
    denied = [answer for answer in observed if any(one.claim.grounds == "observed" for one in answer.denied_by)]
    rivals = observed if len(observed) > 1 else denied
    return tuple(replace(answer, kind="contested") if answer in rivals else answer for answer in answers)


def _speaker(one: Statement) -> tuple[str, str]:
    if not one.source.relayed_by:
        return one.source.origin, one.source.origin
    relays = ", ".join(one.source.relayed_by)
    return f"{one.source.origin} (through {relays})", f"{one.source.origin} (عبر {relays})"


def _text(one: Statement) -> tuple[str, str]:
    return one.claim.said("en").rstrip("."), one.claim.said("ar").rstrip(".")


def _said(
    kind: StandingKind,
    shown: Sequence[Statement],
    origins: Sequence[str],
    sides: Sequence[str],
    denials: Sequence[Statement],
    qualified: Sequence[Statement],
    own: Sequence[str],
) -> tuple[str, str]:
    """An answer in one sentence, in English and in Arabic."""
    (text, text_ar), (who, who_ar) = _text(shown[0]), _speaker(shown[0])
    deniers = ", ".join(dict.fromkeys(one.source.origin for one in denials))
    if kind == "retracted":
        return f"{who} took this back: {text}.", f"{who_ar} تراجع عن القول: {text_ar}."
    if kind == "settled by observation":
        english, arabic = f"Observed by our own: {text}.", f"شاهده مراقبونا: {text_ar}."
    elif len(origins) > 1:
        named = ", ".join(origins)
        from_sides = "from different sides" if len(sides) > 1 else "all of one side"
        from_sides_ar = "من أطراف مختلفة" if len(sides) > 1 else "من طرف واحد"
        english = f"{len(origins)} independent origins, {from_sides}, say ({named}): {text}."
        arabic = f"{len(origins)} مصادر مستقلة {from_sides_ar} تقول ({named}): {text_ar}."
    else:
        english, arabic = f"{who} says: {text}.", f"يقول {who_ar}: {text_ar}."
    if kind == "denied by the accused":
        english, arabic = f"{english} Denied by {deniers}, accused by it.", f"{arabic} ينفيه {deniers}، وهو المتهم."
    elif denials:
        english, arabic = f"{english} Denied by {deniers}.", f"{arabic} ينفيه {deniers}."
    for one in qualified:
        english = f"{english} {one.source.origin} adds: {_text(one)[0]}."
        arabic = f"{arabic} ويضيف {one.source.origin}: {_text(one)[1]}."
    if own:
        named = ", ".join(own)
        english, arabic = f"{english} {named} says it against its own side.", f"{arabic} يقوله {named} ضد طرفه."
    return english, arabic


def _summed_up(kind: StandingKind, live: Sequence[Answer], answers: Sequence[Answer]) -> tuple[str, str]:
    """A question's standing in one sentence, in English and in Arabic."""
    if kind == "unanswered":
        return "Nobody has answered it.", "لم يجب عنه أحد."
    if kind == "retracted":
        return "All that was said has been taken back.", "تراجع أصحاب كل ما قيل عنه."
    if kind == "contested" and len(live) > 1:
        speakers = "; ".join(", ".join(answer.origins) for answer in live)
        return (
            f"Contested: {len(live)} rival answers ({speakers}). None is settled.",
            f"متنازع عليه: {len(live)} إجابات متعارضة ({speakers}). لم تُحسم أي منها.",
        )
    chosen = next((answer for answer in live if answer.kind == kind), live[0])
    words = {
        "single-source": ("Single source", "مصدر واحد"),
        "corroborated": ("Corroborated", "مؤيَّد"),
        "contested": ("Contested", "متنازع عليه"),
        "denied by the accused": ("Denied by the accused", "ينفيه المتهم"),
        "settled by observation": ("Settled by observation", "حُسم بالمشاهدة"),
    }[kind]
    return f"{words[0]}. {chosen.sentence}", f"{words[1]}. {chosen.sentence_ar}"
