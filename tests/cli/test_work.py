"""Work by command line: sync, score, retrain, rollback and check, with what can go wrong."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from lti_tool.ingest.tables import Post
from lti_tool.jobs import Job, enqueue
from lti_tool.launch import courses, institutions, registrations
from lti_tool.retraining.tables import TrainingRun
from lti_tool.scoring.serving import SHIPPED, history, promote, serving
from lti_tool.scoring.tables import ModelVersion, Weights
from lti_tool.scoring.weights import store
from model import backbones, checkpoint
from model.integrity import manifest
from tests.cli.conftest import TOKEN, platform, refused

NOWHERE = "http://localhost:1"


def moves(undertone) -> int:
    with undertone.database.reading() as session:
        return len(history(session))


def add_course(undertone, url: str = NOWHERE, ages: tuple[str, ...] = ("--ages", "adults")) -> str:
    """A course of a registered platform that was opened just now; `ages` is what is said of who is in it."""
    undertone.settings["UNDERTONE_OUTBOUND_HOSTS"] = f'["{url.removeprefix("http://")}"]'
    assert undertone("register", *platform(url), *ages, UNDERTONE_LMS_TOKEN=TOKEN).exit_code == 0
    now = datetime.now(UTC)
    with undertone.database.session() as session:
        found = registrations.find(session, url, "tool")
        deployment = registrations.deployment_for(session, now, found, "1", accept=True)
        course = courses.remember(
            session, now, found, deployment, "2", title="C", roster_url=f"{url}/m", lms_course_id=None
        )
        return course.id


def add_retraining(undertone, heartbeat: datetime) -> str:
    with undertone.database.session() as session:
        job = enqueue(session, heartbeat, "retrain")
        job.state, job.worker, job.attempts, job.heartbeat_at = "running", "another", 1, heartbeat
        return job.id


@pytest.mark.parametrize("command", ["sync", "score"])
def test_without_a_course_there_is_nothing_to_do(undertone, command):
    result = undertone(command)
    assert result.exit_code == 0
    assert "nothing to do" in result.output


@pytest.mark.parametrize("ages", [(), ("--ages", "minors")], ids=["nothing_said", "minors"])
def test_p22_a_course_that_may_hold_minors_is_not_read_on_request(undertone, ages):
    course_id = add_course(undertone, ages=ages)
    result = undertone("sync")
    assert result.exit_code == 0
    assert "known to hold only adults: nothing to do." in result.output
    refused(undertone("sync", "--course", course_id), "no active course")
    with undertone.database.reading() as session:
        assert session.scalars(select(Job)).all() == []


@pytest.mark.parametrize("command", ["sync", "score"])
def test_a_course_that_is_not_there_is_refused_and_queues_nothing(undertone, command):
    refused(undertone(command, "--course", "nowhere"), "no active course")
    with undertone.database.reading() as session:
        assert session.scalars(select(Job)).all() == []


def test_reading_from_an_lms_that_is_down_fails_in_one_line_and_changes_nothing(undertone):
    add_course(undertone)
    result = undertone("sync")
    assert result.exit_code == 1
    assert "pull failed: The roster could not be read; nothing was changed." in result.output
    with undertone.database.reading() as session:
        assert session.scalars(select(Post)).all() == []
        assert session.scalars(select(Job.state)).one() == "failed"


@pytest.mark.parametrize(("options", "payload"), [((), {}), (("--complete",), {"complete": True})])
def test_everything_is_read_anew_only_when_that_is_asked_for(undertone, options, payload):
    add_course(undertone)
    undertone("sync", *options)
    with undertone.database.reading() as session:
        assert session.scalars(select(Job.payload)).one() == {"asked": True} | payload


def test_a_reading_that_runs_is_not_taken_for_a_complete_one(undertone):
    course_id = add_course(undertone)
    with undertone.database.session() as session:
        now = datetime.now(UTC)
        job = enqueue(session, now, "pull", course_id)
        job.state, job.worker, job.attempts, job.heartbeat_at = "running", "another", 1, now
    refused(undertone("sync", "--complete"), "under way")


def test_retraining_on_too_few_corrections_says_so_and_changes_nothing(undertone):
    before = moves(undertone)
    result = undertone("retrain")
    assert result.exit_code == 0
    assert "Fewer corrections may be used than the 8 that are needed." in result.output
    with undertone.database.reading() as session:
        assert session.scalars(select(TrainingRun.decision)).one() == "too_few"
    assert moves(undertone) == before


def test_a_second_retraining_is_refused_while_one_runs(undertone):
    add_retraining(undertone, datetime.now(UTC))
    refused(undertone("retrain"), "already under way")
    with undertone.database.reading() as session:
        assert session.scalars(select(Job.state)).one() == "running"


def test_a_retraining_whose_process_was_killed_is_gone_on_with(undertone):
    job_id = add_retraining(undertone, datetime.now(UTC) - timedelta(minutes=5))
    assert undertone("retrain").exit_code == 0
    with undertone.database.reading() as session:
        job = session.scalars(select(Job)).one()
    assert (job.id, job.state, job.attempts) == (job_id, "done", 2)


def test_there_is_nothing_before_the_first_model(undertone):
    before = moves(undertone)
    result = undertone("rollback")
    refused(result, "")
    assert moves(undertone) == before


def test_a_good_installation_passes_every_check(undertone, keys_address):
    undertone.settings["UNDERTONE_OUTBOUND_HOSTS"] = f'["{keys_address.removeprefix("http://")}"]'
    undertone("register", *platform(keys_address), UNDERTONE_LMS_TOKEN=TOKEN)
    result = undertone("check")
    assert result.exit_code == 0, result.output
    assert "WRONG" not in result.output
    lines = result.output.splitlines()
    assert f"ok    keys of {keys_address}" in lines
    assert lines.count(f"ok    LMS of {keys_address}") == 1


def test_a_token_that_the_lms_does_not_know_is_found_before_there_is_a_course(undertone, keys_address):
    undertone.settings["UNDERTONE_OUTBOUND_HOSTS"] = f'["{keys_address.removeprefix("http://")}"]'
    undertone("register", *platform(keys_address), UNDERTONE_LMS_TOKEN="mistyped")
    wrong(undertone("check"), f"LMS of {keys_address}: Moodle does not know the reading account's token")


def test_a_platform_that_cannot_be_reached_is_found(undertone):
    undertone.settings["UNDERTONE_OUTBOUND_HOSTS"] = '["localhost:1"]'
    undertone("register", *platform(NOWHERE), UNDERTONE_LMS_TOKEN=TOKEN)
    wrong(undertone("check"), f"keys of {NOWHERE}")


def test_an_lms_that_cannot_be_reached_is_found_before_there_is_a_course(undertone):
    undertone.settings["UNDERTONE_OUTBOUND_HOSTS"] = '["localhost:1"]'
    undertone("register", *platform(NOWHERE), UNDERTONE_LMS_TOKEN=TOKEN)
    result = undertone("check")
    wrong(result, f"LMS of {NOWHERE}: There is no answer at the LMS's address")
    assert result.output.count("WRONG LMS of ") == 1


def test_an_lms_on_this_machine_that_the_settings_do_not_allow_is_found(undertone):
    undertone("register", *platform(NOWHERE), UNDERTONE_LMS_TOKEN=TOKEN)
    result = undertone("check")
    wrong(result, f"LMS of {NOWHERE}: The LMS's address may not be called")
    assert "UNDERTONE_OUTBOUND_HOSTS" in result.output


def test_missing_tables_are_found(bare):
    bare("keys", "init")
    wrong(bare("check"), "database: it is new")


def test_altered_weights_are_found_on_the_disk_and_in_the_database(undertone):
    assert undertone("check").exit_code == 0
    with undertone.database.reading() as session:
        digest = serving(session, None).weights_hash
    (undertone.folder / "weights" / digest / "calibration.json").write_text("{}")
    wrong(undertone("check"), "serving model: the unpacked weights are altered")
    with undertone.database.session() as session:
        session.execute(update(Weights).values(archive=b"something else"))
    (undertone.folder / "weights" / digest).rename(undertone.folder / "weights" / "elsewhere")
    wrong(undertone("check"), "serving model")


def test_altered_weights_that_serve_one_institution_alone_are_found(undertone, small_model):
    """What the other one is served is whole."""
    now = datetime.now(UTC)
    with undertone.database.session() as session:
        own, _ = (institutions.found(session, now, name).id for name in ("One College", "Another College"))
        stored = store(session, now, small_model)
        shipped = serving(session, None)
        theirs = ModelVersion(
            weights_hash=stored.hash,
            calibration=shipped.calibration,
            parent_id=shipped.id,
            origin="retrained",
            institution_id=own,
            created_at=now,
        )
        session.add(theirs)
        session.flush()
        promote(session, now, theirs.id, "nightly run", "promoted", own)
        digest = stored.hash
    whole = undertone("check")
    assert whole.exit_code == 0, whole.output
    assert "serving model of One College" in whole.output
    with undertone.database.session() as session:
        session.execute(update(Weights).where(Weights.hash == digest).values(archive=b"something else"))
    wrong(undertone("check"), "serving model of One College: the kept weights are altered")
    assert "ok    serving model of Another College" in undertone("check").output


def test_a_base_encoder_that_cannot_be_made_is_found(undertone, tmp_path):
    (tmp_path / "file").write_text("")
    result = undertone("check", UNDERTONE_BASES=str(tmp_path / "file" / "bases"))
    wrong(result, "serving model: The base encoder multilingual-e5-small cannot be rebuilt")
    assert "UNDERTONE_BASES" in result.output


@pytest.mark.parametrize(
    ("weights", "words"), [(None, "has no weights"), (b"other", "is not the pinned file")]
)
def test_a_base_encoder_without_its_weights_is_found(undertone, tmp_path, weights, words):
    folder = tmp_path / "bases" / Path(backbones.resolve().source).name
    folder.mkdir(parents=True)
    if weights is not None:
        (folder / backbones.WEIGHTS).write_bytes(weights)
    result = undertone("check", UNDERTONE_BASES=str(tmp_path / "bases"))
    wrong(result, "serving model: The base encoder")
    assert words in result.output


def test_a_model_of_another_base_is_found(bare, tmp_path):
    foreign = Path(shutil.copytree(SHIPPED, tmp_path / "foreign"))
    own = manifest.read(foreign)
    identity = checkpoint.weights_hash(foreign, own.kind, "0" * 64)
    manifest.write(foreign, replace(own, base={**own.base, "sha256": "0" * 64}, weights_hash=identity))
    bare("keys", "init")
    assert bare("migrate", UNDERTONE_STARTER_MODEL=str(foreign)).exit_code == 0
    wrong(bare("check"), "serving model: the base encoder multilingual-e5-small is not the one")


def wrong(result, words: str) -> None:
    assert result.exit_code == 1, result.output
    assert any(line.startswith(f"WRONG {words}") for line in result.output.splitlines()), result.output
    assert "Traceback" not in result.output
