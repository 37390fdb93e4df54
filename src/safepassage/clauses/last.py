"""Last: the final person of one evacuation does not leave before the final person of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from safepassage.agreement import Clause, Language, Step, Tally, Theatre
from safepassage.clauses.wording import signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Last(Clause):
    """The final person of `then` not before the final person of `first`; at the same instant is fine.

    `first` is counted as `counts` says, `then` at handover. Where a side has nobody to move, the clause binds nobody.
    """

    kind: ClassVar[str] = "last"

    first: tuple[str, ...]
    then: tuple[str, ...]

    def check_fit(self, theatre: Theatre) -> None:
        theatre.distinct(self.first, self.then)

    def limits(self, theatre: Theatre) -> tuple[Step, ...]:
        first, then = theatre.streams(self.first), theatre.streams(self.then)
        first_people, then_people = theatre.demand(first), theatre.demand(then)
        if not first_people or not then_people:
            return ()
        names = [theatre.names(side, "en") for side in (self.then, self.first)]
        return (
            Step(
                clause=self.id,
                text="{}: the last person not before the last of {}".format(*names),
                then=Tally(streams=frozenset(then)),
                most=then_people - 1,
                first=Tally(streams=frozenset(first), counts=self.counts),
                reached=first_people,
                span=self.span(theatre),
            ),
        )

    def sentence(self, theatre: Theatre, language: Language) -> str:
        first, then = theatre.names(self.first, language), theatre.names(self.then, language)
        if language == "ar":
            done = "خروج" if self.counts == "handover" else "وصول"
            term = f"لا يخرج آخر المشمولين ب{then} قبل {done} آخر المشمولين ب{first}، ويجوز أن يتم الأمران في وقت واحد."
        else:
            done = "left" if self.counts == "handover" else "arrived"
            term = f"The last person of {then} leaves no earlier than the last person of {first} has {done}."
        return signed(self, theatre, language, term)
