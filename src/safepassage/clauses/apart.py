"""Apart: groups that do not share a movement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from safepassage.agreement import Clause, Language, Theatre
from safepassage.clauses.wording import signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart(Clause):
    """No two of `groups` travel on the same movement."""

    kind: ClassVar[str] = "apart"

    groups: tuple[str, ...]

    def check_terms(self) -> None:
        if len(set(self.groups)) < 2:
            raise ValueError(f"groups = {list(self.groups)}: name two or more groups that do not share a movement")
        if self.from_ is not None or self.until is not None:
            bound = "until" if self.from_ is None else "from"
            raise ValueError(f"{bound} cannot bound who travels apart: leave it out; the clause binds throughout")

    def apart(self) -> tuple[frozenset[str], ...]:
        return (frozenset(self.groups),)

    def sentence(self, theatre: Theatre, language: Language) -> str:
        groups = theatre.names(self.groups, language)
        if language == "ar":
            return signed(self, theatre, language, f"لا تُنقل أي فئتين من الفئات الآتية في قافلة واحدة: {groups}.")
        return signed(self, theatre, language, f"No two of these groups travel in the same convoy: {groups}.")
