"""Lockstep: the shares of two evacuations never differ by more than a tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from safepassage.agreement import Clause, Gate, Language, Tally, Term, Theatre


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockstep(Clause):
    """`tolerance` is the largest difference of the two shares of people demanded, between 0 and 1."""

    kind: ClassVar[str] = "lockstep"

    of: tuple[str, ...]
    with_: tuple[str, ...]
    tolerance: float

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance <= 1:
            raise ValueError(f"tolerance = {self.tolerance}: a difference of shares lies between 0 and 1 (0.10 is 10 %)")

    def limits(self, theatre: Theatre) -> tuple[Gate, ...]:
        sides = []
        for names in (self.of, self.with_):
            streams = theatre.streams(names)
            people = theatre.demand(streams)
            if people == 0:
                raise ValueError(f"{', '.join(names)}: nobody is demanded there, so there is no share to keep in step")
            sides.append((Tally(streams=frozenset(streams), counts=self.counts), people, " and ".join(names)))
        most = int(Fraction(str(self.tolerance)) * sides[0][1] * sides[1][1])
        return tuple(
            Gate(
                clause=self.id,
                text=f"{ahead_names} at most {self.tolerance:.0%} ahead of {behind_names}",
                terms=(Term(coefficient=behind_people, tally=ahead), Term(coefficient=-ahead_people, tally=behind)),
                most=most,
                span=self.span(theatre),
                scale=behind_people,
            )
            for (ahead, ahead_people, ahead_names), (behind, behind_people, behind_names) in (sides, sides[::-1])
        )

    def sentence(self, theatre: Theatre, language: Language) -> str:
        of, with_ = (theatre.names(names, language) for names in (self.of, self.with_))
        if language == "ar":
            return f"تسير عمليتا الإجلاء معًا: لا يتجاوز الفرق بين نسبة من خرجوا من {of} ونسبة من خرجوا من {with_} {self.tolerance:.0%}."
        return f"{of} and {with_} move in step: the shares of their people who are out never differ by more than {self.tolerance:.0%}."
