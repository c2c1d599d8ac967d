"""Background work on the administrator's page: every state in words, failures above all, and nobody else's to see."""

import runpy
from datetime import UTC, datetime, timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from sqlalchemy import select

from lti_tool.app import create_app
from lti_tool.ingest import background
from lti_tool.jobs import Job, registry
from lti_tool.jobs.worker import UNEXPECTED, Worker
from lti_tool.launch import languages
from lti_tool.launch.tables import Course, LaunchSession
from tests.launch.test_languages import MESSAGES, raw_words

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET_TEXT = "Nobody may read this sentence of mine."
EVERY = [*background.OF_A_COURSE, *background.OF_THE_INSTALLATION]
KINDS = [kind for kind in EVERY if kind != "reflections"]
"""Those that are always listed."""
TIMED = [kind for kind in KINDS if kind != "score"]


@pytest.fixture
def administrator(sign_in):
    return sign_in("administrator", "99")


@pytest.fixture
def add(administrator, database):
    """`add(kind, state, hour, **values)`: a job of the only course, or of the installation, `hour` hours after noon."""

    def add(kind: str, state: str, hour: float = 0, **values: object) -> None:
        at = NOON + timedelta(hours=hour)
        began = {} if state == "queued" else {"started_at": at + timedelta(minutes=1)}
        ended = {"finished_at": at + timedelta(minutes=5)} if state in ("done", "failed") else {}
        with database.session() as session:
            key = session.scalars(select(Course.id)).one() if kind in background.OF_A_COURSE else ""
            session.add(Job(kind=kind, key=key, state=state, queued_at=at, **began, **ended, **values))

    return add


def section(person, path: str = "reading") -> LexborNode:
    found = LexborHTMLParser(person.get(path).text).css_first("#background-work")
    assert found is not None
    return found


def said(person, kind: str) -> str:
    """What the section says of a kind, its white space evened out."""
    return " ".join(section(person).css_first(f"[data-work={kind}]").text().replace("\u202f", " ").split())


def test_every_kind_of_work_is_listed_under_headings(administrator):
    listed = section(administrator)
    assert [node.attributes["data-work"] for node in listed.css("[data-work]")] == KINDS
    assert [node.text() for node in listed.css("h3")] == ["Ecology 2", "All courses"]
    assert len(listed.css("h4")) == len(KINDS)
    assert all("Not run yet" in said(administrator, kind) for kind in KINDS)


@pytest.mark.parametrize("kind", TIMED)
def test_what_is_done_says_when_it_ended_in_utc(administrator, add, kind):
    add(kind, "done")
    assert "Done Last ended Nov 23, 2026, 12:05 UTC" in said(administrator, kind)


@pytest.mark.parametrize("kind", TIMED)
def test_what_waits_says_since_when(administrator, add, kind):
    add(kind, "queued")
    assert "Waiting to start · since Nov 23, 2026, 12:00 UTC" in said(administrator, kind)


@pytest.mark.parametrize("kind", ["pull", "snapshot", "retrain"])
def test_what_runs_says_how_far_it_is(administrator, add, kind):
    add(kind, "running", done=64, total=200)
    told = "64 of 200" if kind == "pull" else "30 %"
    assert f"Under way · since Nov 23, 2026, 12:01 UTC · {told}" in said(administrator, kind)


@pytest.mark.parametrize("state", ["queued", "running", "done"])
def test_p14_what_a_student_s_text_has_begun_is_not_told(administrator, add, state):
    """Only who agreed can hand in: when something is taken in and scored would tell of them."""
    add("score", "done", -2)
    before = str(section(administrator).html)
    add("reflections", state)
    add("score", state)
    assert section(administrator).html == before


def test_how_many_people_s_consent_ends_is_not_said(administrator, add):
    add("expire_consent", "running", done=1, total=2)
    assert "Under way" in said(administrator, "expire_consent")
    assert "1 of 2" not in said(administrator, "expire_consent")


MEANT = {
    "pull": ("is missing", "“Connection”"),
    "reflections": ("nothing of it is lost", "“Connection”"),
    "score": ("Not estimated yet", "undertone check"),
    "snapshot": ("the overview as it was before", "tried again by itself"),
    "retrain": ("The serving model stays", "“Model”"),
    "expire_consent": ("texts are still kept", "Tell the operator"),
    "tend_reflections": ("kept for longer than promised", "tried again by itself"),
    "retention": ("still kept although", "tried again every night"),
    "turn_keys": ("The calls still work", "tried again every night"),
}


