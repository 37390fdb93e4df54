"""An operation and a plan as plain tables of words: for the terminal, and for programs that ask for rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from safepassage.movement import Movement, Timetable
from safepassage.operation import Operation
from safepassage.report import figures
from safepassage.report.consents import hour_runs
from safepassage.report.drawing import number
from safepassage.report.plan import facts, outcome_said
from safepassage.world import DAY, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of words under a title. `numeric`: the columns that read best flush right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[str] = frozenset()

    def records(self) -> list[dict[str, str]]:
        """Its rows by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def operation_tables(operation: Operation) -> tuple[Table, ...]:
    """What an operation consists of; tables without rows are left out."""
    tables = (
        _evacuations(operation),
        _places(operation),
        _roads(operation),
        _crossings(operation),
        _fleets(operation),
        _convoys(operation),
        _clauses(operation),
    )
    return tuple(table for table in tables if table.rows)


def plan_tables(operation: Operation, timetable: Timetable) -> tuple[Table, ...]:
    """The short of a plan: its figures, who is left behind and why, and the consents to be had."""
    tables = (_figures(operation, timetable), _left_behind(operation, timetable), _consents(operation, timetable))
    return tuple(table for table in tables if table.rows)


def movement_table(operation: Operation, timetable: Timetable) -> Table:
    """Every movement of a plan, in the order of loading."""
    calendar, theatre = operation.calendar, operation.theatre

    def row(movement: Movement) -> tuple[str, ...]:
        return (
            movement.id,
            theatre.name(movement.evacuation, "en"),
            _listed(movement.vehicles),
            number(movement.total),
            calendar.clock(movement.loading.start),
            _time(operation, movement.handed_over, movement.loading.start),
            _time(operation, movement.ends, movement.loading.start),
            " – ".join(theatre.name(place, "en") for place in movement.places),
            movement.ending,
        )

    columns = ("movement", "evacuation", "vehicles", "people", "loads", "out", "unloaded", "way", "ending")
    rows = tuple(row(movement) for movement in sorted(timetable.movements, key=lambda one: (one.loading.start, one.id)))
    return Table(title="Movements", columns=columns, rows=rows, numeric=frozenset({"people"}))


def _figures(operation: Operation, timetable: Timetable) -> Table:
    left = sum(one.people for one in timetable.left_behind)
    rows = [("People", f"{number(timetable.carried)} of {number(operation.people)}", outcome_said(timetable))]
    if left:
        rows.append(("LEFT BEHIND", number(left), "said below, with what holds them"))
    rows += [(fact.name, fact.value, fact.note) for fact in facts(operation, timetable)]
    if timetable.bound is not None and timetable.gap is not None:
        rows.append(("Bound", number(timetable.bound), "no plan can do better"))
        rows.append(
            ("Gap", f"{100 * timetable.gap:.2f} %", "the objective is at most this far above the best possible")
        )
    return Table(title=operation.name, columns=("figure", "value", "meaning"), rows=tuple(rows))


def _left_behind(operation: Operation, timetable: Timetable) -> Table:
    theatre = operation.theatre
    rows = (
        (theatre.name(one.evacuation, "en"), theatre.name(one.group, "en"), number(one.people), one.why)
        for one in timetable.left_behind
    )
    columns = ("evacuation", "group", "people", "what holds them")
    return Table(title="Left behind", columns=columns, rows=tuple(rows), numeric=frozenset({"people"}))


def _consents(operation: Operation, timetable: Timetable) -> Table:
    """By day and party, for all segments together: the page has them one by one."""
    calendar = operation.calendar
    hours: dict[tuple[int, str], set[int]] = {}
    segments: dict[tuple[int, str], dict[str, None]] = {}
    for one in figures.consents(operation, timetable):
        key = calendar.day(one.hour), one.party
        hours.setdefault(key, set()).add(one.hour)
        segments.setdefault(key, {})[one.segment] = None
    order = list(operation.parties)
    rows = (
        (
            f"{day + 1}",
            operation.theatre.name(party, "en"),
            _hours(hour_runs((hour - calendar.start_of_day) % DAY for hour in hours[day, party])),
            ", ".join(segments[day, party]),
        )
        for day, party in sorted(hours, key=lambda key: (key[0], order.index(key[1])))
    )
    return Table(title="Consents to be had", columns=("day", "party", "hours", "for"), rows=tuple(rows))


