"""Pinning, a proposal to go back, what drifts, ending a run, and the page of a version, for an administrator."""

import pytest
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.jobs import Job, enqueue
from lti_tool.launch import institutions
from lti_tool.launch.tables import Institution
from lti_tool.retraining import drift, papers, proposing
from lti_tool.retraining.tables import DriftReport, RollbackProposal, TrainingManifest, TrainingRun
from lti_tool.scoring import pinning, serving
from lti_tool.scoring.tables import ModelVersion
from tests.retraining.conftest import NIGHT as NOW

FORMS = ("model/pin", "model/unpin", "model/keep", "model/cancel")


def serves(database, scope=None):
    with database.reading() as session:
        return serving.serving(session, scope).id


def events(database):
    with database.reading() as session:
        return list(session.scalars(select(AuditEvent.event)))


def propose(database):
    with database.session() as session:
        move = serving.history(session)[-1]
        figures = {"before": 20, "after": 65, "low": 25, "high": 60}
        session.add(RollbackProposal(serving_id=move.id, figures=figures, made_at=NOW))


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_only_administrators_see_or_decide(sign_in, database, installed, role):
    person = sign_in(role, "5")
    for path in FORMS:
        assert person.post(path).status_code == 403, path
    assert person.get(f"model/versions/{installed[1]}").status_code == 403


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_another_page_decides_nothing(administrator, database, path):
    assert administrator.post(path, {"csrf_token": "x"}).status_code in (400, 403)
    with database.reading() as session:
        assert not pinning.is_pinned(session)


def test_a_pin_is_shown_with_who_and_when_and_taken_back(administrator, database):
    assert 'id="pin"' in administrator.get("model").text
    assert administrator.post("model/pin").status_code == 303
    page = administrator.get("model").text
    assert "by an administrator: runs still train and report" in page
    assert 'id="pin"' not in page
    assert administrator.post("model/unpin").status_code == 303
    assert 'id="pin"' in administrator.get("model").text
    assert events(database).count("model_pinned") == 2


def test_s44_a_proposal_is_shown_with_its_figures_and_two_answers(administrator, database):
    assert 'id="proposal"' not in administrator.get("model").text
    propose(database)
    page = administrator.get("model").text
    assert "a rise of 25 to 60 points" in page
    assert "Keep it" in page


def test_s44_keeping_it_answers_the_proposal(administrator, database, installed):
    propose(database)
    assert administrator.post("model/keep").status_code == 303
    assert administrator.post("model/keep").status_code == 303
    assert 'id="proposal"' not in administrator.get("model").text
    assert serves(database) == installed[1]
    assert events(database).count("proposal_kept") == 1


def test_s44_going_back_answers_the_proposal(administrator, database, installed):
    propose(database)
    assert administrator.post("model/rollback").status_code == 303
    assert serves(database) == installed[0]
    with database.reading() as session:
        assert session.scalars(select(RollbackProposal.answer)).one() == "went_back"
        assert proposing.open_proposal(session) is None
    assert events(database).count("rolled_back") == 1


def report(database, shifts):
    with database.session() as session:
        own = session.scalars(select(Institution.id)).one()
        session.add(DriftReport(institution_id=own, until=NOW, body=shifts, made_at=NOW))


def test_before_the_first_comparison_the_page_says_when_it_comes(administrator):
    assert "There is no comparison yet." in administrator.get("model").text


def test_p49_a_week_in_which_too_few_wrote_is_said_to_be_one(administrator, database):
    report(database, {})
    assert "Too few people wrote" in administrator.get("model").text


def test_drift_is_told_in_a_sentence_and_a_table(administrator, database):
    shift = drift.Shift("language", True, 0.81, 0.25, (("en", 20, 95), ("fr", 80, 5)))
    same = drift.Shift("scores", False, 0.02, 0.25, (("negative", 50, 50), ("neutral", 50, 50)))
    report(database, drift.as_data((shift, same)))
    page = administrator.get("model").text
    assert "Texts are in other languages than in the weeks before." in page
    assert "Nothing else has changed." in page
    assert "distance 0.81, changed from 0.25 on: changed" in page


