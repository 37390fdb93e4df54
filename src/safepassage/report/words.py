"""A plan explained in sentences: the answer, who is left behind, what holds it back, what was agreed."""

from __future__ import annotations

from dataclasses import dataclass

from safepassage.agreement import Language
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.report import figures
from safepassage.report.drawing import number, percent
from safepassage.report.plan import gap_said, headline, outcome_said, what_binds

CLOSEST_MOST = 5
"""Limits named as the closest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Sentences that answer one question."""

    title: str
    sentences: tuple[str, ...]


def explained(
    operation: Operation, timetable: Timetable | None = None, *, language: Language = "en"
) -> tuple[Section, ...]:
    """What a plan amounts to and why, in sentences; without a plan, what was agreed. `language`: of the agreement."""
    sections = [] if timetable is None else _of_plan(operation, timetable)
    sections += [
        Section(
            title="What was agreed",
            sentences=tuple(
                f"{clause.id}: {clause.sentence(operation.theatre, language)}" for clause in operation.clauses
            ),
        ),
        Section(
            title="What movements alone cannot show",
            sentences=tuple(f"{clause.id}: {said}" for clause in operation.binding if (said := clause.not_checkable())),
        ),
    ]
    return tuple(section for section in sections if section.sentences)


def _of_plan(operation: Operation, timetable: Timetable) -> list[Section]:
    theatre = operation.theatre
    answer = [headline(operation, timetable), outcome_said(timetable)]
    answer += [gap_said(timetable)] if timetable.movements else []
    left = tuple(
        f"{number(one.people)} {theatre.names([f'{one.evacuation}/{one.group}'], 'en')}: {one.why}"
        for one in timetable.left_behind
    )
    return [
        Section(title="The answer", sentences=(*answer, *timetable.notes)),
        Section(title="Who is left behind, and what holds them", sentences=left),
        Section(title="What binds", sentences=tuple(what_binds(operation, timetable))),
        Section(title="Limits that are closest", sentences=_closest(operation, timetable)),
    ]


def _closest(operation: Operation, timetable: Timetable) -> tuple[str, ...]:
    if not timetable.movements:
        return ()
    gates = [margin for margin in figures.margins(operation, timetable) if margin.share is not None]
    gates.sort(key=lambda margin: (margin.share or 0.0, margin.at))
    return tuple(
        f"{gate.clause}: {gate.text}. Room for {number(gate.people or 0)} people more"
        f" ({percent(gate.share or 0.0)} of what it allows) at {operation.calendar.clock(gate.at)}."
        for gate in gates[:CLOSEST_MOST]
    )
