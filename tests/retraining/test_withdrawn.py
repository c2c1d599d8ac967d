"""What a withdrawal of C does to the pool, to a run under way, and to models that learnt before (P17)."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.cli import main
from lti_tool.consent import service as consent
from lti_tool.consent import wording
from lti_tool.consent.choices import DECLINED, Choices
from lti_tool.consent.tables import ConsentState, TrainingWithdrawal
from lti_tool.ingest.tables import Post
from lti_tool.installation import Installation
from lti_tool.jobs import Job, Run
from lti_tool.retraining import deciding, gate, provenance, service, tasks, training
from lti_tool.retraining.provenance import HoldsWithdrawnError
from lti_tool.retraining.service import perform
from lti_tool.retraining.tables import TrainingManifest
from lti_tool.retraining.words import verdict_words, why_words
from lti_tool.review.pool import corrections, keep_for_pool
from lti_tool.rights import erasing
from lti_tool.scoring import serving, wall
from lti_tool.scoring.errors import NothingBeforeError
from lti_tool.scoring.tables import ModelVersion
from tests.retraining.results import result

WITHOUT_C = Choices(True, a=True, earlier=True, b=True)
LATER = timedelta(days=36)
NOW = datetime.now(UTC)


@pytest.fixture
def asked(school, monkeypatch):
    """The child's answer is known: `better` or not; what it was asked is kept. It copies the weights it was given."""
    requests = []

    def answer(request, tell, most_seconds, folder, is_off=None):
        requests.append(request)
        shutil.copytree(request["base"], request["out"])
        meanwhile, school.meanwhile = school.meanwhile, lambda: None
        meanwhile()
        return result(request["calibration"], better=school.better)

    monkeypatch.setattr(service, "run_child", answer)
    monkeypatch.setattr(gate, "LEAST_HELD_OUT", 0)  # so few corrections are trained on
    monkeypatch.setattr(gate, "LEAST_GROUPS", 0)
    monkeypatch.setattr(deciding.cards, "require_whole", lambda manifest: None)  # of weights that are a copy
    school.meanwhile, school.better = lambda: None, True
    return requests


def choose(school, person, choices, at=None):
    with school.database.session() as session:
        consent.save(session, at or datetime.now(UTC), person, school.course_id, choices, "en")


def grown(school, days=36):
    """Let what was trained until now be as many days older."""
    with school.database.session() as session:
        for row in session.scalars(select(TrainingManifest)):
            row.taken_at -= timedelta(days=days)
            row.hash = provenance.hash_of(row, session.get_one(ModelVersion, row.version_id).weights_hash)


def state(school):
    with school.database.reading() as session:
        version = serving.serving(session, None)
        return version, provenance.holds_withdrawn_since(session, version), serving.history(session)[-1]


def test_p17_taking_c_back_takes_texts_and_labels_from_the_next_pool(school, asked):
    person = school.writers[0]
    own = {post.text for post in school.posts if post.person_id == person}
    choose(school, person, WITHOUT_C)
    with school.database.reading() as session:
        assert person not in {one.person_id for one in corrections(session)}
    perform(school.run())
    assert own
    assert not own & {row["text"] for row in asked[0]["train"] + asked[0]["check"]}


def test_p17_the_manifest_proves_whose_texts_a_model_holds_without_anybodys_key(school, asked):
    left, stays = school.writers[0], school.writers[1]
    choose(school, left, WITHOUT_C)
    assert perform(school.run())["decision"] == "promoted"
    with school.database.reading() as session:
        version = serving.serving(session, None)
        row = session.get_one(TrainingManifest, version.id)
        assert provenance.proves_without(session, version, left).holds is False
        assert provenance.proves_without(session, version, stays).holds is True
        assert len(row.subjects) == len(set(row.subjects)) == 7
        said = str([row.subjects, row.salt, row.consent_hash, row.pool_hash, row.hash])
        assert not any(person in said for person in school.writers)


def test_p17_manifests_of_two_runs_have_no_digest_in_common(school, asked):
    perform(school.run())
    with school.database.session() as session:
        session.execute(select(Job))
        for job in session.scalars(select(Job)):
            job.state = "done"
    answered_anew(school)
    perform(school.run())
    with school.database.reading() as session:
        one, other = session.scalars(select(TrainingManifest)).all()
    assert len(one.subjects) == len(other.subjects) == 8
    assert not set(one.subjects) & set(other.subjects)


@pytest.mark.parametrize("altered", ["subjects", "row"])
def test_p17_an_altered_or_missing_manifest_proves_nothing(school, asked, altered):
    choose(school, school.writers[0], WITHOUT_C)
    perform(school.run())
    with school.database.session() as session:
        row = session.scalars(select(TrainingManifest)).one()
        if altered == "subjects":
            row.subjects = row.subjects[1:]
        else:
            session.delete(row)
    with school.database.reading() as session:
        proof = provenance.proves_without(session, serving.serving(session, None), school.writers[0])
    assert proof.holds is None


