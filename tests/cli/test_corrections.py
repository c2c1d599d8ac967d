"""`undertone corrections`: counts, taking labels out, putting them back (S40)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.jobs import Job
from lti_tool.launch import institutions
from lti_tool.launch.tables import Course
from lti_tool.retraining.tables import TrainingRun
from lti_tool.review import service
from lti_tool.review.pool import corrections
from lti_tool.review.tables import Answer, DroppedLabels
from lti_tool.scoring import serving, wall
from lti_tool.scoring.tables import ModelVersion
from tests.classroom import START, Classroom
from tests.cli.conftest import refused


@pytest.fixture
def labelled(undertone):
    """Ann has labelled three texts, Bob one."""
    with undertone.database.session() as session:
        room = Classroom(session)
        undertone.course_id = room.course_id
        undertone.ann, undertone.bob = room.person("-"), room.person("-")
        forum = room.activity("Help")
        posts = [room.post(writer, forum, f"Text {n}") for n, writer in enumerate(room.people(4, "ABC"))]
        for day, post in enumerate(posts):
            of = (
                post.id,
                undertone.bob if day == 3 else undertone.ann,
                {"sentiment": "neutral"},
                post.text_hash,
            )
            service.answer(session, START + timedelta(days=day), *of, course_id=room.course_id)
    return undertone


def left(undertone):
    with undertone.database.reading() as session:
        return len(corrections(session))


def test_s40_drop_list_and_restore(labelled):
    done = labelled("corrections", "drop", "--annotator", labelled.ann, "--yes")
    assert done.exit_code == 0, done.output
    assert "The next run trains without them." in done.output
    assert left(labelled) == 1
    listed = labelled("corrections", "list").output
    assert f"annotator {labelled.ann}: 3 labels, 3 of them taken out" in listed
    assert f"annotator {labelled.bob}: 1 labels\n" in listed
    rule = re.search(r"^rule ([0-9a-f]{32}): annotator", listed, re.MULTILINE)[1]
    assert labelled("corrections", "restore", rule).output.startswith("1 lifted.")
    assert left(labelled) == 4
    refused(labelled("corrections", "restore", rule), "There is no rule of this id.")


def test_s40_a_period_of_a_course(labelled):
    period = ("--since", "2026-09-08", "--until", "2026-09-10")
    done = labelled("corrections", "drop", "--course", labelled.course_id, *period, "--yes")
    assert "from 2026-09-08 00:00 before 2026-09-10 00:00" in done.output
    assert left(labelled) == 2


def test_s40_nothing_is_taken_out_without_a_yes(labelled):
    done = labelled("corrections", "drop", "--since", "2026-09-01", typed="n\n")
    assert "4 answers are taken out of training. Go on?" in done.output
    assert done.exit_code == 1
    with labelled.database.reading() as session:
        assert session.scalars(select(DroppedLabels)).all() == []
    assert left(labelled) == 4


def test_s40_what_names_nothing_is_one_line(labelled):
    refused(labelled("corrections", "drop", "--yes"), "Name an annotator, a course or a period.")
    refused(labelled("corrections", "drop", "--annotator", "0" * 32, "--yes"), "Nobody of this id")


def serving_one(undertone, report, decision="promoted"):
    """A version that a run made from these answers, and that serves the course's institution."""
    now = datetime.now(UTC)
    with undertone.database.session() as session:
        own = session.get_one(Course, undertone.course_id).institution_id
        shipped = serving.serving(session, own)
        version = ModelVersion(
            weights_hash=shipped.weights_hash,
            calibration=shipped.calibration,
            parent_id=shipped.id,
            origin="retrained",
            institution_id=own,
            created_at=now,
        )
        job = Job(kind="retrain", key=own, state="done", queued_at=now)
        session.add_all([version, job])
        session.flush()
        row = TrainingRun(job_id=job.id, scope=own, decision=decision, report=report, started_at=now)
        row.candidate_version_id = version.id
        session.add(row)
        serving.promote(session, now, version.id, "nightly run", decision, wall.scope_of(session, own))
        return version.id[:8], own


def queued(undertone):
    with undertone.database.reading() as session:
        waiting = select(Job.key).where(Job.kind == "retrain", Job.state == "queued")
        return list(session.scalars(waiting))


@pytest.mark.parametrize("decision", ["promoted", "recalibrated"])
def test_s40_what_serves_and_has_learnt_from_them_is_named_in_any_institution_and_trained_anew(
    labelled, decision
):
    with labelled.database.session() as session:
        institutions.found(session, datetime.now(UTC), "Another College")
        answers = list(session.scalars(select(Answer.id).where(Answer.annotator_id == labelled.ann)))
    version, own = serving_one(labelled, {"answers": answers, "learnt": answers}, decision)
    nothing = labelled("corrections", "drop", "--annotator", labelled.bob, "--yes").output
    assert "have learnt" not in nothing
    assert queued(labelled) == []
    said = labelled("corrections", "drop", "--annotator", labelled.ann, "--yes").output
    assert f"Versions that have learnt from them: {version} (serving)." in said
    assert "A retraining is queued" in said
    assert queued(labelled) == [own]


def test_s40_a_pinned_version_is_named_and_stays(labelled):
    with labelled.database.session() as session:
        answers = list(session.scalars(select(Answer.id).where(Answer.annotator_id == labelled.ann)))
    version, _ = serving_one(labelled, {"learnt": answers})
    assert labelled("model", "pin").exit_code == 0
    said = labelled("corrections", "drop", "--annotator", labelled.ann, "--yes").output
    assert f"{version} (serving, pinned)" in said
    assert "serves on until `undertone model unpin`" in said
    assert queued(labelled) == []


def test_the_proof_of_a_person_marks_what_serves_any_institution(labelled):
    with labelled.database.session() as session:
        institutions.found(session, datetime.now(UTC), "Another College")
    version, _ = serving_one(labelled, {"learnt": []})
    said = labelled("model", "proves-without", labelled.ann).output
    assert f"{version} (serving)" in said
    assert said.count("(serving)") == 2, "the other institution is served by the shipped one"


def test_no_text_is_printed(labelled):
    said = (
        labelled("corrections", "list").output
        + labelled("corrections", "drop", "--since", "2026-09-01", "--yes").output
    )
    assert "Text" not in said
