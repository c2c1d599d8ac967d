"""The job end to end, from real launches and the real roster, and the administrator's page about it."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lti_tool.consent import service as consent
from lti_tool.ingest import tasks
from lti_tool.ingest.tables import Post, PullCursor
from lti_tool.jobs import enqueue, latest
from lti_tool.jobs.worker import Worker
from lti_tool.launch.people import people_by_lms_id
from lti_tool.launch.tables import Course
from lti_tool.lms.connections import connect
from tests.ingest.conftest import EARLIER
from tests.lms.captured_lms import TOKEN, recorded

assert tasks.pull


@pytest.fixture
def administrator(sign_in, platform, database, registration, settings, moodle_site):
    """The recorded course: Aino (5) and Chloé (7) have launched, Aino agreed."""
    platform.members[:] = recorded("moodle", "memberships")["body"]["members"]
    settings.outbound_hosts.append(moodle_site.url.removeprefix("http://"))
    now = datetime.now(UTC)
    for user in ("5", "7"):
        sign_in("student", user)
    with database.session() as session:
        connect(session, now, registration.id, "moodle", moodle_site.url, TOKEN)
        course = session.scalars(select(Course)).one()
        person = people_by_lms_id(session, course.id)["5"]
        consent.save(session, now, person, course.id, EARLIER, "en")
    return sign_in("administrator", "99")


@pytest.fixture
def worker(database, settings):
    return Worker(database, settings, [])


def course_id(database):
    with database.reading() as session:
        return session.scalars(select(Course.id)).one()


def last(database):
    with database.reading() as session:
        return latest(session, "pull", course_id(database))


def read_now(administrator, database, worker):
    answer = administrator.post(f"reading/{course_id(database)}")
    assert answer.status_code == 303
    assert worker.run_one()
    return last(database)


def test_a_job_from_real_launches_stores_who_agreed_and_queues_scoring(administrator, database, worker):
    job = read_now(administrator, database, worker)
    assert (job.state, job.error_words) == ("done", "")
    assert job.result["new"] == 6
    with database.reading() as session:
        people = people_by_lms_id(session, course_id(database))
        assert set(session.scalars(select(Post.person_id))) == {people["5"]}
        assert latest(session, "score", course_id(database)).state == "queued"


def test_the_page_tells_of_the_last_reading_and_the_next(administrator, database, worker):
    assert "has not been read yet" in administrator.get("reading").text
    read_now(administrator, database, worker)
    page = administrator.get("reading").text
    assert "The last reading is complete, but for what is named below." in page
    assert re.search(r"\d+ activit(y was|ies were) read", page)
    assert "texts new" not in page
    assert "Next reading" in page
    facts = page.split('<dl class="facts">')[1].split("</dl>")[0]
    times = re.findall(r'<time datetime=[^>]+\+00:00">[^<]+ <bdi dir="ltr">[^<]+ UTC</bdi></time>', facts)
    assert len(times) == 2, "the last and the next reading, each in UTC and saying so"
    assert "not yet" in facts, "a right is missing, so not everything was ever read"
    assert "&lt;time" not in page
    assert "mod/forum:viewdiscussion" in page
    assert "Bram" not in page
    assert "Aino" not in page


def test_progress_is_shown_while_it_runs_and_asked_for_again(administrator, database):
    administrator.post(f"reading/{course_id(database)}")
    administrator.post(f"reading/{course_id(database)}")
    page = administrator.get("reading").text
    assert 'hx-trigger="every 1s"' in page
    assert "<progress" in page
    fragment = administrator.get(f"reading/{course_id(database)}/progress").text
    assert "<progress" in fragment
    assert "<html" not in fragment


def test_without_the_roster_the_pull_waits_and_changes_nothing(
    administrator, database, worker, platform, moodle_site
):
    read_now(administrator, database, worker)
    before = [*_rows(database)]
    moodle_site.stage = "delta"
    platform.status["/roster/2"] = 500
    job = read_now(administrator, database, worker)
    while job.state == "queued":
        assert worker.run_one()
        job = last(database)
    assert job.state == "failed"
    assert job.error_words == "The roster could not be read; nothing was changed."
    assert [*_rows(database)] == before
    assert "The roster could not be read; nothing was changed." in administrator.get("reading").text


def test_a_failure_of_the_lms_is_told_in_words(administrator, database, worker, moodle_site):
    moodle_site.fail = lambda name, number: (503, {}, b"<html>")
    job = read_now(administrator, database, worker)
    assert job.state == "failed"
    assert "did not answer" in administrator.get("reading").text
    assert TOKEN not in repr(vars(job))


def test_only_administrators_open_the_page_or_start_a_reading(administrator, sign_in, database):
    for role, sub in (("instructor", "3"), ("student", "7")):
        person = sign_in(role, sub)
        assert person.get("reading").status_code == 403
        assert person.post(f"reading/{course_id(database)}").status_code == 403


def test_another_course_is_not_there(administrator):
    assert administrator.post("reading/" + "0" * 32).status_code == 404


def test_a_course_without_a_connection_says_so(administrator, database, worker):
    with database.session() as session:
        from lti_tool.lms.tables import LmsConnection

        session.delete(session.scalars(select(LmsConnection)).one())
        enqueue(session, datetime.now(UTC), "pull", course_id(database))
    assert worker.run_one()
    assert "No account that reads this platform" in last(database).error_words


def _rows(database):
    with database.reading() as session:
        for post in session.scalars(select(Post).order_by(Post.external_index)):
            yield post.external_index, post.text, post.pulled_at


def test_the_page_says_of_each_activity_when_it_was_read_or_why_not(administrator, database, worker):
    read_now(administrator, database, worker)
    page = administrator.get("reading").text
    missing = page.split("data-missing")[1].split("</ul>")[0]
    assert "Its authors are hidden from those who grade it" in missing
    assert "written by groups" in missing
    assert "mod/forum:viewdiscussion" in missing
    assert page.count("not read yet") == 3
    assert page.count("completely within the last day") == 3, (
        "no moment: it would tell when somebody agreed (P14)"
    )


def test_staff_of_the_course_see_how_far_it_was_read_and_what_is_missing(
    administrator, sign_in, database, worker
):
    read_now(administrator, database, worker)
    teacher = sign_in("instructor", "3")
    page = teacher.get("overview").text
    assert "This course has not been read completely yet." in page
    assert "mod/forum:viewdiscussion" in page
    for cursor in cursors(database):
        if cursor.fault == "moodle_missing_right":
            with database.session() as session:
                session.delete(session.merge(cursor))
    page = teacher.get("overview").text
    assert "This course was read completely within the last day." in page
    assert "2 activities were not read" in page


def test_staff_of_the_course_read_why_nothing_can_be_read(
    administrator, sign_in, database, worker, moodle_site
):
    """Before anything was ever read there is no activity at which it could stand."""
    moodle_site.fail = lambda name, number: (403, {}, b"")
    assert read_now(administrator, database, worker).state == "failed"
    teacher = sign_in("instructor", "3")
    page = teacher.get("overview").text
    told = page.split("data-failure")[1].split("</p>")[0]
    assert "No reading came to its end since" in told
    assert "Web services or the REST protocol are switched off in Moodle." in told
    moodle_site.fail = lambda name, number: None
    read_now(administrator, database, worker)
    assert "data-failure" not in teacher.get("overview").text


def test_a_platform_that_is_silent_is_left_alone_and_the_page_says_until_when(
    administrator, database, worker, moodle_site
):
    moodle_site.fail = lambda name, number: (503, {}, b"<html>")
    for _ in range(3):
        assert read_now(administrator, database, worker).state == "failed"
    moodle_site.fail = lambda name, number: None
    assert "it is left alone until then" in administrator.get("reading").text
    with database.session() as session:
        enqueue(session, datetime.now(UTC), "pull", course_id(database))
    assert worker.run_one()
    assert last(database).error_code == "lms_paused"
    assert read_now(administrator, database, worker).state == "done"
    assert "left alone" not in administrator.get("reading").text


def cursors(database):
    with database.reading() as session:
        return session.scalars(select(PullCursor)).all()
