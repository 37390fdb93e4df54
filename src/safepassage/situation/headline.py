"""The headline: whether it is moving, since when, who says so, why not, and what is asked for to go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from safepassage.claims import Standing
from safepassage.ledger import Unaccounted, together
from safepassage.operation import Operation
from safepassage.situation.picture import ConsentState, Headline, Motion, MovementState, PeopleOut, SegmentState, Word
from safepassage.situation.trip import Trip, quiet

NAMED_MOST = 3
"""Convoys named in an alarm; the others are counted."""


def headline(
    operation: Operation,
    as_of: datetime,
    trips: Mapping[str, Trip],
    states: Mapping[str, MovementState],
    suspended: Sequence[Word],
    questions: Sequence[Standing],
    people: Mapping[str, PeopleOut],
    consents: Sequence[ConsentState],
    segments: Mapping[str, SegmentState],
    lost: Sequence[Unaccounted],
) -> Headline:
    """What stands over everything. `states`: those of movements that the clock may still change."""
    under_way = [state for state in states.values() if state.under_way and not quiet(state, as_of)]
    moving = [state for state in under_way if state.phase != "held"]
    why = next((one for one in questions if one.question.about == "stop" and one.answers), None)
    demands = [one for standing in questions for one in standing.demands]
    resume = [f"Demanded by {one.source.origin}: {one.claim.said('en')}" for one in demands]
    resume_ar = [f"مطلب من {one.source.origin}: {one.claim.said('ar')}" for one in demands]
    name, name_ar = partial(operation.theatre.name, language="en"), partial(operation.theatre.name, language="ar")
    for state in consents:
        if state.phase == "withdrawn":
            resume.append(f"{name(state.party)} gives its consent again for {name(state.segment)}")
            resume_ar.append(f"أن يمنح {name_ar(state.party)} موافقته من جديد على المرور عبر {name_ar(state.segment)}")
    for id, segment in segments.items():
        if segment.phase in {"blocked", "closed"}:
            resume.append(f"{name(id)} is reported open again")
            resume_ar.append(f"أن يُبلَّغ عن فتح {name_ar(id)} من جديد")
    others = sum(state.phase in {"missing", "expired"} and not state.movements for state in consents)
    if others:
        resume.append(f"{others:,} consents that are not on record, or have lapsed, are given")
        resume_ar.append(f"أن تُمنح الموافقات غير المسجَّلة أو المنقضية، وعددها {others:,}")
    aboard, aboard_ar = _people_aboard(under_way)
    alarm, alarm_ar = _alarm(states.values(), lost)
    words: tuple[Word, ...]
    if suspended:
        first = min(suspended, key=lambda word: word.happened)
        who = f" {first.says} says so." if first.says else ""
        who_ar = f" بحسب {first.says}." if first.says else ""
        motion: Motion = "suspended"
        since = first.happened
        words = tuple(suspended)
        english = f"Suspended since {_time(since)}: nobody may leave.{who}"
        arabic = f"معلّقة منذ {_time_ar(since)}: لا يُسمح لأحد بالمغادرة.{who_ar}"
    elif moving:
        motion, since = "moving", min(state.since for state in moving)
        words = tuple(state.words[-1] for state in moving[:3])
        english = f"Moving: {_convoys(len(moving))} on the way, {aboard}."
        arabic = f"تتحرك: {len(moving):,} قوافل في الطريق، {aboard_ar}."
        why = None
    elif under_way:
        motion, since = "held", min(state.since for state in under_way)
        words = tuple(state.words[-1] for state in under_way[:3])
        english = f"Held since {_time(since)}: {_convoys(len(under_way))} standing, {aboard}."
        arabic = f"متوقفة منذ {_time_ar(since)}: {len(under_way):,} قوافل واقفة، {aboard_ar}."
    elif not trips:
        motion, since, words = "not begun", None, ()
        english, arabic = "Not begun: no convoy has been reported.", "لم تبدأ: لم يُبلَّغ عن أي قافلة."
    elif all(one.waiting.best <= 0 for one in people.values()):
        last = max(trip.since for trip in trips.values())
        motion, since, words = "over", last, ()
        english, arabic = f"Over since {_time(last)}: nobody waits.", f"انتهت منذ {_time_ar(last)}: لا أحد ينتظر."
        why = None
    else:
        last = max(trip.heard_until for trip in trips.values())
        motion, since, words = "not known", last, ()
        english = f"No convoy is known to be on the way; the last news of one is of {_time(last)}."
        arabic = f"لا تُعرف قافلة في الطريق؛ آخر خبر عن قافلة يعود إلى {_time_ar(last)}."
    stopped = motion in {"suspended", "held", "not known"}
    return Headline(
        motion=motion,
        since=since,
        sentence=english,
        sentence_ar=arabic,
        words=words,
        alarm=alarm,
        alarm_ar=alarm_ar,
        why=why if stopped else None,
        to_resume=tuple(dict.fromkeys(resume)) if stopped else (),
        to_resume_ar=tuple(dict.fromkeys(resume_ar)) if stopped else (),
    )


def _alarm(states: Iterable[MovementState], lost: Sequence[Unaccounted]) -> tuple[str, str]:
    """What cannot wait, whatever else goes well: people aboard longer than agreed, people unaccounted for."""
    said, said_ar = [], []
    over = [
        (one.minutes_aboard, one)
        for one in states
        if one.minutes_aboard is not None and one.aboard_limit is not None and one.minutes_aboard > one.aboard_limit
    ]
    if over:
        minutes, worst = max(over, key=lambda pair: pair[0])
        assert worst.aboard_limit is not None
        people = "People" if worst.aboard is None else f"{worst.aboard.best:,} people"
        people_ar = "أشخاص" if worst.aboard is None else f"{worst.aboard.best:,} شخصًا"
        more = f" {_convoys(len(over) - 1)} more for too long." if len(over) > 1 else ""
        more_ar = f" ومثلها {len(over) - 1:,} قوافل أخرى." if len(over) > 1 else ""
        said.append(f"{people} aboard {worst.id} for {span(minutes)}; {span(worst.aboard_limit)} allowed.{more}")
        said_ar.append(
            f"{people_ar} على متن {worst.id} منذ {span_ar(minutes)}، والمسموح {span_ar(worst.aboard_limit)}.{more_ar}"
        )
    if lost:
        named = ", ".join(one.movement for one in lost[:NAMED_MOST])
        more = f" and {len(lost) - NAMED_MOST:,} more" if len(lost) > NAMED_MOST else ""
        more_ar = f" و{len(lost) - NAMED_MOST:,} غيرها" if len(lost) > NAMED_MOST else ""
        said.append(f"Unaccounted for: people of {named}{more}.")
        said_ar.append(f"غير معروفي المصير: من كانوا على متن {named}{more_ar}.")
    return " ".join(said), " ".join(said_ar)


def span(minutes: int) -> str:
    """A length of time in words: 45 min, 6 h, 19 h 5 min, 2 d 3 h."""
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = ((days, "d"), (hours, "h"), (0 if days else rest, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"


def span_ar(minutes: int) -> str:
    """The same in Arabic."""
    return span(minutes).replace("min", "دقيقة").replace("h", "ساعة").replace("d", "يوم")


def _people_aboard(states: Sequence[MovementState]) -> tuple[str, str]:
    """How many people are aboard, and of how many convoys that is not known."""
    known = together(state.aboard for state in states if state.aboard is not None)
    blind = sum(state.aboard is None for state in states)
    if not blind:
        return f"{known.best:,} people aboard", f"على متنها {known.best:,} شخصًا"
    if blind == len(states):
        return "people aboard not counted", "من على متنها غير معدودين"
    return (
        f"{known.best:,} people aboard, those of {blind} more not counted",
        f"على متنها {known.best:,} شخصًا، ومن على متن {blind} غيرها غير معدودين",
    )


def _convoys(count: int) -> str:
    return "1 convoy" if count == 1 else f"{count:,} convoys"


def _time(when: datetime) -> str:
    return f"{when.day} {when:%b %H:%M}"


MONTHS_AR = (
    *("كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران"),
    *("تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول"),
)


def _time_ar(when: datetime) -> str:
    return f"{when.day} {MONTHS_AR[when.month - 1]} {when:%H:%M}"
