"""Each institution's runs learn from its own texts alone, and move its own pointer alone (P61)."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.jobs import Job, Run, enqueue
from lti_tool.launch.tables import Institution
from lti_tool.retraining import deciding, gate, service
from lti_tool.retraining.tables import TrainingManifest, TrainingRun
from lti_tool.review import service as review
from lti_tool.scoring import pinning, serving
from lti_tool.scoring.tables import ModelVersion
from tests.classroom import Classroom
from tests.retraining.results import result

THEIRS = "Of another college."


@pytest.fixture
def both(school, monkeypatch):
    """The school and a second institution with corrections of its own; the child says which is better."""
    requests = []

    def answer(request, tell, most_seconds, folder, is_off=None):
        requests.append(request)
        shutil.copytree(request["base"], request["out"])
        return result(request["calibration"], better=school.better)

    monkeypatch.setattr(service, "run_child", answer)
    for name in ("LEAST_HELD_OUT", "LEAST_GROUPS"):
        monkeypatch.setattr(gate, name, 0)
    monkeypatch.setattr(deciding.cards, "require_whole", lambda manifest: None)  # of weights that are a copy
    with school.database.session() as session:
        school.ours = session.scalars(select(Institution.id)).one()
        room = Classroom(session)
        school.theirs, forum, teacher = room.institution_id, room.activity("Help"), room.person("-")
        for number, person in enumerate(room.people(24, "ABC")):
            post = room.post(person, forum, f"{THEIRS} Text {number} about topic {number * 7}.", number)
            labels = {"sentiment": "negative", "confusion": number % 2}
            review.answer(
                session,
                datetime.now(UTC) - timedelta(minutes=number),
                post.id,
                teacher,
                labels,
                post.text_hash,
                course_id=room.course_id,
            )
    school.requests, school.better = requests, True
    return school


def perform(school, scope):
    with school.database.session() as session:
        job = enqueue(session, datetime.now(UTC), service.KIND, scope)
        job.state = "done"
    return service.perform(Run(job.id, scope, {}, school.database, school.settings, lambda *_: None))


def serves(school):
    with school.database.reading() as session:
        return [serving.serving(session, one) for one in (school.ours, school.theirs)]


def test_p61_a_run_takes_the_texts_of_its_institution_alone(both):
    for scope, foreign in ((both.ours, True), (both.theirs, False)):
        perform(both, scope)
        rows = [*both.requests[-1]["train"], *both.requests[-1]["check"]]
        assert rows
        assert any(THEIRS in row["text"] for row in rows) is not foreign


def test_p61_a_promotion_moves_one_pointer_and_names_its_owner(both):
    assert perform(both, both.theirs)["decision"] == "promoted"
    ours, theirs = serves(both)
    assert (ours.origin, theirs.origin) == ("shipped", "retrained")
    assert theirs.institution_id == both.theirs
    with both.database.reading() as session:
        assert len(serving.history(session)) == 1
        assert session.scalars(select(TrainingRun.scope)).all() == [both.theirs]
        assert len(session.scalars(select(TrainingManifest)).one().subjects) == 24
        keys = session.scalars(select(Job.key).where(Job.kind == "score")).all()
        assert len(keys) == 1


def test_p61_the_next_run_of_one_goes_on_from_its_own_version(both):
    perform(both, both.theirs)
    perform(both, both.ours)
    ours, theirs = serves(both)
    assert ours.id != theirs.id
    with both.database.reading() as session:
        assert session.get_one(ModelVersion, ours.parent_id).origin == "shipped"


def test_a_pinned_version_stays_whatever_its_run_finds_and_another_institutions_run_is_free(both):
    ours, _ = serves(both)
    with both.database.session() as session:
        pinning.pin(session, datetime.now(UTC), ours.id, "administrator", both.ours)
    outcome = perform(both, both.ours)
    assert outcome["decision"] == "kept"
    assert "pinned" in outcome["sentence"]
    assert serves(both)[0].id == ours.id
    assert perform(both, both.theirs)["decision"] == "promoted"


def test_once_unpinned_the_same_corrections_are_trained_on_again(both):
    ours, _ = serves(both)
    with both.database.session() as session:
        pinning.pin(session, datetime.now(UTC), ours.id, "administrator", both.ours)
    perform(both, both.ours)
    with both.database.session() as session:
        pinning.unpin(session, datetime.now(UTC), both.ours)
    assert perform(both, both.ours)["decision"] == "promoted"


def test_a_run_with_nothing_new_says_so_in_a_second_and_trains_nothing(both):
    both.better = False
    assert perform(both, both.theirs)["decision"] == "kept"
    outcome = perform(both, both.theirs)
    assert outcome["decision"] == "nothing_new"
    assert "Nothing new to learn since the last run" in outcome["sentence"]
    assert len(both.requests) == 1
    with both.database.reading() as session:
        last = session.scalars(select(TrainingRun).order_by(TrainingRun.started_at.desc())).first()
    assert (last.finished_at - last.started_at).total_seconds() < 1