@pytest.mark.parametrize("how", ["c", "a", "back again", "erased text"])
def test_p17_consent_is_asked_again_at_promotion(school, asked, how):
    """What is withdrawn while the candidate trains keeps it from serving, also when C was given again since."""
    person = school.writers[0]

    def withdraw() -> None:
        if how == "erased text":
            with school.database.session() as session:
                own = next(p for p in school.posts if p.person_id == person)
                asked = erasing.ask(session, NOW, person, school.course_id, "text", own.id)
                assert erasing.finish(session, asked.due_at, person, asked.id, "en") == 1
                assert session.scalars(select(TrainingWithdrawal.person_id)).all() == [person]
            return
        choose(school, person, DECLINED if how == "a" else WITHOUT_C)
        if how == "back again":
            choose(school, person, Choices(True, a=True, earlier=True, b=True, c=True))

    before = state(school)[0].id
    school.meanwhile = withdraw
    outcome = perform(school.run())
    assert outcome["decision"] == "kept"
    assert "What the candidate rests on changed while it trained" in outcome["sentence"]
    assert state(school)[0].id == before


def earlier_text(school, person, kept=False):
    """One of the person's corrected texts, as if it had been written before they agreed; `kept` for the pool alone."""
    with school.database.session() as session:
        post = session.get_one(Post, next(post.id for post in school.posts if post.person_id == person))
        post.written_at = session.get_one(ConsentState, person).a_since - timedelta(days=1)
        if kept:
            assert keep_for_pool(session, NOW, [post]) == 1
            session.delete(post)
        return post.text


@pytest.mark.parametrize("kept", [False, True])
def test_p17_clearing_the_box_for_earlier_texts_reaches_pool_and_models_while_c_stands(school, asked, kept):
    person = school.writers[0]
    text = earlier_text(school, person, kept)
    perform(school.run())
    assert state(school)[1] is None
    assert text in {row["text"] for row in asked[0]["train"] + asked[0]["check"]}
    choose(school, person, Choices(True, a=True, b=True, c=True))
    assert state(school)[1] is not None
    with school.database.reading() as session:
        usable = corrections(session)
        assert session.scalars(select(TrainingWithdrawal.person_id)).all() == [person]
    assert text not in {one.text for one in usable}
    assert person in {one.person_id for one in usable}, "C stands for what was written since"


def test_p17_what_was_not_granted_for_training_leaves_no_mark_when_the_box_is_cleared(school):
    person = school.writers[0]
    choose(school, person, WITHOUT_C)
    choose(school, person, Choices(True, a=True, b=True))
    with school.database.reading() as session:
        assert session.scalars(select(TrainingWithdrawal.person_id)).all() == [
            person
        ]  # of C, and no second one


def test_p17_the_hash_of_each_manifest_stands_in_the_security_log(school, asked):
    perform(school.run())
    with school.database.reading() as session:
        row = session.scalars(select(TrainingManifest)).one()
        logged = session.scalars(select(AuditEvent).where(AuditEvent.event == "retraining")).all()
    (told,) = [one for one in logged if one.code == "manifest"]
    assert told.facts == {"version": row.version_id, "manifest": row.hash}


def test_p17_a_training_that_fails_does_not_keep_a_model_with_withdrawn_texts(school, asked, monkeypatch):
    perform(school.run())
    done(school)
    choose(school, school.writers[0], WITHOUT_C)
    grown(school)
    tainted = state(school)[0].id
    assert tasks.check_models(checking(school)) == {"due": True}

    def fails(*_):
        raise training.TrainingFailedError

    with monkeypatch.context() as broken:
        broken.setattr(service, "run_child", fails)
        run = waiting_run(school)
        with pytest.raises(training.TrainingFailedError):
            perform(run)
    version, holds, move = state(school)
    assert (version.origin, holds, move.why) == ("shipped", None, "clean_rolled_back")
    assert tasks.check_models(checking(school)) == {"due": False}
    assert perform(school.run(run.job_id))["decision"] == "promoted"  # the second try goes on from there
    assert state(school)[0].id != tainted


def test_p17_a_training_that_fails_before_its_time_leaves_the_model_as_it_was(school, asked, monkeypatch):
    perform(school.run())
    done(school)
    choose(school, school.writers[0], WITHOUT_C)
    before = state(school)[0].id

    def fails(*_):
        raise training.TrainingFailedError

    monkeypatch.setattr(service, "run_child", fails)
    with pytest.raises(training.TrainingFailedError):
        perform(school.run())
    assert state(school)[0].id == before


def test_p17_a_version_holds_what_its_parent_holds(school, asked):
    perform(school.run())
    done(school)
    answered_anew(school)
    perform(school.run())
    choose(school, school.writers[0], WITHOUT_C)
    with school.database.reading() as session:
        version = serving.serving(session, None)
        ancestors = [one.origin for one in wall.lineage(session, version)]
        assert ancestors == ["retrained", "retrained", "shipped"]
        assert provenance.clean_base(session, version).origin == "shipped"


