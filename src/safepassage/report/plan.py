"""A plan as one page that stands alone: headline, pictures, tables, clauses; for the wall and for the screen."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from safepassage.movement import Movement, Timetable
from safepassage.operation import Operation
from safepassage.report import figures
from safepassage.report.consents import consents_svg, hour_runs, segment_name
from safepassage.report.curves import balance_svg, people_out_svg
from safepassage.report.days import convoys_svg, roads_svg
from safepassage.report.drawing import Look, number, percent, weekday
from safepassage.report.lettering import font_faces
from safepassage.report.loads import crossings_svg, fleets_svg, hours_said
from safepassage.report.theatre import map_svg

SENSITIVE = (
    "Sensitive: this page shows future departure times and routes."
    " Give it only to those who need it, and destroy old copies."
)


SHEET_HEIGHT = 690
"""Height left for pictures on an A4 sheet in landscape, where its width is that of a picture, in the same units."""


class Fact(NamedTuple):
    """One number of the headline, with what it means."""

    name: str
    value: str
    note: str


def plan_html(operation: Operation, timetable: Timetable, *, bound: Sequence[tuple[int, int]] | None = None) -> str:
    """A plan as one HTML page that needs nothing beside itself, for the screen and for A4 landscape.

    `bound`: people out that no plan can exceed, as (minute, people) from that minute on.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    days = figures.active_days(operation, timetable)
    balance = balance_svg(operation, timetable)
    return environment.get_template("plan.html.j2").render(
        operation=operation,
        timetable=timetable,
        sensitive=SENSITIVE,
        fonts=font_faces(),
        headline=headline(operation, timetable),
        outcome=outcome_said(timetable),
        proof=gap_said(timetable) if timetable.movements else "",
        offset=_offset(operation),
        facts=facts(operation, timetable),
        binds=what_binds(operation, timetable),
        left_behind=_left_behind(operation, timetable),
        map=map_svg(operation, timetable),
        people_out=people_out_svg(operation, timetable, bound, height=280 if balance else 330),
        balance=balance,
        crossings=crossings_svg(operation, timetable),
        crossing_rows=_crossing_rows(operation, timetable, days),
        fleets=fleets_svg(operation, timetable),
        limits=_limit_rows(operation, timetable),
        days=[_day(operation, timetable, day) for day in days],
        consents=consents_svg(operation, timetable),
        consent_rows=_consent_rows(operation, timetable),
        movement_days=_movement_rows(operation, timetable, days),
        clauses=_clause_rows(operation),
        number=number,
        weekday=weekday,
    )


def _day(operation: Operation, timetable: Timetable, day: int) -> tuple[str, str, str, int]:
    """A day's name, its two pictures, and the percent of the page's width at which both fit on one printed sheet."""
    convoys, roads = convoys_svg(operation, timetable, [day]), roads_svg(operation, timetable, [day])
    fit = int(100 * SHEET_HEIGHT / sum(_height(svg) for svg in (convoys, roads)))
    return weekday(operation.calendar, day), convoys, roads, fit if 70 <= fit < 100 else 100


def _height(svg: str) -> float:
    """The height of a picture, from its view box."""
    return float(svg.split('viewBox="', 1)[1].split('"', 1)[0].split()[3])


def headline(operation: Operation, timetable: Timetable) -> str:
    """How many people of how many, and by when."""
    out = figures.people_out(operation, timetable)
    said = f"{number(timetable.carried)} of {number(operation.people)} people"
    if not timetable.movements:
        return f"{said} are brought out: nothing moves."
    last = max((minute for minute, _ in out), default=timetable.ends)
    return f"{said} are out by {clock(operation, last)}."


def clock(operation: Operation, minute: int) -> str:
    """A minute with its weekday: `Monday 19 December, 13:45 (day 5)`."""
    calendar = operation.calendar
    day, time = calendar.day(minute), f"{calendar.when(minute):%H:%M}"
    if minute == calendar.end:
        day, time = day - 1, "24:00"
    when = calendar.when(calendar.day_span(day).start)
    return f"{when:%A} {when.day} {when:%B}, {time} (day {day + 1})"


def _offset(operation: Operation) -> str:
    """The calendar's offset from UTC: `UTC+02:00`."""
    stamp = operation.calendar.starts.isoformat()
    return "UTC" if stamp.endswith("Z") else f"UTC{stamp[-6:]}"


def outcome_said(timetable: Timetable) -> str:
    """The outcome in words."""
    left = sum(one.people for one in timetable.left_behind)
    if timetable.outcome == "everyone carried":
        return "Everyone is carried."
    if timetable.outcome == "people left behind":
        return f"{number(left)} people are left behind; what holds them is said below."
    if timetable.outcome == "proven impossible":
        return "Proven: no plan carries everyone under these rules and clauses."
    return "No plan was found in the work allowed. That does not prove that there is none."


