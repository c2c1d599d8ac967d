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
from lti_tool.retraining import service, training
from lti_tool.retraining.service import AlreadyRunningError, perform
from lti_tool.retraining.training import TrainingFailedError
from lti_tool.scoring import serving, weights
from lti_tool.scoring.tables import ModelVersion, Weights
from tests.retraining.conftest import CORRECTED, PLANTED

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
FIGURES = {
    "labels": {},
    "weights_hash": "x",
    "macro_f1": 0.7,
    "per_label_f1": {},
    "recall": {"confusion": 0.8},
    "agreement": 0.8,
}
CALIBRATION = {"of": "the candidate"}
RESULT = {
    "calibration": CALIBRATION,
    "candidate": FIGURES,
    "serving": FIGURES,
    "positives": {},
    "frozen": 1,
    "replayed": 1,
}
SYSTEM = ("/proc/", "/dev/", "/sys/", "/usr/", "/etc/", "/lib")


def history(school) -> list[str]:
    with school.database.reading() as session:
        return [move.version_id for move in serving.history(session)]


def watched(school, seen: list, stop: threading.Event) -> None:
    """Note every file below the installation, and every one that a child holds open, that has the planted word."""
    home = school.settings.home
    own = Path(f"/proc/{os.getpid()}/task")
    while not stop.wait(0.2):
        for path in home.rglob("*"):
            if path.is_file() and "undertone.db" not in path.name and PLANTED.encode() in _bytes(path):
                seen.append(f"text in {path.name}")
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


def test_a_better_candidate_serves_and_no_text_is_in_any_file(school):
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
    assert (row.report["corrections"], row.report["held_out"]) == (CORRECTED, 0)
    assert row.report["candidate"]["agreement"] > row.report["serving"]["agreement"]
    rolled_back(school, before[0])


def own_calibration(school, weights_hash: str) -> dict:
    folder = weights.path_of(school.database, school.settings, weights_hash)
    return json.loads((folder / "calibration.json").read_text())


def rolled_back(school, first: str) -> None:
    """One step back is what served before; the candidate stays in the history."""
    with school.database.session() as session:
        assert serving.rollback(session, NOW, who="administrator").id == first
    assert len(history(school)) == 3


def measuring(monkeypatch, meanwhile=lambda: None, **candidate):
    """Let the child's answer be known, so that what follows from it is looked at alone; the requests it was given."""
    requests = []

    def answer(request, tell, most_seconds, folder, is_off=None):
        requests.append(request)
        meanwhile()
        return {**RESULT, "candidate": {**FIGURES, **candidate}}

    monkeypatch.setattr(service, "run_child", answer)
    return requests


def test_a_candidate_that_is_not_better_is_thrown_away(school, monkeypatch):
    measuring(monkeypatch)
    before = history(school)
    assert perform(school.run())["decision"] == "kept"
    assert history(school) == before
    assert not list(school.settings.weights_home.glob(".*"))
    with school.database.reading() as session:
        assert len(session.scalars(select(ModelVersion)).all()) == 1


def test_too_few_corrections_are_no_run(school, monkeypatch):
    requests = measuring(monkeypatch)
    school.settings.retrain_least_corrections = CORRECTED + 1
    outcome = perform(school.run())
    assert outcome["decision"] == "too_few"
    told = f"Not trained. Fewer corrections may be used than the {CORRECTED + 1} that are needed."
    assert outcome["sentence"] == told
    assert not requests


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

    measuring(monkeypatch, promote_another, agreement=0.99)
    outcome = perform(school.run())
    assert outcome["decision"] == "kept"
    assert "changed while it trained" in outcome["sentence"]
    with school.database.reading() as session:
        assert serving.history(session)[-1].why == "Meanwhile."


def test_a_second_try_takes_the_same_answers_less_those_withdrawn_since(school, monkeypatch):
    """P17: what was taken back between two tries is in no later one, and what came in between waits."""
    run = school.run()
    requests = measuring(monkeypatch)

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


def test_a_run_that_has_decided_decides_nothing_again(school, monkeypatch):
    requests = measuring(monkeypatch)
    run = school.run()
    assert perform(run) == perform(school.run(run.job_id))
    assert len(requests) == 1


def test_what_killed_runs_left_is_cleared_away(school, monkeypatch):
    measuring(monkeypatch)
    left = school.settings.weights_home / f"{service.WORKSHOP}of-an-earlier-job" / "candidate"
    left.mkdir(parents=True)
    perform(school.run())
    assert not left.parent.exists()


def test_a_child_that_fails_leaves_all_as_it_was(school, monkeypatch):
    before = history(school)

    def with_a_missing_model(run, begun, candidate):
        return training.run_child({"serving": "nowhere"}, run.tell, 60, candidate.parent)

    monkeypatch.setattr(service, "_train", with_a_missing_model)
    with pytest.raises(TrainingFailedError) as told:
        perform(school.run())
    assert "serving model is unchanged" in told.value.words
    assert history(school) == before
    assert school.rows()[0].decision == ""


def test_the_child_is_told_no_address_and_no_key(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x")
    monkeypatch.setenv("UNDERTONE_KEYS_FILE", "k")
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
