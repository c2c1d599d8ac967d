"""The administrator's model page: who may open it, Run now, going back, and progress."""

import re
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import delete, select

from lti_tool.audit.tables import AuditEvent
from lti_tool.consent.tables import TrainingWithdrawal
from lti_tool.jobs import Job, enqueue
from lti_tool.launch import institutions
from lti_tool.launch.tables import Institution
from lti_tool.retraining import gate, provenance, rules, words
from lti_tool.retraining.paired import Agreement
from lti_tool.retraining.rules import Verdict
from lti_tool.retraining.tables import TrainingRun
from lti_tool.scoring import serving
from lti_tool.scoring.tables import ModelVersion, Serving
from tests.retraining.conftest import NIGHT as NOW

BETTER = Agreement(texts=40, groups=12, candidate=0.9, serving=0.8, low=0.05, halves=(0.1, 0.1))
PATHS = ("model", "model/progress", "model/rollback")


def serves(database) -> str:
    with database.reading() as session:
        return serving.serving(session, None).id


def events(database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEvent.event)))


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_only_administrators_see_or_move_the_model(sign_in, database, installed, role):
    person = sign_in(role, "5")
    for path in PATHS:
        assert person.get(path).status_code == 403, path
    for path in ("model/run", "model/rollback"):
        assert person.post(path).status_code == 403, path
    assert serves(database) == installed[1]
    with database.reading() as session:
        assert not session.scalars(select(Job).where(Job.kind == "retrain")).all()


@pytest.mark.parametrize("path", ["model/run", "model/rollback"])
def test_a_form_of_another_page_moves_nothing(administrator, database, installed, path):
    assert administrator.post(path, {"csrf_token": "x"}).status_code in (400, 403)
    assert serves(database) == installed[1]


def test_the_page_says_what_serves_since_when_and_why(administrator, installed):
    page = administrator.get("model").text
    assert installed[1][:8] in page
    assert "Better on the corrections and no worse elsewhere." in page
    assert "by retraining" in page


def test_run_now_queues_one_run_and_refuses_a_second_in_words(administrator, database):
    assert administrator.post("model/run").status_code == 303
    second = administrator.post("model/run")
    assert second.status_code == 409
    assert "A retraining is already under way." in second.text
    with database.reading() as session:
        assert len(session.scalars(select(Job).where(Job.kind == "retrain")).all()) == 1
    assert events(database).count("retraining_requested") == 1


def test_progress_is_asked_for_while_a_run_is_under_way_and_not_afterwards(administrator, database):
    with database.session() as session:
        job = enqueue(session, NOW, "retrain")
        job.state, job.step, job.done, job.total = "running", "Training", 3, 10
    running = administrator.get("model/progress").text
    assert "hx-get" in running
    assert "Training" in running
    assert 'id="run-now"' not in administrator.get("model").text
    with database.session() as session:
        session.get_one(Job, job.id).state = "done"
    ended = administrator.get("model/progress").text
    assert "hx-get" not in ended
    assert "The run has ended." in ended


def test_a_run_that_failed_says_so_in_words(administrator, database):
    with database.session() as session:
        job = enqueue(session, NOW, "retrain")
        job.state, job.error_words = "failed", "The training process ended before it had a result."
    assert "The training process ended before it had a result." in administrator.get("model").text


def test_the_report_stays_while_the_next_run_is_under_way(administrator, database):
    with database.session() as session:
        for number, decision in ((1, "too_few"), (2, "")):
            job = enqueue(session, NOW.replace(hour=number), "retrain")
            job.state = "running" if number == 2 else "done"
            report = asdict(gate.too_few(3, 5)) if number == 1 else {}
            session.add(
                TrainingRun(
                    job_id=job.id,
                    decision=decision,
                    report=report,
                    started_at=NOW.replace(hour=number),
                    finished_at=NOW,
                )
            )
    page = administrator.get("model").text
    assert "Not trained. Fewer corrections may be used than the 5 that are needed." in page


