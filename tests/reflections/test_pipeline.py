"""From what was handed in to posts: the same way as texts of an LMS, and no other text is touched."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.consent.tables import ConsentState
from lti_tool.errors import UndertoneError
from lti_tool.ingest.tables import Activity, Post
from lti_tool.launch.tables import LaunchSession
from lti_tool.reflections import pipeline, tasks
from lti_tool.reflections.tables import Reflection
from lti_tool.reflections.waiting import courses_that_wait
from lti_tool.scoring.tables import ModelVersion, Score, Weights
from lti_tool.storage import new_id
from model.decision import UNCALIBRATED
from tests.reflections.conftest import NOW, TEXT, member

CLEANED = "I do not follow why the base case may be left out, and [NAME] did not either."


def waiting(course):
    with course.database.reading() as session:
        return courses_that_wait(session, NOW)


def test_a_text_becomes_a_post_like_any_other(course):
    course.set()
    person = course.student()
    course.write(person, TEXT + "\n> a quoted line\nMail jun@college.example.")
    assert len(waiting(course)) == 1
    assert course.take_in() == {"taken": 1}
    assert waiting(course) == []
    (post,) = course.posts()
    row = course.own(person)
    assert post.text == f"{CLEANED}\nMail [EMAIL]."
    assert (post.language, post.scorable, post.trainable, post.url) == ("en", "yes", True, "")
    assert (post.person_id, post.activity_id) == (row.person_id, course.reflection.activity_id)
    assert (post.written_at, post.edited_at) == (row.handed_in_at, None)
    assert course.jobs("score") == 1
    assert row.text.startswith(TEXT), "its writer sees it as it was written"
    page = person.get("texts").text
    assert CLEANED in page
    assert f'/{course.page()}">Open the original' in page
    assert course.take_in() == {"taken": 0}


def test_a_draft_becomes_none(course):
    course.set()
    course.write(course.student(), TEXT, "draft")
    assert course.take_in() == {"taken": 0}
    assert course.posts() == []


def test_a_changed_text_replaces_its_post(course):
    course.set()
    person = course.student()
    course.write(person)
    course.take_in()
    (first,) = course.posts()
    course.write(person, "It became clear on Friday after the lab session.")
    assert course.posts()[0].text == CLEANED
    course.take_in()
    (second,) = course.posts()
    assert (second.id, second.text) == (first.id, "It became clear on Friday after the lab session.")
    assert (second.written_at, second.edited_at) == (first.written_at, course.own(person).handed_in_at)


def test_without_a_roster_texts_wait(course):
    course.set()
    course.write(course.student())
    course.platform.status["/roster/2"] = 503
    with pytest.raises(tasks.RosterMissingError):
        course.take_in()
    assert course.posts() == []
    assert len(waiting(course)) == 1, "the schedule asks again"
    course.platform.status.clear()
    assert course.take_in() == {"taken": 1}


def test_a_roster_without_names_makes_texts_that_train_nothing(course):
    course.platform.members[:] = [member("3", "", "Instructor"), member("5", "")]
    course.set()
    course.write(course.student())
    course.take_in()
    assert [post.trainable for post in course.posts()] == [False]


def test_only_active_students_of_the_roster_are_taken_in(course):
    course.set()
    left, teacher = course.student("5"), course.student("6")
    course.write(left)
    course.write(teacher)
    course.platform.members[:] = [
        member("3", "Ada Teacher", "Instructor"),
        member("5") | {"status": "Inactive"},
    ]
    assert course.take_in() == {"taken": 0}
    assert course.posts() == []
    course.platform.members.append(member("6", "Jun Okafor"))
    assert course.take_in() == {"taken": 1}


def test_who_teaches_by_now_is_not_taken_in(course):
    course.set()
    course.write(course.student("6"))
    course.open("instructor", "6")
    assert course.take_in() == {"taken": 0}


def test_deleting_takes_post_and_score_along_at_once(course):
    course.set()
    person, other = course.student("5"), course.student("6")
    for one in (person, other):
        course.write(one)
    course.take_in()
    score_all(course)
    answer = person.post(course.page() + "/delete")
    assert "are gone" in person.get(answer.headers["Location"]).text
    with course.database.reading() as session:
        owners = {row.person_id for row in session.scalars(select(Score))}
    assert owners == {post.person_id for post in course.posts()} == {course.own(other).person_id}


def test_withdrawing_takes_the_post_along(course):
    course.set()
    person = course.student()
    course.write(person)
    course.take_in()
    person.post("choices/a", {"value": "no"})
    assert (course.posts(), course.texts()) == ([], [])


@pytest.mark.parametrize("what", ["delete", "withdraw", "again"])
def test_what_happens_between_reading_and_writing_wins(course, what):
    course.set()
    person = course.student()
    course.write(person)
    listed = tasks.roster.read(course.database, course.settings, course.reflection.course_id)
    taking = pipeline.Taking(course.reflection.course_id, listed)
    with course.database.reading() as session:
        made = taking.prepare(session, tasks._waiting(course.database, course.reflection.course_id, ""))
    assert len(made) == 1
    if what == "delete":
        person.post(course.page() + "/delete")
    elif what == "withdraw":
        person.post("choices/a", {"value": "no"})
    else:
        course.write(person, "Another text altogether, with more in it.")
    with course.database.session() as session:
        assert taking.write(session, NOW, made) == 0
    assert course.posts() == []
    assert len(waiting(course)) == (what == "again")


def test_what_was_handed_in_before_a_pause_waits_for_its_end(course):
    course.set()
    person = course.student()
    course.write(person)
    person.post("data/pause", {"value": "pause"})
    assert course.take_in() == {"taken": 0}
    assert "was not read" not in person.get(course.page()).text
    person.post("data/pause", {"value": "resume"})
    assert course.take_in() == {"taken": 1}
    assert [post.text for post in course.posts()] == [CLEANED]


def test_a_pause_between_reading_and_writing_leaves_the_text_waiting(course):
    course.set()
    person = course.student()
    course.write(person)
    listed = tasks.roster.read(course.database, course.settings, course.reflection.course_id)
    taking = pipeline.Taking(course.reflection.course_id, listed)
    with course.database.reading() as session:
        made = taking.prepare(session, tasks._waiting(course.database, course.reflection.course_id, ""))
    person.post("data/pause", {"value": "pause"})
    with course.database.session() as session:
        assert taking.write(session, NOW, made) == 0
    assert (course.own(person).waiting, course.posts()) == (True, [])
    person.post("data/pause", {"value": "resume"})
    assert course.take_in() == {"taken": 1}


def test_what_was_handed_in_during_a_pause_is_never_counted_as_read(course):
    """As it stands in the tables of those who handed in while this was still taken."""
    course.set()
    person = course.student()
    course.write(person)
    course.write(course.student("6"))
    handed_in = course.own(person).handed_in_at
    with course.database.session() as session:
        state = session.get_one(ConsentState, course.own(person).person_id)
        a_moment = timedelta(seconds=1)
        state.pauses = [[(handed_in - a_moment).isoformat(), (handed_in + a_moment).isoformat()]]
    assert course.take_in() == {"taken": 1}
    row = course.own(person)
    assert (row.waiting, row.passed_over_at is None) == (False, False)
    assert row.person_id not in {post.person_id for post in course.posts()}
    assert waiting(course) == []
    page = person.get(course.page()).text
    assert "This text was not read" in page
    assert "Hand it in again" in page
    with course.database.session() as session:
        session.get_one(ConsentState, row.person_id).pauses = []
    assert course.write(person).status_code == 303
    assert "was not read" not in person.get(course.page()).text
    assert course.take_in() == {"taken": 1}
    course.move(closes_at=datetime.now(UTC) - timedelta(days=31))
    assert course.tend() == {"deleted": 2}


def test_killed_in_the_middle_it_ends_in_the_same_rows(course, monkeypatch):
    course.set()
    for sub in ("5", "6"):
        course.write(course.student(sub))
    monkeypatch.setattr(tasks, "BATCH", 1)
    write, calls = pipeline.Taking.write, []

    def dies(self, *given):
        calls.append(write(self, *given))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return calls[-1]

    monkeypatch.setattr(pipeline.Taking, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        course.take_in()
    assert len(course.posts()) == 1
    monkeypatch.setattr(pipeline.Taking, "write", write)
    assert course.take_in() == {"taken": 1}
    assert len(course.posts()) == 2
    assert course.jobs("score") == 1


def test_an_activity_of_an_lms_and_its_posts_are_left_alone(course):
    course.set()
    person = course.student()
    course.write(person)
    course.take_in()
    with course.database.session() as session:
        theirs = Activity(
            course_id=course.reflection.course_id, external_index="i", kind="reflection", name="Essay"
        )
        session.add(theirs)
        session.flush()
        ours = session.scalars(select(Post)).one()
        session.add(
            Post(
                course_id=ours.course_id,
                activity_id=theirs.id,
                person_id=ours.person_id,
                external_index="x",
                text="An essay",
                text_hash="h",
                language="en",
                written_at=NOW,
                pulled_at=NOW,
            )
        )
    person.post(course.page() + "/delete")
    assert [post.text for post in course.posts()] == ["An essay"]


def test_a_course_in_which_nothing_waits_asks_the_platform_nothing(course):
    course.set()
    assert course.take_in() == {"taken": 0}
    assert course.platform.counts("/roster/2") == 0


def test_what_was_typed_goes_a_month_after_the_end_and_its_post_stays(course):
    course.set()
    course.write(course.student("5"))
    course.write(course.student("6"), "Only a draft", "draft")
    course.take_in()
    course.move(closes_at=datetime.now(UTC) - timedelta(days=29))
    assert course.tend() == {"deleted": 0}
    course.move(closes_at=datetime.now(UTC) - timedelta(days=31))
    assert course.tend() == {"deleted": 2}
    assert course.texts() == []
    assert len(course.posts()) == 1


def test_what_waits_to_be_taken_in_is_not_deleted_before(course):
    course.set()
    course.write(course.student())
    course.move(closes_at=datetime.now(UTC) - timedelta(days=31))
    assert course.tend() == {"deleted": 0}
    assert course.take_in() == {"taken": 1}
    assert course.tend() == {"deleted": 1}
    assert (len(course.texts()), len(course.posts())) == (0, 1)


def over(course):
    """A month after the end of a reflection that was taken in: its post is left."""
    course.move(closes_at=datetime.now(UTC) - timedelta(days=31))
    assert course.tend() == {"deleted": 1}
    assert len(course.posts()) == 1


def test_a_post_is_deleted_by_its_author_also_when_what_was_typed_is_gone(course):
    course.set()
    person, other = course.student("5"), course.student("6")
    course.write(person)
    course.take_in()
    over(course)
    assert "Delete it now" not in other.get(course.page()).text
    other.post(course.page() + "/delete")
    page = person.get(course.page()).text
    assert "nothing of yours is kept" not in page
    assert "Delete it now" in page
    assert len(course.posts()) == 1
    person.post(course.page() + "/delete")
    assert course.posts() == []
    assert "nothing of yours is kept" in person.get(course.page()).text


def test_a_reopened_reflection_has_one_post_of_each_student(course):
    course.set()
    person = course.student()
    course.write(person)
    course.take_in()
    (before,) = course.posts()
    over(course)
    course.move(closes_at=datetime.now(UTC) + timedelta(days=7))
    course.write(person, "It became clear on Friday after the lab session.")
    assert course.take_in() == {"taken": 1}
    (after,) = course.posts()
    assert (after.id, after.text) == (before.id, "It became clear on Friday after the lab session.")


def test_a_fault_that_is_no_refusal_leaves_the_text_waiting(course):
    course.set()
    course.write(course.student())
    course.platform.bodies["/roster/2"] = b"{"
    with pytest.raises(UndertoneError):
        course.take_in()
    assert len(waiting(course)) == 1


def score_all(course):
    with course.database.session() as session:
        session.add(Weights(hash="f" * 64, archive=b"", manifest={}, created_at=NOW))
        session.flush()
        version = ModelVersion(
            weights_hash="f" * 64, calibration=dict(UNCALIBRATED), origin="shipped", created_at=NOW
        )
        session.add(version)
        for post in session.scalars(select(Post)):
            session.add(
                Score(
                    id=new_id(),
                    post_id=post.id,
                    person_id=post.person_id,
                    text_hash=post.text_hash,
                    weights_hash="f" * 64,
                    logits=[0.0] * 10,
                    scored_at=NOW,
                )
            )
        assert session.scalars(select(LaunchSession)).first()


def typed_over(course, days):
    """As the nightly work finds it so many days after the activity closed."""
    with course.database.session() as session:
        session.scalars(select(Reflection)).one().closes_at = datetime.now(UTC) - timedelta(days=days)


def test_p43_the_text_of_who_left_asks_the_platform_once_a_day_and_ends_with_the_rest(course):
    course.set()
    person = course.student("5")
    course.write(person)
    course.platform.members[:] = [member("3", "Ada Teacher", "Instructor")]
    assert course.take_in() == {"taken": 0}
    assert course.own(person).waiting
    assert waiting(course) == [], "it waits, and makes no work"
    with course.database.reading() as session:
        assert courses_that_wait(session, datetime.now(UTC) + timedelta(days=1)) != []
    typed_over(course, 31)
    course.tend()
    assert course.own(person) is None


def test_p43_the_text_of_who_left_and_came_back_becomes_a_post(course):
    course.set()
    person = course.student("5")
    course.write(person)
    there = list(course.platform.members)
    course.platform.members[:] = [member("3", "Ada Teacher", "Instructor")]
    course.take_in()
    course.platform.members[:] = [*there, member("5")]
    assert course.take_in() == {"taken": 1}
    row = course.own(person)
    assert (row.waiting, row.passed_over_at) == (False, None)
