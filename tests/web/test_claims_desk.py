"""The claims desk: rival answers side by side, never merged, and nothing that was said ever gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from starlette.testclient import TestClient

from safepassage import control
from safepassage.claims import Claim, Question, Source
from safepassage.events import ClaimMade, Event, QuestionRaised
from safepassage.situation import Situation
from safepassage.web.access import Sight
from safepassage.web.claims import ClaimsView, Filter, QuestionView, claims_view
from web.rooms import DESK, Peopled, tiny_room

MIDDAY = datetime.fromisoformat("2016-12-17T12:00:00+02:00")
ALL = Sight(claims=True)


@cache
def midday() -> Situation:
    """East Aleppo at midday of 17 December 2016, as known then."""
    return control.open_record("aleppo-2016").situation(as_of=MIDDAY, known_at=MIDDAY)


def question(view: ClaimsView, id: str) -> QuestionView:
    return next(one for one in view.questions if one.id == id)


def test_why_it_stopped_stands_first_with_four_rival_answers() -> None:
    first = claims_view(midday(), "en", ALL).questions[0]
    assert first.text == "Why did the evacuation stop on 16 December?"
    assert (first.kind, first.open, len(first.answers)) == ("contested", True, 4)
    assert first.sentence.startswith("Contested: 4 rival answers")


def test_contested_questions_come_first_and_what_nobody_answered_last() -> None:
    kinds = [one.kind for one in claims_view(midday(), "en", ALL).questions]
    contested = [kind in {"contested", "denied by the accused"} for kind in kinds]
    assert contested == sorted(contested, reverse=True)
    assert kinds[-1] == "unanswered"


def test_every_claim_of_the_record_is_on_the_desk_once() -> None:
    view = claims_view(midday(), "en", ALL)
    shown = [
        claim.event
        for one in view.questions
        for claim in (
            *(claim for answer in one.answers for side in answer.sides for claim in side.claims),
            *one.demands,
            *one.apart,
        )
    ]
    assert sorted(shown) == sorted(event.id for event in midday().events if event.what.kind == "claim made")


def test_a_denial_stands_under_what_it_denies_by_its_own_side() -> None:
    bags = question(claims_view(midday(), "en", ALL), "q-bags")
    (answer,) = bags.answers
    assert answer.kind == "denied by the accused"
    said = {(side.side, claim.stance) for side in answer.sides for claim in side.claims}
    assert said == {("government", "accuses"), ("opposition", "denies")}
    denial = next(claim for side in answer.sides for claim in side.claims if claim.stance == "denies")
    assert denial.about == "Syrian official source"


def test_who_passed_it_on_is_kept_in_order() -> None:
    fighters = question(claims_view(midday(), "en", ALL), "q-fighters")
    claim = fighters.answers[0].sides[0].claims[0]
    assert claim.chain == ("Damascus", "al-Alam")


def test_a_filter_chooses_questions_and_leaves_each_whole() -> None:
    everything = claims_view(midday(), "en", ALL)
    guarantor = claims_view(midday(), "en", ALL, Filter(side="guarantor"))
    assert 0 < len(guarantor.questions) < len(everything.questions)
    assert guarantor.hidden == len(everything.questions) - len(guarantor.questions)
    assert all(one == question(everything, one.id) for one in guarantor.questions)
    ramouseh = claims_view(midday(), "en", ALL, Filter(place="ramouseh"))
    assert "q-convoy" in {one.id for one in ramouseh.questions}
    assert {one.kind for one in claims_view(midday(), "en", ALL, Filter(standing="unanswered")).questions} == {
        "unanswered"
    }
    early = claims_view(midday(), "en", ALL, Filter(until=datetime.fromisoformat("2016-12-14T23:59:00+02:00")))
    assert "q-stop" not in {one.id for one in early.questions}


def test_whoever_may_not_see_claims_is_given_none() -> None:
    view = claims_view(midday(), "en", Sight())
    assert (view.questions, view.places, view.sides) == ((), (), ())


def test_in_arabic_questions_and_claims_are_in_arabic() -> None:
    first = claims_view(midday(), "ar", ALL).questions[0]
    assert "الإجلاء" in first.text and first.sentence.startswith("متنازع عليه")


# What is typed in


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peopled]:
    """Hill and Dale, where two councils say different things of why it stopped."""
    folder = tmp_path_factory.mktemp("claims-desk")
    hill, dale = DESK.says("Council of Hill", "hill-council"), DESK.says("Council of Dale", "dale-council", "radio")
    events = [
        DESK.at("07:00", QuestionRaised(question=Question(id="q-stop", text="Why did it stop?", about="stop"))),
        hill.at("08:00", ClaimMade(claim=Claim(question="q-stop", answer="fire", text="Dale fired", against=ACCUSED))),
        dale.at("08:30", ClaimMade(claim=Claim(question="q-stop", answer="ice", text="The bridge is iced over"))),
    ]
    with tiny_room(folder / "a.log", folder / "a.db", events) as room:
        yield room


ACCUSED = ("dale-council",)
TYPED = {"question": "q-stop", "answer": "a landmine", "origin": "bridge post"}


def entered(answer: Any) -> str:
    """The event that was just entered."""
    assert answer.status_code == 303, re.findall(r'class="wrong"[^>]*>([^<]*)', answer.text)
    return str(re.findall(r"entered=([0-9a-f-]{36})", answer.headers["location"])[0])


def made(tested: Peopled, id: str) -> tuple[Event, Claim]:
    event = next(event for _, event in tested.room.record.came_in if event.id == id)
    assert isinstance(event.what, ClaimMade)
    return event, event.what.claim


def wrong(answer: Any) -> dict[str, str]:
    """What is wrong, by field."""
    assert answer.status_code == 422
    return dict(re.findall(r'class="wrong" id="f-([^"]+)-wrong">([^<]*)', answer.text))


def of_question(client: TestClient, id: str) -> dict[str, Any]:
    questions = client.get("/api/claims").json()["questions"]
    return next(one for one in questions if one["id"] == id)


def test_three_fields_make_a_claim_and_the_rest_has_defaults(tested: Peopled) -> None:
    client = tested.as_role("mediator")
    event, claim = made(tested, entered(client.post("/claims", data=TYPED)))
    assert (claim.question, claim.stance, claim.answer, claim.text) == ("q-stop", "asserts", "a landmine", "a landmine")
    assert event.source == Source(origin="bridge post")
    assert (event.author, event.position, event.credibility, event.sensitivity) == (
        "mediator",
        "mediator",
        6,
        "restricted",
    )


def test_of_the_next_claim_nothing_is_known_before(tested: Peopled) -> None:
    client = tested.as_role("verifier")
    assert 'name="origin" type="text" value=""' in client.get("/claims").text
    typed = {**TYPED, "origin": "drivers", "side": "neutral", "via": "garage", "reliability": "C"}
    entered(client.post("/claims", data=typed))
    page = client.get("/claims").text
    for field in ("origin", "side", "via"):
        assert f'name="{field}" type="text" value=""' in page
    assert '<option value="F" selected>' in page
    assert '<option value="drivers" data-side="">' in page
    event, _ = made(tested, entered(client.post("/claims", data={**TYPED, "origin": "drivers"})))
    assert event.source == Source(origin="drivers")


def test_the_form_offers_the_side_of_a_party_alone(tested: Peopled) -> None:
    page = tested.as_role("verifier").get("/claims").text
    assert '<option value="Council of Hill" data-side="hill-council">' in page
    assert "data-via" not in page and "data-reliability" not in page


def test_a_denial_names_the_answer_and_is_about_the_first_claim_that_gave_it(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    typed = {
        "question": "q-stop",
        "stance": "denies",
        "answer": "Fire",
        "origin": "Council of Dale",
        "text": "We did not",
    }
    _, claim = made(tested, entered(client.post("/claims", data=typed)))
    assert made(tested, claim.on)[1].text == "Dale fired" and claim.answer == ""
    answers = {one["key"]: one for one in of_question(client, "q-stop")["answers"]}
    assert answers["fire"]["kind"] == "denied by the accused"
    assert [(side["side"], len(side["claims"])) for side in answers["fire"]["sides"]] == [
        ("hill-council", 1),
        ("dale-council", 1),
    ]


def test_a_new_question_is_raised_with_its_first_claim(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    typed = {"new_question": "Who holds the bridge?", "answer": "nobody", "origin": "bridge post"}
    _, claim = made(tested, entered(client.post("/claims", data=typed)))
    assert claim.question == "q-who-holds-the-bridge"
    entered(client.post("/claims", data={**typed, "answer": "Dale"}))
    question = of_question(client, claim.question)
    assert (question["text"], question["kind"]) == ("Who holds the bridge?", "contested")


def test_each_thing_that_is_wrong_stands_at_its_field(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    assert set(wrong(client.post("/claims", data={}))) == {"question", "text", "origin"}
    answer = client.post("/claims", data={**TYPED, "question": "q-none", "people": "many", "against": "Atlantis"})
    assert set(wrong(answer)) == {"question", "people", "against"} and 'value="a landmine"' in answer.text
    assert "Council of Hill" in wrong(answer)["against"]
    accused = wrong(client.post("/claims", data={**TYPED, "stance": "accuses"}))
    assert accused.keys() == {"against"}
    assert wrong(client.post("/claims", data={**TYPED, "stance": "denies", "answer": "unheard of"})).keys() == {
        "answer"
    }
    assert wrong(client.post("/claims", data={**TYPED, "ours": "yes"})).keys() == {"origin"}
    assert wrong(client.post("/claims", data={**TYPED, "reliability": "G"})).keys() == {"reliability"}
    assert wrong(client.post("/claims", data={**TYPED, "text": "x" * 20_001})).keys() == {"text"}


def test_our_own_observer_settles_only_where_that_is_ticked(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    typed = {"new_question": "Is the gate open?", "answer": "yes", "ours": "yes"}
    event, claim = made(tested, entered(client.post("/claims", data=typed)))
    assert event.source is None
    question = of_question(client, claim.question)
    assert (question["kind"], question["open"]) == ("settled by observation", False)


def test_a_correction_keeps_the_first_entry_struck_beside_the_new_one(tested: Peopled) -> None:
    client = tested.as_role("mediator")
    first = entered(client.post("/claims", data={**TYPED, "new_question": "How many buses came?", "answer": "30"}))
    form = client.get("/claims", params={"corrects": first}).text
    assert f'name="corrects" value="{first}"' in form and 'name="answer" type="text" value="30"' in form
    question = made(tested, first)[1].question
    typed = {**TYPED, "question": question, "answer": "13", "corrects": first}
    second = entered(client.post("/claims", data=typed))
    (answer,) = of_question(client, question)["answers"]
    claims = {one["event"]: one for side in answer["sides"] for one in side["claims"]}
    assert answer["key"] == "13"
    assert (claims[first]["struck"], claims[first]["struck_by"], claims[second]["struck"]) == ("corrected", second, "")
    assert '<del dir="auto">30</del>' in client.get("/claims").text


def test_who_corrects_a_claim_that_others_deny_is_told_that_the_denials_come_along(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    first = entered(client.post("/claims", data={**TYPED, "new_question": "Who fired?", "answer": "Dale"}))
    assert "Claims about the first entry" not in client.get("/claims", params={"corrects": first}).text
    denial = {
        "stance": "denies",
        "on": first,
        "origin": "Council of Dale",
        "text": "We did not",
        "question": "q-who-fired",
    }
    denied = entered(client.post("/claims", data=denial))
    assert "Claims about the first entry: 1." in client.get("/claims", params={"corrects": first}).text
    entered(client.post("/claims", data={**TYPED, "question": "q-who-fired", "answer": "Dale post", "corrects": first}))
    (answer,) = of_question(client, "q-who-fired")["answers"]
    assert {first, denied} < {claim["event"] for side in answer["sides"] for claim in side["claims"]}
    assert answer["kind"] != "single-source"


def test_who_takes_a_claim_back_leaves_it_struck(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    first = entered(client.post("/claims", data={**TYPED, "new_question": "Was there fire?", "answer": "yes"}))
    back = {**TYPED, "stance": "retracts", "on": first, "text": "We were mistaken", "answer": ""}
    entered(client.post("/claims", data=back))
    question = of_question(client, made(tested, first)[1].question)
    claims = {one["event"]: one for side in question["answers"][0]["sides"] for one in side["claims"]}
    assert question["kind"] == "retracted" and claims[first]["struck"] == "taken back"


def test_an_assessment_gives_its_reason_and_changes_no_standing(tested: Peopled) -> None:
    client = tested.as_role("verifier")
    claim = entered(client.post("/claims", data={**TYPED, "new_question": "Is the road mined?", "answer": "yes"}))
    before = of_question(client, "q-is-the-road-mined")
    without = client.post("/claims/assessment", data={"claim": claim, "credibility": "2"})
    assert without.status_code == 422 and "an assessment gives its reason" in without.text
    answer = client.post("/claims/assessment", data={"claim": claim, "credibility": "2", "why": "two photographs"})
    assert answer.headers["location"].endswith(f"#{claim}")
    after = of_question(client, "q-is-the-road-mined")
    (judged,) = after["answers"][0]["sides"][0]["claims"][0]["assessments"]
    assert (judged["author"], judged["credibility"], judged["why"]) == ("verifier", 2, "two photographs")
    assert after["kind"] == before["kind"] and after["sentence"] == before["sentence"]
    strange = client.post("/claims/assessment", data={"claim": "none", "credibility": "2", "why": "x"})
    assert strange.status_code == 422 and "not on the desk" in strange.text


def test_only_who_may_assess_is_shown_the_form(tested: Peopled) -> None:
    claim = next(event.id for _, event in tested.room.record.came_in if isinstance(event.what, ClaimMade))
    for role, shown in (("verifier", True), ("mediator", False)):
        page = tested.as_role(role).get(f"/claims?assess={claim}").text  # type: ignore[arg-type]
        assert ('class="assess"' in page) is shown


def test_by_correcting_nobody_strikes_out_what_is_no_claim(tested: Peopled) -> None:
    asked = next(event.id for _, event in tested.room.record.came_in if isinstance(event.what, QuestionRaised))
    answer = tested.as_role("mediator").post("/claims", data={**TYPED, "corrects": asked})
    assert answer.status_code == 422 and "Only a claim can be corrected here." in answer.text


def test_a_claim_keeps_the_filter_and_shows_its_receipt(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    answer = client.post("/claims?side=hill-council", data=TYPED)
    assert "side=hill-council" in answer.headers["location"]
    page = client.get(answer.headers["location"].partition("#")[0]).text
    assert re.search(r"Entered as number \d+\.", page) and "left out by the filter" in page


def test_the_fields_of_the_filter_hold_what_it_is(tested: Peopled) -> None:
    page = tested.as_role("dispatcher").get(
        "/claims", params={"since": "2025-03-01T07:30+02:00", "side": "hill-council"}
    )
    assert 'value="2025-03-01T07:30"' in page.text and '<option value="hill-council" selected>' in page.text


def test_a_filter_that_is_none_is_refused_by_name(tested: Peopled) -> None:
    client = tested.as_role("dispatcher")
    assert client.get("/api/claims?standing=maybe").json()["why"].startswith("standing=maybe: choose one of")
    answer = client.get("/api/claims?since=soon")
    assert answer.status_code == 400 and "2025-03-01 12:00" in answer.text
    assert client.get("/api/claims?since=2025-03-01 07:30").status_code == 200


def test_a_secret_claim_is_on_no_desk_of_those_who_may_not_know_it(tested: Peopled) -> None:
    entered(
        tested.as_role("verifier").post("/claims", data={**TYPED, "text": "by night, on foot", "sensitivity": "secret"})
    )
    for role, seen in (("verifier", True), ("mediator", False)):
        client = tested.as_role(role)  # type: ignore[arg-type]
        assert ("by night, on foot" in client.get("/claims").text + client.get("/api/claims").text) is seen
