"""The off switch of a course and of an institution: jobs, pages, record (P64)."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy
import pytest
from sqlalchemy import select

from lti_tool import schedule
from lti_tool.audit.tables import AuditEvent
from lti_tool.errors import FieldError
from lti_tool.jobs import Run
from lti_tool.launch import stopping
from lti_tool.launch.stopping import NothingToSwitchError, StoppedError
from lti_tool.launch.tables import Course, CourseStop, Institution
from lti_tool.retraining import switched_off, training
from lti_tool.review.pool import corrections
from lti_tool.review.tables import Answer
from lti_tool.scoring import tasks
from lti_tool.scoring.tables import Score
from lti_tool.storage import new_id
from tests.classroom import START, Classroom, open_database, settings_in

NOW = START + timedelta(days=50)
WHY = "A complaint is looked into"


@pytest.fixture
def place(tmp_path):
    opened = open_database(tmp_path)
    yield opened
    opened.dispose()


@pytest.fixture
def room(place):
    with place.session() as session:
        room = Classroom(session)
        room.version()
        activity = room.activity("Forum")
        room.posts = [room.post(one, activity, f"Text of {one}") for one in room.people(6, "ABC")]
    return room


def run_of(place, room, tmp_path):
    return Run("job", room.course_id, {}, place, settings_in(tmp_path), lambda *_: None)


def stop(session, room, reason=WHY):
    stopping.stop_course(session, NOW, session.get_one(Course, room.course_id), reason, None)


def test_p64_scoring_that_runs_writes_nothing_after_the_switch(place, room, tmp_path, monkeypatch):
    class Scorer:
        def score(self, texts):
            if len(seen) == 1:
                with place.session() as session:
                    stop(session, room)
            seen.append(len(texts))
            return numpy.zeros((len(texts), 10))

    seen = []
    monkeypatch.setattr(tasks, "BATCH", 2)
    monkeypatch.setattr(tasks, "scorer_for", lambda _folder: Scorer())
    monkeypatch.setattr(tasks.weights, "path_of", lambda *_: Path())
    with pytest.raises(StoppedError):
        tasks.score(run_of(place, room, tmp_path))
    assert seen == [2, 2]
    with place.reading() as session:
        assert len(session.scalars(select(Score)).all()) == 2


def answered(session, room, post):
    row = Answer(
        course_id=room.course_id,
        post_id=post.id,
        person_id=post.person_id,
        annotator_id=post.person_id,
        annotator_role="student",
        kind="labels",
        labels={"sentiment": "negative"},
        text_hash=post.text_hash,
        answered_at=START,
    )
    session.add(row)
    session.flush()
    return row.id


def test_p64_training_leaves_out_what_is_switched_off_and_a_run_that_learns_from_it_ends(place, room):
    with place.session() as session:
        answer_id = answered(session, room, room.posts[0])
        assert len(corrections(session)) == 1
    is_off = switched_off.watch(place, [answer_id])
    assert not is_off()
    with place.session() as session:
        stop(session, room)
        assert corrections(session) == []
    assert is_off()
    with pytest.raises(StoppedError, match="learnt from"):
        switched_off.require_on(place, [answer_id])


def test_p64_a_training_process_is_killed_within_seconds_of_the_switch(monkeypatch, tmp_path):
    assert training.LOOK_SECONDS < 60
    monkeypatch.setattr(training, "LOOK_SECONDS", 0.01)
    begin, children = subprocess.Popen, []

    def sleeper(_command, **options):
        children.append(begin([sys.executable, "-c", "import time; time.sleep(600)"], **options))
        return children[0]

    monkeypatch.setattr(training.subprocess, "Popen", sleeper)
    with pytest.raises(StoppedError):
        training.run_child({}, lambda *_: None, 600, tmp_path, lambda: bool(children))
    assert children[0].poll() is not None


def test_p64_the_schedule_passes_over_what_is_off_but_still_renews_its_picture(place, room):
    def active(session):
        return schedule.active_courses(session, NOW), schedule.readable_courses(session, NOW)

    with place.session() as session:
        assert active(session) == ([room.course_id], [room.course_id])
        stop(session, room)
        assert active(session) == ([], [])
        assert schedule.pictured_courses(session, NOW) == [room.course_id]
        stopping.resume_course(session, NOW, session.get_one(Course, room.course_id), "Settled", None)
        assert active(session) == ([room.course_id], [room.course_id])
        session.get_one(Institution, room.institution_id).mode = "off"
        assert active(session) == ([], [])


def test_p64_switching_needs_a_reason_and_is_on_record_both_ways(place, room):
    with place.session() as session:
        course, actor = session.get_one(Course, room.course_id), new_id()
        for reason in ("", "  ", "x" * 501):
            with pytest.raises(FieldError):
                stop(session, room, reason)
        with pytest.raises(NothingToSwitchError):
            stopping.resume_course(session, NOW, course, "Settled", None)
        stopping.stop_course(session, NOW, course, WHY, actor)
        with pytest.raises(NothingToSwitchError):
            stop(session, room)
        later = NOW + timedelta(days=2)
        stopping.resume_course(session, later, course, "Settled", None)
        row = session.scalars(select(CourseStop)).one()
        assert (row.reason, row.stopped_at, row.stopped_by) == (WHY, NOW, actor)
        assert (row.resumed_at, row.resumed_because) == (later, "Settled")
        events = session.scalars(select(AuditEvent.event).order_by(AuditEvent.at)).all()
        assert events == ["switched_off", "switched_on"]


def test_p64_an_institution_comes_back_in_the_mode_that_was_decided_before(place, room):
    from lti_tool.launch.institutions import Decision, decide

    decision = Decision("individual", "the provost", "to see", "provost", "DPIA 2", "memo 2")
    with place.session() as session:
        institution = session.get_one(Institution, room.institution_id)
        decide(session, START, institution, decision, None)
        stopping.stop_institution(session, NOW, institution, WHY, None)
        assert stopping.stop_of(session, NOW, room.course_id).reason == WHY
        with pytest.raises(NothingToSwitchError):
            stopping.stop_institution(session, NOW, institution, WHY, None)
        assert stopping.resume_institution(session, NOW, institution, "Settled", None) == "individual"
        record = institution.mode_record
        assert (record["assessment"], record["memo"], record["reason"]) == ("DPIA 2", "memo 2", "Settled")
        assert [one["mode"] for one in record["earlier"]] == ["individual", "off"]


def test_p64_one_action_on_the_page_stops_a_course_and_everybody_reads_why(sign_in, database):
    student, teacher = sign_in("student", "5"), sign_in("instructor", "7")
    student.post("choices", {"a": "yes", "b": "no", "c": "no", "d": "no"})
    boss = sign_in("administrator", "8")
    with database.reading() as session:
        course = session.scalars(select(Course)).one()
    assert boss.post(f"protection/courses/{course.id}/switch", {"reason": ""}).status_code == 400
    assert WHY not in student.get("student").text
    assert boss.post(f"protection/courses/{course.id}/switch", {"reason": WHY}).status_code == 303
    for page in (student.get("student"), teacher.get("overview"), boss.get("protection")):
        assert page.status_code == 200
        assert WHY in page.text
    assert student.post("choices/c", {"value": "yes"}).status_code == 403
    assert student.post("choices/a", {"value": "no"}).status_code == 303  # stopping is always possible
    assert boss.post(f"protection/courses/{course.id}/switch", {"reason": "Settled"}).status_code == 303
    assert WHY not in teacher.get("overview").text


def test_p64_one_action_on_the_page_stops_the_institution_and_starts_it_again(sign_in, database):
    student, boss = sign_in("student", "5"), sign_in("administrator", "8")
    assert boss.post("protection/switch", {"reason": WHY}).status_code == 303
    assert WHY in student.get("student").text
    assert boss.post("protection/switch", {"reason": "Settled"}).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Institution.mode)).one() == "individual"


def test_p64_only_an_administrator_of_the_institution_reaches_the_switch(sign_in, database):
    student, boss = sign_in("student", "5"), sign_in("administrator", "8")
    assert student.get("protection").status_code == 403
    assert student.post("protection/switch", {"reason": WHY}).status_code == 403
    with database.session() as session:
        elsewhere = Classroom(session).course_id
    assert boss.post(f"protection/courses/{elsewhere}/switch", {"reason": WHY}).status_code == 404
