"""What may come: a stress test, levers and designs of an agreement, as documents and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import inf, isfinite

from safepassage.futures import (
    Estimate,
    Stop,
    Stress,
    advantages,
    all_out,
    by_day,
    completion,
    estimate,
    fan,
    share,
    stops,
    stops_by_party,
    stops_by_segment,
)
from safepassage.futures.levers import Gain, Held, LeftOut
from safepassage.futures.network import OTHER_CAUSES
from safepassage.futures.stress import FAN, DatedBreach, Interval, segments
from safepassage.operation import Operation
from safepassage.report import figures
from safepassage.report.document import Document, Part
from safepassage.report.drawing import (
    ALARM,
    COLOURS,
    FAINT,
    HAIR,
    INK,
    MUTED,
    NIGHT,
    WIDTH,
    HourAxis,
    Sheet,
    letter,
    number,
    percent,
    ticks,
)
from safepassage.report.lettering import REGULAR, SEMIBOLD, shortened
from safepassage.report.tables import Table
from safepassage.world import Span

SHOWN_MOST = 12
"""Causes, levers and designs in a picture; the tables have them all."""
DIGITS = 3
"""Digits of a number that stands beside an interval: more would say more than is known."""
SURE = "(95\u00a0%)"
"""That an interval stands in a column."""
MAJORITY = 0.5
"""Of courses that end with everyone there: with fewer, the hour at which it is over is that of the operation's end."""
NOT_SAID = (
    (
        "It does not say what will happen: shocks are drawn with the rates of the shock model, each by itself, and "
        "every rate is worth no more than its basis."
    ),
    "Nobody amends the agreement in a course.",
    "95 % intervals are about the mean of ever more courses of this model. They say nothing of how wrong the model is.",
)
NO_PLAN_ANEW = "Nobody makes a new plan in a course: the timetable is driven on as it is."
PLANNED_ANEW = (
    "After a stop the rest is planned anew, with little work each time and nothing known of what is to come. A planner "
    "with more time may find better."
)
ONE_PLAN = (
    "What needs a new plan is judged with one plan, the best found in the time given: another plan as good on a quiet "
    "day may do better or worse in courses. No interval holds that."
)
BEST_OF_MANY = (
    "The best of many levers looks a little better than it is, since chance helped to put it first: give another seed "
    "and see whether it stays there."
)
NOT_ALL_DRIVEN = "Stopped before all were driven: what is not listed was not tried."


# Numbers as they are said


def about(*values: float) -> list[str]:
    """Numbers that belong together, rounded to one place: three digits of the largest."""
    largest = max((abs(value) for value in values if isfinite(value)), default=0.0)
    unit = 10 ** max(0, len(f"{largest:.0f}") - DIGITS)
    return [f"{round(value / unit) * unit:z,.0f}" if isfinite(value) else "" for value in values]


def between(interval: Interval, gap: str = " ") -> str:
    """A value with its 95 % interval, or alone where nothing is known of it (one course)."""
    value, low, high = about(*interval)
    return f"{value}{gap}({low} to {high})" if low else value


def share_between(interval: Interval, gap: str = " ") -> str:
    """A share with its 95 % interval."""
    value, low, high = (percent(value) if isfinite(value) else "" for value in interval)
    return f"{value}{gap}({low} to {high})" if low else value


def hours_between(interval: Interval) -> str:
    """Hours with their 95 % interval."""
    value, low, high = (f"{value:z,.1f}" if isfinite(value) else "" for value in interval)
    return f"{value}\n({low} to {high})" if low else value


def _mean(found: Estimate) -> Interval:
    return _count((found.mean, found.low, found.high))


def _count(interval: Interval) -> Interval:
    """Of what is never below zero."""
    value, low, high = interval
    return value, max(0.0, low) if isfinite(low) else low, high


def _hours(minutes: float) -> str:
    return f"{minutes / 60:,.1f} h"


def _plans(stress: Stress) -> str:
    """Whether anybody makes a new plan in these courses."""
    return PLANNED_ANEW if stress.job.policy.kind == "replan" else NO_PLAN_ANEW


def _driven(stress: Stress) -> tuple[str, ...]:
    """That it was stopped, where it was; that one course is no spread."""
    said = []
    if stress.count < stress.asked:
        said.append(f"Stopped: {number(stress.count)} of {number(stress.asked)} courses.")
    if stress.count == 1:
        said.append("One course says nothing of how others differ: there are no intervals. Drive more.")
    return tuple(said)


# A stress test


