"""The process is killed in the middle of a pull; another run of the same job ends in the same rows."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.consent import service as consent
from lti_tool.ingest import tasks
from lti_tool.ingest.tables import Post, PullCursor
from lti_tool.jobs import Job, enqueue
from lti_tool.jobs.worker import Worker
from lti_tool.launch.people import people_by_lms_id
from lti_tool.launch.tables import Course
from lti_tool.lms.connections import connect
from tests.ingest.conftest import EARLIER
from tests.lms.captured_lms import TOKEN, recorded

assert tasks.pull

CHILD = """
import sys
from lti_tool.ingest import reading, tasks
from lti_tool.jobs.worker import Worker
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, use_keyring

reading.BATCH = 2
settings = Settings.model_validate_json(sys.stdin.read())
use_keyring(Keyring.load(settings.keys_path))
Worker(Database(settings.database), settings, []).run_one()
"""


@pytest.mark.kill
def test_a_killed_pull_is_taken_up_again(
    sign_in, platform, database, registration, settings, keyring, moodle_site
):
    platform.members[:] = recorded("moodle", "memberships")["body"]["members"]
    settings.outbound_hosts.append(moodle_site.url.removeprefix("http://"))
    now = datetime.now(UTC)
    for user in "56789":
        sign_in("student", user)
    with database.session() as session:
        connect(session, now, registration.id, "moodle", moodle_site.url, TOKEN)
        course = session.scalars(select(Course)).one()
        for person in people_by_lms_id(session, course.id).values():
            consent.save(session, now, person, course.id, EARLIER, "en")
        enqueue(session, now, "pull", course.id)

    kill_in_the_middle(settings, keyring, moodle_site)
    assert 0 < len(rows(database)) < 15
    with database.session() as session:
        session.execute(update(Job).values(heartbeat_at=now - timedelta(minutes=5)))
    worker = Worker(database, settings, [])
    assert worker.run_one()
    taken_up = rows(database)
    with database.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == "pull")).one()
        assert (job.state, job.attempts) == ("done", 2)
        assert {cursor.position for cursor in session.scalars(select(PullCursor))} == {""}
        assert len(session.scalars(select(Job).where(Job.kind == "score")).all()) == 1

    with database.session() as session:
        for person in people_by_lms_id(session, course.id).values():
            consent.save(session, now, person, course.id, consent.DECLINED, "en")
            consent.save(session, now, person, course.id, EARLIER, "en")
        session.execute(update(Job).where(Job.kind == "score").values(state="done"))
        assert session.scalars(select(Post)).all() == []
        enqueue(session, now, "pull", course.id)
    assert worker.run_one()
    assert len(taken_up) == 15
    assert rows(database) == taken_up


def kill_in_the_middle(settings, keyring, moodle_site):
    """Start a worker of its own and kill it while it waits for the sixth answer of a forum."""
    reached, release = threading.Event(), threading.Event()

    def hold(name, number):
        if name == "mod_forum_get_discussion_posts" and number == 6 and not release.is_set():
            reached.set()
            release.wait(30)

    moodle_site.fail = hold
    if not settings.keys_path.exists():
        keyring.save(settings.keys_path)
    child = subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, text=True)
    child.stdin.write(settings.model_dump_json())
    child.stdin.close()
    assert reached.wait(60)
    child.kill()
    child.wait()
    release.set()


def rows(database):
    with database.reading() as session:
        return sorted(
            (post.external_index, post.text, post.title, post.language, post.scorable, post.written_at)
            for post in session.scalars(select(Post))
        )
