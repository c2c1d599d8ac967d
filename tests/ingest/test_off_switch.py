"""The off switch in the middle of a pull: nothing is written after it (P64)."""

import pytest

from lti_tool.ingest import reading
from lti_tool.ingest.tasks import pull as pull_task
from lti_tool.jobs import Run
from lti_tool.launch import stopping
from lti_tool.launch.stopping import StoppedError
from lti_tool.launch.tables import Course, Institution
from tests.classroom import settings_in
from tests.ingest.conftest import NOW


@pytest.mark.parametrize("level", ["course", "institution"])
def test_p64_a_pull_that_runs_ends_with_the_batch_that_was_written(everyone, moodle_site, monkeypatch, level):
    monkeypatch.setattr(reading, "BATCH", 2)
    write, written = reading.write_batch, []

    def write_and_switch_off(session, *arguments, **named):
        write(session, *arguments, **named)
        written.append(1)
        if len(written) == 2:
            course = session.get_one(Course, everyone.course_id)
            institution = session.get_one(Institution, course.institution_id)
            if level == "course":
                stopping.stop_course(session, NOW, course, "A complaint", None)
            else:
                institution.mode = "off"

    monkeypatch.setattr(reading, "write_batch", write_and_switch_off)
    with pytest.raises(StoppedError):
        everyone.pull(moodle_site)
    assert len(written) == 2
    assert 0 < len(everyone.posts()) <= 4


def test_p64_a_pull_of_what_is_switched_off_calls_nobody(everyone, tmp_path, no_network):
    with everyone.database.session() as session:
        stopping.stop_course(session, NOW, session.get_one(Course, everyone.course_id), "A complaint", None)
    settings = settings_in(tmp_path)
    run = Run("job", everyone.course_id, {"asked": True}, everyone.database, settings, lambda *_: None)
    with pytest.raises(StoppedError):
        pull_task(run)


def test_p64_a_pull_of_a_course_that_is_over_says_so(everyone, tmp_path):
    with everyone.database.session() as session:
        session.get_one(Course, everyone.course_id).ends_on = NOW
    settings = settings_in(tmp_path)
    run = Run("job", everyone.course_id, {}, everyone.database, settings, lambda *_: None)
    with pytest.raises(StoppedError) as told:
        pull_task(run)
    assert told.value.code == "course_over"
