"""Tranches: one side moves in steps, each freed by a step of the other side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

from safepassage.agreement import Clause, Language, Step, Tally, Theatre
from safepassage.clauses.wording import people, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Tranches(Clause):
    """Nobody of `then`'s step k leaves before `first`'s steps 1 to k are complete.

    The other way round is a second clause: `first_steps = [0, 800, 200]` lets `then`'s first step go at once.
    Steps are in people and in the order of their turn. On either side the last step takes the rest: where steps sum to
    less than the people demanded it is larger by those, where people declined it is smaller. `first` may have more
    steps than `then`; they free nobody further. A step of 0 in `first` holds nobody up. `first` is counted as `counts`
    says, `then` at handover.
    """

    kind: ClassVar[str] = "tranches"

    first: tuple[str, ...]
    then: tuple[str, ...]
    first_steps: tuple[int, ...]
    then_steps: tuple[int, ...]

    def check_terms(self) -> None:
        for key, steps in (("first_steps", self.first_steps), ("then_steps", self.then_steps)):
            if not steps or any(step < 0 for step in steps):
                raise ValueError(
                    f"{key} = {list(steps)}: give the people of each step, zero or more, such as [1250, 1250]"
                )
        if len(self.then_steps) > len(self.first_steps):
            raise ValueError(
                f"then_steps = {list(self.then_steps)}: {len(self.then_steps)} steps wait for {len(self.first_steps)}; "
                f"give first_steps at least as many"
            )

    def check_fit(self, theatre: Theatre) -> None:
        theatre.distinct(self.first, self.then)
        for key, names, steps in (
            ("first_steps", self.first, self.first_steps),
            ("then_steps", self.then, self.then_steps),
        ):
            demand = theatre.demand(theatre.streams(names))
            if sum(steps) > demand:
                raise ValueError(
                    f"{key} = {list(steps)}: {sum(steps):,} people, but {theatre.names(names, 'en')} has {demand:,}; "
                    f"let the steps sum to {demand:,} or less (the last step takes the rest)"
                )

    def _turns(self, theatre: Theatre) -> list[tuple[int, int]]:
        """Of each step of `then` that anybody is left for: the people before it, and those of `first` it waits for."""
        demand, waiting = (theatre.demand(theatre.streams(names)) for names in (self.first, self.then))
        reached = [min(sum_, demand) for sum_ in accumulate(self.first_steps)]
        reached[-1] = demand
        before = [0, *accumulate(self.then_steps)]
        return [(free, awaited) for free, awaited in zip(before, reached, strict=False) if free < waiting]

    def limits(self, theatre: Theatre) -> tuple[Step, ...]:
        first_name, then_name = theatre.names(self.first, "en"), theatre.names(self.then, "en")
        first = Tally(streams=frozenset(theatre.streams(self.first)), counts=self.counts)
        then = Tally(streams=frozenset(theatre.streams(self.then)))
        return tuple(
            Step(
                clause=self.id,
                text=f"{then_name}: {f'at most {free:,}' if free else 'nobody'} before {reached:,} of {first_name}",
                then=then,
                most=free,
                first=first,
                reached=reached,
                span=self.span(theatre),
            )
            for free, reached in self._turns(theatre)
            if reached
        )

    def sentence(self, theatre: Theatre, language: Language) -> str:
        turns = self._turns(theatre)
        terms = [self._step_term(theatre, turn, *waits, language) for turn, waits in enumerate(turns, 1)]
        if sum(self.then_steps) < theatre.demand(theatre.streams(self.then)):
            terms.append("The last step takes the rest." if language == "en" else "وتشمل الخطوة الأخيرة جميع الباقين.")
        return signed(self, theatre, language, *terms)

    def _step_term(self, theatre: Theatre, turn: int, free: int, reached: int, language: Language) -> str:
        first, then = theatre.names(self.first, language), theatre.names(self.then, language)
        out, awaited = self.counts == "handover", people(reached, language)
        whole = reached == theatre.demand(theatre.streams(self.first))
        if language == "ar":
            if not reached:
                return f"الخطوة {turn} لا تنتظر أحدًا."
            most = f"أكثر من {people(free, 'ar')}" if free else "أحد"
            who = f"لا يخرج {most} من المشمولين ب{then}"
            part = f"جميع المشمولين ب{first} ({awaited})" if whole else f"{awaited} من المشمولين ب{first}"
            return f"الخطوة {turn}: {who} قبل {'خروج' if out else 'وصول'} {part}."
        if not reached:
            return f"Step {turn} waits for nobody."
        who = f"no more than {people(free, 'en')} of {then} leave" if free else f"nobody of {then} leaves"
        part = f"all of {first} ({awaited})" if whole else f"{awaited} of {first}"
        return f"Step {turn}: {who} before {part} have {'left' if out else 'arrived'}."
