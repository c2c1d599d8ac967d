"""The snapshot job: numbers as of now, coverage only when the roster answers."""

from lti_tool.insights import service, tasks
from lti_tool.jobs import Run
from lti_tool.launch import roster
from lti_tool.launch.roster import Member, Roster
from tests.classroom import open_database, settings_in
from tests.insights.arcs import ClassOf24


def test_the_job_keeps_a_picture_without_coverage_when_there_is_no_roster(tmp_path, monkeypatch):
    database = open_database(tmp_path)
    with database.session() as session:
        course_id = ClassOf24(session).course_id
    run = Run("job", course_id, {}, database, settings_in(tmp_path), lambda *_: None)
    assert tasks.snapshot(run)["state"] == "ready"
    assert coverage(database, course_id) is None

    students = [Member(str(n), "", "", "", "", (), student=n > 0) for n in range(25)]
    monkeypatch.setattr(roster, "read", lambda *_: Roster(tuple(students), names=True))
    tasks.snapshot(run)
    assert coverage(database, course_id) == "half_to_three_quarters"


def coverage(database, course_id):
    with database.reading() as session:
        return service.body_of(service.latest(session, course_id)).coverage
