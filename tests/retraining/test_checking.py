"""The nightly check on a course in the database, and the pool that comes after it (S40, S43)."""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from lti_tool.retraining.checking import check_labels
from lti_tool.retraining.pool import Pool, build
from lti_tool.review import dropping
from lti_tool.review.pool import corrections
from lti_tool.review.tables import Answer, DroppedLabels, HeldLabel
from lti_tool.scoring import serving
from lti_tool.scoring.tables import ModelVersion, Weights
from tests.classroom import START, Classroom, open_database
from tests.retraining import annotators

NIGHT = START + timedelta(days=60)


class Course:
    """A class of which instructors, by script, label texts; some of them two have read."""

    def __init__(self, session, choices="ABC") -> None:
        self.session, self.room = session, Classroom(session)
        self.model = self.room.version()
        self.forum = self.room.activity("Help")
        self.writers = self.room.people(12, choices)
        self.ids: dict[str, str] = {}

    def write(self, text: annotators.Shown, place: int):
        words = " ".join(f"{text.post_id}w{n}" for n in range(9))
        post = self.room.post(self.writers[place % 12], self.forum, words, thread_index=f"t{place % 40}")
        self.room.score(post, self.model, **text.chances)
        return post

    def teacher(self, name: str) -> str:
        return self.ids.setdefault(name, self.room.person("-"))

    def label(self, post, name, said, seconds, minute, shown) -> None:
        self.session.add(
            Answer(
                course_id=self.room.course_id,
                post_id=post.id,
                person_id=post.person_id,
                annotator_id=self.teacher(name),
                annotator_role="instructor",
                kind="labels",
                labels=said,
                shown=shown,
                text_hash=post.text_hash,
                seconds_on_screen=seconds,
                answered_at=START + timedelta(days=50, minutes=minute),
            )
        )
        self.session.flush()

    def labelled_by(self, kinds, seed=3, count=30) -> None:
        dice = random.Random(seed)
        common = [(text, self.write(text, n)) for n, text in enumerate(annotators.texts(dice, 8))]
        for place, (name, kind) in enumerate(kinds.items()):
            made = annotators.texts(dice, count)
            own = [*common, *((text, self.write(text, n)) for n, text in enumerate(made))]
            for minute, (text, post) in enumerate(own):
                said, seconds = kind(dice, text)
                self.label(post, name, said, seconds, place * 100 + minute, text.model)

    def night(self) -> Pool:
        """What a run does before it trains."""
        check_labels(self.session, NIGHT, self.model)
        return build(corrections(self.session), now=NIGHT)


@pytest.fixture
def session(tmp_path):
    with open_database(tmp_path).session() as opened:
        yield opened


KINDS = {
    "flipper": annotators.flipper,
    "at_random": annotators.at_random,
    "careful": annotators.careful,
    "careful too": annotators.careful,
    "careful as well": annotators.careful,
}


@pytest.fixture
def course(session):
    made = Course(session)
    made.labelled_by(KINDS)
    return made


def test_s43_what_is_held_does_not_train_and_the_pool_says_why(course):
    pool = course.night()
    assert pool.held
    assert not set(pool.held) & {*pool.answer_ids, *pool.learnt_ids}
    by = {who: set() for who in KINDS}
    names = {person: name for name, person in course.ids.items()}
    for answer_id, reason in pool.held.items():
        by[names[course.session.get_one(Answer, answer_id).annotator_id]].add(reason)
    assert "checks" in by["at_random"]
    assert by["flipper"] & {"one_way", "checks"}
    assert not any(by[name] & {"checks", "one_way", "pace"} for name in KINDS if name.startswith("careful"))


def test_s43_a_careless_annotator_is_held_for_pace(session):
    made = Course(session)
    made.labelled_by({"careless": annotators.careless})
    assert set(made.night().held.values()) == {"pace"}


def test_s43_checking_twice_changes_nothing(course):
    pool = course.night()
    rows = {row.answer_id: (row.reason, row.held_at) for row in course.session.scalars(select(HeldLabel))}
    assert course.night() == pool
    again = {row.answer_id: (row.reason, row.held_at) for row in course.session.scalars(select(HeldLabel))}
    assert again == rows


@pytest.mark.parametrize("choices", ["ABC", "AB"])
def test_p14_the_same_labels_are_held_with_and_without_c(session, choices):
    made = Course(session, choices)
    made.labelled_by(KINDS)
    counts = check_labels(session, NIGHT, made.model)
    assert sum(counts.values()) == session.scalar(select(func.count()).select_from(HeldLabel)) > 30
    assert (build(corrections(session)).size > 0) is ("C" in choices)


