"""Inspection: what convoys are searched for, and whether names are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from safepassage.agreement import Clause, Language, Theatre
from safepassage.clauses.wording import segments, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection(Clause):
    """What is looked for at the crossings and roads `on` (empty: wherever convoys are inspected).

    `looked_for`: in words (`looked_for_ar`: in Arabic). `light_weapons_only`: no other weapons leave. `names`: false
    unless it was agreed that names are asked.
    """

    kind: ClassVar[str] = "inspection"

    on: tuple[str, ...] = ()
    looked_for: str = ""
    looked_for_ar: str = ""
    light_weapons_only: bool = False
    names: bool = False

    def check_fit(self, theatre: Theatre) -> None:
        theatre.segments(self.on)

    def not_checkable(self) -> str:
        return "movements do not say how they were inspected"

    def sentence(self, theatre: Theatre, language: Language) -> str:
        if language == "ar":
            where = f"عند {segments(theatre, self.on, 'ar')}" if self.on else "أينما جرى التفتيش"
            sought = (
                f" بحثًا عن {self.looked_for_ar or self.looked_for}" if self.looked_for_ar or self.looked_for else ""
            )
            terms = [f"تُفتَّش القوافل {where}{sought}."]
            terms += ["لا يُسمح إلا بحمل السلاح الخفيف."] if self.light_weapons_only else []
            terms += ["يجوز السؤال عن الأسماء."] if self.names else ["لا يُسأل أحد عن اسمه."]
        else:
            where = f"at {segments(theatre, self.on, 'en')}" if self.on else "wherever they are inspected"
            sought = f" for {self.looked_for}" if self.looked_for else ""
            terms = [f"Convoys are searched{sought} {where}."]
            terms += ["Only light weapons may be carried."] if self.light_weapons_only else []
            terms += ["Names may be asked."] if self.names else ["Nobody is asked for a name."]
        return signed(self, theatre, language, *terms)
