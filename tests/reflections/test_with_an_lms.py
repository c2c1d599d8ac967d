"""An LMS that is read beside: its pull leaves what is written here alone, and the other way round."""

from sqlalchemy import select

from lti_tool.ingest import cursors
from lti_tool.ingest.tables import Activity, Post, PullCursor
from lti_tool.ingest.tasks import pull
from lti_tool.ingest.writing import Counts
from lti_tool.jobs import Run, enqueue
from lti_tool.lms.connections import connect
from tests.launch.test_roster import MEMBERS_BY_ID
from tests.lms.captured_lms import TOKEN, moodle, serving
from tests.reflections.conftest import NOW, YES


def read(course, database, settings):
    with database.session() as session:
        job = enqueue(session, NOW, "pull", course.reflection.course_id)
        job.state = "done"
    return pull(Run(job.id, job.key, {}, database, settings, lambda *told: None))


def test_a_pull_and_what_is_written_here_leave_each_other_alone(
    course, database, settings, platform, registration
):
    platform.members[:] = MEMBERS_BY_ID.values()
    course.set()
    person = course.student("5", YES | {"earlier": "yes"})
    course.write(person)
    course.take_in()
    (ours,) = course.posts()
    with serving(moodle()) as site:
        settings.outbound_hosts.append(site.url.removeprefix("http://"))
        with database.session() as session:
            connect(session, NOW, registration.id, "moodle", site.url, TOKEN)
        for _ in range(2):
            read(course, database, settings)
            assert ours.id in {post.id for post in course.posts()}
    theirs = {post.id for post in course.posts()} - {ours.id}
    assert theirs
    with database.reading() as session:
        assert session.get(PullCursor, ours.activity_id) is None
    person.post(course.page() + "/delete")
    assert {post.id for post in course.posts()} == theirs


def test_an_lms_that_lists_nothing_any_more_erases_nothing_of_ours(course, database):
    course.set()
    course.write(course.student())
    course.take_in()
    course_id = course.reflection.course_id
    with database.session() as session:
        gone = Activity(course_id=course_id, external_index="i", kind="forum", name="Gone")
        session.add(gone)
        session.flush()
        session.add(PullCursor(activity_id=gone.id))
    cursors.drop_unlisted(database, NOW, course_id, [], Counts(), at_once=True)
    with database.reading() as session:
        assert [row.name for row in session.scalars(select(Activity))] == ["Week 3"]
        assert len(session.scalars(select(Post)).all()) == 1
