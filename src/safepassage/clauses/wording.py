"""How a clause says people, shares, times and periods, in English and in Arabic. No kind of clause lives here."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from safepassage.agreement import Clause, Counts, Joint, Language, Theatre, enumeration
from safepassage.world import Calendar, Span

ARABIC_MONTHS = (
    "كانون الثاني/يناير",
    "شباط/فبراير",
    "آذار/مارس",
    "نيسان/أبريل",
    "أيار/مايو",
    "حزيران/يونيو",
    "تموز/يوليو",
    "آب/أغسطس",
    "أيلول/سبتمبر",
    "تشرين الأول/أكتوبر",
    "تشرين الثاني/نوفمبر",
    "كانون الأول/ديسمبر",
)


class Noun(NamedTuple):
    """A counted noun. Arabic has forms for one, two (after a preposition), 3 to 10, 11 to 99, and hundreds."""

    one: str
    many: str
    ar_one: str
    ar_two: str
    ar_few: str
    ar_many: str
    ar_hundred: str

    def counted(self, number: int | Fraction, language: Language) -> str:
        digits = figure(number)
        if language == "en":
            return f"{digits} {self.one if number == 1 else self.many}"
        if number == 1:
            return self.ar_one
        if number == 2:
            return self.ar_two
        last = number % 100
        if 3 <= last <= 10:
            return f"{digits} {self.ar_few}"
        return f"{digits} {self.ar_many if last > 10 else self.ar_hundred}"


PEOPLE = Noun("person", "people", "شخص واحد", "شخصين", "أشخاص", "شخصًا", "شخص")
HOURS = Noun("hour", "hours", "ساعة واحدة", "ساعتين", "ساعات", "ساعة", "ساعة")
MINUTES = Noun("minute", "minutes", "دقيقة واحدة", "دقيقتين", "دقائق", "دقيقة", "دقيقة")
POINTS = Noun(
    "percentage point",
    "percentage points",
    "نقطة مئوية واحدة",
    "نقطتين مئويتين",
    "نقاط مئوية",
    "نقطة مئوية",
    "نقطة مئوية",
)


def exact(number: float) -> Fraction:
    """A number as the file writes it: 0.1 is one tenth."""
    return Fraction(str(number))


def figure(number: int | Fraction) -> str:
    """`1,250` or `12.5`."""
    return f"{int(number):,}" if number == int(number) else f"{float(number):,.4g}"


def people(number: int, language: Language) -> str:
    """`1 person`, `1,250 people`."""
    return PEOPLE.counted(number, language)


def points(share: float, language: Language) -> str:
    """A difference of shares in percentage points."""
    return POINTS.counted(exact(share) * 100, language)


def percent(share: float) -> str:
    """A share in percent, as exact as it was given: `12.5%`."""
    return f"{figure(exact(share) * 100)}%"


def duration(minutes: int, language: Language) -> str:
    """`6 hours`, `90 minutes` as `1 hour and 30 minutes`."""
    hours, rest = divmod(minutes, 60)
    said = [HOURS.counted(hours, language)] if hours else []
    said += [MINUTES.counted(rest, language)] if rest or not hours else []
    return (" and " if language == "en" else " و").join(said)


def clock(minute: int) -> str:
    """A minute of the day as `06:00`; the end of the day is `24:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def hours(spans: Iterable[Span], language: Language) -> str:
    """Hours of the day as one enumeration."""
    link, joint = (" to ", " and from ") if language == "en" else (" إلى الساعة ", " ومن الساعة ")
    return joint.join(f"{clock(span.start)}{link}{clock(span.end)}" for span in spans)


def instant(calendar: Calendar, minute: int, language: Language) -> str:
    """`18 December 2016, 06:00`."""
    when = calendar.when(minute)
    month = f"{when:%B}" if language == "en" else ARABIC_MONTHS[when.month - 1]
    joint = ", " if language == "en" else "، الساعة "
    return f"{when.day} {month} {when.year}{joint}{when:%H:%M}"


def period(calendar: Calendar, from_: int | None, until: int | None, language: Language) -> str:
    """From when until when; empty where it is neither."""
    from_word, until_word = ("from", "until") if language == "en" else ("من", "حتى")
    said = [f"{from_word} {instant(calendar, from_, language)}"] if from_ is not None else []
    said += [f"{until_word} {instant(calendar, until, language)}"] if until is not None else []
    return " ".join(said)


def segments(theatre: Theatre, ids: Iterable[str], language: Language, joint: Joint = "and") -> str:
    """Roads and crossings as one enumeration that says which they are."""
    return enumeration([_segment(theatre, id, language) for id in ids], language, joint)


def _segment(theatre: Theatre, id: str, language: Language) -> str:
    """A road or crossing with its kind, once: a place may be called a crossing by its own name."""
    name, road = theatre.name(id, language), id in theatre.world.roads
    if language == "ar":
        kind = "طريق" if road else "معبر"
        return name if name.startswith(f"{kind} ") else f"{kind} {name}"
    if road:
        return f"the road {name}"
    return f"the {name}" if name.endswith(" crossing") else f"the {name} crossing"


def are_counted(counts: Counts, language: Language) -> str:
    """How people count, as a verb: are out, or have arrived."""
    if language == "en":
        return "are out" if counts == "handover" else "have arrived"
    return "خرجوا" if counts == "handover" else "وصلوا"


def signed(clause: Clause, theatre: Theatre, language: Language, *terms: str) -> str:
    """The terms of a clause, from when until when it binds, and whether it is not in force."""
    said = [term for term in terms if term]
    if when := period(theatre.calendar, clause.from_, clause.until, language):
        said.append(f"This binds {when}." if language == "en" else f"يسري هذا البند {when}.")
    if clause.state == "proposed":
        said.append("Proposed; not yet in force." if language == "en" else "مقترح، ولم يدخل حيز التنفيذ بعد.")
    if clause.state == "suspended":
        said.append("Suspended." if language == "en" else "معلّق.")
    return " ".join(said)
