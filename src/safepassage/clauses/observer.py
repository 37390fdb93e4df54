"""Observer: those who have to be present, or no convoy departs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from safepassage.agreement import Clause, Language, Theatre
from safepassage.clauses.wording import segments, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer(Clause):
    """All of `parties` are present on the roads and crossings `on` (empty: the whole way), or no movement departs."""

    kind: ClassVar[str] = "observer"

    parties: tuple[str, ...]
    on: tuple[str, ...] = ()

    def check_terms(self) -> None:
        if not self.parties:
            raise ValueError("parties = []: name at least one party that observes")

    def check_fit(self, theatre: Theatre) -> None:
        theatre.segments(self.on)

    def watched_by(self) -> Mapping[str, tuple[str, ...]]:
        return dict.fromkeys(self.parties, self.on)

    def not_checkable(self) -> str:
        return "movements do not say who was present"

    def sentence(self, theatre: Theatre, language: Language) -> str:
        parties = theatre.names(self.parties, language)
        if language == "ar":
            where = f"عند {segments(theatre, self.on, 'ar')}" if self.on else "على طول الطريق"
            return signed(self, theatre, language, f"لا تنطلق أي قافلة إلا بحضور {parties} {where}.")
        where = f"at {segments(theatre, self.on, 'en')}" if self.on else "along the whole way"
        return signed(self, theatre, language, f"No convoy departs without {parties} present {where}.")
