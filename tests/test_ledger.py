"""The ledger of people: what each report posts, in ranges that hold the truth; nobody made, nobody lost."""

from __future__ import annotations

import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st
from reports import Desk, between, exactly

from safepassage.events import (
    Arrived,
    Boarded,
    Born,
    Declined,
    Departed,
    Detained,
    Died,
    Event,
    HandedOver,
    PeopleCounted,
    Returned,
    TakenOff,
    TurnedBack,
    What,
)
from safepassage.ledger import Account, balances, carried, opening, posted, published, reconciled, tallied, together
from safepassage.people import Count

TINY = worlds.hill_and_dale()
DESK = Desk(TINY)
HILL = "hill-to-city"

BOARDED = Boarded(movement="m", at="hill", people=exactly(100))
LEFT = Departed(movement="m", at="hill")
ARRIVED = Arrived(movement="m", at="city", people=exactly(100))


def events(*steps: What) -> list[Event]:
    return [DESK.at(f"{6 + number // 6:02d}:{number % 6}0", step) for number, step in enumerate(steps)]


ABOUT_95 = Boarded(movement="m", at="hill", people=between(90, 95, 100))
TURNED = TurnedBack(movement="m", at="bridge")
UNCOUNTED = Arrived(movement="m", at="city")
BACK = Returned(movement="m", at="hill")
ALL, NONE = (100, 100, 100), (0, 0, 0)
WAITING, CITY, OFF = Account("waiting", HILL), Account("arrived", "city"), Account("off", "bridge")
HELD, DEAD = Account("detained", "bridge"), Account("died", "bridge")


def arrived(people: int) -> Arrived:
    return Arrived(movement="m", at="city", people=exactly(people))


@pytest.mark.parametrize(
    ("steps", "aboard", "where", "there"),
    [
        ((BOARDED,), ALL, WAITING, ALL),
        ((BOARDED, LEFT, ARRIVED), NONE, CITY, ALL),
        ((BOARDED, LEFT, arrived(97)), (3, 3, 3), CITY, (97, 97, 97)),
        ((BOARDED, LEFT, UNCOUNTED), NONE, CITY, ALL),
        ((ABOUT_95, LEFT, UNCOUNTED), NONE, CITY, (90, 95, 100)),
        ((ABOUT_95, LEFT, arrived(96)), (-6, -1, 4), CITY, (96, 96, 96)),
        ((BOARDED, LEFT, TURNED), ALL, WAITING, ALL),
        ((BOARDED, LEFT, BACK), NONE, WAITING, (200, 200, 200)),
        ((BOARDED, TakenOff(movement="m", at="bridge", people=exactly(4))), (96, 96, 96), OFF, (4, 4, 4)),
        ((BOARDED, TakenOff(movement="m", at="bridge")), (0, 100, 100), OFF, (0, 0, 100)),
        ((BOARDED, Detained(movement="m", at="bridge", people=exactly(2))), (98, 98, 98), HELD, (2, 2, 2)),
        ((BOARDED, Died(movement="m", at="bridge", people=exactly(1))), (99, 99, 99), DEAD, (1, 1, 1)),
        ((BOARDED, Born(movement="m", people=exactly(1))), (101, 101, 101), Account("outside"), (-301, -301, -301)),
        ((Boarded(movement="m", at="hill"),), (0, 80, 120), WAITING, (80, 120, 200)),
        ((Departed(movement="m", at="hill", people=exactly(60)),), (60, 60, 60), WAITING, (140, 140, 140)),
        (
            (Boarded(movement="m", at="hill"), Departed(movement="m", at="hill", people=exactly(60))),
            (60, 60, 60),
            WAITING,
            (140, 140, 140),
        ),
        (
            (Boarded(movement="m", at="hill"), LEFT, HandedOver(movement="m", at="bridge", people=exactly(60))),
            (60, 60, 60),
            WAITING,
            (140, 140, 140),
        ),
        ((BOARDED, Departed(movement="m", at="hill", people=exactly(60))), ALL, WAITING, ALL),
    ],
)
def test_where_people_are(
    steps: tuple[What, ...], aboard: tuple[int, ...], where: Account, there: tuple[int, ...]
) -> None:
    """Hill has 200 people; the movement's buses have 120 seats, and 80 were planned."""
    book = carried("m", HILL, events(*steps), seats=120, planned=80)
    assert book.people_aboard == aboard
    assert balances([*opening(TINY), *book.postings])[where] == there


def test_who_boards_uncounted_in_an_unknown_convoy_may_be_anybody() -> None:
    book = carried("m", HILL, events(Departed(movement="m", at="hill")), most=200)
    assert book.people_aboard == (0, 0, 200) and book.guessed


