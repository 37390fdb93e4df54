"""What claims amount to: origins counted, denials told apart, nothing voted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepassage.agreement import Language
from safepassage.claims import Assessment, Claim, Question, Source, Stance, Statement, standing

WHY = Question(id="why", text="Why did it stop?", about="stop")
LANGUAGES: tuple[Language, ...] = ("en", "ar")
NOON = datetime(2016, 12, 16, 12, tzinfo=UTC)


def said(
    event: str, origin: str, answer: str = "", *, side: str = "", stance: Stance = "asserts", on: str = "",
    via: tuple[str, ...] = (), against: tuple[str, ...] = (), observed: bool = False,
) -> Statement:  # fmt: skip
    claim = Claim(
        question="why", text=f"{answer or stance}", stance=stance, answer=answer, on=on, against=against,
        grounds="observed" if observed else "said",
    )  # fmt: skip
    made = NOON + timedelta(minutes=int(event))
    return Statement(
        event=event, claim=claim, source=Source(origin=origin, side=side, relayed_by=via), made=made, known=made
    )


ONE = (said("1", "militia", "demand", side="government"),)
RELAYED = (*ONE, said("2", "militia", "demand", side="government", via=("radio",)))
TWO_SIDES = (*ONE, said("2", "rebels", "demand", side="opposition"))
ONE_SIDE = (*ONE, said("2", "ministry", "demand", side="government"))
CONFIRMED = (*ONE, said("2", "UN", side="un", stance="confirms", on="1"))
RIVALS = (*ONE, said("2", "outlet", "protesters", side="government"))
ACCUSED = (
    said("1", "official", "weapons", side="government", stance="accuses", against=("opposition",)),
    said("2", "rebels", side="opposition", stance="denies", on="1"),
)
DENIED = (*ONE, said("2", "UN", side="un", stance="denies", on="1"))
OBSERVED = (*RIVALS, said("3", "our observer", "protesters", observed=True))
BOTH_OBSERVED = (*OBSERVED, said("4", "our other observer", "demand", observed=True))
RETRACTED = (*ONE, said("2", "militia", side="government", stance="retracts", on="1"))
TAKEN_BACK_BY_ANOTHER = (*ONE, said("2", "rebels", side="opposition", stance="retracts", on="1"))
DENIAL_TAKEN_BACK = (*DENIED, said("3", "UN", side="un", stance="retracts", on="2"))
DEMAND = (said("1", "Iran", side="government", stance="demands"),)


def test_what_has_no_arabic_is_said_in_english() -> None:
    arabic = replace(WHY, text_ar="لماذا توقفت؟")
    assert [one.said(language) for one in (WHY, arabic) for language in LANGUAGES] == [
        WHY.text, WHY.text, WHY.text, "لماذا توقفت؟",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("claims", "kind", "in_words"),
    [
        ((), "unanswered", "Nobody has answered it."),
        (ONE, "single-source", "militia says: demand."),
        (RELAYED, "single-source", "militia says: demand."),
        (TWO_SIDES, "corroborated", "2 independent origins, from different sides"),
        (ONE_SIDE, "corroborated", "all of one side"),
        (CONFIRMED, "corroborated", "from different sides"),
        (RIVALS, "contested", "2 rival answers (militia; outlet)"),
        (ACCUSED, "denied by the accused", "Denied by rebels, accused by it."),
        (DENIED, "contested", "Denied by UN."),
        (OBSERVED, "settled by observation", "Observed by our own: protesters."),
        (BOTH_OBSERVED, "contested", "2 rival answers"),
        (RETRACTED, "retracted", "taken back"),
        (TAKEN_BACK_BY_ANOTHER, "contested", "Denied by rebels."),
        (DENIAL_TAKEN_BACK, "single-source", "militia says: demand."),
        (DEMAND, "unanswered", "Nobody has answered it."),
    ],
)  # fmt: skip
def test_what_claims_amount_to(claims: tuple[Statement, ...], kind: str, in_words: str) -> None:
    found = standing(WHY, claims)
    assert found.kind == kind and in_words in found.sentence
    assert found.sentence_ar and found.sentence_ar != found.sentence


def test_a_demand_answers_nothing_but_is_kept() -> None:
    assert [one.source.origin for one in standing(WHY, DEMAND).demands] == ["Iran"]


def test_who_speaks_against_their_own_side_is_flagged() -> None:
    claims = [said("1", "ministry", "we did it", side="government", stance="accuses", against=("government",))]
    answer = standing(WHY, claims).answers[0]
    assert answer.against_own_side == ("ministry",) and "against its own side" in answer.sentence


def test_a_qualification_stands_beside_what_it_qualifies() -> None:
    claims = (*ONE, said("2", "militia", side="government", stance="qualifies", on="1"))
    found = standing(WHY, claims)
    assert found.kind == "single-source" and "militia adds" in found.answers[0].sentence


def test_an_assessment_changes_nothing_but_is_shown() -> None:
    judged = Assessment(event="9", claim="1", author="verifier-2", credibility=5, why="heard at third hand", made=NOON)
    found = standing(WHY, ONE, [judged])
    assert found.kind == "single-source" and found.answers[0].assessments == (judged,)


def again(event: int, one: Statement) -> Statement:
    """The same statement as another event."""
    claim, source = one.claim, one.source
    return said(
        str(event),
        source.origin,
        claim.answer,
        side=source.side,
        stance=claim.stance,
        on=claim.on,
        against=claim.against,
    )


STATEMENTS = (*BOTH_OBSERVED, *(again(5 + number, one) for number, one in enumerate((*ACCUSED, *DENIED[1:]))))


@given(st.permutations(STATEMENTS), st.sets(st.sampled_from(STATEMENTS)))
def test_the_order_in_which_claims_come_in_does_not_matter(order: list[Statement], some: set[Statement]) -> None:
    chosen = [one for one in order if one in some]
    assert standing(WHY, chosen) == standing(WHY, sorted(chosen, key=lambda one: one.event))


@given(st.sets(st.sampled_from(STATEMENTS), min_size=1), st.sampled_from(["radio", "wire"]))
def test_a_relay_adds_nothing(some: set[Statement], relay: str) -> None:
    before = standing(WHY, some)
    answered = [one for one in some if one.claim.answer]
    passed_on = [
        replace(again(90 + number, one), source=replace(one.source, relayed_by=(relay,)))
        for number, one in enumerate(answered)
    ]
    after = standing(WHY, [*some, *passed_on])
    assert after.kind == before.kind
    assert [answer.origins for answer in after.answers] == [answer.origins for answer in before.answers]
