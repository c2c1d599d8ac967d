"""A course with a model, texts of people who share and agree to training, and instructors who label them."""

from datetime import timedelta

import pytest

from lti_tool.jobs import Job
from lti_tool.review import service
from lti_tool.review.effective import answers_of
from tests.classroom import START, Classroom, open_database

NOW = START + timedelta(days=50)
SAD = {"sentiment": "negative", "frustration": 1}
GLAD = {"sentiment": "positive", "satisfaction": 1}


class Labelling:
    """A classroom of which the texts are labelled; times are in minutes after `NOW`."""

    def __init__(self, session) -> None:
        self.room = Classroom(session)
        self.session, self.course_id = session, self.room.course_id
        self.model = self.room.version()
        self.forum = self.room.activity("Help")

    def texts(self, count, choices="ABC", **chances):
        return self.room.scored(self.room.people(count, choices), self.forum, self.model, **chances)

    def teacher(self):
        return self.room.person("-")

    def label(self, post, who, labels=SAD, minutes=0.0, **more):
        more = {"course_id": self.course_id} | more
        return service.answer(self.session, at(minutes), post.id, who, labels, post.text_hash, **more)

    def undo(self, post, who, minutes):
        service.undo(self.session, at(minutes), post.id, who, course_id=self.course_id)

    def given(self, post):
        return answers_of(self.session, [post]).get(post.id, [])

    def checked(self, minutes, scope=""):
        """A nightly check has begun at this minute, and ended: of an institution, or of the only one."""
        job = Job(kind="retrain", key=scope, state="done", queued_at=at(minutes), started_at=at(minutes))
        job.finished_at = at(minutes + 1)
        self.session.add(job)
        self.session.flush()


def at(minutes):
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def made(tmp_path):
    with open_database(tmp_path).session() as session:
        yield Labelling(session)