def gap_said(timetable: Timetable) -> str:
    """How far the plan can be from the best possible, never better than proven."""
    gap = timetable.gap
    if gap is None:
        return "No bound is known: how far this plan is from the best possible cannot be said."
    tenths = ceil(max(0.0, gap) * 1000 - 1e-6)
    if tenths == 0:
        return "Proven: the best possible."
    return f"Proven within {tenths / 10:.1f} % of the best possible."


def facts(operation: Operation, timetable: Timetable) -> list[Fact]:
    """The numbers of the headline."""
    found = []
    if timetable.movements:
        escorted = f", {len(timetable.empty_moves)} empty moves" if timetable.empty_moves else ""
        found.append(Fact("Movements", number(len(timetable.movements)), f"convoys with people{escorted}"))
        found.append(
            Fact(
                "Last unloading ends",
                f"{operation.calendar.when(timetable.ends):%H:%M}",
                clock(operation, timetable.ends),
            )
        )
    bound = "" if timetable.bound is None else f" No plan can be below {number(timetable.bound)}."
    found.append(Fact("Objective", f"{number(timetable.objective)}", f"weighted person-hours.{bound}"))
    each = (
        f", {timetable.person_hours / timetable.carried:.1f} hours for each person carried" if timetable.carried else ""
    )
    found.append(Fact("Person-hours", number(timetable.person_hours), f"from the start to the end of unloading{each}"))
    found.append(
        Fact(
            "Exposure",
            f"{timetable.exposure:,.1f}",
            "people times the chance of an incident to their movement, over all roads",
        )
    )
    return found


def what_binds(operation: Operation, timetable: Timetable) -> list[str]:
    """What holds the plan back, as sentences."""
    if not timetable.movements:
        return []
    found = figures.binding(operation, timetable)
    said = []
    if found.crossing is not None and found.crossing.open_minutes:
        load = found.crossing
        place = operation.world.places[load.crossing].name
        said.append(
            f"Most loaded crossing: {place}, {percent(load.share)} of its {hours_said(load.open_minutes)} "
            f"open lane hours booked on day {load.day + 1}."
        )
    if found.fleet is not None:
        fleet = operation.fleets.get(found.fleet.id)
        name = (fleet.name or fleet.id) if fleet is not None else "escorts"
        said.append(
            f"Fleet most in use: {name}, {percent(found.fleet_share)} of {number(found.fleet.vehicles)} by day, "
            f"at most {number(found.fleet.peak)} at once."
        )
    if found.margin is not None and found.margin.share is not None:
        margin = found.margin
        room = f"room for {number(margin.people or 0)} people more" if (margin.people or 0) >= 0 else "BEYOND ITS LIMIT"
        said.append(
            f"Clause closest to its limit: {margin.clause} ({margin.text}), {room} at "
            f"{operation.calendar.clock(margin.at)}."
        )
    return said


class LeftRow(NamedTuple):
    """People left behind, as the page prints them."""

    evacuation: str
    group: str
    people: str
    why: str


def _left_behind(operation: Operation, timetable: Timetable) -> list[LeftRow]:
    return [
        LeftRow(
            figures.evacuation_name(operation.theatre, one.evacuation),
            operation.groups[one.group].name,
            number(one.people),
            one.why,
        )
        for one in timetable.left_behind
    ]


def _crossing_rows(operation: Operation, timetable: Timetable, days: Sequence[int]) -> list[tuple[str, list[str]]]:
    loads = {(load.crossing, load.day): load for load in figures.crossing_loads(operation, timetable, days)}
    rows = []
    for crossing in operation.world.crossings if days else ():
        cells = [
            f"{percent(load.share)} ({hours_said(load.booked_minutes)} of {hours_said(load.open_minutes)})"
            if load.open_minutes
            else "closed"
            for load in (loads[crossing, day] for day in days)
        ]
        rows.append((operation.world.places[crossing].name, cells))
    return rows


class LimitRow(NamedTuple):
    """One limit of a clause and the room a plan leaves it, as the page prints them."""

    clause: str
    text: str
    room: str
    when: str


def _limit_rows(operation: Operation, timetable: Timetable) -> list[LimitRow]:
    if not timetable.movements:
        return []
    rows = []
    for margin in figures.margins(operation, timetable):
        if margin.people is None:
            room = "never needed" if margin.minutes is None else f"{hours_said(margin.minutes)} after it was allowed"
        elif margin.people < 0:
            room = f"beyond the limit by {number(-margin.people)} people"
        else:
            share = "" if margin.share is None else f", {percent(margin.share)} of what it allows"
            room = f"{number(margin.people)} people{share}"
        rows.append(LimitRow(margin.clause, margin.text, room, operation.calendar.clock(margin.at)))
    return rows


