"""Window: the hours in which crossings let convoys through, and their daily pauses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from safepassage.agreement import Clause, Closure, Language, Theatre
from safepassage.clauses.wording import hours, segments, signed
from safepassage.world import Span, subtract


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Clause):
    """Movements pass the crossings `on` (empty: all) only within `hours` and not in the `pauses`, every day.

    Both are in minutes of the day. It narrows the hours of the crossing; empty moves are not bound.
    """

    kind: ClassVar[str] = "window"

    hours: tuple[Span, ...] = ()
    pauses: tuple[Span, ...] = ()
    on: tuple[str, ...] = ()

    def check_terms(self) -> None:
        if not self.hours and not self.pauses:
            raise ValueError('hours and pauses are both empty: give one of them, such as hours = ["06:00-18:00"]')

    def _crossings(self, theatre: Theatre) -> tuple[str, ...]:
        for crossing in self.on:
            if crossing not in theatre.world.crossings:
                raise ValueError(
                    f"on: {crossing!r} is no crossing; a window binds crossings (a road has its own `hours`)"
                )
        return self.on or tuple(theatre.world.crossings)

    def closures(self, theatre: Theatre) -> tuple[Closure, ...]:
        span, calendar = self.span(theatre), theatre.calendar
        whole = (Span(max(0, span.start), min(calendar.end, span.end)),)
        outside = subtract(whole, calendar.daily(self.hours)) if self.hours else ()
        pauses = subtract(whole, subtract(whole, calendar.daily(self.pauses)))
        said = [
            *((closed, f"closed outside {hours(self.hours, 'en')}") for closed in outside),
            *((closed, f"pause from {hours(self.pauses, 'en')}") for closed in pauses),
        ]
        return tuple(
            Closure(clause=self.id, segment=crossing, span=closed, text=text, binds_empty=False)
            for crossing in self._crossings(theatre)
            for closed, text in said
        )

    def sentence(self, theatre: Theatre, language: Language) -> str:
        terms = []
        if language == "ar":
            where = segments(theatre, self.on, "ar") if self.on else "المعابر"
            if self.hours:
                terms.append(f"لا تعبر القوافل {where} إلا من الساعة {hours(self.hours, 'ar')}.")
            if self.pauses:
                terms.append(f"يتوقف عبور القوافل في {where} كل يوم من الساعة {hours(self.pauses, 'ar')}.")
            terms.append("ولا يسري ذلك على المركبات الفارغة.")
        else:
            where = segments(theatre, self.on, "en") if self.on else "crossings"
            if self.hours:
                terms.append(f"Convoys pass {where} only from {hours(self.hours, 'en')}.")
            if self.pauses:
                terms.append(f"Convoys do not pass {where} from {hours(self.pauses, 'en')}, every day.")
            terms.append("Empty vehicles are not bound by this.")
        return signed(self, theatre, language, *terms)
