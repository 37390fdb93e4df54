"""Lockstep: the shares of two evacuations never differ by more than a tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from safepassage.agreement import Clause, Gate, Language, Tally, Term, Theatre
from safepassage.clauses.wording import are_counted, exact, points, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockstep(Clause):
    """Two evacuations move in step: of the people demanded, the shares out never differ by more than `tolerance`.

    `of` and `with`: the people on either side. `tolerance`: a difference of shares, 0 to 1. `counts` applies to both
    sides. Where one side has nobody left to move, there is no share to keep in step and the clause binds nobody.
    """

    kind: ClassVar[str] = "lockstep"

    of: tuple[str, ...]
    with_: tuple[str, ...]
    tolerance: float

    def check_terms(self) -> None:
        if not 0 <= self.tolerance <= 1:
            raise ValueError(f"tolerance = {self.tolerance}: a difference of shares lies between 0 and 1 (0.10 is 10%)")

    def check_fit(self, theatre: Theatre) -> None:
        theatre.distinct(self.of, self.with_)

    def sides(self) -> tuple[tuple[str, ...], tuple[str, ...], float | None]:
        return self.of, self.with_, self.tolerance

    def limits(self, theatre: Theatre) -> tuple[Gate, ...]:
        sides = []
        for names in (self.of, self.with_):
            streams = theatre.streams(names)
            tally = Tally(streams=frozenset(streams), counts=self.counts)
            sides.append((tally, theatre.demand(streams), theatre.names(names, "en")))
        if not all(people for _, people, _ in sides):
            return ()
        most = int(exact(self.tolerance) * sides[0][1] * sides[1][1])
        return tuple(
            Gate(
                clause=self.id,
                text=f"{ahead_name}: at most {points(self.tolerance, 'en')} ahead of {behind_name}",
                terms=(Term(coefficient=behind_people, tally=ahead), Term(coefficient=-ahead_people, tally=behind)),
                most=most,
                span=self.span(theatre),
                scale=behind_people,
            )
            for (ahead, ahead_people, ahead_name), (behind, behind_people, behind_name) in (sides, sides[::-1])
        )

    def sentence(self, theatre: Theatre, language: Language) -> str:
        of, with_ = (theatre.names(names, language) for names in (self.of, self.with_))
        most, counted = points(self.tolerance, language), are_counted(self.counts, language)
        if language == "ar":
            sides = " و".join(f"نسبة من {counted} من المشمولين ب{side}" for side in (of, with_))
            term = f"لا يتجاوز الفرق بين {sides}، في أي وقت، {most}."
        else:
            term = (
                f"{of} and {with_} move in step: their shares of people who {counted} never differ by more than {most}."
            )
        return signed(self, theatre, language, term)
