"""Limits on any passages, against the plainest reading of them: minute by minute."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from safepassage.agreement import Breach, Gate, Limit, Step, Tally, Term, limit_breaches
from safepassage.movement import Passage
from safepassage.world import Span

LAST = 5
MINUTES = st.integers(0, LAST)
MAYBE = st.none() | MINUTES
A, B = ("east", "civilian"), ("west", "civilian")


@st.composite
def journeys(draw: st.DrawFn) -> list[Passage]:
    """Movements of two streams to two places: on their way, arrived, or turned back."""
    found = []
    for number in range(draw(st.integers(0, 6))):
        evacuation, group = draw(st.sampled_from([A, B]))
        out = draw(MAYBE)
        arrived = draw(st.none() | st.integers(out, LAST)) if out is not None else None
        back = draw(st.none() | st.integers(out, LAST)) if out is not None and arrived is None else None
        to = draw(st.sampled_from(["north", "south"]))
        people = draw(st.integers(1, 5))
        found.append(Passage(evacuation, group, to, people, out, arrived, back, f"movement {number}"))
    return found


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    return Tally(
        streams=draw(st.sampled_from([frozenset({A}), frozenset({B}), frozenset({A, B})])),
        to=draw(st.sampled_from([frozenset(), frozenset({"north"})])),
        counts=draw(st.sampled_from(["handover", "arrival"])),
        since=draw(MAYBE),
    )


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    start = draw(MINUTES)
    span = Span(start, draw(st.integers(start, LAST + 2)))
    first, second = draw(tallies()), draw(tallies())
    most = draw(st.integers(0, 5))
    if draw(st.booleans()):
        return Step(
            clause="c", text="step", then=first, most=most, first=second, reached=draw(st.integers(0, 8)), span=span
        )
    scale = draw(st.integers(1, 3))
    terms = (Term(coefficient=scale, tally=first), Term(coefficient=draw(st.integers(-3, 3)), tally=second))
    return Gate(clause="c", text="gate", terms=terms, most=most, span=span, scale=scale)


def counted(tally: Tally, passages: list[Passage], minute: int) -> int:
    """People of a tally at the end of a minute, by looking at each passage."""
    people = 0
    for passage in passages:
        when = passage.handed_over if tally.counts == "handover" else passage.arrived
        if (passage.evacuation, passage.group) not in tally.streams or (
            tally.to and passage.destination not in tally.to
        ):
            continue
        if when is None or when > minute or (tally.since is not None and when < tally.since):
            continue
        back = passage.turned_back is not None and passage.turned_back <= minute and tally.counts == "handover"
        people += 0 if back else passage.people
    return people


def excess(limit: Limit, passages: list[Passage], minute: int) -> int:
    if isinstance(limit, Step):
        free = counted(limit.first, passages, minute) >= limit.reached
        return 0 if free else max(0, counted(limit.then, passages, minute) - limit.most)
    total = sum(term.coefficient * counted(term.tally, passages, minute) for term in limit.terms)
    return max(0, total - limit.most)


def naive(limit: Limit, passages: list[Passage], frozen_until: int | None) -> list[tuple[int, int]]:
    """The minute and the excess of each growth, minute by minute."""
    found = []
    before = 0
    for minute in range(limit.span.start, limit.span.end):
        now = excess(limit, passages, minute)
        if now > before and (frozen_until is None or minute >= frozen_until):
            found.append((minute, -(-now // limit.scale)))
        before = now
    return found


@settings(max_examples=400)
@given(limit=limits(), passages=journeys(), frozen_until=MAYBE)
def test_breaches_are_those_of_every_minute(limit: Limit, passages: list[Passage], frozen_until: int | None) -> None:
    found = list(limit_breaches(limit, passages, frozen_until))
    assert [(breach.at, breach.people) for breach in found] == naive(limit, passages, frozen_until)


@given(limit=limits(), passages=journeys())
def test_a_breach_names_the_movements_that_moved_its_counts(limit: Limit, passages: list[Passage]) -> None:
    for breach in limit_breaches(limit, passages):
        for movement in breach.movements:
            others = [passage for passage in passages if passage.movement != movement]
            here = [counted(tally, passages, breach.at) - counted(tally, others, breach.at) for tally in limit.tallies]
            past = [
                counted(tally, passages, breach.at - 1) - counted(tally, others, breach.at - 1)
                for tally in limit.tallies
            ]
            only = next(passage for passage in passages if passage.movement == movement)
            assert here != past or only.turned_back == breach.at


@settings(max_examples=400)
@given(limit=limits(), passages=journeys(), frozen_until=MINUTES)
def test_the_past_is_nobodys_doing(limit: Limit, passages: list[Passage], frozen_until: int) -> None:
    """Freezing drops the breaches of the past and changes none of the others."""
    every: list[Breach] = list(limit_breaches(limit, passages))
    assert list(limit_breaches(limit, passages, frozen_until)) == [b for b in every if b.at >= frozen_until]


@given(
    most=st.integers(0, 10),
    reached=st.integers(0, 10),
    demand=st.integers(0, 12),
    then=st.integers(0, 12),
    first=st.integers(0, 12),
)
def test_the_relaxation_of_a_step_forbids_nothing_the_step_allows(
    most: int, reached: int, demand: int, then: int, first: int
) -> None:
    tally = Tally(streams=frozenset({A}))
    step = Step(clause="c", text="", then=tally, most=most, first=tally, reached=reached, span=Span(0, 1))
    gate = step.relaxed(demand)
    if gate is None:
        assert step.excess((min(then, demand), first)) <= 0
    elif then <= demand and step.excess((then, first)) <= 0:
        assert gate.excess((then, first)) <= 0


@given(most=st.integers(0, 10), reached=st.integers(1, 10), more=st.integers(1, 10))
def test_the_relaxation_of_a_step_is_the_strongest(most: int, reached: int, more: int) -> None:
    """It touches both corners of what the step allows, and cuts off what lies beyond either."""
    tally = Tally(streams=frozenset({A}))
    step = Step(clause="c", text="", then=tally, most=most, first=tally, reached=reached, span=Span(0, 1))
    gate = step.relaxed(most + more)
    assert gate is not None
    assert gate.excess((most, 0)) == 0
    assert gate.excess((most + more, reached)) == 0
    assert gate.excess((most + 1, 0)) == gate.scale
    assert replace(step, span=Span(0, 2)).relaxed(most) is None