def stress_document(operation: Operation, stress: Stress) -> Document:
    """A stress test: how it holds up, who is left behind when it stops, and what stops it."""
    courses, quiet, calendar = stress.courses, stress.quiet, operation.calendar
    left = estimate(courses.left.sum(axis=1))
    hours = estimate(courses.person_minutes / 60)
    first = next((one for one in stops(stress) if one.what not in OTHER_CAUSES), None)
    standing = estimate(courses.worst_standing)
    under = [
        *_driven(stress),
        (
            f"Left behind: {between(_mean(left))} people on average, and one time in ten {about(left.p90)[0]} or more, "
            f"of {number(operation.people)}."
        ),
    ]
    if first is not None:
        under.append(
            f"What stops it most: {_cause(operation, stress, first.what)}, {between(_mean(first.person_hours))} "
            f"person-hours of waiting a course. It comes first in {share_between(first.most)} of courses."
        )
    headline = (
        f"Everyone is out in {share_between(share(int(all_out(courses).sum()), stress.count))} of "
        f"{number(stress.count)} courses; the quiet plan ends {calendar.clock(int(quiet.end[0]))}"
    )
    return Document(
        language="en",
        kind="Stress test",
        title=operation.name,
        headline=headline,
        under=tuple(under),
        parts=(
            Part(
                title="When everyone is out",
                sentences=(
                    *_over(operation, stress),
                    "Everyone is out once the last convoy is unloaded and nobody is left behind.",
                    (
                        "The line of the picture is the median of each hour by itself, and no single course; 1 course "
                        "in 10 is above its band at that hour, and 1 in 10 below."
                    ),
                ),
                pictures=(fan_svg(operation, stress),),
                tables=(_by_day(operation, stress), _measures(operation, stress)),
            ),
            Part(
                title="Standing aboard",
                sentences=(
                    (
                        f"In half of the courses a convoy stands loaded for {_hours(standing.p50)} or more; one time "
                        f"in ten for {_hours(standing.p90)} or more. This is where the worst harm came in 2016."
                    ),
                ),
                alarm=standing.p50 >= 360,
            ),
            _what_stops_it(operation, stress),
            Part(
                title="Who holds the advantage",
                sentences=_ahead(operation, stress),
                tables=(_advantages(operation, stress),),
            ),
            _checked(operation, stress),
            Part(title="What this does not say", sentences=(*NOT_SAID, _plans(stress))),
        ),
        foot=(
            (
                f"Shock model: {stress.job.model.name}. Policy: {stress.job.policy.kind}. Seed {stress.job.seed}, "
                f"{number(stress.count)} courses; person-hours of the quiet plan: "
                f"{number(float(quiet.person_minutes[0]) / 60)}, of the courses on average {about(hours.mean)[0]}."
            ),
        ),
        sensitive="Restricted: future times and routes",
    )


def _over(operation: Operation, stress: Stress) -> tuple[str, ...]:
    """When it is over, as far as the operation's days tell."""
    fast, middle, slow = completion(stress.courses)
    clock, end = operation.calendar.clock, f"the end of day {operation.calendar.days}"
    late = (
        f"In more than half of the courses not everyone is out by {end}: when they would be is not known."
        if middle is None
        else f"In half of the courses everyone is out by {clock(int(middle))}."
    )
    if fast is None:
        return (f"In more than 9 courses of 10 not everyone is out by {end}: when they would be is not known.",)
    early = f"In 1 course of 10 everyone is out by {clock(int(fast))}."
    if middle is None:
        return early, late
    if slow is None:
        return early, late, f"In more than 1 of 10 not everyone is out by {end}: when they would be is not known."
    return early, late, f"In 9 of 10 everyone is out by {clock(int(slow))}."


def _cause(operation: Operation, stress: Stress, cause: str) -> str:
    """A cause in words: a shock with whose or where it is, a clause, or a lack."""
    for shock in stress.job.model.shocks:
        if shock.id == cause:
            party, on = getattr(shock, "party", ""), getattr(shock, "on", ())
            said = [operation.theatre.name(party, "en")] if party else []
            said += [operation.theatre.names(on, "en")] if on else []
            return f"{cause} ({'; '.join(said)})" if said else cause
    if cause in OTHER_CAUSES:
        return {"hours": "hours and lanes booked", "lanes": "lanes taken", "pause": "pause after fire"}.get(
            cause, cause
        )
    return f"clause {cause}"


def _by_day(operation: Operation, stress: Stress) -> Table:
    calendar, rows = operation.calendar, []
    for one in by_day(stress):
        when = calendar.when(calendar.day_span(one.day).start)
        spread = about(one.out.p10, one.out.p50, one.out.p90)
        rows.append((f"{when.day} {when:%b}", number(one.quiet_out), *spread, share_between(one.everyone_out)))
    columns = (
        "by the end of", "quiet plan", "1 in 10 below", "median", "1 in 10 above", f"everyone out, of courses {SURE}",
    )  # fmt: skip
    return Table(title="People out", columns=columns, rows=tuple(rows), numeric=frozenset(columns[1:]))


def _measures(operation: Operation, stress: Stress) -> Table:
    courses = stress.courses
    rows = []
    for name, values in (
        ("person-hours until there (left behind count twice the operation)", courses.person_minutes / 60),
        ("people left behind", courses.left.sum(axis=1)),
        *(
            (f"of {operation.theatre.name(evacuation, 'en')}", courses.left[:, at])
            for at, evacuation in enumerate(stress.evacuations)
        ),
        ("person-hours standing aboard", courses.standing / 60),
        ("minutes that the worst convoy stands loaded", courses.worst_standing),
    ):
        found = estimate(values)
        rows.append((name, between(_mean(found)), about(found.p50)[0], about(found.p90)[0]))
    columns = ("a course", f"mean {SURE}", "median", "1 in 10 above")
    return Table(title="Measures", columns=columns, rows=tuple(rows), numeric=frozenset(columns[1:]))


