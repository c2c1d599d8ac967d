"""Whole runs with real weights in a real child process: what they decide, keep, and never write."""

import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from lti_tool.consent.tables import ConsentState
from lti_tool.jobs import Job
from lti_tool.retraining import asking, checking, gate, provenance, rules, service, training
from lti_tool.retraining.learnt import trained_on
from lti_tool.retraining.service import AlreadyRunningError, perform
from lti_tool.retraining.training import TrainingFailedError
from lti_tool.review import holds
from lti_tool.review.pool import corrections
from lti_tool.scoring import pinning, serving, weights
from lti_tool.scoring.tables import ModelVersion, Weights
from tests.retraining.conftest import CORRECTED, PLANTED, found
from tests.retraining.results import answering

pytestmark = pytest.mark.long

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
MANY = 110
DIFFERENT = {"sentiment": "negative", "confusion": 1, "boredom": 1}
"""What the instructor says of every text with the planted word: easy to learn, and true of held-out ones too."""
SYSTEM = ("/proc/", "/dev/", "/sys/", "/usr/", "/etc/", "/lib")


def history(school) -> list[str]:
    with school.database.reading() as session:
        return [move.version_id for move in serving.history(session)]


def watched(school, seen: list, stop: threading.Event) -> None:
    """Note every file below the installation, and every one that a child holds open, that has the planted word."""
    home = school.settings.home
    own = Path(f"/proc/{os.getpid()}/task")
    while not stop.wait(0.2):
        for folder, _, names in os.walk(home):
            held = [name for name in names if PLANTED.encode() in _bytes(Path(folder, name))]
            seen += [f"text in {name}" for name in held if "undertone.db" not in name]
        for thread in own.iterdir():
            for child in _text(thread / "children").split():
                opened = [_target(link) for link in _listed(Path(f"/proc/{child}/fd"))]
                if "lti_tool.retraining.child" in _text(Path(f"/proc/{child}/cmdline")):
                    seen += [f"database open: {name}" for name in opened if "undertone.db" in name]
                    seen.append("a child was seen")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _text(path: Path) -> str:
    return _bytes(path).decode(errors="replace")


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


@pytest.fixture
def large_school(tmp_path, small_model, monkeypatch):
    """Corrections enough to hold thirty out; what a model of a few seconds makes of other texts is chance."""
    monkeypatch.setattr(rules, "LEAST_INSULTS", 0.0)
    monkeypatch.setattr(rules, "MOST_LOST", 1.0)
    monkeypatch.setattr(rules, "MOST_TEXTS_LOST", 24)
    monkeypatch.setattr(rules, "LARGEST_GAP", 1.0)
    made = found(tmp_path, small_model, MANY, 40, DIFFERENT)
    yield made
    made.database.dispose()


def test_a_better_candidate_serves_and_no_text_is_in_any_file(large_school):
    school = large_school
    before = history(school)
    seen, stop = [], threading.Event()
    watcher = threading.Thread(target=watched, args=(school, seen, stop))
    watcher.start()
    outcome = perform(school.run())
    stop.set()
    watcher.join()
    assert outcome["decision"] == "promoted", outcome
    assert set(seen) == {"a child was seen"}
    assert not list(school.settings.weights_home.glob(".*")), "nothing half done is left"
    with school.database.reading() as session:
        version = serving.serving(session, None)
        assert (version.origin, version.parent_id) == ("retrained", before[0])
        assert version.calibration == own_calibration(school, version.weights_hash)
        assert weights.fault(school.database, school.settings, version.weights_hash) is None
        move = serving.history(session)[-1]
        kept = json.dumps([session.get_one(Weights, version.weights_hash).manifest, school.rows()[0].report])
    assert (move.who, move.version_id) == ("nightly run", version.id)
    assert PLANTED not in kept
    row = school.rows()[0]
    assert (row.decision, row.candidate_version_id) == ("promoted", version.id)
    assert row.report["held_out"] >= gate.LEAST_HELD_OUT
    assert row.report["corrections"] + row.report["held_out"] == MANY
    assert row.report["agreement"]["low"] > 0.05
    assert row.report["candidate"]["seconds"] > 0
    what_was_learnt_is_never_held_out(school)
    rolled_back(school, before[0])


def what_was_learnt_is_never_held_out(school) -> None:
    """The next run holds out nothing that the version has seen."""
    learnt = set(school.rows()[0].report["learnt"])
    with school.database.reading() as session:
        assert trained_on(session, serving.serving(session, None)) == learnt
    assert len(learnt) == school.rows()[0].report["corrections"]