def _evacuations(operation: Operation) -> Table:
    rows = tuple(
        (
            evacuation.id,
            evacuation.origin,
            ", ".join(evacuation.to),
            ", ".join(evacuation.out_at) or "arrival",
            ", ".join(f"{number(count.best)} {group}" for group, count in evacuation.people.items()),
            number(evacuation.total),
        )
        for evacuation in operation.evacuations.values()
    )
    columns = ("evacuation", "from", "to", "out at", "people by group", "people")
    return Table(title=operation.name, columns=columns, rows=rows, numeric=frozenset({"people"}))


def _places(operation: Operation) -> Table:
    rows = tuple(
        (place.id, place.name, place.held_by, _some(place.bays), _some(place.capacity), _some(place.capacity_per_day))
        for place in operation.world.places.values()
    )
    columns = ("place", "name", "held by", "bays", "capacity", "capacity a day")
    return Table(title="Places", columns=columns, rows=rows, numeric=frozenset(columns[3:]))


def _roads(operation: Operation) -> Table:
    rows = tuple(
        (
            road.id,
            f"{road.minutes}",
            "" if road.km is None else f"{road.km:g}",
            ", ".join(road.consent),
            f"{road.hazard:g}",
            "; ".join(_between(operation, span) for span in road.closed),
        )
        for road in operation.world.roads.values()
    )
    columns = ("road", "minutes", "km", "consent of", "hazard", "closed")
    return Table(title="Roads", columns=columns, rows=rows, numeric=frozenset({"minutes", "km", "hazard"}))


def _crossings(operation: Operation) -> Table:
    rows = tuple(
        (
            crossing.at,
            number(crossing.people_per_hour),
            f"{crossing.lanes}",
            _hours(operation.hours if crossing.hours is None else crossing.hours),
            ", ".join(crossing.consent),
            "; ".join(_between(operation, span) for span in crossing.closed),
        )
        for crossing in operation.world.crossings.values()
    )
    columns = ("crossing", "people an hour", "lanes", "hours", "consent of", "closed")
    return Table(title="Crossings", columns=columns, rows=rows, numeric=frozenset({"people an hour", "lanes"}))


def _fleets(operation: Operation) -> Table:
    rows = [
        (fleet.id, number(fleet.vehicles), f"{fleet.seats}", ", ".join(fleet.carries), _listed(fleet.stands))
        for fleet in operation.fleets.values()
    ]
    if operation.escorts is not None:
        rows.append(("escorts", number(sum(operation.escorts.values())), "", "", _listed(operation.escorts)))
    columns = ("fleet", "vehicles", "seats", "carries", "stand")
    return Table(title="Fleets", columns=columns, rows=tuple(rows), numeric=frozenset({"vehicles", "seats"}))


def _convoys(operation: Operation) -> Table:
    rows = tuple((_listed(convoy.vehicles), number(operation.seats(convoy.vehicles))) for convoy in operation.convoys)
    return Table(title="Convoys", columns=("vehicles", "seats"), rows=rows, numeric=frozenset({"seats"}))


def _clauses(operation: Operation) -> Table:
    rows = tuple(
        (clause.id, clause.kind, clause.state, clause.sentence(operation.theatre, "en")) for clause in operation.clauses
    )
    return Table(title="Agreement", columns=("clause", "kind", "state", "says"), rows=rows)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number(count)} {id}" for id, count in counts.items() if count)


def _some(value: int | None) -> str:
    return "" if value is None else number(value)


def _hours(spans: Iterable[Span]) -> str:
    return ", ".join(f"{_of_clock(span.start)}–{_of_clock(span.end)}" for span in spans)


def _of_clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _between(operation: Operation, span: Span) -> str:
    return f"{operation.calendar.clock(span.start)} to {operation.calendar.clock(span.end)}"


def _time(operation: Operation, minute: int | None, since: int) -> str:
    if minute is None:
        return "–"
    later = operation.calendar.day(minute) - operation.calendar.day(since)
    return f"{operation.calendar.when(minute):%H:%M}" + (f" +{later} d" if later > 0 else "")