def _what_stops_it(operation: Operation, stress: Stress) -> Part:
    """By shock and clause, by party, by road and crossing, and what comes after."""
    found, theatre = stops(stress), operation.theatre
    model, waited = stress.job.model, {one.what for one in stops(stress)}
    nowhere = [one.id for one in model.shocks if one.id in waited and not segments(operation, one)]
    nobodys = [one.id for one in model.shocks if one.id in waited and not getattr(one, "party", "")]
    said = ["Where several stop a convoy at once, its waiting counts for one of them. What each would save: `levers`."]
    if nobodys:
        said.append(f"No party is named for: {', '.join(nobodys)}, and for clauses.")
    if nowhere:
        said.append(f"Not about one road or crossing: {', '.join(nowhere)}, and clauses.")
    if not found:
        said = []
    return Part(
        title="What stops it",
        sentences=tuple(said),
        pictures=(stops_svg(operation, stress),),
        tables=(
            _stops(
                "Waiting past its time, by what stopped it", "shock or clause",
                [(_cause(operation, stress, one.what), one) for one in found if one.what not in OTHER_CAUSES],
            ),
            _stops(
                "By party: all its shocks together", "party",
                [(theatre.name(one.what, "en"), one) for one in stops_by_party(stress)],
            ),
            _stops(
                "By road and crossing: a shock on several counts in full at each", "road or crossing",
                [(theatre.name(one.what, "en"), one) for one in stops_by_segment(stress)],
            ),
            _stops(
                "What comes after a stop, and makes up for it", "for want of",
                [(_cause(operation, stress, one.what), one) for one in found if one.what in OTHER_CAUSES],
            ),
        ),
    )  # fmt: skip


def _stops(title: str, kind: str, found: Sequence[tuple[str, Stop]]) -> Table:
    rows = tuple(
        (
            name,
            between(_mean(one.person_hours)),
            about(one.person_hours.p90)[0],
            percent(one.courses[0]),
            share_between(one.most),
        )
        for name, one in found
    )
    columns = (kind, f"person-hours waited {SURE}", "1 in 10 above", "stops any in", f"comes first in {SURE}")
    return Table(title=title, columns=columns, rows=rows, numeric=frozenset(columns[1:]))


def _ahead(operation: Operation, stress: Stress) -> tuple[str, ...]:
    """Who is ahead when it stops, by pair."""
    said = []
    for one in advantages(stress):
        if not one.stops:
            continue
        first, second = (operation.theatre.names(side, "en") for side in (one.first, one.second))
        mean, low, high = one.mean_lead
        ahead, behind = first, second
        if mean < 0:
            ahead, behind, mean, low, high = second, first, -mean, -high, -low
        ends = f" ({100 * low:z.1f} to {100 * high:z.1f})" if isfinite(low) else ""
        doubt = "" if low > 0 else ", which is not sure"
        said.append(
            f"When something stops, {ahead} is ahead of {behind} by {100 * mean:.1f}{ends} points on average{doubt}. "
            f"Points are percent of a side's people; {number(one.stops)} stops."
        )
    return tuple(said)


def _advantages(operation: Operation, stress: Stress) -> Table:
    rows = []
    for one in advantages(stress):
        for side, other, lead, most, ahead in (
            (one.first, one.second, one.first_lead, one.first_lead_most, one.first_ahead),
            (one.second, one.first, one.second_lead, one.second_lead_most, one.second_ahead),
        ):
            rows.append(
                (
                    f"{operation.theatre.names(side, 'en')} before {operation.theatre.names(other, 'en')}",
                    share_between(_mean(lead)),
                    percent(lead.p90),
                    percent(most),
                    share_between(ahead) if one.stops else "",
                )
            )
    columns = (
        "side", f"worst lead of a course: mean {SURE}", "1 in 10 above", "most ever", f"ahead, of stops {SURE}",
    )  # fmt: skip
    return Table(
        title="Leads in shares of a side's people", columns=columns, rows=tuple(rows), numeric=frozenset(columns[1:])
    )


def _checked(operation: Operation, stress: Stress) -> Part:
    found = stress.checked
    errors = f"{number(len(found.errors))} that cannot be" if found.errors else "nothing that cannot be"
    example = {one.finding.rule: one for one in found.examples}
    rows = tuple(
        (rule, number(many), *_amid(operation, example[rule]))
        for rule, many in sorted(found.breaches.items(), key=lambda one: -one[1])
    )
    columns = ("rule or clause", "times", "for example", "what", "shocks then, or fire on it")
    return Part(
        title="Checked",
        sentences=(f"{number(found.courses)} courses judged as histories by the verifier: {errors}.",),
        tables=(Table(title="Dated breaches", columns=columns, rows=rows, numeric=frozenset({"times"})),),
        alarm=bool(found.errors),
    )


