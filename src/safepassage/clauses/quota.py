"""Quota: at most so many people, per day or in all, to some places or to any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from safepassage.agreement import Clause, Gate, Language, Tally, Term, Theatre
from safepassage.clauses.wording import people, signed
from safepassage.world import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota(Clause):
    """At most `most` people of `of` go `per` calendar day or in the operation, to the places `to` (empty: any).

    `counts` says whether they count at handover or at arrival. Those who went before the clause's `from` count too: on
    the first day from midnight, in all from the operation's start.
    """

    kind: ClassVar[str] = "quota"

    of: tuple[str, ...]
    most: int
    per: Literal["day", "operation"] = "operation"
    to: tuple[str, ...] = ()

    def check_terms(self) -> None:
        if self.most < 0:
            raise ValueError(f"most = {self.most}: give zero people or more")

    def check_fit(self, theatre: Theatre) -> None:
        theatre.streams(self.of)
        reached = {place for evacuation, _ in theatre.streams(self.of) for place in theatre.evacuations[evacuation].to}
        for place in self.to:
            if place not in reached:
                raise ValueError(
                    f"to: nobody of {', '.join(self.of)} goes to {place}; name one of {', '.join(sorted(reached))}"
                )

    def limits(self, theatre: Theatre) -> tuple[Gate, ...]:
        span, calendar = self.span(theatre), theatre.calendar
        where = f" to {theatre.names(self.to, 'en')}" if self.to else ""
        said = f"{theatre.names(self.of, 'en')}: at most {self.most:,}{where}"
        if self.per == "operation":
            return (self._gate(theatre, f"{said} in all", None, span),)
        days = [calendar.day_span(day) for day in range(calendar.day(span.start), calendar.day(span.end - 1) + 1)]
        return tuple(
            self._gate(
                theatre,
                f"{said} on {calendar.when(day.start).day} {calendar.when(day.start):%b}",
                day.start,
                Span(max(day.start, span.start), min(day.end, span.end)),
            )
            for day in days
        )

    def _gate(self, theatre: Theatre, text: str, since: int | None, span: Span) -> Gate:
        streams = frozenset(theatre.streams(self.of))
        tally = Tally(streams=streams, to=frozenset(self.to), counts=self.counts, since=since)
        return Gate(clause=self.id, text=text, terms=(Term(coefficient=1, tally=tally),), most=self.most, span=span)

    def sentence(self, theatre: Theatre, language: Language) -> str:
        of, most = theatre.names(self.of, language), people(self.most, language)
        if language == "ar":
            verb = "يخرجون" if self.counts == "handover" else "يصلون"
            where = f" إلى {theatre.names(self.to, 'ar')}" if self.to else ""
            each = "في اليوم الواحد" if self.per == "day" else "طوال العملية"
            term = f"لا يتجاوز عدد من {verb} من المشمولين ب{of}{where} {each} {most}."
        else:
            verb = "leave" if self.counts == "handover" else "arrive"
            towards = "for" if self.counts == "handover" else "at"
            where = f" {towards} {theatre.names(self.to, 'en')}" if self.to else ""
            each = "on any one day" if self.per == "day" else "in all"
            term = f"At most {most} of {of} {verb}{where} {each}."
        return signed(self, theatre, language, term)