@pytest.mark.parametrize("kind", EVERY)
def test_what_failed_says_why_what_it_means_and_what_to_do(administrator, add, kind):
    add(kind, "done", -2)
    add(kind, "failed", error_code="x", error_words="The weights cannot be used.")
    words = said(administrator, kind)
    assert "Failed" in words
    assert ("Last ended Nov 23, 2026, 12:05 UTC" in words) == (kind in TIMED)
    assert ("last went well Nov 23, 2026, 10:05 UTC" in words) == (kind in TIMED)
    assert "The weights cannot be used." in words
    assert all(part in words for part in MEANT[kind])


def test_a_failure_stays_visible_while_the_work_is_tried_again(administrator, add):
    add("snapshot", "failed", -1, error_words="The weights cannot be used.")
    add("snapshot", "running", done=0, total=7)
    words = said(administrator, "snapshot")
    assert "Under way" in words
    assert "<5 %" in words
    assert "of 7" not in words
    assert "never went well so far" in words
    assert "The last time it failed." in words
    assert "The weights cannot be used." in words


def test_a_failure_that_was_made_good_is_no_longer_told(administrator, add):
    add("score", "failed", -1, error_words="The weights cannot be used.")
    add("score", "done")
    words = said(administrator, "score")
    assert "Done" in words
    assert "fail" not in words.lower()
    assert "weights" not in words


def test_scoring_that_breaks_is_told_beside_a_reading_that_went_well(
    administrator, add, database, settings, monkeypatch
):
    def broken(run):
        raise ValueError(SECRET_TEXT)

    monkeypatch.setitem(registry._tasks, "score", broken)
    result = {"activities": 1, "new": 1, "edited": 0, "gone": 0, "unchanged": 0, "not_read": 0}
    add("pull", "done", -1, result=result)
    add("score", "queued")
    assert Worker(database, settings, []).run_one()
    page = administrator.get("reading").text
    assert "The last reading is complete." in page
    assert "Failed" in said(administrator, "score")
    assert UNEXPECTED in said(administrator, "score")
    assert "ValueError" not in page
    assert "Traceback" not in page
    assert SECRET_TEXT not in page


def test_it_is_asked_for_again_only_while_something_is_under_way(administrator, add):
    add("score", "failed")
    assert "hx-get" not in section(administrator).attributes
    add("snapshot", "queued")
    address = section(administrator).attributes["hx-get"]
    answer = administrator.get(address)
    assert "<html" not in answer.text
    assert section(administrator, address).css_first("[data-work=snapshot]") is not None


def test_work_of_another_course_is_not_shown(administrator, database):
    with database.session() as session:
        session.add(Job(kind="score", key="0" * 32, state="failed", queued_at=NOON, finished_at=NOON))
    assert "Not run yet" in said(administrator, "score")


@pytest.mark.parametrize("role", ["student", "instructor"])
@pytest.mark.parametrize("path", ["reading", "reading/background"])
def test_students_and_instructors_cannot_open_it(add, sign_in, role, path):
    add("score", "failed", error_words="The weights cannot be used.")
    answer = sign_in(role, "7").get(path)
    assert answer.status_code == 403
    assert "weights" not in answer.text


@pytest.fixture
def pseudo_locale(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "translations"
    runpy.run_path(str(MESSAGES))["write"](folder)
    monkeypatch.setattr(languages, "CATALOGUES", folder)


def test_every_word_of_it_can_be_translated(pseudo_locale, administrator, add, database, settings, keyring):
    administrator.client.application = create_app(settings, database, keyring)
    with database.session() as session:
        session.get_one(LaunchSession, administrator.launch_id).locale = languages.PSEUDO
    for kind in EVERY:
        add(kind, "done", -3)
        add(kind, "failed", -1, error_words=UNEXPECTED)
    add("retrain", "running", done=1, total=2)
    add("snapshot", "queued")
    page = administrator.get("reading/background").text
    assert "⟦" in page
    assert raw_words(page) == set()