def _amid(operation: Operation, one: DatedBreach) -> tuple[str, str, str]:
    """When a breach was, what it was, and the shocks then."""
    at = one.finding.at
    when = "" if at is None else f", {operation.calendar.clock(at)}"
    quiet = f"none; {one.after} before" if one.after else "none"
    return f"course {one.course}{when}", one.finding.text, ", ".join(one.amid) or quiet


# Pictures

LEFT, RIGHT = 70.0, WIDTH - 210


def fan_svg(
    operation: Operation, stress: Stress, real: Sequence[tuple[int, float]] = (), since: int | None = None
) -> str:
    """People out over time: the quiet plan, the median, bands of half and eight tenths of all courses.

    `real`: what was counted, as (minute, people). `since`: from when on it is a forecast.
    """
    sheet = Sheet(
        "fan",
        "People out, in many courses",
        "Line of the median of each hour with two bands around it, the quiet plan as a dashed staircase above.",
    )
    end = operation.calendar.end
    axis = HourAxis(operation, Span(0, end), LEFT, RIGHT)
    top, bottom = 48.0, 330.0
    most = max(operation.people, max((people for _, people in real), default=0)) * 1.04

    def y(people: float) -> float:
        return bottom - (bottom - top) * people / most

    axis.shade(sheet, figures.nights(operation), top, bottom, NIGHT)
    axis.draw(sheet, top, bottom)
    for tick in ticks(most):
        sheet.line(LEFT, y(tick), RIGHT, y(tick), HAIR)
        sheet.text(LEFT - 8, y(tick) + 4, number(tick), size=11, fill=MUTED, anchor="end")
    found = fan(stress.courses)
    minutes = [min(end, 60 * (hour + 1)) for hour in range(found.shape[1])]

    def line(values: Sequence[float]) -> list[tuple[float, float]]:
        return [(axis.x(0), y(0)), *((axis.x(minute), y(value)) for minute, value in zip(minutes, values, strict=True))]

    for low, high, opacity in ((0, 4, 0.18), (1, 3, 0.32)):
        edge = [*line(found[high]), *reversed(line(found[low]))]
        sheet.path("M" + "L".join(f"{x:.1f} {at:.1f}" for x, at in edge) + "Z", fill=COLOURS[0], opacity=opacity)
    _path(sheet, line(found[2]), COLOURS[0], 2.6)
    _path(sheet, line(stress.quiet.out[0]), INK, 1.6, "6 4")
    if since is not None:
        sheet.line(axis.x(since), top, axis.x(since), bottom, ALARM, 1.4, "3 3")
        sheet.text(axis.x(since) + 6, bottom - 8, "forecast from here", size=11.5, fill=ALARM, halo=True)
    for minute, people in real:
        sheet(f'<circle cx="{axis.x(minute):.1f}" cy="{y(people):.1f}" r="4.5" fill="#ffffff" stroke="{ALARM}" '
              f'stroke-width="2.4"/>')  # fmt: skip
    below, middle, above = about(*found[[0, 2, 4], -1].tolist())
    labels = [
        (float(stress.quiet.out[0, -1]), f"{number(float(stress.quiet.out[0, -1]))} quiet plan (dashed)", INK),
        (float(found[2, -1]), f"{middle} median at each hour", COLOURS[0]),
        (float(found[4, -1]), f"{above} 1 in 10 above", COLOURS[0]),
        (float(found[0, -1]), f"{below} 1 in 10 below", COLOURS[0]),
        *([(real[-1][1], f"{number(real[-1][1])} counted (rings)", ALARM)] if real else []),
    ]
    placed = top
    for people, words, colour in sorted(labels, key=lambda label: -label[0]):
        placed = max(placed + 15, y(people) + 4)
        sheet.text(RIGHT + 12, placed, words, size=11.5, fill=colour)
    sheet.reach(max(placed, bottom) + 20)
    return sheet.svg()


