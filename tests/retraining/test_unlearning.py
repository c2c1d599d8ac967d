"""After labels are taken out no version that holds them is gone on from, and one that serves gives way (S40)."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lti_tool.jobs import Job, Run
from lti_tool.launch import institutions
from lti_tool.launch.tables import Institution, Person
from lti_tool.retraining import deciding, gate, provenance, service, tasks
from lti_tool.retraining.learnt import from_taken_out
from lti_tool.retraining.service import perform
from lti_tool.retraining.tables import TrainingRun
from lti_tool.retraining.unlearning import unlearn
from lti_tool.review import dropping
from lti_tool.review.tables import Answer
from lti_tool.scoring import pinning, serving
from lti_tool.storage import new_id
from tests.retraining.conftest import NIGHT
from tests.retraining.results import answering

WAYS = ["training", "recalibration"]


@pytest.fixture
def way(request, monkeypatch):
    """Of so few corrections, whether the run trains or recalibrates."""
    if request.param == "training":
        monkeypatch.setattr(gate, "LEAST_HELD_OUT", 0)
        monkeypatch.setattr(gate, "LEAST_GROUPS", 0)
    monkeypatch.setattr(deciding.cards, "require_whole", lambda manifest: None)  # of weights that are a copy
    return request.param


@pytest.fixture
def poisoned(school, way, monkeypatch):
    """The serving version was made from the one teacher's labels."""
    school.requests = answering(monkeypatch, better=True)
    assert perform(school.run())["decision"] in ("promoted", "recalibrated")
    ended(school)
    return school


def ended(school):
    with school.database.session() as session:
        for job in session.scalars(select(Job)):
            job.state = "done"


def drop(school):
    """Take out all of the teacher's labels; what is queued and the rule's id."""
    with school.database.session() as session:
        now = datetime.now(UTC)
        (rule,) = dropping.drop(session, now, dropping.Which(annotator_id=school.teacher))
        return [job.id for job in unlearn(session, now)], rule.id


def serves(school):
    with school.database.reading() as session:
        return serving.serving(session, None)


def go_on_from(school):
    with school.database.reading() as session:
        return provenance.clean_base(session, serving.serving(session, None))


@pytest.mark.parametrize("way", WAYS, indirect=True)
def test_s40_what_has_learnt_from_dropped_labels_gives_way_at_the_next_run(poisoned):
    before = serves(poisoned)
    (job_id,), _ = drop(poisoned)
    assert go_on_from(poisoned).id != before.id
    perform(poisoned.run(job_id))
    assert serves(poisoned).origin == "shipped"
    with poisoned.database.reading() as session:
        assert serving.serving(session, None).id not in from_taken_out(session)
        assert tasks.check_models(watching(poisoned)) == {"due": False}


@pytest.mark.parametrize("way", WAYS, indirect=True)
def test_s40_putting_the_labels_back_undoes_that(poisoned):
    before = serves(poisoned)
    _, rule = drop(poisoned)
    with poisoned.database.session() as session:
        dropping.restore(session, datetime.now(UTC), [rule])
        assert from_taken_out(session) == set()
    assert go_on_from(poisoned).id == before.id
    assert perform(poisoned.run())["decision"] == "nothing_new"
    assert serves(poisoned).id == before.id


@pytest.mark.parametrize("way", ["training"], indirect=True)
def test_s40_what_is_left_is_trained_on_the_newest_version_without_them(poisoned):
    """Another teacher has labelled the texts likewise."""
    before, dropped = serves(poisoned), poisoned.teacher
    with poisoned.database.session() as session:
        said = {answer.post_id: answer.labels for answer in session.scalars(select(Answer))}
        gone = set(session.scalars(select(Answer.id)))
        own = session.get_one(Person, dropped)
        other = Person(
            id=new_id(), institution_id=own.institution_id, course_id=own.course_id, created_at=NIGHT
        )
        session.add(other)
    poisoned.teacher = other.id
    for number, post in enumerate(poisoned.posts):
        poisoned.correct(post, said[post.id], number)
    poisoned.teacher = dropped
    (job_id,), _ = drop(poisoned)
    assert perform(poisoned.run(job_id))["decision"] == "promoted"
    version = serves(poisoned)
    assert version.parent_id == before.parent_id
    (row,) = [row for row in poisoned.rows() if row.candidate_version_id == version.id]
    assert row.report["answers"]
    assert not gone.intersection(row.report["answers"])


@pytest.mark.parametrize("way", ["training"], indirect=True)
def test_s40_a_pinned_version_stays_and_nothing_is_queued(poisoned):
    before = serves(poisoned)
    with poisoned.database.session() as session:
        pinning.pin(session, datetime.now(UTC), before.id, "administrator")
    assert drop(poisoned)[0] == []
    assert tasks.check_models(watching(poisoned)) == {"due": False}
    assert go_on_from(poisoned).id != before.id
    perform(poisoned.run())
    assert serves(poisoned).id == before.id


@pytest.mark.parametrize("way", ["training"], indirect=True)
def test_s40_what_a_run_was_learning_when_they_were_dropped_does_not_serve(school, way, monkeypatch):
    answering(monkeypatch, lambda: drop(school), better=True)
    outcome = perform(school.run())
    assert outcome["decision"] == "kept"
    assert "changed while it trained" in outcome["sentence"]
    assert serves(school).origin == "shipped"


@pytest.mark.parametrize("way", ["training"], indirect=True)
def test_s40_going_back_passes_over_what_has_learnt_from_them(poisoned):
    poisoned.correct(poisoned.posts[0], {"sentiment": "neutral", "boredom": 1})
    assert perform(poisoned.run())["decision"] == "promoted"
    drop(poisoned)
    with poisoned.database.session() as session:
        assert provenance.roll_back(session, datetime.now(UTC), "command line").origin == "shipped"


@pytest.mark.parametrize("way", ["training"], indirect=True)
def test_the_last_report_stays_when_a_second_institution_is_registered(poisoned):
    with poisoned.database.session() as session:
        (own,) = session.scalars(select(Institution.id))
        night = service.latest(session)
        other = institutions.found(session, datetime.now(UTC), "Another College").id
        assert service.latest(session, own).id == night.id
        assert service.latest(session, other) is None, "it is of texts that are not theirs (P61)"
        job = Job(kind="retrain", key=own, state="done", queued_at=datetime.now(UTC))
        session.add(job)
        session.flush()
        newer = TrainingRun(job_id=job.id, scope=own, decision="kept", started_at=datetime.now(UTC))
        session.add(newer)
        session.flush()
        assert service.latest(session, own).id == newer.id


def watching(school):
    return Run("watching", "", {}, school.database, school.settings, lambda *_: None)