def decided(database, verdict: Verdict, facts=None) -> None:
    with database.session() as session:
        job = enqueue(session, NOW, "retrain")
        job.state = "done"
        run = TrainingRun(job_id=job.id, decision=verdict.decision, started_at=NOW, finished_at=NOW)
        run.report = {**asdict(verdict), **(facts or {})}
        session.add(run)


def test_what_the_headline_says_is_not_said_again_as_a_reason(administrator, database):
    decided(database, gate.too_few(3, 5))
    page = administrator.get("model").text
    assert page.count("corrections may be used than") == 1
    assert '<ul class="rows">' not in page


def test_a_kept_run_shows_the_broken_rule_and_all_others_with_their_figures(administrator, database):
    serving_one = rules.Figures(macro_f1=0.7, recall={})
    verdict = gate.judge("training", BETTER, Agreement(), replace(serving_one, macro_f1=0.5), serving_one, {})
    assert verdict.decision == "kept"
    decided(database, verdict)
    page = administrator.get("model").text
    assert page.count("50.0 % for the candidate, 70.0 % for the serving model") == 1
    assert page.count("Agreement with corrections that no training has seen") == 1
    assert "at most half a point may be lost: <strong>broken</strong>" in page


def test_times_say_that_they_are_utc(administrator, database):
    decided(database, gate.too_few(3, 5))
    page = administrator.get("model").text
    times = re.findall(r'<time datetime="2026-11-23T02:30:00\+00:00">(.*?)</time>', page)
    assert len(times) == 4, "since when, of the last run, and two of the history"
    assert set(times) == {'Nov 23, 2026, <bdi dir="ltr">02:30 UTC</bdi>'}
    assert page.count("Nov 23, 2026") == 4


def test_going_back_is_not_offered_when_nothing_served_before(administrator, database):
    assert "Go back to the version before" in administrator.get("model").text
    administrator.post("model/rollback")
    assert "Go back to the version before" not in administrator.get("model").text
    assert administrator.get("model/rollback").status_code == 409


def test_going_back_is_asked_about_and_then_done(administrator, database, installed):
    page = administrator.get("model/rollback").text
    assert serves(database) == installed[1]
    assert "Keep the present one" in page
    assert administrator.post("model/rollback").status_code == 303
    assert serves(database) == installed[0]
    assert "rolled_back" in events(database)


def take_back(database, at) -> None:
    """Somebody takes C back: a version without a manifest counts as one that learnt from their texts."""
    with database.session() as session:
        session.add(TrainingWithdrawal(person_id="9" * 32, at=at))


def words_of(answer) -> str:
    """What stands on the page, less the number of a fault, which is another one each time."""
    return re.sub(r"[0-9a-f]{12,}", "", LexborHTMLParser(answer.text).css_first("main").text())


def test_p14_taking_c_back_changes_nothing_on_the_page(administrator, database, installed):
    before = words_of(administrator.get("model"))
    take_back(database, NOW)
    with database.reading() as session:
        version = serving.serving(session, None)
        assert provenance.holds_withdrawn_since(session, version) is not None
    assert words_of(administrator.get("model")) == before
    assert f"gives way within {provenance.OLDEST.days} days" in before


def test_p14_why_nobody_can_go_back_is_told_in_the_same_words_whatever_the_cause(
    administrator, database, installed, monkeypatch
):
    """In one case nothing served before, in the other all that did has learnt from texts that were taken back."""
    first, _second = installed
    with database.session() as session:
        older = session.get_one(ModelVersion, first)
        session.add(
            third := ModelVersion(
                weights_hash=older.weights_hash,
                calibration=older.calibration,
                parent_id=first,
                origin="retrained",
                created_at=NOW,
            )
        )
        session.flush()
        serving.promote(session, NOW, third.id, "nightly run", "promoted")
    with monkeypatch.context() as none_is_clean:
        none_is_clean.setattr(provenance, "holds_withdrawn_since", lambda *_: NOW)
        withdrawn = administrator.post("model/rollback")
    with database.session() as session:
        session.execute(delete(Serving).where(Serving.version_id != first))
    nothing = administrator.post("model/rollback")
    assert withdrawn.status_code == nothing.status_code == 409
    assert words_of(withdrawn) == words_of(nothing)
    assert "withdrawn" not in withdrawn.text