def _path(sheet: Sheet, points: Sequence[tuple[float, float]], colour: str, width: float, dash: str = "") -> None:
    sheet.path("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points), stroke=colour, width=width, dash=dash)


def stops_svg(operation: Operation, stress: Stress) -> str:
    """What stops it most: mean person-hours of waiting by cause, with 95 % intervals."""
    shown = [one for one in stops(stress) if one.what not in OTHER_CAUSES][:SHOWN_MOST]
    rows = [(_cause(operation, stress, one.what), _mean(one.person_hours)) for one in shown]
    return _bars("stops", "What stops it: person-hours of waiting a course (mean, 95 % interval)", rows)


def levers_svg(gains: Sequence[Gain]) -> str:
    """What each lever saves: mean person-hours with their 95 % intervals, the most first."""
    rows = [(one.text, one.person_hours) for one in gains[:SHOWN_MOST]]
    return _bars("levers", "What to ask for: person-hours saved a course (mean, 95 % interval)", rows)


def _bars(key: str, title: str, rows: Sequence[tuple[str, Interval]]) -> str:
    if not rows:
        return ""
    sheet = Sheet(key, title, "; ".join(f"{name}: {between(interval)}" for name, interval in rows))
    sheet.text(16, 24, title, size=14, weight=SEMIBOLD)
    left, right = 420.0, WIDTH - 110
    drawn = [value for _, interval in rows for value in interval if isfinite(value)]
    low, high = min(0.0, *drawn), max(1.0, *drawn)

    def x(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    y = 50.0
    for name, (mean, bottom, top) in rows:
        sheet.text(left - 10, y + 4, shortened(name, 12, left - 30), size=12, anchor="end")
        start, width = min(x(0), x(mean)), abs(x(mean) - x(0))
        sheet.rect(start, y - 8, width, 16, COLOURS[0] if mean >= 0 else ALARM)
        if isfinite(top):
            sheet.line(x(bottom), y, x(top), y, INK, 1.6)
            for edge in (bottom, top):
                sheet.line(x(edge), y - 4, x(edge), y + 4, INK, 1.6)
        beside = max(x(top) if isfinite(top) else x(mean), x(mean), x(0)) + 8
        sheet.text(beside, y + 4, about(mean)[0], size=12, weight=SEMIBOLD, halo=True)
        y += 26
    sheet.line(x(0), 36, x(0), y - 12, FAINT)
    sheet.reach(y)
    return sheet.svg()


# Levers


def levers_document(
    operation: Operation,
    base: Stress,
    gains: Sequence[Gain],
    left_out: Sequence[LeftOut] = (),
    *,
    stopped: bool = False,
) -> Document:
    """What to ask for: levers ranked by the person-hours they save, and by the bad case beside it. `stopped`: before
    all were driven. Raises ValueError if there are none.
    """
    if not gains:
        raise ValueError("no lever was driven: let it run longer, or see which there are with --list")
    sure = next((one for one in gains if one.person_hours[1] > 0), None)
    if sure is not None:
        headline = f"Ask first for: {sure.text}. It saves {between(sure.person_hours)} person-hours"
    elif gains[0].person_hours[0] > 0:
        saved = between(gains[0].person_hours)
        headline = f"Nothing surely saves. The most promising is: {gains[0].text}, {saved} person-hours"
    else:
        headline = "No lever saves anything"
    by_bad_case = sorted(gains, key=lambda one: -one.bad_case[0])
    worst = next((one for one in by_bad_case if one.bad_case[1] > 0), None) if base.count > 1 else None
    under = _driven(base)
    if worst is not None and worst is not sure:
        under += (f"In the bad case most is saved by: {worst.text}, {between(worst.bad_case)} person-hours.",)
    finish = [one for one in gains if _finish(one)]
    columns = (
        "ask for", f"person-hours saved {SURE}", f"saved in the bad case {SURE}", "rank by it",
        f"fewer people left behind {SURE}", "everyone out", "saved on a quiet day",
        *((f"hours sooner over {SURE}",) if finish else ()),
    )  # fmt: skip
    rows = tuple(
        (
            one.text,
            between(one.person_hours, "\n"),
            between(one.bad_case if base.count > 1 else (one.bad_case[0], -inf, inf), "\n"),
            f"{by_bad_case.index(one) + 1}",
            between(one.people_more, "\n"),
            f"{percent(one.everyone_out[0])} → {percent(one.everyone_out[1])}",
            about(one.planned_hours)[0],
            *((hours_between(one.hours_sooner) if _finish(one) else "–",) if finish else ()),
        )
        for one in gains
    )
    said = [
        (
            f"Each is planned and driven through the same {number(base.count)} courses (the same draws, seed "
            f"{base.job.seed}), and compared course by course. The bad case is the worst time in ten: the 90th "
            "percentile of person-hours. What is saved is person-hours throughout."
        )
    ]
    if len(finish) < len(gains):
        said.append(
            "How much sooner it is over is said only where most courses end with everyone out, without the lever and "
            "with it. The others are cut off at the operation's end, with it as without it: see who is left behind."
        )
    table = Table(title="", columns=columns, rows=rows, numeric=frozenset(columns[1:]))
    return Document(
        language="en",
        kind="Levers",
        title=operation.name,
        headline=headline,
        under=under,
        parts=(
            Part(
                title="What to ask for",
                sentences=(*said, *_left_out(left_out), *((NOT_ALL_DRIVEN,) if stopped else ())),
                pictures=(levers_svg(gains),),
                tables=(table,),
            ),
            Part(title="What this does not say", sentences=(*NOT_SAID, _plans(base), ONE_PLAN, BEST_OF_MANY)),
        ),
        foot=(f"Shock model: {base.job.model.name}. Seed {base.job.seed}, {number(base.count)} courses.",),
        sensitive="Restricted: for the mediator",
    )


def _finish(gain: Gain) -> bool:
    """Whether most courses end with everyone out, with the lever and without it."""
    return min(gain.everyone_out) > MAJORITY


def _left_out(levers: Sequence[LeftOut]) -> tuple[str, ...]:
    """Which levers were not driven, and by which screen."""
    proven = [(one.text, one.most_saved) for one in levers if one.most_saved is not None]
    planned = [one.text for one in levers if one.most_saved is None]
    said = []
    if proven:
        most = number(max(saved for _, saved in proven))
        said.append(
            f"Not driven, by their bound: proven that on a quiet day none of them saves more than {most} weighted "
            f"person-hours: {'; '.join(text for text, _ in proven)}."
        )
    if planned:
        said.append(f"Not driven, for their quiet plan saved least: {'; '.join(planned)}.")
    if levers:
        said.append("What saves little on a quiet day may save more after a stop: name it with --only to drive it.")
    return tuple(said)


# Designs of an agreement


def frontier_svg(designs: Sequence[Held], sides: tuple[str, str]) -> str:
    """Designs of an agreement: the person-hours it costs against how far one side is ahead of the other at worst."""
    title = "Which agreement holds up: person-hours a course (mean, 95 % interval), against the worst lead of a side"
    named = sorted(designs, key=lambda one: (one.worst_lead, one.person_hours[0]))
    told = (f"{one.text}: {between(one.person_hours)} person-hours, {percent(one.worst_lead)}" for one in named)
    sheet = Sheet("frontier", title, "; ".join(told))
    sheet.text(16, 24, title, size=14, weight=SEMIBOLD)
    left, right, top, bottom = 104.0, WIDTH - 330, 50.0, max(380.0, 54.0 + 30 * len(designs))
    drawn = [value for one in designs for value in one.person_hours if isfinite(value)]
    low, high = 0.95 * min(drawn), 1.02 * max(drawn)

    def x(lead: float) -> float:
        return left + (right - left) * lead

    def y(value: float) -> float:
        return bottom - (bottom - top) * (value - low) / max(1.0, high - low)

    for lead in (0.0, 0.25, 0.5, 0.75, 1.0):
        sheet.line(x(lead), top, x(lead), bottom, HAIR)
        sheet.text(x(lead), bottom + 18, percent(lead), size=11, fill=MUTED, anchor="middle")
    for tick in ticks(high, 10):
        if tick >= low:
            sheet.line(left, y(tick), right, y(tick), HAIR)
            sheet.text(left - 8, y(tick) + 4, number(tick), size=11, fill=MUTED, anchor="end")
    where = "worst lead of one side, of its people (1 course in 10 above)"
    sheet.text((left + right) / 2, bottom + 38, where, size=12, fill=MUTED, anchor="middle")
    middle = (top + bottom) / 2
    sheet.text(22, middle, "person-hours a course: less is quicker", size=12, fill=MUTED, anchor="middle", turn=-90)
    best = frontier(designs)
    if len(best) > 1:
        _path(sheet, [(x(one.worst_lead), y(one.person_hours[0])) for one in best], COLOURS[0], 1.6, "5 4")
    for index, one in enumerate(named):
        on, across, (mean, least, most) = one in best, x(one.worst_lead), one.person_hours
        if isfinite(least):
            sheet.line(across, y(least), across, y(most), INK, 1.6)
        sheet(f'<circle cx="{across:.1f}" cy="{y(mean):.1f}" r="9" '
              f'fill="{COLOURS[0] if on else "#ffffff"}" stroke="{COLOURS[0]}" stroke-width="2"/>')  # fmt: skip
        sheet.text(
            across, y(mean) + 4, letter(index), size=11, weight=SEMIBOLD, anchor="middle", fill="#ffffff" if on else INK
        )
        down, beside = top + 10 + 30 * index, right + 44
        weight = SEMIBOLD if on else REGULAR
        sheet.text(beside - 8, down, letter(index), size=12, weight=SEMIBOLD, fill=COLOURS[0], anchor="end")
        sheet.text(beside, down, shortened(one.text, 12, WIDTH - beside - 10), size=12, weight=weight)
        who = sides[0] if one.first_lead >= one.second_lead else sides[1]
        ahead = f"{percent(one.worst_lead)}, {who} ahead"
        if one.planned_left:
            ahead = f"its plan leaves {number(one.planned_left)} people behind"
        sheet.text(beside, down + 13, shortened(ahead, 10.5, WIDTH - beside - 10), size=10.5, fill=MUTED)
    sheet.reach(bottom + 56)
    return sheet.svg()


def frontier(designs: Sequence[Held]) -> list[Held]:
    """The designs of which no other is both quicker and fairer, the fairest first; none whose plan leaves people.

    Quicker is fewer person-hours, as far as the intervals of what each saves tell two apart: of those that cannot be
    told apart the fairest stands there alone.
    """
    kept: list[Held] = []
    whole = [one for one in designs if not one.planned_left]
    for one in sorted(whole, key=lambda one: (one.worst_lead, one.person_hours[0])):
        if not kept or one.against_agreed[1] > kept[-1].against_agreed[2]:
            kept.append(one)
    return kept


def verdict(designs: Sequence[Held]) -> tuple[str, tuple[str, ...]]:
    """What can be told apart from what is agreed (the first design) and what cannot: a headline, and all designs."""
    agreed, *others = designs
    whole = [one for one in others if not one.planned_left]
    quicker = sorted((one for one in whole if one.against_agreed[1] > 0), key=lambda one: -one.against_agreed[0])
    slower = [one for one in whole if one.against_agreed[2] < 0]
    alike = [one for one in whole if one not in quicker and one not in slower]
    lead = percent(agreed.worst_lead)
    if quicker:
        best = quicker[0]
        price = (
            f"but a side gets ahead by {percent(best.worst_lead)} (now {lead})"
            if best.worst_lead > agreed.worst_lead
            else "and no side gets further ahead"
        )
        saved = between(best.against_agreed)
        headline = f"Surely quicker than what is agreed: {best.text}. It saves {saved} person-hours, {price}"
    elif whole:
        headline = "No design is surely quicker than what is agreed"
    else:
        headline = "Nothing to set against what is agreed: no other design has a plan that brings everyone out"
    said = [
        f"{told}: {'; '.join(f'{one.text} ({percent(one.worst_lead)})' for one in group)}."
        for told, group in (
            (f"Surely quicker than what is agreed, and how far a side gets ahead then (now {lead})", quicker),
            ("Not told apart from what is agreed by these courses", alike),
            ("Surely slower", slower),
        )
        if group
    ]
    if left := [f"{one.text} ({number(one.planned_left)} people)" for one in others if one.planned_left]:
        said.append(f"Not compared, for their plans leave people behind on a quiet day: {'; '.join(left)}.")
    if agreed.planned_left:
        said.append(f"The plan for what is agreed leaves {number(agreed.planned_left)} people behind too.")
    return headline, tuple(said)


def compare_document(
    operation: Operation, pair: tuple[str, str], designs: Sequence[Held], base: Stress, *, stopped: bool = False
) -> Document:
    """Designs of the reciprocity: what each saves against what is agreed, and how far a side is ahead. `stopped`:
    before all were driven. Raises ValueError if there are none.
    """
    if not designs:
        raise ValueError("no design was driven: let it run longer")
    sides = (operation.theatre.name(pair[0], "en"), operation.theatre.name(pair[1], "en"))
    best = frontier(designs)
    headline, told = verdict(designs)
    finish = any(one.everyone_out > MAJORITY for one in designs)
    rows = tuple(
        (
            f"{one.text}{f' (its plan leaves {number(one.planned_left)} behind)' if one.planned_left else ''}",
            "yes" if one in best else "",
            "–" if one is designs[0] else between(one.against_agreed, "\n"),
            f"{percent(one.first_lead)}\n({percent(one.first_lead_most)})",
            f"{percent(one.second_lead)}\n({percent(one.second_lead_most)})",
            between(_count(one.people_left), "\n"),
            percent(one.everyone_out),
            *((f"{one.hours:,.1f}" if one.everyone_out > MAJORITY else "–",) if finish else ()),
        )
        for one in designs
    )
    columns = (
        "design", "on the frontier", f"person-hours saved against what is agreed {SURE}",
        f"{sides[0]} ahead, 1 in 10 above (most ever)", f"{sides[1]} ahead, 1 in 10 above (most ever)",
        f"people left behind {SURE}", "everyone out", *(("hours until it is over",) if finish else ()),
    )  # fmt: skip
    said = [
        (
            f"Each design is planned and driven through the same {number(base.count)} courses, and compared course by "
            "course. A lead is the share of a side's people that is out, less the other's; of each course its worst."
        ),
        f"What is agreed costs {between(designs[0].person_hours)} person-hours a course.",
        (
            "On the frontier no other design is both quicker and fairer; quicker is what pairs of courses tell apart, "
            "which they may where the bars of the picture overlap."
        ),
        *((NOT_ALL_DRIVEN,) if stopped else ()),
    ]
    if not all(one.everyone_out > MAJORITY for one in designs):
        said.append("When it is over is said only where most courses end with everyone out.")
    return Document(
        language="en",
        kind="Which agreement holds up",
        title=operation.name,
        headline=headline,
        under=(*_driven(base), *told),
        parts=(
            Part(
                title=f"{sides[0]} and {sides[1]}",
                sentences=tuple(said),
                pictures=(frontier_svg(designs, sides),),
                tables=(Table(title="", columns=columns, rows=rows, numeric=frozenset(columns[2:])),),
            ),
            Part(title="What this does not say", sentences=(*NOT_SAID, _plans(base), ONE_PLAN)),
        ),
        foot=(f"Shock model: {base.job.model.name}. Seed {base.job.seed}, {number(base.count)} courses.",),
        sensitive="Restricted: for the mediator",
    )


# Raw numbers, for programs


def stress_numbers(operation: Operation, stress: Stress) -> dict[str, object]:
    """A stress test as numbers. Minutes count from the start; null: not known."""
    courses, quiet, calendar = stress.courses, stress.quiet, operation.calendar
    return {
        **_asked(stress),
        "people": operation.people,
        "quiet": {
            "end_minutes": int(quiet.end[0]),
            "person_hours": float(quiet.person_minutes[0]) / 60,
            "left_behind_people": int(quiet.left.sum()),
        },
        "everyone_out_share": _plain(share(int(all_out(courses).sum()), stress.count)),
        "completion_minutes": dict(zip(("p10", "p50", "p90"), completion(courses), strict=True)),
        "person_hours": _plain(estimate(courses.person_minutes / 60)),
        "left_behind_people": _plain(estimate(courses.left.sum(axis=1))),
        "left_behind_people_by_evacuation": {
            evacuation: _plain(estimate(courses.left[:, at])) for at, evacuation in enumerate(stress.evacuations)
        },
        "standing_person_hours": _plain(estimate(courses.standing / 60)),
        "worst_standing_minutes": _plain(estimate(courses.worst_standing)),
        "fan": {
            "minutes": [min(calendar.end, 60 * (hour + 1)) for hour in range(courses.out.shape[1])],
            "quantiles": list(FAN),
            "out_people": fan(courses).tolist(),
            "quiet_out_people": quiet.out[0].tolist(),
        },
        "days": [
            {
                "date": f"{calendar.when(calendar.day_span(one.day).end - 1):%Y-%m-%d}",
                "end_minutes": calendar.day_span(one.day).end,
                "out_people": _plain(one.out),
                "quiet_out_people": one.quiet_out,
                "everyone_out_share": _plain(one.everyone_out),
            }
            for one in by_day(stress)
        ],
        "stops": [_stop_numbers(one) for one in stops(stress)],
        "stops_by_party": [_stop_numbers(one) for one in stops_by_party(stress)],
        "stops_by_segment": [_stop_numbers(one) for one in stops_by_segment(stress)],
        "advantages": [
            {
                "clause": one.clause,
                "first": list(one.first),
                "second": list(one.second),
                "first_worst_lead_share": {**_plain(one.first_lead), "most": one.first_lead_most},
                "second_worst_lead_share": {**_plain(one.second_lead), "most": one.second_lead_most},
                "stops": one.stops,
                "first_ahead_share": _plain(one.first_ahead),
                "second_ahead_share": _plain(one.second_ahead),
                "first_mean_lead_share": _plain(one.mean_lead),
            }
            for one in advantages(stress)
        ],
        "checked": {
            "courses": stress.checked.courses,
            "errors": len(stress.checked.errors),
            "breaches": dict(stress.checked.breaches),
        },
    }


def levers_numbers(base: Stress, gains: Sequence[Gain], left_out: Sequence[LeftOut]) -> dict[str, object]:
    """Levers as numbers, the most person-hours saved first."""
    return {
        **_asked(base),
        "levers": [
            {
                "id": one.lever,
                "text": one.text,
                "saved_person_hours": _plain(one.person_hours),
                "bad_case_saved_person_hours": _plain(one.bad_case),
                "fewer_left_behind_people": _plain(one.people_more),
                "everyone_out_share": {"without": one.everyone_out[0], "with": one.everyone_out[1]},
                "quiet_saved_person_hours": one.planned_hours,
                "sooner_hours": _plain(one.hours_sooner) if _finish(one) else None,
            }
            for one in gains
        ],
        "left_out": [
            {"id": one.lever, "text": one.text, "saved_weighted_person_hours_most": one.most_saved} for one in left_out
        ],
    }


def compare_numbers(pair: tuple[str, str], designs: Sequence[Held], base: Stress) -> dict[str, object]:
    """Designs of an agreement as numbers; the first is what is agreed."""
    best = frontier(designs)
    return {
        **_asked(base),
        "first": pair[0],
        "second": pair[1],
        "designs": [
            {
                "text": one.text,
                "on_frontier": one in best,
                "saved_person_hours": _plain(one.against_agreed),
                "person_hours": _plain(one.person_hours),
                "first_worst_lead_share": {"p90": one.first_lead, "most": one.first_lead_most},
                "second_worst_lead_share": {"p90": one.second_lead, "most": one.second_lead_most},
                "left_behind_people": _plain(one.people_left),
                "everyone_out_share": one.everyone_out,
                "over_hours": one.hours if one.everyone_out > MAJORITY else None,
                "quiet": {"end_minutes": one.quiet_end, "left_behind_people": one.planned_left},
            }
            for one in designs
        ],
    }


def _asked(stress: Stress) -> dict[str, object]:
    job = stress.job
    return {
        "courses": stress.count,
        "courses_asked": stress.asked,
        "seed": job.seed,
        "policy": job.policy.kind,
        "shock_model": job.model.name,
    }


def _stop_numbers(one: Stop) -> dict[str, object]:
    return {
        "what": one.what,
        "waited_person_hours": _plain(one.person_hours),
        "courses_share": _plain(one.courses),
        "most_share": _plain(one.most),
    }


def _plain(found: Estimate | Interval) -> dict[str, float | None]:
    """By name; null for an end of an interval that is not known."""
    named = asdict(found) if isinstance(found, Estimate) else dict(zip(("mean", "low", "high"), found, strict=True))
    return {name: value if isfinite(value) else None for name, value in named.items()}
