"""Consent belongs to one course and ends with it, or after a year (P19)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.consent import service as consent
from lti_tool.consent.choices import DECLINED, Choices, CourseOverError
from lti_tool.consent.tables import ConsentEvent
from lti_tool.consent.tasks import expire_consent
from lti_tool.errors import NotFoundError
from lti_tool.jobs import Job, Run
from lti_tool.launch import courses, people
from lti_tool.launch.tables import Course, Deployment, Registration
from lti_tool.storage import new_id
from tests.classroom import settings_in
from tests.withdrawal.place import ALL, NOW, Lms, left_of, place


def ended(here, day=date(2020, 1, 31)):
    with here.database.session() as session:
        courses.set_end(session, NOW, here.course_id, day)


def night(here, tmp_path):
    run = Run("a job", "", {}, here.database, settings_in(tmp_path), lambda *_: None)
    return expire_consent(run)


def test_p19_consent_ends_with_the_course_and_what_lived_by_it_goes(course, tmp_path):
    elsewhere = place(course.database)
    course.pull(Lms(4))
    ended(course)
    assert night(course, tmp_path) == {"ended": 2}
    for person in course.people.values():
        assert left_of(course.database, person) == {}
    with course.database.reading() as session:
        assert consent.choices(session, course.writer) == Choices()
        assert consent.choices(session, elsewhere.writer) == ALL
        said = select(ConsentEvent.event).where(ConsentEvent.person_id == course.writer)
        assert set(session.scalars(said)) == {"granted", "expired"}
    assert night(course, tmp_path) == {"ended": 0}


def test_p19_a_course_that_is_over_takes_a_no_and_no_yes(course):
    ended(course)
    course.choose(course.writer, Choices(True, a=True, b=True))
    course.choose(course.writer, DECLINED)
    with pytest.raises(CourseOverError):
        course.choose(course.writer, ALL)
    with course.database.reading() as session:
        assert consent.choices(session, course.writer) == DECLINED


def test_p19_a_course_that_is_over_is_neither_pulled_nor_scored(course):
    with course.database.session() as session:
        row = session.get_one(Course, course.course_id)
        row.last_launch_at = NOW
        assert course.course_id in {one.id for one in courses.active(session, NOW)}
        courses.set_end(session, NOW, course.course_id, NOW.date())
        assert course.course_id in {one.id for one in courses.active(session, NOW)}, (
            "its last day is one of it"
        )
        tomorrow = NOW + timedelta(days=1)
        assert course.course_id not in {one.id for one in courses.active(session, tomorrow)}


def remember(session, deployment, ends_on):
    registration = session.get_one(Registration, deployment.registration_id)
    return courses.remember(
        session,
        NOW,
        registration,
        deployment,
        "42",
        title="",
        roster_url=None,
        lms_course_id=None,
        ends_on=ends_on,
    )


def test_p19_the_lms_tells_when_a_course_ends_and_the_institutions_date_stands_above_it(course):
    told = datetime(2026, 12, 18, tzinfo=UTC)
    with course.database.session() as session:
        row = session.get_one(Course, course.course_id)
        deployment = session.get_one(Deployment, row.deployment_id)
        assert remember(session, deployment, told).ends_on == told
        assert remember(session, deployment, None).ends_on == told, (
            "a launch that says nothing takes nothing away"
        )
        courses.set_end(session, NOW, row.id, date(2027, 1, 31))
        assert remember(session, deployment, told).ends_on == datetime(2027, 2, 1, tzinfo=UTC)
        courses.set_end(session, NOW, row.id, None)
        assert row.ends_on is None
        assert remember(session, deployment, told).ends_on == told
        with pytest.raises(NotFoundError):
            courses.set_end(session, NOW, new_id(), None)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-12-18T22:59:59Z", datetime(2026, 12, 18, 22, 59, 59, tzinfo=UTC)),
        ("2026-12-18T22:59:59+01:00", datetime(2026, 12, 18, 21, 59, 59, tzinfo=UTC)),
        ("2026-12-18", None),
        ("$Canvas.course.endAt", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_p19_only_a_time_with_its_zone_is_taken_for_the_end_of_a_course(said, moment):
    assert courses.told_end(said) == moment


def test_p19_numbers_of_a_course_that_nobody_opens_are_counted_anew_when_consent_ends(course, tmp_path):
    with course.database.session() as session:
        session.get_one(Course, course.course_id).last_launch_at = NOW - timedelta(days=2000)
        for person in course.people.values():
            consent.lock(session, person).a_since = NOW - timedelta(days=400)
    assert night(course, tmp_path) == {"ended": 2}
    with course.database.reading() as session:
        assert session.scalars(select(Job.kind).where(Job.key == course.course_id)).all() == ["snapshot"]


def test_p19_the_same_person_in_two_courses_is_two_subjects_without_a_join(course):
    """The keyed index is over the course too, and a choice or a withdrawal in one touches nothing in the other."""
    with course.database.session() as session:
        here = session.get_one(Course, course.course_id)
        other = Course(
            institution_id=here.institution_id, deployment_id=here.deployment_id, context_key="43", title="B"
        )
        session.add(other)
        session.flush()
        registration = courses.registration_of(session, here)
        who = (registration.issuer, registration.client_id, "1", "sub-1", "sub-1")
        one = people.person_for(session, NOW, here, *who)
        two = people.person_for(session, NOW, other, *who)
        assert one.id != two.id
        assert people.person_for(session, NOW, here, *who).id == one.id
        for person, where in ((one, here), (two, other)):
            consent.save(session, NOW, person.id, where.id, ALL, "en")
        consent.save(session, NOW, one.id, here.id, DECLINED, "en")
        assert consent.choices(session, two.id) == ALL
        assert consent.granted(session, other.id, "b") == {two.id}
        assert one.id not in consent.granted(session, here.id, "b")