def test_p14_p17_going_back_passes_over_a_version_with_texts_that_were_taken_back(
    administrator, database, installed
):
    first, second = installed
    with database.session() as session:
        older = session.get_one(ModelVersion, second)
        third = ModelVersion(
            weights_hash=older.weights_hash,
            calibration=older.calibration,
            parent_id=first,
            origin="retrained",
            created_at=NOW + timedelta(days=1),
        )
        session.add(third)
        session.flush()
        serving.promote(session, NOW, third.id, "nightly run", "promoted")
    take_back(database, NOW)
    assert administrator.post("model/rollback").status_code == 303
    assert serves(database) == first
    assert "An earlier version serves again." in administrator.get("model").text


@pytest.mark.parametrize("why", ["clean_retrained", "clean_rolled_back"])
def test_p14_the_history_tells_no_withdrawal(administrator, database, installed, why):
    with database.session() as session:
        serving.promote(session, NOW, installed[0], "nightly run", why)
    page = administrator.get("model").text
    assert "withdrawn" not in page
    assert words.why_words(why) in page


def test_p14_a_run_that_a_withdrawal_ended_reads_as_one_that_another_model_ended():
    verdicts = [gate.withdrawn(), gate.pointer_moved()]
    assert len({words.verdict_words(asdict(verdict)) for verdict in verdicts}) == 1
    due = words.verdict_words({"decision": "rolled_back", "cause": "withdrawn", "reasons": []})
    assert due == "Kept no candidate; an earlier version serves."


def test_there_is_no_way_back_from_the_first_version(administrator, database, installed):
    administrator.post("model/rollback")
    again = administrator.post("model/rollback")
    assert again.status_code == 409
    assert serves(database) == installed[0]


def test_where_there_are_several_institutions_each_has_its_own_pointer(administrator, database, installed):
    """S22: what one institution's administrator does must not change what another's instructors read."""
    with database.session() as session:
        institutions.found(session, NOW, "Another College")
    assert administrator.get("model").status_code == 200
    assert administrator.post("model/run").status_code == 303
    with database.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == "retrain")).one()
        assert job.key in {one.id for one in session.scalars(select(Institution))}
    administrator.post("model/rollback")
    assert serves(database) == installed[1]


REPORT = {
    "way": "recalibration",
    "changes": {"confusion": [0.9, 0.8]},
    "held": ["sure", "pace"],
    "frozen": 1050,
    "replayed": 0,
    "seconds": 544.0,
    "corrections": 4711,
    "held_out": 4712,
}


def test_the_report_says_what_was_done_learnt_and_left_waiting(administrator, database):
    decided(database, Verdict("recalibrated", ()), REPORT)
    page = administrator.get("model").text
    assert "Recalibrated: the same model with new limits" in page
    assert "too few corrections to train on" in page
    assert "more often on confusion" in page
    assert "Waiting for a second reader" in page
    assert "9 minutes" in page
    assert "1050" in page
    assert "Starter texts mixed in" not in page, "none were"


def test_p14_the_report_tells_no_number_that_one_author_changes(administrator, database):
    decided(database, Verdict("recalibrated", ()), REPORT)
    page = administrator.get("model").text
    assert "4711" not in page
    assert "4712" not in page


def test_a_report_of_before_is_still_shown(administrator, database):
    decided(database, Verdict("kept", (rules.Reason("agreement", False, 0.8, 0.8),)), {"seconds": 61.0})
    page = administrator.get("model").text
    assert "Agreement with the corrections it was trained on" in page
    assert "61 seconds" in page


def test_a_run_under_way_can_be_ended_from_the_page(administrator, database):
    administrator.post("model/run")
    assert 'id="cancel"' in administrator.get("model").text
    assert administrator.post("model/cancel").status_code == 303
    with database.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == "retrain")).one()
        assert job.payload["cancelled"]["who"] == "administrator"
