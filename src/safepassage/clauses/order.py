"""Order: one evacuation goes before another, wholly, up to a share, or never far behind it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import ClassVar

from safepassage.agreement import Clause, Gate, Language, Limit, Step, Tally, Term, Theatre
from safepassage.clauses.wording import are_counted, exact, people, percent, points, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Clause):
    """`then` starts only after `first` reached `share`; or `then`'s share is never more than `ahead` beyond `first`'s.

    Shares are of the people demanded, 0 to 1; give one of the two, or neither for a `share` of 1. `first` is counted as
    `counts` says, `then` at handover. Where a side has nobody to move, the clause binds nobody.
    """

    kind: ClassVar[str] = "order"

    first: tuple[str, ...]
    then: tuple[str, ...]
    share: float | None = None
    ahead: float | None = None

    def check_terms(self) -> None:
        if self.share is not None and self.ahead is not None:
            raise ValueError(f"ahead = {self.ahead} stands beside share = {self.share}: give one of the two")
        if self.share is not None and not 0 < self.share <= 1:
            raise ValueError(f"share = {self.share}: give more than 0 and at most 1 (1 is everyone, 0.5 is half)")
        if self.ahead is not None and not 0 <= self.ahead <= 1:
            raise ValueError(f"ahead = {self.ahead}: a difference of shares lies between 0 and 1 (0.10 is 10%)")

    def check_fit(self, theatre: Theatre) -> None:
        theatre.distinct(self.first, self.then)

    @property
    def _share(self) -> float:
        return 1.0 if self.share is None else self.share

    def _reached(self, demand: int) -> int:
        return ceil(exact(self._share) * demand)

    def limits(self, theatre: Theatre) -> tuple[Limit, ...]:
        first_people, then_people = (theatre.demand(theatre.streams(names)) for names in (self.first, self.then))
        if not first_people or not then_people:
            return ()
        first_name, then_name = theatre.names(self.first, "en"), theatre.names(self.then, "en")
        first = Tally(streams=frozenset(theatre.streams(self.first)), counts=self.counts)
        then = Tally(streams=frozenset(theatre.streams(self.then)))
        span = self.span(theatre)
        if self.ahead is None:
            reached = self._reached(first_people)
            text = f"{then_name}: nobody before {reached:,} of {first_name}"
            return (Step(clause=self.id, text=text, then=then, most=0, first=first, reached=reached, span=span),)
        return (
            Gate(
                clause=self.id,
                text=f"{then_name}: at most {points(self.ahead, 'en')} ahead of {first_name}",
                terms=(Term(coefficient=first_people, tally=then), Term(coefficient=-then_people, tally=first)),
                most=int(exact(self.ahead) * first_people * then_people),
                span=span,
                scale=first_people,
            ),
        )

    def sentence(self, theatre: Theatre, language: Language) -> str:
        first, then = theatre.names(self.first, language), theatre.names(self.then, language)
        if self.ahead is not None:
            term = self._ahead_term(first, then, points(self.ahead, language), language)
        else:
            reached = people(self._reached(theatre.demand(theatre.streams(self.first))), language)
            term = self._share_term(first, then, reached, language)
        return signed(self, theatre, language, term)

    def _ahead_term(self, first: str, then: str, most: str, language: Language) -> str:
        counted = are_counted(self.counts, language)
        if language == "ar":
            return (
                f"لا تزيد نسبة من خرجوا من المشمولين ب{then} على نسبة من {counted} من المشمولين ب{first} "
                f"بأكثر من {most}."
            )
        return f"The share of {then} who are out is never more than {most} ahead of the share of {first} who {counted}."

    def _share_term(self, first: str, then: str, reached: str, language: Language) -> str:
        whole, arrival = self._share == 1, self.counts == "arrival"
        if language == "ar":
            part = f"{'جميع' if whole else percent(self._share) + ' من'} المشمولين ب{first}"
            part += "" if whole else f" ({reached})"
            return f"لا يخرج أحد من المشمولين ب{then} قبل {'وصول' if arrival else 'خروج'} {part}."
        part = f"everyone of {first} has" if whole else f"{percent(self._share)} of {first} ({reached}) have"
        return f"Nobody of {then} leaves before {part} {'arrived' if arrival else 'left'}."
