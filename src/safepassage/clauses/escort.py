"""Escort: who may escort the convoys that carry people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from safepassage.agreement import Clause, Language, Theatre
from safepassage.clauses.wording import signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Escort(Clause):
    """Every convoy that carries people is escorted by one of `teams`, which are parties."""

    kind: ClassVar[str] = "escort"

    teams: tuple[str, ...]

    def check_terms(self) -> None:
        if not self.teams:
            raise ValueError("teams = []: name at least one party that may escort")

    def escorted_by(self) -> tuple[str, ...]:
        return self.teams

    def not_checkable(self) -> str:
        return "movements do not say who escorted them"

    def sentence(self, theatre: Theatre, language: Language) -> str:
        teams = theatre.names(self.teams, language, "or")
        if language == "ar":
            return signed(self, theatre, language, f"لا تسير أي قافلة تنقل أشخاصًا إلا بمرافقة {teams}.")
        return signed(self, theatre, language, f"No convoy carries people without an escort of {teams}.")
