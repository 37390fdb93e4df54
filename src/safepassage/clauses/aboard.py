"""Aboard: the longest time people may be aboard, and whether at night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from safepassage.agreement import Clause, Language, Stay, Theatre
from safepassage.clauses.wording import duration, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Aboard(Clause):
    """Nobody of the evacuations `of` (empty: all) is aboard longer than `minutes`, nor at midnight unless `overnight`.

    Counted from the start of loading to the end of unloading. `minutes` None: as long as it takes.
    """

    kind: ClassVar[str] = "aboard"

    minutes: int | None = None
    overnight: bool = False
    of: tuple[str, ...] = ()

    def check_terms(self) -> None:
        if self.minutes is not None and self.minutes < 1:
            raise ValueError(f"minutes = {self.minutes}: give at least 1, or leave it out: as long as it takes")
        if self.minutes is None and not self.overnight:
            raise ValueError("minutes is missing: give the longest time aboard, or overnight = true")
        if any("/" in name for name in self.of):
            raise ValueError(f"of = {list(self.of)}: a movement is bound as a whole; name evacuations, without a group")
        if self.from_ is not None or self.until is not None:
            bound = "until" if self.from_ is None else "from"
            raise ValueError(f"{bound} cannot bound the time aboard: leave it out; the clause binds throughout")

    def check_fit(self, theatre: Theatre) -> None:
        theatre.streams(self.of)

    def stay(self, evacuation: str) -> Stay | None:
        if self.of and evacuation not in self.of and "*" not in self.of:
            return None
        return Stay(minutes=self.minutes, overnight=self.overnight)

    def sentence(self, theatre: Theatre, language: Language) -> str:
        longest = None if self.minutes is None else duration(self.minutes, language)
        terms = []
        if language == "ar":
            who = f"أحد من المشمولين ب{theatre.names(self.of, 'ar')}" if self.of else "أحد"
            if longest:
                terms.append(f"لا يبقى {who} على متن المركبات أكثر من {longest}، من بدء الصعود حتى انتهاء النزول.")
            night = "يجوز المبيت على متن المركبات."
            if not self.overnight:
                night = f"ولا يبقى {'أي منهم' if self.of else 'أحد'} على متنها عند منتصف الليل."
        else:
            who = f"Nobody of {theatre.names(self.of, 'en')}" if self.of else "Nobody"
            if longest:
                terms.append(
                    f"{who} is aboard longer than {longest}, from the start of loading to the end of unloading."
                )
            night = "A night aboard is allowed." if self.overnight else f"{who} is aboard at midnight."
        return signed(self, theatre, language, *terms, night)