@pytest.mark.parametrize("left_out", list(KINDS))
def test_s40_dropping_somebody_gives_the_pool_as_if_they_had_never_labelled(course, left_out):
    """Holds, weights, what is held out and the hash too: what others' labels are compared with has changed."""
    before = course.night()
    (rule,) = dropping.drop(course.session, NIGHT, dropping.Which(annotator_id=course.ids[left_out]))
    dropped = course.night()
    assert dropped != before
    dropping.restore(course.session, NIGHT, [rule.id])
    assert course.night() == before
    course.session.execute(delete(Answer).where(Answer.annotator_id == course.ids[left_out]))
    assert course.night() == dropped


@pytest.fixture
def few(session):
    """Twelve texts and three instructors, for all examples."""
    made = Course(session)
    shown = annotators.texts(random.Random(5), 12)
    made.texts = [made.write(text, n) for n, text in enumerate(shown)]
    made.who = [made.teacher(f"who{who}") for who in range(3)]
    return made


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30
    ),
    left_out=st.integers(0, 2),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_s40_whatever_was_labelled_twice_or_again(few, rows, left_out):
    """Texts with several readers and annotators who changed their mind: each time as if one had never been there."""
    for table in (HeldLabel, DroppedLabels, Answer):
        few.session.execute(delete(table))
    for minute, (text, who, said) in enumerate(rows):
        labels = annotators.one("", "", "", {"sentiment": ("negative", "neutral", "positive")[said]}).labels
        few.label(few.texts[text], f"who{who}", dict(labels), 9.0, minute, {"sentiment": "neutral"})
    (rule,) = dropping.drop(few.session, NIGHT, dropping.Which(annotator_id=few.who[left_out]))
    dropped = few.night()
    dropping.restore(few.session, NIGHT, [rule.id])
    few.session.execute(delete(Answer).where(Answer.annotator_id == few.who[left_out]))
    assert few.night() == dropped


def test_p61_each_institution_is_judged_apart_and_by_the_version_that_serves_it(course):
    """A check for one version leaves what another one's found; people elsewhere are no peers."""
    held = course.night().held
    other = Course.__new__(Course)
    other.session, other.room, other.model, other.ids = (
        course.session,
        Classroom(course.session),
        course.model,
        {},
    )
    other.forum, other.writers = other.room.activity("Help"), other.room.people(12, "ABC")
    other.labelled_by({"flipper": annotators.flipper}, seed=7)
    later = course.night().held
    assert {answer_id: later.get(answer_id) for answer_id in held} == held
    assert {reason for answer_id, reason in later.items() if answer_id not in held} <= {"sure", "quality"}
    served = course.model
    unserved = ModelVersion(
        weights_hash=served.weights_hash, calibration=served.calibration, origin="shipped", created_at=NIGHT
    )
    course.session.add(unserved)
    course.session.flush()
    assert check_labels(course.session, NIGHT, unserved) == {}
    assert build(corrections(course.session), now=NIGHT).held == later


def promoted(session) -> ModelVersion:
    """Another version that serves from now on, of weights that have read nothing yet."""
    session.add(Weights(hash="b" * 64, archive=b"", manifest={}, created_at=NIGHT))
    session.flush()
    first = session.scalars(select(ModelVersion)).first()
    made = ModelVersion(
        weights_hash="b" * 64, calibration=first.calibration, origin="shipped", created_at=NIGHT
    )
    session.add(made)
    session.flush()
    serving.promote(session, NIGHT, made.id, "administrator", "by_hand")
    return made


def test_s43_what_was_held_waits_on_until_the_version_that_serves_has_read_it(session):
    """A promotion frees nothing: what the new version is not sure of is released once it has read the text."""
    made, dice = Course(session), random.Random(5)
    posts = []
    for number in range(15):
        said = annotators.like(dice, "negative")
        text = annotators.Shown(f"flip{number}", said, said, annotators.chances(said, 0.98))
        posts.append(made.write(text, number))
        made.label(posts[-1], "evil", annotators.like(dice, "positive"), 12.0, number, text.model)
    held = made.night().held
    assert set(held.values()) == {"sure"}
    assert len(held) == 15
    version = promoted(session)
    check_labels(session, NIGHT + timedelta(days=1), version)
    assert build(corrections(session), now=NIGHT).held == held
    unsure = annotators.chances(annotators.like(dice, "negative"), 0.6)
    for post in posts[:5]:
        made.room.score(post, version, **unsure)
    check_labels(session, NIGHT + timedelta(days=2), version)
    assert len(build(corrections(session), now=NIGHT).held) == 10


def test_s43_pages_opened_beforehand_and_answered_at_once_wait(session):
    """The time on screen of each is long, and their answers come faster than anybody reads."""
    made = Course(session)
    for number, text in enumerate(annotators.texts(random.Random(2), 24)):
        made.label(made.write(text, number), "quick", text.truth, 600.0, number / 60, text.model)
    assert set(made.night().held.values()) == {"pace"}


def test_p64_a_course_that_is_switched_off_is_not_checked(course, monkeypatch):
    monkeypatch.setattr("lti_tool.review.labelled.stopping.running_courses", lambda *_: set())
    assert check_labels(course.session, NIGHT, course.model) == {}
