"""Who says what: sources, questions, claims, and what they amount to. Nothing is voted or merged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

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
    """What claims are about."""

    id: str
    text: str
    text_ar: str = ""

    def __post_init__(self) -> None:
        if not self.id or not self.text:
            raise ValueError("a question has an id and a text: give both")


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
    statements: tuple[Statement, ...]
    origins: tuple[str, ...]
    sides: tuple[str, ...]
    denied_by: tuple[Statement, ...] = ()
    qualified_by: tuple[Statement, ...] = ()
    against_own_side: tuple[str, ...] = ()
    assessments: tuple[Assessment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the claims on a question amount to, in a kind and one sentence. `demands` ask for something; they answer
    nothing.
    """

    question: Question
    kind: StandingKind
    sentence: str
    answers: tuple[Answer, ...] = ()
    demands: tuple[Statement, ...] = ()
    since: datetime | None = None