@pytest.mark.parametrize(
    ("steps", "out"),
    [
        ((BOARDED, LEFT, arrived(97)), (100, 100, 100)),
        ((LEFT, UNCOUNTED), (0, 80, 120)),
        ((LEFT, arrived(60)), (60, 80, 120)),
        ((LEFT, arrived(97)), (97, 97, 120)),
    ],
)
def test_who_was_not_counted_on_the_way_is_at_least_who_was_counted_there(
    steps: tuple[What, ...], out: tuple[int, ...]
) -> None:
    book = carried("m", HILL, events(*steps), seats=120, planned=80)
    assert together(book.at_least_arrived().values()) == out


def test_who_declines_dies_or_is_born_while_they_wait() -> None:
    steps = events(
        Declined(evacuation=HILL, people=exactly(7)),
        Died(evacuation=HILL, people=exactly(1)),
        Born(evacuation=HILL, people=exactly(2)),
    )
    accounts = balances([*opening(TINY), *posted(TINY, steps)])
    assert accounts[Account("waiting", HILL)] == (194, 194, 194)
    assert accounts[Account("declined", HILL)] == (7, 7, 7)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((ARRIVED,), "nobody reported that it left"),
        ((BOARDED, LEFT, ARRIVED, LEFT), "leave hill after it had arrived"),
        ((BOARDED, LEFT, Arrived(movement="m", at="city", people=exactly(120))), "at most 100 were aboard"),
        ((BOARDED, LEFT, ARRIVED), ""),
    ],
)
def test_what_contradicts_is_told_and_recorded_all_the_same(steps: tuple[What, ...], said: str) -> None:
    book = carried("m", HILL, events(*steps), seats=120)
    told = "; ".join(text for _, text, _ in book.contradictions)
    assert said in told and bool(said) == bool(told)
    balances([*opening(TINY), *book.postings])


@st.composite
def trips(draw: st.DrawFn) -> tuple[list[Event], int]:
    """What happens to a movement, with counts that hold the truth; and how many are aboard in the end."""
    truth = draw(st.integers(0, 100))

    def count(people: int) -> dict[str, Count]:
        under, over = draw(st.integers(0, min(3, people))), draw(st.integers(0, 3))
        return between(people - under, draw(st.integers(people - under, people + over)), people + over)

    steps: list[What] = [Boarded(movement="m", at="hill", people=count(truth)), LEFT]
    for _ in range(draw(st.integers(0, 4))):
        some = draw(st.integers(0, truth))
        kind = draw(st.sampled_from([TakenOff, Detained, Died]))
        steps.append(kind(movement="m", at="bridge", people=count(some)))
        truth -= some
    ending = draw(st.sampled_from(["", "arrived", "uncounted", "returned"]))
    if ending == "uncounted":
        steps.append(Arrived(movement="m", at="city"))
    elif ending == "arrived":
        some = draw(st.integers(0, truth))
        steps.append(Arrived(movement="m", at="city", people=count(some)))
        return events(*steps), truth - some
    elif ending == "returned":
        steps.append(Returned(movement="m", at="hill"))
    return events(*steps), 0 if ending else truth


@given(trips())
def test_the_truth_lies_in_the_range_and_people_are_conserved(trip: tuple[list[Event], int]) -> None:
    steps, aboard = trip
    for until in range(len(steps) + 1):
        book = carried("m", HILL, steps[:until], seats=120)
        accounts = balances([*opening(TINY), *book.postings])
        assert sum(balance.best for balance in accounts.values()) == 0
        assert all(balance.low <= balance.best <= balance.high for balance in accounts.values())
    assert book.people_aboard.low <= aboard <= book.people_aboard.high


def test_counts_of_a_movement_are_set_side_by_side() -> None:
    steps = events(
        BOARDED,
        PeopleCounted(movement="m", stage="departed", people=exactly(98), by="gate"),
        HandedOver(movement="m", at="bridge", people=exactly(98)),
        Arrived(movement="m", at="city", people=exactly(95)),
    )
    book = carried("m", HILL, steps, seats=120)
    found = reconciled("m", 100, book.counts)
    assert [(one.stage, one.total.best) for one in found.counts] == [
        ("boarded", 100), ("departed", 98), ("handed over", 98), ("arrived", 95),
    ]  # fmt: skip
    assert found.differs == "boarded 100, departed 98: 2 fewer; handed over 98, arrived 95: 3 fewer"


def test_rival_totals_of_a_day_keep_their_publishers() -> None:
    totals = [("SOHR", 16_200), ("OCHA", 19_000), ("ICRC", 25_000), ("minister", 37_500)]
    counts = [
        tallied(
            DESK.says(who).at("12:00", PeopleCounted(evacuation=HILL, stage="handed over", people=exactly(many))),
            exactly(many),
        )
        for who, many in totals
    ]
    found = published(HILL, counts)
    assert [(one.by, one.total.best) for one in found.counts] == totals
    assert found.differs == "01 Mar, handed over: 16,200 to 37,500 by 4 publishers"
