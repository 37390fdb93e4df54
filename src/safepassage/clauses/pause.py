"""Pause: how long nothing departs after an incident."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import ClassVar

from safepassage.agreement import Clause, Language, Theatre
from safepassage.clauses.wording import duration, exact, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Clause):
    """After an incident nothing departs for `hours`."""

    kind: ClassVar[str] = "pause"

    hours: float

    def check_terms(self) -> None:
        if not self.hours > 0:
            raise ValueError(f"hours = {self.hours}: give more than zero hours, or leave the clause out")

    def pause_minutes(self) -> int:
        return ceil(exact(self.hours) * 60)

    def not_checkable(self) -> str:
        return "movements do not say when incidents happened"

    def sentence(self, theatre: Theatre, language: Language) -> str:
        rest = duration(self.pause_minutes(), language)
        if language == "ar":
            return signed(self, theatre, language, f"بعد أي حادث لا تنطلق أي قافلة لمدة {rest}.")
        return signed(self, theatre, language, f"After an incident no convoy departs for {rest}.")
