"""Consent: nobody goes over a road or through a crossing without the yes of the parties who hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from safepassage.agreement import Clause, Closure, Language, Theatre
from safepassage.clauses.wording import duration, exact, period, segments, signed
from safepassage.world import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A party withholds its consent on roads and crossings (empty: all that need it), in minutes of the operation."""

    by: str
    on: tuple[str, ...] = ()
    from_: int | None = None
    until: int | None = None

    def __post_init__(self) -> None:
        if self.from_ is not None and self.until is not None and self.until <= self.from_:
            raise ValueError("until is not later than from: give a later `until`, or leave one of them out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Clause):
    """Nothing goes over the segments `on`, empty vehicles included, unless the `parties` who hold them consent.

    Empty `on`: every road and crossing that lists a consent; empty `parties`: all that a segment lists. A consent
    lapses `lapses_hours` after it was given (None: never). A plan assumes that consents are given and renewed, unless
    `withheld`.
    """

    kind: ClassVar[str] = "consent"

    on: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    lapses_hours: float | None = None
    withheld: tuple[Withheld, ...] = ()

    def check_terms(self) -> None:
        if self.lapses_hours is not None and not self.lapses_hours > 0:
            raise ValueError(
                f"lapses_hours = {self.lapses_hours}: give more than zero, or leave it out: it never lapses"
            )

    def needed(self, theatre: Theatre) -> dict[str, tuple[str, ...]]:
        """The parties whose consent each segment needs under this clause."""
        world = theatre.world
        segments = theatre.segments(self.on) or (*world.roads, *world.crossings)
        asked = {
            segment: tuple(
                party for party in world.segment_consent(segment) if not self.parties or party in self.parties
            )
            for segment in segments
        }
        return {segment: parties for segment, parties in asked.items() if parties}

    def check_fit(self, theatre: Theatre) -> None:
        needed = self.needed(theatre)
        for segment in self.on:
            if segment not in needed:
                whose = f"of {' or '.join(self.parties)}" if self.parties else "of anybody"
                raise ValueError(f"on: {segment} needs no consent {whose}; list it under `consent` there")
        for party in self.parties:
            if not any(party in parties for parties in needed.values()):
                raise ValueError(f"parties: nothing here needs the consent of {party}; list it under `consent` there")
        for row in self.withheld:
            for segment in theatre.segments(row.on):
                if row.by not in needed.get(segment, ()):
                    raise ValueError(f"withheld: {segment} needs no consent of {row.by}; list it under `consent` there")
            if not any(row.by in parties for parties in needed.values()):
                raise ValueError(
                    f"withheld: nothing here needs the consent of {row.by}; list it under a segment's `consent`"
                )

    def closures(self, theatre: Theatre) -> tuple[Closure, ...]:
        return tuple(self._withheld(theatre))

    def _withheld(self, theatre: Theatre) -> Iterator[Closure]:
        whole, needed = self.span(theatre), self.needed(theatre)
        for row in self.withheld:
            start = whole.start if row.from_ is None else max(whole.start, row.from_)
            end = whole.end if row.until is None else min(whole.end, row.until)
            for segment in theatre.segments(row.on) or needed:
                if start < end and row.by in needed.get(segment, ()):
                    text = f"{theatre.name(row.by, 'en')} withholds its consent"
                    yield Closure(clause=self.id, segment=segment, span=Span(start, end), text=text)

    def lapses(self, theatre: Theatre) -> Mapping[tuple[str, str], int]:
        if self.lapses_hours is None:
            return {}
        minutes = round(exact(self.lapses_hours) * 60)
        return {(segment, party): minutes for segment, parties in self.needed(theatre).items() for party in parties}

    def not_checkable(self) -> str:
        return "whether each consent was given and had not lapsed: movements do not show it"

    def sentence(self, theatre: Theatre, language: Language) -> str:
        arabic, calendar = language == "ar", theatre.calendar
        if arabic:
            where = segments(theatre, self.on, "ar", "or") if self.on else "طريقًا أو معبرًا"
            whose = f"موافقة {theatre.names(self.parties, 'ar')}" if self.parties else "موافقة جميع الأطراف المعنية به"
            terms = [f"لا تدخل أي مركبة، ولو كانت فارغة، {where} دون {whose}."]
        else:
            where = segments(theatre, self.on, "en", "or") if self.on else "a road or crossing"
            whose = (
                f"the consent of {theatre.names(self.parties, 'en')}"
                if self.parties
                else "the consent of all who hold it"
            )
            terms = [f"No vehicle, even empty, enters {where} without {whose}."]
        if self.lapses_hours is not None:
            lapse = duration(round(exact(self.lapses_hours) * 60), language)
            terms.append(
                f"تنتهي صلاحية كل موافقة بعد {lapse} من منحها." if arabic else f"A consent lapses after {lapse}."
            )
        for row in self.withheld:
            by, when = theatre.name(row.by, language), period(calendar, row.from_, row.until, language)
            when = f" {when}" if when else ""
            if arabic:
                way = segments(theatre, row.on, "ar") if row.on else "جميع الطرق والمعابر المعنية"
                terms.append(f"الموافقة المطلوبة من {by} للمرور عبر {way} محجوبة{when}.")
            else:
                way = f"on {segments(theatre, row.on, 'en')}" if row.on else "wherever it is needed"
                terms.append(f"{by} withholds its consent {way}{when}.")
        return signed(self, theatre, language, *terms)
