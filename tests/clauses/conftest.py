"""A tiny siege to judge clauses in, and the tables in which they are judged."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

import pytest

from safepassage.agreement import Clause, Party, Theatre, limit_breaches
from safepassage.movement import Passage
from safepassage.people import Count, Evacuation, Group
from safepassage.world import DAY, Calendar, Crossing, Place, Road, World

Judge = Callable[..., None]


def siege() -> Theatre:
    """A besieged city and besieged villages: 2,000 and 1,000 people, who leave in exchange.

    The city goes by the gate to the north or the coast, the villages by the bridge to the south. Two days.
    """
    parties = (
        Party(id="government", name="Government", name_ar="الحكومة"),
        Party(id="opposition", name="Opposition", name_ar="المعارضة"),
        Party(id="red-cross", name="Red Cross", name_ar="الصليب الأحمر", role="neutral"),
        Party(id="red-crescent", name="Red Crescent", name_ar="الهلال الأحمر", role="neutral"),
        Party(id="un", name="United Nations", name_ar="الأمم المتحدة", role="observer"),
    )
    groups = (
        Group(id="civilian", name="Civilians", name_ar="المدنيون"),
        Group(id="lying", name="Lying wounded", name_ar="الجرحى على نقالات"),
        Group(id="fighter", name="Fighters", name_ar="المقاتلون"),
    )
    places = (
        Place(id="city", name="City", name_ar="المدينة"),
        Place(id="gate", name="Gate", name_ar="البوابة"),
        Place(id="north", name="North", name_ar="الشمال"),
        Place(id="coast", name="Coast", name_ar="الساحل"),
        Place(id="villages", name="Villages", name_ar="القريتان"),
        Place(id="bridge", name="Bridge", name_ar="الجسر"),
        Place(id="south", name="South", name_ar="الجنوب"),
    )
    roads = (
        Road(between=("city", "gate"), minutes=20, consent=("government", "opposition")),
        Road(between=("gate", "north"), minutes=60, consent=("opposition",)),
        Road(between=("gate", "coast"), minutes=90),
        Road(between=("villages", "bridge"), minutes=30, consent=("opposition",)),
        Road(between=("bridge", "south"), minutes=60),
    )
    crossings = (
        Crossing(at="gate", people_per_hour=1000, consent=("government",)),
        Crossing(at="bridge", people_per_hour=1000),
    )
    city = {"civilian": 1400, "lying": 100, "fighter": 500}
    villages = {"civilian": 960, "lying": 40}
    evacuations = (
        Evacuation(
            id="city-out",
            name="City evacuation",
            name_ar="إجلاء المدينة",
            origin="city",
            to=("north", "coast"),
            out_at=("gate",),
            people={group: Count.exactly(people) for group, people in city.items()},
        ),
        Evacuation(
            id="villages-out",
            name="Village evacuation",
            name_ar="إجلاء القريتين",
            origin="villages",
            to=("south",),
            out_at=("bridge",),
            people={group: Count.exactly(people) for group, people in villages.items()},
        ),
    )
    return Theatre(
        calendar=Calendar(starts=datetime(2016, 12, 15, tzinfo=timezone(timedelta(hours=2))), days=2),
        world=World(
            places={place.id: place for place in places},
            roads={road.id: road for road in roads},
            crossings={crossing.at: crossing for crossing in crossings},
        ),
        groups={group.id: group for group in groups},
        evacuations={evacuation.id: evacuation for evacuation in evacuations},
        parties={party.id: party for party in parties},
    )


@pytest.fixture(scope="session")
def theatre() -> Theatre:
    return siege()


@pytest.fixture(scope="session")
def declined(theatre: Theatre) -> Callable[[str, int], Theatre]:
    """The siege after people of an evacuation declined to leave: so many civilians remain demanded, nobody else."""

    def amended(evacuation: str, civilians: int) -> Theatre:
        people = {group: Count.exactly(civilians if group == "civilian" else 0) for group in ("civilian", "lying")}
        fewer = replace(theatre.evacuations[evacuation], people=people)
        return replace(theatre, evacuations={**theatre.evacuations, evacuation: fewer})

    return amended


@dataclass(frozen=True)
class Row:
    """One line of a table: what is reported of whom, when, and what the clause says to it."""

    cells: tuple[str, ...]
    verdict: str

    @property
    def at(self) -> int:
        return minute(self.cells[1])


def minute(text: str) -> int:
    """`10:00` on the first day, or `day 2 10:00`."""
    found = re.fullmatch(r"(?:day (\d+) )?(\d\d):(\d\d)", text)
    assert found, f"{text!r}: write 10:00 or day 2 10:00"
    day, hour, minutes = (int(part or 1) for part in found.groups())
    return (day - 1) * DAY + hour * 60 + minutes


def rows(table: str, cells: int) -> list[Row]:
    """The lines of a table. Cells stand two blanks or more apart; the verdict comes last, and may be left out."""
    found = []
    for line in filter(None, map(str.strip, table.splitlines())):
        said = re.split(r"\s{2,}", line)
        verdict = said.pop() if re.match("kept|broken|open|shut", said[-1]) else ""
        assert len(said) <= cells, f"{line!r}: too many cells, or no verdict known"
        found.append(Row((*said, *[""] * (cells - len(said))), verdict))
    return found


def reported(table: list[Row]) -> list[Passage]:
    """The passages of a table: each handover or arrival is one of its own; who turned back was handed over."""
    passages: list[Passage] = []
    for number, row in enumerate(table, 1):
        what, _, who, people = row.cells
        name, _, destination = who.partition(" to ")
        evacuation, _, group = name.partition("/")
        group = group or "civilian"
        if what == "handover":
            passages.append(Passage(evacuation, group, destination, int(people), row.at, None, None, f"row {number}"))
        elif what == "arrival":
            passages.append(Passage(evacuation, group, destination, int(people), None, row.at, None, f"row {number}"))
        elif what == "turned back":
            out = next(p for p in passages if (p.evacuation, p.group, p.people) == (evacuation, group, int(people)))
            passages[passages.index(out)] = out._replace(turned_back=row.at)
        else:
            assert what == "instant", f"{what!r}: write handover, arrival, turned back or instant"
    return passages


@pytest.fixture(scope="session")
def judge(theatre: Theatre) -> Judge:
    """Judges a clause on a table of what was reported; the last line of an instant bears the verdict on the instant."""

    def judged(clause: Clause, table: str, *, frozen_until: str | None = None, theatre: Theatre = theatre) -> None:
        told = rows(table, 4)
        frozen = None if frozen_until is None else minute(frozen_until)
        breaches = [b for limit in clause.limits(theatre) for b in limit_breaches(limit, reported(told), frozen)]
        said: dict[int, list[str]] = {row.at: [] for row in told}
        for breach in breaches:
            said.setdefault(breach.at, []).append(f"broken by {breach.people}: {breach.text}")
        found = {instant: " and ".join(words) or "kept" for instant, words in said.items()}
        wanted = {row.at: row.verdict for row in told}
        assert found == wanted

    return judged


@pytest.fixture(scope="session")
def shut(theatre: Theatre) -> Judge:
    """Judges when a clause shuts a segment: lines of segment, instant, movement or empty, open or shut."""

    def judged(clause: Clause, table: str) -> None:
        told = rows(table, 3)
        assert told
        found = []
        for row in told:
            segment, _, traffic = row.cells
            assert traffic in ("movement", "empty")
            texts = [
                closure.text
                for closure in clause.closures(theatre)
                if closure.segment == segment
                and closure.span.start <= row.at < closure.span.end
                and (closure.binds_empty or traffic == "movement")
            ]
            found.append((*row.cells, f"shut: {' and '.join(texts)}" if texts else "open"))
        assert found == [(*row.cells, row.verdict) for row in told]

    return judged


@pytest.fixture(scope="session")
def keeps(theatre: Theatre) -> Callable[..., bool]:
    """Whether the limits of a clause allow so many civilians handed over, and so many arrived."""

    def kept(clause: Clause, *, out: dict[str, int], arrived: dict[str, int] | None = None) -> bool:
        passed = [Passage(who, "civilian", "", people, 0, None, None, who) for who, people in out.items()]
        passed += [Passage(who, "civilian", "", people, None, 0, None, who) for who, people in (arrived or {}).items()]
        return not any(True for limit in clause.limits(theatre) for _ in limit_breaches(limit, passed))

    return kept