def own_calibration(school, weights_hash: str) -> dict:
    folder = weights.path_of(school.database, school.settings, weights_hash)
    return json.loads((folder / "calibration.json").read_text())


def rolled_back(school, first: str) -> None:
    """One step back is what served before; the candidate stays in the history."""
    with school.database.session() as session:
        assert serving.rollback(session, NOW, who="administrator").id == first
    assert len(history(school)) == 3


def test_a_candidate_that_is_not_better_is_thrown_away(school, monkeypatch):
    answering(monkeypatch)
    before = history(school)
    assert perform(school.run())["decision"] == "kept"
    assert history(school) == before
    assert not list(school.settings.weights_home.glob(".*"))
    with school.database.reading() as session:
        assert len(session.scalars(select(ModelVersion)).all()) == 1


def test_too_few_corrections_are_no_run(school, monkeypatch):
    requests = answering(monkeypatch)
    school.settings.retrain_least_corrections = CORRECTED + 1
    outcome = perform(school.run())
    assert outcome["decision"] == "too_few"
    told = f"Not trained. Fewer corrections may be used than the {CORRECTED + 1} that are needed."
    assert outcome["sentence"] == told
    assert not requests


def test_eight_corrections_are_the_fewest_whatever_is_set(school):
    assert service.least_corrections(school.settings) == gate.LEAST_TO_RECALIBRATE == 8


def test_a_pointer_that_moved_meanwhile_is_left_alone(school, monkeypatch):
    def promote_another() -> None:
        with school.database.session() as session:
            first = serving.serving(session, None)
            other = ModelVersion(
                weights_hash=first.weights_hash, calibration={}, origin="shipped", created_at=NOW
            )
            session.add(other)
            session.flush()
            serving.promote(session, NOW, other.id, "administrator", "Meanwhile.")

    answering(monkeypatch, promote_another, better=True)
    outcome = perform(school.run())
    assert outcome["decision"] == "kept"
    assert "changed while it trained" in outcome["sentence"]
    with school.database.reading() as session:
        assert serving.history(session)[-1].why == "Meanwhile."


def test_a_second_try_takes_the_same_answers_less_those_withdrawn_since(school, monkeypatch):
    """P17: what was taken back between two tries is in no later one, and what came in between waits."""
    run = school.run()
    requests = answering(monkeypatch)

    def fail(*_):
        raise TrainingFailedError

    with monkeypatch.context() as killed:
        killed.setattr(service, "run_child", fail)
        with pytest.raises(TrainingFailedError):
            perform(run)
    first = school.rows()[0]
    with school.database.session() as session:
        left = session.get_one(ConsentState, school.writers[0])
        left.c = False
    school.correct(school.posts[1], {"sentiment": "neutral"})
    perform(school.run(run.job_id))
    second = school.rows()[0]
    own = [post for post in school.posts if post.person_id == school.writers[0]]
    texts = {row["text"] for row in requests[0]["train"]}
    assert len(school.rows()) == 1
    assert not texts & {post.text for post in own}
    assert set(second.report["answers"]) < set(first.report["answers"])
    assert second.pool_hash != first.pool_hash


def test_why_labels_wait_is_told_by_a_second_try_too(school, monkeypatch):
    """S43: what waits is in no pool, and the report says no more than why."""
    with school.database.reading() as session:
        answers = sorted(one.answer_id for one in corrections(session))

    def doubt(session, now, version):
        holds.hold(session, now, {answers[0]: "sure", answers[1]: "sure"})

    def fail(*_):
        raise TrainingFailedError

    monkeypatch.setattr(checking, "check_labels", doubt)
    run = school.run()
    with monkeypatch.context() as killed:
        killed.setattr(service, "run_child", fail)
        with pytest.raises(TrainingFailedError):
            perform(run)
    pool_hash = school.rows()[0].pool_hash
    answering(monkeypatch)
    perform(school.run(run.job_id))
    row = school.rows()[0]
    assert row.pool_hash == pool_hash
    assert row.report["held"] == ["sure"]
    assert row.report["corrections"] == CORRECTED - 2
    assert not {answers[0], answers[1]} & set(row.report["answers"])


def test_a_run_that_has_decided_decides_nothing_again(school, monkeypatch):
    requests = answering(monkeypatch)
    run = school.run()
    assert perform(run) == perform(school.run(run.job_id))
    assert len(requests) == 1