class ConsentRow(NamedTuple):
    """When a party's consent is needed on one segment, as the page prints it."""

    party: str
    party_ar: str
    segment: str
    hours: str
    movements: str
    empty: str


def _consent_rows(operation: Operation, timetable: Timetable) -> list[ConsentRow]:
    by: dict[tuple[str, str], list[figures.ConsentHour]] = {}
    for one in figures.consents(operation, timetable):
        by.setdefault((one.party, one.segment), []).append(one)
    order = list(dict.fromkeys(party for party, _ in by))
    calendar = operation.calendar
    rows = []
    for (party, segment), hours in sorted(by.items(), key=lambda item: order.index(item[0][0])):
        said: dict[int, list[str]] = {}
        for run in hour_runs(one.hour for one in hours):
            for day in range(calendar.day(run.start), calendar.day(run.end - 1) + 1):
                today = calendar.day_span(day)
                start, end = max(run.start, today.start), min(run.end, today.end)
                until = "24:00" if end == today.end else f"{calendar.when(end):%H:%M}"
                said.setdefault(day, []).append(f"{calendar.when(start):%H:%M}–{until}")
        named = operation.parties.get(party)
        rows.append(
            ConsentRow(
                named.name if named is not None else party,
                named.name_ar if named is not None else "",
                segment_name(operation.theatre, segment),
                "; ".join(f"day {day + 1}: {', '.join(spans)}" for day, spans in said.items()),
                number(len({movement for one in hours for movement in one.movements})),
                number(sum(1 for one in hours if not one.movements)),
            )
        )
    return rows


class MovementRow(NamedTuple):
    """One movement, as the page prints it."""

    order: int
    id: str
    evacuation: str
    vehicles: str
    people: str
    total: str
    loading: str
    way: str
    out: str
    arrived: str
    unloaded: str


def _movement_rows(
    operation: Operation, timetable: Timetable, days: Sequence[int]
) -> list[tuple[str, str, list[MovementRow]]]:
    """The movements by the day on which they load, with the people of that day."""
    calendar, look = operation.calendar, Look(operation.theatre)
    numbers = figures.numbered(timetable)
    found = []
    for day in days:
        today = [one for one in timetable.movements if calendar.day(one.loading.start) == day]
        today.sort(key=lambda one: (one.loading.start, numbers[one.id]))
        if today:
            people = f"{number(sum(one.total for one in today))} people on {len(today)} movements"
            if len(today) == 1:
                people = f"{number(today[0].total)} people on 1 movement"
            found.append(
                (
                    weekday(calendar, day),
                    people,
                    [_movement_row(operation, look, one, numbers[one.id]) for one in today],
                )
            )
    return found


def _movement_row(operation: Operation, look: Look, movement: Movement, order: int) -> MovementRow:
    calendar, places = operation.calendar, operation.world.places
    day = calendar.day(movement.loading.start)

    def time(minute: int | None) -> str:
        if minute is None:
            return "–"
        later = calendar.day(minute) - day
        return f"{calendar.when(minute):%H:%M}" + (f" +{later} d" if later > 0 else "")

    vehicles = ", ".join(
        f"{count} {operation.fleets[fleet].name or fleet}" for fleet, count in movement.vehicles.items()
    )
    groups = ", ".join(
        f"{number(count)} {operation.groups[group].name}" for group, count in movement.people_by_group.items() if count
    )
    ending = "" if movement.ending == "arrived" else f" ({movement.ending})"
    return MovementRow(
        order,
        movement.id,
        f"{look.letter(movement.evacuation)} {look.name(movement.evacuation)}",
        vehicles,
        groups,
        number(movement.total),
        f"{time(movement.loading.start)}–{time(movement.loading.end)}",
        " – ".join(places[place].name for place in movement.places) + ending,
        time(movement.handed_over),
        time(movement.arrived),
        time(movement.unloading.end if movement.unloading is not None else None),
    )


class ClauseRow(NamedTuple):
    """One clause in both languages, as the page prints it."""

    id: str
    state: str
    english: str
    arabic: str
    not_checkable: str


def _clause_rows(operation: Operation) -> list[ClauseRow]:
    theatre = operation.theatre
    return [
        ClauseRow(
            clause.id,
            clause.state,
            clause.sentence(theatre, "en"),
            clause.sentence(theatre, "ar"),
            clause.not_checkable(),
        )
        for clause in operation.clauses
    ]
