"""The situation report in the room: the same on the page, as JSON and in the files, at the instant asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from starlette.testclient import TestClient

from safepassage import control
from safepassage.web.serve import open_rehearsal
from web.rooms import HERE


@pytest.fixture(scope="module")
def aleppo() -> Iterator[TestClient]:
    """The demonstration, with whoever comes let in."""
    with ExitStack() as closing:
        opened = open_rehearsal(closing, demonstration=True)
        client = TestClient(opened.app, base_url=HERE)
        client.get("/")
        yield client


def test_the_page_says_what_the_json_says(aleppo: TestClient) -> None:
    page, document = aleppo.get("/report").text, aleppo.get("/api/report").json()
    assert document["headline"] == "Suspended since 16 Dec 09:00: nobody may leave. WHO says so."
    assert document["headline"] in page
    for part in document["parts"]:
        assert part["title"] in page or not (part["sentences"] or any(table["rows"] for table in part["tables"]))


@pytest.mark.parametrize("ending", control.REPORTS)
def test_the_files_are_of_the_instant_and_name_the_logs_checkpoint(aleppo: TestClient, ending: str) -> None:
    answer = aleppo.get(f"/report.{ending}?as_of=2016-12-19T12:00%2B02:00&language=en")
    assert answer.status_code == 200
    assert f"december-2016-2016-12-19-1200-en.{ending}" in answer.headers["content-disposition"]
    if ending == "pdf":
        assert answer.content.startswith(b"%PDF")
    else:
        assert "As of 2016-12-19 12:00" in answer.text or "19 Dec" in answer.text
        assert " 294 " in answer.text, "the checkpoint counts the events of the log"


def test_as_known_then_the_report_says_no_more_than_was_known(aleppo: TestClient) -> None:
    instant = "as_of=2016-12-16T09:00%2B02:00"
    later = json.dumps(aleppo.get(f"/api/report?{instant}").json())
    then = json.dumps(aleppo.get(f"/api/report?{instant}&known_at=2016-12-16T09:00%2B02:00").json())
    assert "Pro-government militias wanted the wounded" in later
    assert "Pro-government militias wanted the wounded" not in then


@pytest.mark.parametrize("written", ["2016-12-17T11:00+01:00", "2016-12-17 12:00", "2016-12-17T10:00Z"])
@pytest.mark.parametrize("plus", ["%2B", "+"])
def test_an_instant_is_read_however_it_is_written(aleppo: TestClient, written: str, plus: str) -> None:
    """A plus that nobody escaped comes in as a space."""
    at_noon = aleppo.get("/api/report?as_of=2016-12-17T12:00%2B02:00").json()
    assert aleppo.get(f"/api/report?as_of={written.replace('+', plus)}").json() == at_noon


def test_another_ending_and_another_time_are_refused_with_the_fix(aleppo: TestClient) -> None:
    assert aleppo.get("/report.exe").status_code == 404
    answer = aleppo.get("/report?as_of=noon")
    assert answer.status_code == 400 and "2016-12-15 12:00" in answer.text


def test_in_arabic_the_report_is_arabic(aleppo: TestClient) -> None:
    page = aleppo.get("/report?language=ar").text
    assert 'dir="rtl"' in page and "معلّقة منذ 16 كانون الأول 09:00" in page
    assert "لم يراجع متحدثٌ بالعربية" in page
