"""Words of reports and pages in English and Arabic: what a term is, how it is said, and the states of things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal

from safepassage.agreement import Language, in_language

LOCALES: Mapping[Language, Locale] = {"en": Locale("en", "GB"), "ar": Locale("ar", "SY")}


class Term(NamedTuple):
    """A word or sentence; `{}` takes a value. `reviewed`: a speaker of Arabic has read the Arabic."""

    en: str
    ar: str
    reviewed: bool = False

    def said(self, language: Language) -> str:
        return in_language(language, self.en, self.ar)


class Words:
    """The words of a page in its language: `words("sign in")`, with values in the places of `{}`.

    Several tables are one; the same key twice with other words is an error.
    """

    def __init__(self, language: Language, *tables: Mapping[str, Term]) -> None:
        self.language = language
        self._terms: dict[str, Term] = {}
        for table in tables:
            for key, term in table.items():
                assert self._terms.setdefault(key, term) == term, f"two terms are called {key!r}: rename one"

    def __call__(self, key: str, *values: object) -> str:
        return self._terms[key].said(self.language).format(*values)

    def said(self, key: str) -> str:
        """The word for a value of the code, such as a role or a phase; the value itself where there is none."""
        return self(key) if key in self._terms else key

    def number(self, value: float) -> str:
        return number(value, self.language)

    def time(self, when: datetime) -> str:
        return time(when, self.language)

    def time_of(self, iso: str) -> str:
        """A time that a view gives as ISO 8601."""
        return time(datetime.fromisoformat(iso), self.language)

    def zone(self, when: datetime) -> str:
        """The offset of a time, as people write it: UTC+2."""
        hours, minutes = divmod(int((when.utcoffset() or timedelta()).total_seconds() // 60), 60)
        return f"UTC{hours:+d}" + (f":{minutes:02}" if minutes else "")

    def zone_of(self, iso: str) -> str:
        return self.zone(datetime.fromisoformat(iso))

    def listed(self, items: Iterable[str]) -> str:
        """Items as a list in a sentence's middle."""
        return ("، " if self.language == "ar" else ", ").join(items)


DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")
"""Digits are those of the record in both languages: a count or an hour is read out the same by either side."""


def number(value: float, language: Language) -> str:
    """A number with its thousands set apart."""
    return str(format_decimal(value, locale=LOCALES["en"])) if language == "ar" else f"{value:,}"


def time(when: datetime, language: Language) -> str:
    """A time in its own offset: 17 Dec 12:00."""
    return str(format_datetime(when, "d MMM HH:mm", tzinfo=when.tzinfo, locale=LOCALES[language])).translate(DIGITS)


STATES: Mapping[str, Term] = {
    "planned": Term("planned", "مقررة"),
    "formed": Term("formed", "مشكّلة"),
    "boarding": Term("boarding", "صعود"),
    "on the way": Term("on the way", "في الطريق"),
    "held": Term("held", "متوقفة"),
    "turned back": Term("turned back", "أُعيدت"),
    "handed over": Term("handed over", "سُلّمت"),
    "arrived": Term("arrived", "وصلت"),
    "returned": Term("returned", "عادت"),
    "open": Term("open", "مفتوح"),
    "blocked": Term("blocked", "مقطوع"),
    "closed": Term("closed", "مغلق"),
    "not known": Term("not known", "غير معروف"),
    "given": Term("given", "ممنوحة"),
    "missing": Term("missing", "ناقصة"),
    "withdrawn": Term("withdrawn", "مسحوبة"),
    "expired": Term("expired", "منتهية"),
    "kept": Term("kept", "مُراعى"),
    "at its limit": Term("at its limit", "عند حده"),
    "broken": Term("broken", "مخروق"),
    "suspended": Term("suspended", "معلّق"),
    "proposed": Term("proposed", "مقترح"),
    "not in force": Term("not in force", "غير نافذ"),
    "unanswered": Term("unanswered", "بلا جواب"),
    "single-source": Term("single source", "مصدر واحد"),
    "corroborated": Term("corroborated", "مؤيَّد"),
    "contested": Term("contested", "متنازع عليه"),
    "denied by the accused": Term("denied by the accused", "ينفيه المتهم"),
    "settled by observation": Term("settled by observation", "حُسم بالمشاهدة"),
    "retracted": Term("retracted", "سُحب"),
}
"""How convoys, roads and crossings, consents, clauses, questions and answers may stand."""

STAGES: Mapping[str, Term] = {
    "waiting": Term("waiting", "في الانتظار"),
    "boarded": Term("boarded", "صعدوا"),
    "departed": Term("departed", "غادروا"),
    "handed over": Term("handed over", "سُلّموا"),
    "arrived": Term("arrived", "وصلوا"),
    "registered": Term("registered", "سُجّلوا"),
}
"""As what people are counted."""