def ended(school) -> None:
    """Let the runs until now be over, so that another can be asked for."""
    with school.database.session() as session:
        session.execute(update(Job).values(state="done"))


def test_a_run_with_nothing_new_says_so_without_a_child(school, monkeypatch):
    requests = answering(monkeypatch)
    first = perform(school.run())
    ended(school)
    again = perform(school.run())
    assert (first["decision"], again["decision"]) == ("kept", "nothing_new")
    assert again["sentence"].endswith(first["sentence"])
    assert len(requests) == 1
    ended(school)
    school.correct(school.posts[1], {"sentiment": "neutral"})
    assert perform(school.run())["decision"] == "kept"
    assert len(requests) == 2


def test_after_a_promotion_the_same_corrections_are_not_learnt_again(school, monkeypatch):
    requests = answering(monkeypatch, better=True)
    first = perform(school.run())
    assert first["decision"] in ("promoted", "recalibrated")
    for _night in range(2):
        ended(school)
        again = perform(school.run())
        assert again["decision"] == "nothing_new"
        assert again["sentence"].endswith(first["sentence"])
    assert len(requests) == 1
    ended(school)
    school.correct(school.posts[1], {"sentiment": "neutral"})
    perform(school.run())
    assert len(requests) == 2


def test_after_going_back_the_same_corrections_do_not_make_the_same_version_again(school, monkeypatch):
    requests = answering(monkeypatch, better=True)
    perform(school.run())
    ended(school)
    with school.database.session() as session:
        first = provenance.roll_back(session, NOW, "administrator").id
    again = perform(school.run())
    assert again["decision"] == "nothing_new"
    assert "went back" in again["sentence"]
    with school.database.reading() as session:
        assert serving.serving(session, None).id == first
    assert len(requests) == 1


def test_a_pinned_version_stays_and_the_next_run_after_it_looks_again(school, monkeypatch):
    requests = answering(monkeypatch, better=True)
    with school.database.session() as session:
        pinning.pin(session, NOW, serving.serving(session, None).id, "administrator")
    before = history(school)
    outcome = perform(school.run())
    assert outcome["decision"] == "kept"
    assert "pinned" in outcome["sentence"]
    assert history(school) == before
    ended(school)
    with school.database.session() as session:
        pinning.unpin(session, NOW)
    assert perform(school.run())["decision"] == "recalibrated"
    assert len(requests) == 2


def test_what_killed_runs_left_is_cleared_away(school, monkeypatch):
    answering(monkeypatch)
    left = school.settings.weights_home / f"{service.WORKSHOP}all-of-an-earlier-job" / "candidate"
    left.mkdir(parents=True)
    perform(school.run())
    assert not left.parent.exists()


def test_a_child_that_fails_leaves_all_as_it_was(school, monkeypatch):
    before = history(school)

    def of_a_missing_model(run, begun, way):
        return {"way": way, "serving": "nowhere", "base": "nowhere", "train": [{}] * CORRECTED}

    monkeypatch.setattr(asking, "message", of_a_missing_model)
    with pytest.raises(TrainingFailedError) as told:
        perform(school.run())
    assert "serving model is unchanged" in told.value.words
    assert history(school) == before
    assert school.rows()[0].decision == ""


def test_the_child_is_told_no_address_and_no_key(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x")
    monkeypatch.setenv("UNDERTONE_KEYS_FILE", "k")
    for needed in ("UNDERTONE_BASES", "UNDERTONE_CORPORA", "UNDERTONE_DIGITS"):
        monkeypatch.delenv(needed, raising=False)
    kept = training._without_secrets(os.environ)
    assert "PATH" in kept
    assert not [name for name in kept if "UNDERTONE" in name or name == "DATABASE_URL"]


def test_there_is_one_run_at_a_time_and_a_killed_one_is_gone_on_with(school):
    with school.database.session() as session:
        asked = service.request(session, NOW)
        with pytest.raises(AlreadyRunningError):
            service.request(session, NOW)
        session.execute(update(Job).values(state="running", worker="w", attempts=1, heartbeat_at=NOW))
        session.expire_all()
        with pytest.raises(AlreadyRunningError):
            service.request(session, NOW + timedelta(seconds=5))
        assert service.request(session, NOW + timedelta(seconds=60)).id == asked.id


def test_the_child_ends_when_its_parents_pipe_does():
    started = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "lti_tool.retraining.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    child.stdin.close()
    assert child.wait(30) != 0
    assert time.monotonic() - started < 30