def answered_anew(school):
    """The same pool is not learnt twice, so one of its texts is labelled otherwise."""
    school.correct(school.posts[0], {"sentiment": "neutral", "boredom": 1})


def done(school):
    with school.database.session() as session:
        for job in session.scalars(select(Job)):
            job.state = "done"


def test_p17_the_next_run_trains_on_the_newest_version_without_withdrawn_texts(school, asked):
    perform(school.run())
    tainted = state(school)[0]
    done(school)
    choose(school, school.writers[0], WITHOUT_C)
    assert state(school)[1] is not None
    assert perform(school.run())["decision"] == "promoted"
    version, holds, move = state(school)
    assert version.parent_id == tainted.parent_id
    assert holds is None
    assert move.why == "clean_retrained"


@pytest.mark.parametrize(
    ("better", "enough", "decision", "why"),
    [
        (True, True, "promoted", "clean_retrained"),
        (False, True, "rolled_back", "clean_rolled_back"),
        (True, False, "rolled_back", "clean_rolled_back"),
    ],
)
def test_p17_after_thirty_five_days_a_model_with_withdrawn_texts_gives_way(
    school, asked, better, enough, decision, why
):
    """A clean candidate, or the newest clean version when there is none or too little to learn from."""
    perform(school.run())
    done(school)
    choose(school, school.writers[0], WITHOUT_C)
    assert tasks.check_models(checking(school)) == {"due": False}
    grown(school)
    assert tasks.check_models(checking(school)) == {"due": True}
    school.better = better
    school.settings.retrain_least_corrections = 5 if enough else 1000
    outcome = perform(waiting_run(school))
    _, holds, move = state(school)
    assert (outcome["decision"], move.why, holds) == (decision, why, None)
    assert "withdrawn" not in outcome["sentence"] + why_words(move.why), "staff read both (P14)"
    assert why_words(move.why) != move.why
    row = school.rows()[-1] if school.rows()[-1].report.get("cause") else school.rows()[0]
    assert verdict_words(row.report) == outcome["sentence"]
    assert tasks.check_models(checking(school)) == {"due": False}


def checking(school):
    return Run("checking", "", {}, school.database, school.settings, lambda *_: None)


def waiting_run(school):
    with school.database.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == "retrain", Job.state == "queued")).one()
    return school.run(job.id)


def test_p17_a_model_whose_subjects_all_stay_is_left_alone_however_old(school, asked):
    perform(school.run())
    grown(school, 400)
    assert tasks.check_models(checking(school)) == {"due": False}


def test_p17_nobody_goes_back_to_a_version_with_withdrawn_texts(school, asked):
    perform(school.run())
    done(school)
    choose(school, school.writers[0], WITHOUT_C)
    perform(school.run())
    with school.database.session() as session:
        back = provenance.roll_back(session, datetime.now(UTC), "administrator")
    assert (back.origin, state(school)[0].id) == ("shipped", back.id)
    with school.database.session() as session, pytest.raises(NothingBeforeError):
        provenance.roll_back(session, datetime.now(UTC), "administrator")


def test_p17_where_all_that_served_before_holds_withdrawn_texts_going_back_is_refused(school, asked):
    perform(school.run())
    done(school)
    choose(school, school.writers[0], WITHOUT_C)
    perform(school.run())
    before = state(school)[0].id
    with school.database.session() as session:
        first = serving.history(session)[0].version_id
        session.get_one(ModelVersion, first).origin = "retrained"  # as if it had learnt, without a manifest
    with school.database.session() as session, pytest.raises(HoldsWithdrawnError):
        provenance.roll_back(session, datetime.now(UTC), "administrator")
    assert state(school)[0].id == before


def test_p17_consent_that_ended_by_time_makes_no_model_go(school, asked):
    """A lapse is no withdrawal: what was learnt lawfully before stays, and nothing is learnt later."""
    perform(school.run())
    with school.database.session() as session:
        wording.publish(session, datetime.now(UTC))
        consent.expire(session, datetime.now(UTC) + timedelta(days=366), school.writers[0])
    assert state(school)[1] is None
    with school.database.reading() as session:
        assert school.writers[0] not in {one.person_id for one in corrections(session)}


def test_p17_a_command_proves_that_a_promoted_model_holds_no_text_of_a_person(school, asked, monkeypatch):
    choose(school, school.writers[0], WITHOUT_C)
    perform(school.run())
    opened = Installation(school.settings, school.database)
    monkeypatch.setattr("lti_tool.installation.open_current", lambda: opened)
    without = CliRunner().invoke(main, ["model", "proves-without", school.writers[0]])
    assert without.exit_code == 0, without.output
    assert without.output.count("holds no text of this person") == 2
    assert "(serving)" in without.output
    within = CliRunner().invoke(main, ["model", "proves-without", school.writers[1]])
    assert within.exit_code == 1
    assert "HOLDS texts of this person" in within.output
