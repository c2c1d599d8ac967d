"""The nightly end of old consent, run as the worker runs it."""

from datetime import UTC, datetime, timedelta

from lti_tool.consent import service
from lti_tool.consent.service import Choices
from lti_tool.consent.tasks import expire_consent
from lti_tool.jobs import Run
from lti_tool.schedule import EXPIRY_AT, entries

from .conftest import make_course


def test_the_worker_ends_consent_of_more_than_a_year_ago(database, settings):
    long_ago = datetime.now(UTC) - service.LAPSES_AFTER - timedelta(days=1)
    with database.session() as session:
        course = make_course(session)
        for person, when in zip(course.people, (long_ago, datetime.now(UTC)), strict=False):
            service.save(session, when, person, course.course, Choices(True, a=True), "en")
    run = Run("job", "", {}, database, settings, lambda *_: None)
    assert expire_consent(run) == {"ended": 1}
    with database.reading() as session:
        assert service.granted(session, course.course, "a") == {course.people[1]}


def test_it_stands_in_the_schedule_before_the_retraining(settings):
    kinds = [entry.kind for entry in entries(settings)]
    assert "expire_consent" in kinds
    assert settings.retrain_at > EXPIRY_AT
