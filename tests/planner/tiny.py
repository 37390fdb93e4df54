"""Random tiny operations: a handful of places, one to three evacuations, and every rule bent in every odd way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from random import Random

from hypothesis import strategies as st

from safepassage.agreement import Clause, Counts, Party
from safepassage.clauses.aboard import Aboard
from safepassage.clauses.apart import Apart
from safepassage.clauses.consent import Consent, Withheld
from safepassage.clauses.last import Last
from safepassage.clauses.lockstep import Lockstep
from safepassage.clauses.order import Order
from safepassage.clauses.quota import Quota
from safepassage.clauses.tranches import Tranches
from safepassage.clauses.window import Window
from safepassage.fleet import Convoy, Fleet, Handling
from safepassage.operation import Operation
from safepassage.people import Count, Evacuation, Group
from safepassage.world import Calendar, Crossing, EmptyLink, Pace, Place, Road, Span, World

SITES, CROSSINGS, CAMPS = ("abbey", "bourg"), ("xanadu", "york"), ("camp", "dorm")
DEPOT = "east"
PAIRS = (
    *((site, crossing) for site in SITES for crossing in CROSSINGS),
    *((crossing, camp) for crossing in CROSSINGS for camp in CAMPS),
    SITES,
    CAMPS,
    (DEPOT, "abbey"),
    (DEPOT, "camp"),
)
GROUPS = ("civilian", "lying")
COUNTS: tuple[Counts, ...] = ("handover", "arrival")
PEOPLE = {
    group.id: group
    for group in (
        Group(id="civilian", name="Civilians"),
        Group(id="lying", name="Lying", weight=2.5),
    )
}
STARTS = ((0, 0), (6, 0), (6, 3), (11, 59), (17, 40))


class Chooser:
    """Draws the parts of an operation, each from plain choices."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.step = 5 if self.maybe(0.3) else 1
        """What every duration is a multiple of."""
        self.crossed = CROSSINGS if self.maybe(0.4) else CROSSINGS[:1]

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def minutes(self, most: int = 45) -> int:
        return self.chance.randint(1, most // self.step) * self.step

    def span(self, end: int) -> Span:
        first = self.chance.randrange(end)
        return Span(first, min(end, first + self.chance.randint(1, 400)))

    def hours(self) -> tuple[Span, ...]:
        """Hours of the day that are open for long enough to be of use."""
        cut = self.chance.randint(1, 1400)
        pause = self.chance.randint(1, 90)
        return (Span(0, cut), Span(min(1439, cut + pause), 1440))

    def places(self) -> Iterator[Place]:
        for site in SITES:
            yield Place(id=site, name=site, bays=self.chance.choice((None, 1, 2)))
        for place in (*CROSSINGS, DEPOT):
            yield Place(id=place, name=place)
        for camp in CAMPS:
            capacity = self.chance.randint(0, 60) if self.maybe(0.15) else None
            per_day = self.chance.randint(5, 60) if self.maybe(0.2) else None
            yield Place(id=camp, name=camp, capacity=capacity, capacity_per_day=per_day)

    def roads(self, end: int) -> Iterator[Road]:
        for here, there in PAIRS:
            if self.maybe(0.1) or {here, there} & {*CROSSINGS} - {*self.crossed}:
                continue
            between = (here, there) if self.maybe(0.8) else (there, here)
            paces = (Pace(Span(0, self.chance.randint(1, 1440)), self.minutes()),) if self.maybe(0.15) else ()
            yield Road(
                between=between,
                minutes=self.minutes(),
                consent=("government",) if self.maybe(0.3) else (),
                hazard=self.chance.choice((0.0, 0.01)),
                one_way=self.maybe(0.08),
                hours=self.hours() if self.maybe(0.1) else None,
                closed=(self.span(end),) if self.maybe(0.2) else (),
                paces=paces,
            )

    def crossings(self, end: int) -> Iterator[Crossing]:
        for place in (*self.crossed, *(other for other in (*SITES, *CAMPS) if self.maybe(0.08))):
            if self.maybe(0.1):
                continue
            yield Crossing(
                at=place,
                people_per_hour=self.chance.choice((37, 100, 600, 999, 1500)),
                lanes=self.chance.choice((1, 1, 2)),
                consent=("government",) if self.maybe(0.3) else (),
                hours=self.hours() if self.maybe(0.2) else None,
                closed=(self.span(end),) if self.maybe(0.2) else (),
            )

    def fleets(self) -> Iterator[Fleet]:
        where = (*SITES, *CAMPS, DEPOT)
        for id in ("buses", "ambulances"):
            if id == "ambulances" and self.maybe(0.6):
                continue
            yield Fleet(
                id=id,
                seats=self.chance.choice((3, 10, 17)),
                carries=self.chance.choice((GROUPS, GROUPS[:1] if id == "buses" else GROUPS[1:])),
                stands={
                    place: self.chance.randint(1, 3) for place in self.chance.sample(where, self.chance.randint(1, 3))
                },
                load=Handling(minutes=self.minutes(12), per_vehicle=self.chance.randint(0, 2) * self.step),
                unload=Handling(minutes=self.minutes(12), per_vehicle=self.chance.randint(0, 2) * self.step),
                one_way=self.maybe(0.15),
            )

    def evacuations(self, crossings: tuple[str, ...]) -> Iterator[Evacuation]:
        ways = [("abbey", CAMPS), ("bourg", ("dorm",)), ("abbey", ("bourg",)), ("bourg", ("camp", "dorm"))]
        for number, (origin, to) in enumerate(self.chance.sample(ways, self.chance.randint(1, 3)), 1):
            gates = [place for place in CROSSINGS if place in crossings]
            people = {"civilian": Count.exactly(self.chance.randint(0, 45))}
            if self.maybe(0.4):
                people["lying"] = Count.exactly(self.chance.randint(0, 9))
            yield Evacuation(
                id=f"e{number}",
                origin=origin,
                to=to if self.maybe(0.6) else to[:1],
                people=people,
                out_at=tuple(gates) if gates and self.maybe(0.5) else (),
            )

    def clauses(self, evacuations: tuple[str, ...], end: int) -> Iterator[Clause]:
        one, other = evacuations[0], evacuations[-1]
        sides = ((one,), (other,)) if one != other else ((f"{one}/lying",), (f"{one}/civilian",))
        if self.maybe(0.5):
            sides = sides[::-1]
        first, then = sides
        counts: Counts = self.chance.choice(COUNTS)
        start = self.chance.randrange(end) if self.maybe(0.2) else None
        until = None if start is None or self.maybe(0.5) else self.chance.randint(start + 1, end)
        steps = tuple(self.chance.randint(0, 8) for _ in range(2))
        share = self.chance.uniform(0.1, 1.0)
        stayed = self.chance.randint(30, 200)
        kinds: tuple[Clause, ...] = (
            Lockstep(
                id="step", of=first, with_=then, tolerance=self.chance.uniform(0.1, 0.9), counts=counts, from_=start
            ),
            Order(id="share", first=first, then=then, share=share, counts=counts, from_=start, until=until),
            Order(id="ahead", first=first, then=then, ahead=self.chance.uniform(0, 0.8), counts=counts, until=until),
            Tranches(id="turns", first=first, then=then, first_steps=steps, then_steps=steps[::-1], counts=counts),
            Last(id="last", first=first, then=then, counts=counts),
            Quota(
                id="day", of=("*",), most=self.chance.randint(5, 60), per="day", counts=counts, from_=start, until=until
            ),
            Quota(id="most", of=first, most=self.chance.randint(0, 60), to=(), counts=counts, until=until),
            Window(id="hours", hours=self.hours()),
            Window(id="pause", pauses=(Span(600, 600 + self.minutes()),), from_=start, until=until),
            Consent(id="yes", withheld=(Withheld(by="government", until=end // 3),)),
            Consent(id="no", withheld=(Withheld(by="government", from_=end // 3),)),
            Aboard(id="aboard", minutes=stayed, overnight=self.maybe(0.5)),
            Aboard(id="night", overnight=True),
            Apart(id="apart", groups=GROUPS),
        )
        yield from self.chance.sample(kinds, self.chance.choice((0, 1, 1, 2, 2, 3)))

    def operation(self) -> Operation:
        hour, minute = self.chance.choice(STARTS)
        starts = datetime(2016, 12, 15, hour, minute, tzinfo=timezone(timedelta(hours=2)))
        calendar = Calendar(starts=starts, days=self.chance.choice((1, 1, 1, 2)) if hour < 17 else 1)
        end = calendar.end
        roads = tuple(self.roads(end))
        crossings = tuple(self.crossings(end))
        fleets = {fleet.id: fleet for fleet in self.fleets()}
        evacuations = tuple(self.evacuations(tuple(crossing.at for crossing in crossings)))
        links = (EmptyLink(between=("camp", "abbey"), minutes=self.minutes()),) if self.maybe(0.3) else ()
        if links and self.maybe(0.5) and roads:
            links = (EmptyLink(between=("camp", "abbey"), minutes=self.minutes(), via=(roads[0].id,)),)
        convoys = [
            {
                fleet: self.chance.randint(1, 3)
                for fleet in self.chance.sample(list(fleets), self.chance.randint(1, len(fleets)))
            }
            for _ in range(self.chance.choice((0, 1, 2, 2)))
        ]
        if convoys:
            convoys += [{fleet: 1} for fleet in fleets]
        operation = Operation(
            name="Tiny",
            calendar=calendar,
            world=World(
                places={place.id: place for place in self.places()},
                roads={road.id: road for road in roads},
                crossings={crossing.at: crossing for crossing in crossings},
                empty_links=links,
            ),
            groups=PEOPLE,
            fleets=fleets,
            evacuations={evacuation.id: evacuation for evacuation in evacuations},
            convoys=tuple(Convoy(vehicles=vehicles) for vehicles in convoys),
            escorts=self.chance.choice((None, {"abbey": 1}, {"camp": 1, "bourg": 1})),
            parties={"government": Party(id="government", name="Government")},
            clauses=(),
            hours=self.hours() if self.maybe(0.4) else (Span(0, 1440),),
            load_from=self.chance.choice((0, 0, 303)),
            load_until=self.chance.choice((1440, 1440, 1081)),
            slot_minutes=self.chance.choice((1, 1, 5, 7)) if self.step == 1 else 5,
        )
        clauses = tuple(self.clauses(tuple(operation.evacuations), end))
        return _with(operation, tuple(clause for clause in clauses if _fits(operation, clause)))


def _with(operation: Operation, clauses: tuple[Clause, ...]) -> Operation:
    fields = {name: getattr(operation, name) for name in Operation.__dataclass_fields__}
    return Operation(**(fields | {"clauses": clauses}))


def _fits(operation: Operation, clause: Clause) -> bool:
    """Whether a reader would take the clause."""
    try:
        clause.check_fit(operation.theatre)
    except ValueError:
        return False
    return True


def tiny(seed: int) -> Operation:
    """The tiny operation of a seed."""
    return Chooser(seed).operation()


operations = st.integers(0, 1 << 30).map(tiny)


def brief(seed: int) -> Operation:
    """An operation of half an hour with a handful of people, for which every plan can be tried."""
    chance = Random(seed)

    def maybe(share: float) -> bool:
        return chance.random() < share

    lasts = chance.randint(20, 45)
    starts = datetime(2016, 12, 15, 23, 60 - lasts, tzinfo=timezone(timedelta(hours=2)))
    calendar = Calendar(starts=starts, days=1)

    def closed() -> tuple[Span, ...]:
        first = chance.randrange(lasts)
        return (Span(first, first + chance.randint(1, 8)),) if maybe(0.25) else ()

    both = maybe(0.5)
    pairs = [("abbey", "xanadu"), ("xanadu", "camp")]
    pairs += [("bourg", "xanadu")] if both else []
    pairs += [("abbey", "camp")] if maybe(0.3) else []
    pairs += [("abbey", "bourg")] if maybe(0.3) else []
    roads = [Road(between=pair, minutes=chance.randint(1, 5), closed=closed(), one_way=maybe(0.05)) for pair in pairs]
    crossing = Crossing(
        at="xanadu", people_per_hour=chance.choice((45, 60, 120, 240)), closed=closed(), lanes=chance.choice((1, 1, 2))
    )
    carries = GROUPS if maybe(0.5) else GROUPS[:1]
    where = ("abbey", "camp", "bourg")
    fleets = [
        Fleet(
            id="buses",
            seats=chance.randint(1, 3),
            carries=carries,
            stands=dict.fromkeys(chance.sample(where, chance.randint(1, 3)), 1),
            load=Handling(minutes=chance.randint(0, 3), per_vehicle=chance.randint(0, 1)),
            unload=Handling(minutes=chance.randint(0, 3), per_vehicle=chance.randint(0, 1)),
            one_way=maybe(0.15),
        )
    ]
    people = {"civilian": Count.exactly(chance.randint(1, 5))}
    if "lying" in carries and maybe(0.5):
        people["lying"] = Count.exactly(1)
    crossings = {"xanadu": crossing} if maybe(0.8) else {}
    gates = ("xanadu",) if crossings and maybe(0.5) else ()
    back = maybe(0.3)
    evacuations = [Evacuation(id="e1", origin="abbey", to=("camp",), people=people, out_at=gates)]
    if both:
        to = ("abbey",) if back else ("camp",)
        few = {"civilian": Count.exactly(chance.randint(1, 3))}
        evacuations.append(Evacuation(id="e2", origin="bourg", to=to, people=few))
    sides = ((("e1",), ("e2",)) if both else (("e1/lying",), ("e1/civilian",)))[:: chance.choice((1, -1))]
    counts: Counts = chance.choice(COUNTS)
    kinds: tuple[Clause, ...] = (
        Lockstep(id="step", of=sides[0], with_=sides[1], tolerance=chance.choice((0.3, 0.5, 0.75)), counts=counts),
        Order(id="share", first=sides[0], then=sides[1], share=0.5, counts=counts, from_=chance.choice((None, 9))),
        Order(id="ahead", first=sides[0], then=sides[1], ahead=chance.choice((0.0, 0.4)), counts=counts),
        Last(id="last", first=sides[0], then=sides[1], counts=counts),
        Quota(
            id="quota", of=("*",), most=chance.randint(1, 3), per="day", counts=counts, until=chance.choice((None, 14))
        ),
    )
    capacity = chance.randint(1, 4) if maybe(0.15) else None
    places = [Place(id="camp", name="Camp", capacity=capacity), Place(id="xanadu", name="Xanadu")]
    places += [Place(id=site, name=site, bays=chance.choice((None, 1))) for site in SITES]
    operation = Operation(
        name="Brief",
        calendar=calendar,
        world=World(
            places={place.id: place for place in places},
            roads={road.id: road for road in roads},
            crossings=crossings,
            empty_links=(EmptyLink(between=("camp", "abbey"), minutes=chance.randint(1, 6)),) if maybe(0.3) else (),
        ),
        groups=PEOPLE,
        fleets={fleet.id: fleet for fleet in fleets},
        evacuations={evacuation.id: evacuation for evacuation in evacuations},
        convoys=(Convoy(vehicles={"buses": 1}), Convoy(vehicles={"buses": 2})),
        escorts=chance.choice((None, None, {"abbey": 1})),
        parties={},
        clauses=(),
        slot_minutes=chance.choice((1, 1, 2)),
    )
    clauses = tuple(chance.sample(kinds, chance.choice((0, 1, 1, 2))))
    return _with(operation, tuple(clause for clause in clauses if _fits(operation, clause)))
