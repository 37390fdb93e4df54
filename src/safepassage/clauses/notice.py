"""Notice: how long before its loading a movement is announced."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import ClassVar

from safepassage.agreement import Clause, Language, Theatre
from safepassage.clauses.wording import duration, exact, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Clause):
    """Every movement is announced at least `hours` before its loading starts."""

    kind: ClassVar[str] = "notice"

    hours: float

    def check_terms(self) -> None:
        if not self.hours > 0:
            raise ValueError(f"hours = {self.hours}: give more than zero hours, or leave the clause out")

    def notice_minutes(self) -> int:
        return ceil(exact(self.hours) * 60)

    def not_checkable(self) -> str:
        return "movements do not say when they were announced"

    def sentence(self, theatre: Theatre, language: Language) -> str:
        ahead = duration(self.notice_minutes(), language)
        if language == "ar":
            return signed(self, theatre, language, f"يُعلن عن كل تحرك قبل بدء صعود الركاب بما لا يقل عن {ahead}.")
        return signed(
            self, theatre, language, f"Every movement is announced at least {ahead} before its loading starts."
        )