def test_a_run_under_way_is_ended_and_logged(administrator, database):
    assert administrator.post("model/cancel").status_code == 409
    administrator.post("model/run")
    assert 'id="cancel"' in administrator.get("model").text
    assert 'id="cancel"' not in administrator.get("model/progress").text
    assert administrator.post("model/cancel").status_code == 303
    with database.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == "retrain")).one()
        assert job.payload["cancelled"]["who"] == "administrator"
    assert events(database).count("retraining_cancelled") == 1


def test_a_run_that_waits_for_the_quiet_hours_to_end_is_not_under_way(administrator, database):
    with database.session() as session:
        enqueue(session, NOW, "retrain", not_before=NOW.replace(year=2100))
    page = administrator.get("model").text
    assert 'id="run-now"' in page
    assert "live-progress" not in page
    assert administrator.post("model/run").status_code == 303
    with database.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == "retrain")).one()
        assert (job.state, job.not_before) == ("queued", None)


def test_p57_p58_the_shipped_version_has_a_card_and_says_that_it_learnt_from_no_student(
    administrator, installed
):
    page = administrator.get(f"model/versions/{installed[0]}").text
    assert "has learnt from no text of your institution" in page
    for words in ("Not for grading", "never grading", "confusion", "goemotions", "manifest"):
        assert words in page, words


def test_p57_p58_a_retrained_version_has_both_and_its_provenance(administrator, database, installed):
    with database.session() as session:
        version = session.get_one(ModelVersion, installed[1])
        session.add(
            TrainingManifest(
                version_id=version.id,
                salt="5a17" * 16,
                subjects=["d1" * 32],
                consent_hash="c0" * 32,
                pool_hash="b0" * 32,
                taken_at=NOW,
                hash="a0" * 32,
            )
        )
    page = administrator.get(f"model/versions/{installed[1]}").text
    assert "has learnt from texts of students who allowed it" in page
    assert "consent basis: purpose C" in page
    for digest in ("c0" * 32, "b0" * 32, "a0" * 32, serves_hash(database)):
        assert digest in page
    assert "5a17" not in page
    assert "d1" * 32 not in page


def serves_hash(database):
    with database.reading() as session:
        return serving.serving(session, None).weights_hash


def test_p14_a_versions_page_does_not_tell_how_many_corrections_it_learnt_from(
    administrator, database, installed
):
    with database.session() as session:
        job = enqueue(session, NOW, "retrain")
        job.state = "done"
        facts = {"corrections": 4711, "held_out": 4712, "near_duplicates": 4713, "reasons": []}
        session.add(
            TrainingRun(
                job_id=job.id,
                decision="promoted",
                candidate_version_id=installed[1],
                report={"decision": "promoted", **facts},
                started_at=NOW,
                finished_at=NOW,
            )
        )
    page = administrator.get(f"model/versions/{installed[1]}").text
    assert not any(str(number) in page for number in (4711, 4712, 4713))


def test_p61_a_version_that_never_served_here_has_no_page(administrator, database, installed):
    with database.session() as session:
        institutions.found(session, NOW, "Another College")
        owner = session.get_one(ModelVersion, installed[1])
        owner.institution_id = session.scalars(
            select(Institution.id).where(Institution.name == "Another College")
        ).one()
    assert administrator.get(f"model/versions/{installed[1]}").status_code == 404
    assert administrator.get("model/versions/none").status_code == 404
    assert administrator.get(f"model/versions/{installed[0]}").status_code == 200


def test_p61_of_several_institutions_each_administrator_moves_its_own_model(
    administrator, database, installed
):
    with database.session() as session:
        own = session.scalars(select(Institution.id)).one()
        session.get_one(ModelVersion, installed[1]).institution_id = own
        other = institutions.found(session, NOW, "Another College").id
    assert serves(database, own) == installed[1]
    assert administrator.post("model/run").status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Job.key).where(Job.kind == "retrain")).all() == [own]
    assert administrator.post("model/rollback").status_code == 303
    assert (serves(database, own), serves(database, other)) == (installed[0], installed[0])
    with database.reading() as session:
        assert len(serving.history(session)) == 2


def test_a_mean_of_several_trainings_tells_each_source_once():
    train = [{"name": "starter", "use": "train", "texts": count} for count in (10, 12, 11)]
    apart = {"name": "starter", "use": "development", "texts": 5}
    told = papers._sources([*train, apart])
    assert [row[-1] for row in told] == ["12", "5"]
