"""What may come: a stress test, levers and designs of an agreement, as documents and pictures."""

from __future__ import annotations

from collections.abc import Sequence

from safepassage.check import Finding
from safepassage.futures import Stress, advantages, all_out, estimate, fan, share, stops
from safepassage.futures.levers import Gain, Held, LeftOut
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
BETWEEN = "{:z,.0f} ({:z,.0f} to {:z,.0f})"
BETWEEN_HOURS = "{:z,.1f} ({:z,.1f} to {:z,.1f})"
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


def _plans(stress: Stress) -> str:
    """Whether anybody makes a new plan in these courses."""
    return PLANNED_ANEW if stress.job.policy.kind == "replan" else NO_PLAN_ANEW


def stress_document(operation: Operation, stress: Stress) -> Document:
    """A stress test: how it holds up, who is left behind when it stops, and what stops it."""
    courses, quiet, calendar = stress.courses, stress.quiet, operation.calendar
    part, low, high = share(int(all_out(courses).sum()), stress.count)
    left = estimate(courses.left.sum(axis=1))
    hours = estimate(courses.person_minutes / 60)
    over = stops(stress)
    first = next((one for one in over if one.cause not in OTHER), None)
    standing = estimate(courses.worst_standing)
    plan = int(quiet.end[0])
    under = [
        (
            f"Left behind: {number(left.mean)} people on average ({number(left.low)} to {number(left.high)}), and one "
            f"time in ten {number(left.p90)} or more, of {number(operation.people)}."
        ),
    ]
    if first is not None:
        name = _cause(operation, stress, first.cause)
        under.append(f"What stops it most: {name}, {number(first.person_hours.mean)} person-hours of waiting a course.")
    headline = (
        f"Everyone is out in {percent(part)} of {number(stress.count)} courses ({percent(low)} to {percent(high)}); "
        f"the quiet plan ends {calendar.clock(plan)}"
    )
    return Document(
        language="en",
        kind="Stress test",
        title=operation.name,
        headline=headline,
        under=tuple(under),
        parts=(
            Part(
                title="People out",
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
            Part(title="What stops it", pictures=(stops_svg(operation, stress),), tables=(_stops(operation, stress),)),
            Part(title="Who holds the advantage", tables=(_advantages(operation, stress),)),
            _checked(operation, stress),
            Part(title="What this does not say", sentences=(*NOT_SAID, _plans(stress))),
        ),
        foot=(
            (
                f"Shock model: {stress.job.model.name}. Policy: {stress.job.policy.kind}. Seed {stress.job.seed}, "
                f"{number(stress.count)} courses; the person-hours of the quiet plan: "
                f"{number(float(quiet.person_minutes[0]) / 60)}, of the courses {number(hours.mean)}."
            ),
        ),
        sensitive="Restricted: future times and routes",
    )


OTHER = {"hours", "lanes", "vehicles", "bays", "notice", "pause"}
"""What stops movements and is nobody's doing; what is told of these makes up for earlier stops."""


def _cause(operation: Operation, stress: Stress, cause: str) -> str:
    """A cause in words: a shock with whose or where it is, a clause, or a lack."""
    for shock in stress.job.model.shocks:
        if shock.id == cause:
            party, on = getattr(shock, "party", ""), getattr(shock, "on", ())
            said = [operation.theatre.name(party, "en")] if party else []
            said += [operation.theatre.names(on, "en")] if on else []
            return f"{cause} ({'; '.join(said)})" if said else cause
    if cause in OTHER:
        return {"hours": "hours and lanes booked", "lanes": "lanes taken", "pause": "pause after fire"}.get(
            cause, cause
        )
    return f"clause {cause}"


def _hours(minutes: float) -> str:
    return f"{minutes / 60:,.1f} h"


def _by_day(operation: Operation, stress: Stress) -> Table:
    calendar, out = operation.calendar, stress.courses.out
    rows = []
    for day in range(calendar.days):
        hour = min((calendar.day_span(day).end - 1) // 60, out.shape[1] - 1)
        at, when = estimate(out[:, hour]), calendar.when(calendar.day_span(day).start)
        quiet = number(float(stress.quiet.out[0, hour]))
        rows.append((f"{when.day} {when:%b}", quiet, number(at.mean), number(at.p10), number(at.p50), number(at.p90)))
    columns = ("by the end of", "quiet plan", "mean", "1 in 10 below", "median", "1 in 10 above")
    return Table(title="People handed over", columns=columns, rows=tuple(rows), numeric=frozenset(columns[1:]))


def _measures(operation: Operation, stress: Stress) -> Table:
    courses = stress.courses
    rows = []
    for name, values in (
        ("person-hours until there (left behind count twice the operation)", courses.person_minutes / 60),
        ("people left behind", courses.left.sum(axis=1)),
        ("person-hours standing aboard", courses.standing / 60),
        ("worst convoy: minutes standing aboard", courses.worst_standing),
    ):
        found = estimate(values)
        rows.append((name, BETWEEN.format(found.mean, found.low, found.high), number(found.p50), number(found.p90)))
    for number_of, evacuation in enumerate(stress.evacuations):
        found = estimate(courses.left[:, number_of])
        name = f"left behind: {operation.theatre.name(evacuation, 'en')}"
        rows.append((name, BETWEEN.format(found.mean, found.low, found.high), number(found.p50), number(found.p90)))
    columns = ("measure", "mean (95 %)", "median", "1 in 10 above")
    return Table(title="Measures", columns=columns, rows=tuple(rows), numeric=frozenset(columns[1:]))


def _stops(operation: Operation, stress: Stress) -> Table:
    rows = tuple(
        (
            _cause(operation, stress, one.cause),
            BETWEEN.format(one.person_hours.mean, one.person_hours.low, one.person_hours.high),
            number(one.person_hours.p90),
            percent(one.courses),
        )
        for one in stops(stress)
    )
    columns = ("what", "person-hours waited (95 %)", "1 in 10 above", "of all courses")
    return Table(
        title="Waiting past its time, by what stopped it", columns=columns, rows=rows, numeric=frozenset(columns[1:])
    )


def _advantages(operation: Operation, stress: Stress) -> Table:
    theatre = operation.theatre
    rows = tuple(
        (
            f"{theatre.names(one.first, 'en')} / {theatre.names(one.second, 'en')}",
            f"{percent(one.first_lead.p50)} / {percent(one.second_lead.p50)}",
            f"{percent(one.first_lead.p90)} / {percent(one.second_lead.p90)}",
            f"{percent(one.first_ahead)} / {percent(one.second_ahead)}",
            f"{100 * one.mean_lead:+.1f} points",
            number(one.stops),
        )
        for one in advantages(stress)
    )
    columns = ("sides", "worst lead, median", "1 in 10 above", "ahead at a stop", "first's mean lead then", "stops")
    return Table(title="Leads in shares of a side's people", columns=columns, rows=rows, numeric=frozenset(columns[1:]))


def _checked(operation: Operation, stress: Stress) -> Part:
    found = stress.checked

    def said(one: Finding) -> str:
        when = "" if one.at is None else f"{operation.calendar.clock(one.at)}: "
        return f"{when}{one.text}"

    errors = f"{number(len(found.errors))} that cannot be" if found.errors else "nothing that cannot be"
    rows = tuple((rule, number(many), next((said(one) for one in found.examples if one.rule == rule), ""))
                 for rule, many in sorted(found.breaches.items(), key=lambda one: -one[1]))  # fmt: skip
    return Part(
        title="Checked",
        sentences=(f"{number(found.courses)} courses judged as histories by the verifier: {errors}.",),
        tables=(
            Table(
                title="Dated breaches, with a shock behind each",
                columns=("rule or clause", "times", "for example"),
                rows=rows,
                numeric=frozenset({"times"}),
            ),
        ),
        alarm=bool(found.errors),
    )


# Pictures

LEFT, RIGHT = 70.0, WIDTH - 210


def fan_svg(
    operation: Operation, stress: Stress, real: Sequence[tuple[int, float]] = (), since: int | None = None
) -> str:
    """People out over time: the quiet plan, the middle course, bands of half and nine tenths of all courses.

    `real`: what was counted, as (minute, people). `since`: from when on it is a forecast.
    """
    sheet = Sheet(
        "fan",
        "People out, in many courses",
        "Line of the median course with two bands around it, the quiet plan as a dashed staircase above.",
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
    labels = [
        (float(stress.quiet.out[0, -1]), "quiet plan (dashed)", INK),
        (float(found[2, -1]), "median course", COLOURS[0]),
        (float(found[4, -1]), "1 in 20 above", COLOURS[0]),
        (float(found[0, -1]), "1 in 20 below", COLOURS[0]),
        *([(real[-1][1], "counted (rings)", ALARM)] if real else []),
    ]
    placed = top
    for people, words, colour in sorted(labels, key=lambda label: -label[0]):
        placed = max(placed + 15, y(people) + 4)
        sheet.text(RIGHT + 12, placed, f"{number(people)} {words}", size=11.5, fill=colour)
    sheet.reach(max(placed, bottom) + 20)
    return sheet.svg()


def _path(sheet: Sheet, points: Sequence[tuple[float, float]], colour: str, width: float, dash: str = "") -> None:
    sheet.path("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points), stroke=colour, width=width, dash=dash)


def stops_svg(operation: Operation, stress: Stress) -> str:
    """What stops it most: mean person-hours of waiting by cause, with 95 % intervals."""
    shown = [one for one in stops(stress) if one.cause not in OTHER][:SHOWN_MOST]
    rows = [
        (_cause(operation, stress, one.cause), one.person_hours.mean, one.person_hours.low, one.person_hours.high)
        for one in shown
    ]
    return _bars("stops", "What stops it: person-hours of waiting a course (mean, 95 % interval)", rows)


def levers_svg(gains: Sequence[Gain]) -> str:
    """What each lever saves: mean person-hours with their 95 % intervals, the most first."""
    rows = [(one.text, *one.person_hours) for one in gains[:SHOWN_MOST]]
    return _bars("levers", "What to ask for: person-hours saved a course (mean, 95 % interval)", rows)


def _bars(key: str, title: str, rows: Sequence[tuple[str, float, float, float]]) -> str:
    if not rows:
        return ""
    sheet = Sheet(key, title, "; ".join(f"{name}: {number(mean)}" for name, mean, _, _ in rows))
    sheet.text(16, 24, title, size=14, weight=SEMIBOLD)
    left, right = 420.0, WIDTH - 110
    high = max(1.0, *(top for *_, top in rows))
    low = min(0.0, *(bottom for _, _, bottom, _ in rows))

    def x(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    y = 50.0
    for name, mean, bottom, top in rows:
        sheet.text(left - 10, y + 4, shortened(name, 12, left - 30), size=12, anchor="end")
        start, width = min(x(0), x(mean)), abs(x(mean) - x(0))
        sheet.rect(start, y - 8, width, 16, COLOURS[0] if mean >= 0 else ALARM)
        sheet.line(x(bottom), y, x(top), y, INK, 1.6)
        for edge in (bottom, top):
            sheet.line(x(edge), y - 4, x(edge), y + 4, INK, 1.6)
        sheet.text(max(x(top), x(mean)) + 8, y + 4, number(mean), size=12, weight=SEMIBOLD, halo=True)
        y += 26
    sheet.line(x(0), 36, x(0), y - 12, FAINT)
    sheet.reach(y)
    return sheet.svg()


def levers_document(
    operation: Operation, base: Stress, gains: Sequence[Gain], left_out: Sequence[LeftOut] = ()
) -> Document:
    """What to ask for: levers ranked by the person-hours they save, and the bad case beside it. Raises ValueError if
    there are none.
    """
    if not gains:
        raise ValueError("no lever was driven: let it run longer, or see which there are with --list")
    sure = next((one for one in gains if one.person_hours[1] > 0), None)
    if sure is not None:
        headline = f"Ask first for: {sure.text}. It saves {BETWEEN.format(*sure.person_hours)} person-hours"
    elif gains[0].person_hours[0] > 0:
        saved = BETWEEN.format(*gains[0].person_hours)
        headline = f"Nothing surely saves. The most promising is: {gains[0].text}, {saved} person-hours"
    else:
        headline = "No lever saves anything"
    rows = tuple(
        (
            one.text,
            BETWEEN.format(*one.person_hours),
            BETWEEN_HOURS.format(*one.hours_sooner),
            BETWEEN.format(*one.bad_case),
            BETWEEN.format(*one.people_more),
            f"{percent(one.everyone_out[0])} → {percent(one.everyone_out[1])}",
            number(one.planned_hours),
        )
        for one in gains
    )
    columns = (
        "ask for", "person-hours saved (95 %)", "hours sooner", "bad case: person-hours saved", "people more",
        "everyone out", "in the quiet plan",
    )  # fmt: skip
    table = Table(title="", columns=columns, rows=rows, numeric=frozenset(columns[1:]))
    said = (
        (
            f"Each is planned and driven through the same {number(base.count)} courses (the same draws, seed "
            f"{base.job.seed}), and compared course by course. The bad case is the 90th percentile of person-hours."
        ),
        *_left_out(left_out),
    )
    return Document(
        language="en",
        kind="Levers",
        title=operation.name,
        headline=headline,
        under=(),
        parts=(
            Part(title="What to ask for", sentences=said, pictures=(levers_svg(gains),), tables=(table,)),
            Part(title="What this does not say", sentences=(*NOT_SAID, _plans(base), ONE_PLAN, BEST_OF_MANY)),
        ),
        foot=(f"Shock model: {base.job.model.name}.",),
        sensitive="Restricted: for the mediator",
    )


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


def frontier_svg(designs: Sequence[Held], sides: tuple[str, str]) -> str:
    """Designs of an agreement: the person-hours it costs against how far one side is ahead of the other at worst."""
    title = "Which agreement holds up: person-hours a course (mean, 95 % interval), against the worst lead of a side"
    named = sorted(designs, key=lambda one: (one.worst_lead, one.person_hours[0]))
    told = (f"{one.text}: {number(one.person_hours[0])} person-hours, {percent(one.worst_lead)}" for one in named)
    sheet = Sheet("frontier", title, "; ".join(told))
    sheet.text(16, 24, title, size=14, weight=SEMIBOLD)
    left, right, top, bottom = 90.0, WIDTH - 330, 50.0, max(380.0, 54.0 + 30 * len(designs))
    low, high = 0.95 * min(one.person_hours[1] for one in designs), 1.02 * max(one.person_hours[2] for one in designs)

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
    where = "worst lead of one side, of its people (90th percentile)"
    sheet.text((left + right) / 2, bottom + 38, where, size=12, fill=MUTED, anchor="middle")
    best = frontier(designs)
    _path(sheet, [(x(one.worst_lead), y(one.person_hours[0])) for one in best], COLOURS[0], 1.6, "5 4")
    for index, one in enumerate(named):
        on, across, (mean, least, most) = one in best, x(one.worst_lead), one.person_hours
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

    Quicker is fewer person-hours: the hour at which it is over is that of the operation's end wherever people are left.
    """
    kept: list[Held] = []
    whole = [one for one in designs if not one.planned_left]
    for one in sorted(whole, key=lambda one: (one.worst_lead, one.person_hours[0])):
        if not kept or one.person_hours[0] < kept[-1].person_hours[0] - 1e-9:
            kept.append(one)
    return kept


def compare_document(operation: Operation, pair: tuple[str, str], designs: Sequence[Held], base: Stress) -> Document:
    """Designs of the reciprocity on the frontier of speed against the worst advantage of a side. Raises ValueError if
    there are none.
    """
    if not designs:
        raise ValueError("no design was driven: let it run longer")
    sides = (operation.theatre.name(pair[0], "en"), operation.theatre.name(pair[1], "en"))
    best = frontier(designs)
    headline = "Each design's plan leaves people behind: none is on the frontier"
    if best:
        are, names = "is" if len(best) == 1 else "are", ", ".join(one.text for one in best)
        headline = f"Of {len(designs)} designs {len(best)} {are} on the frontier: {names}"
    rows = tuple(
        (
            one.text,
            "yes" if one in best else "",
            f"{one.hours:,.1f}",
            operation.calendar.clock(one.quiet_end),
            number(one.planned_left),
            percent(one.first_lead),
            percent(one.second_lead),
            BETWEEN.format(*one.people_left),
            BETWEEN.format(*one.person_hours),
            percent(one.everyone_out),
        )
        for one in designs
    )
    columns = (
        "design", "on the frontier", "hours until it is over", "quiet plan ends", "and leaves",
        f"worst lead of {sides[0]}", f"worst lead of {sides[1]}",
        "people left behind (95 %)", "person-hours (95 %)", "everyone out",
    )  # fmt: skip
    return Document(
        language="en",
        kind="Which agreement holds up",
        title=operation.name,
        headline=headline,
        under=(
            (
                "On the frontier no other design both costs fewer person-hours and leaves a side less far behind. A "
                "design whose plan leaves people behind on a quiet day is not on it: no plan was found that carries "
                "them too."
            ),
        ),
        parts=(
            Part(
                title=f"{sides[0]} and {sides[1]}",
                sentences=(
                    (
                        f"Each design is planned anew and driven through the same {number(base.count)} courses. A lead "
                        "is the share of a side's people that is out, less the other's; shown is the 90th percentile "
                        "of the worst of a course."
                    ),
                ),
                pictures=(frontier_svg(designs, sides),),
                tables=(Table(title="", columns=columns, rows=rows, numeric=frozenset(columns[2:])),),
            ),
            Part(title="What this does not say", sentences=(*NOT_SAID, _plans(base), ONE_PLAN)),
        ),
        foot=(f"Shock model: {base.job.model.name}. Seed {base.job.seed}.",),
        sensitive="Restricted: for the mediator",
    )
