"""Words of those who did not agree are nowhere: a worker reads, crashes, reads on, scores (P1, P16, P20, P21)."""

import base64
import html
import json
import logging
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool.demo import traces
from lti_tool.demo.pair import Pair
from lti_tool.ingest import breaker
from lti_tool.ingest.tables import Post
from lti_tool.installation import prepare
from lti_tool.jobs import Job
from lti_tool.jobs.worker import Worker
from lti_tool.launch.tables import Institution
from lti_tool.lms import retrying
from lti_tool.schedule import load_tasks
from lti_tool.storage import Keyring
from lti_tool.storage.envelope import Place, seal
from tests.ingest import planting
from tests.ingest.campus_and_tool import NO, CampusAndTool, running
from tests.ingest.planting import AGREED, FROM_NOW, LEFT, NEVER_READ, WITHDREW, below, cores
from tests.lms import faulty_server as faults
from tests.lms.faulty_server import Call, Fault, FaultyServer, faulty

pytestmark = pytest.mark.long

MOODLE_POSTS = "mod_forum_get_discussion_posts"
CANVAS_POSTS = "/api/v1/courses/2/discussion_topics/1/view"
LOOK_SECONDS, MOST_SECONDS = 0.02, 90.0
SHARED = Path("/dev/shm")
PLACE = Place("texts", "said", "1", "0f" * 16)
WORKER = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
from lti_tool.lms import retrying
retrying.FIRST_PAUSE = 0.01
from lti_tool.cli import main
main(["worker"])
"""
CRASHING = "import os, sys; word = sys.argv[1] * 100; os.abort()"


@dataclass
class Place:
    """A campus, the tool, a spoiling server between them, and the one folder that the tool may write to."""

    both: CampusAndTool
    server: FaultyServer
    folder: Path
    database_files: Path | None = None
    """Of a database server, which lie elsewhere."""

    @property
    def home(self) -> Path:
        return self.both.settings.home

    def ask(self) -> str:
        """Queue a complete pull, as a person does; its id."""
        with self.both.database.session() as session:
            job = breaker.ask(session, datetime.now(UTC), self.both.course_id)
            job.payload = {"asked": True, "complete": True}
            return job.id

    def state(self, job_id: str) -> str:
        with self.both.database.reading() as session:
            return session.get_one(Job, job_id).state

    def tables(self, words: list[str]) -> set[str]:
        home = self.home
        pair = Pair(self.both.installation, self.both.campus, "", "", home, home, datetime.now(UTC), [])
        return traces.in_tables(pair, words)

    def found(self, words: list[str]) -> set[str]:
        """Everywhere: files below the folder, encrypted fields in them opened, and the tables as they read."""
        with self.both.database.reading() as session:
            homes = list(session.scalars(select(Institution.id)))
        return below(self.folder, words, self.database_files, homes) | self.tables(words)

    def texts(self) -> str:
        with self.both.database.reading() as session:
            return "\n".join(f"{post.title} {post.text}" for post in session.scalars(select(Post)))


@pytest.fixture
def place(tmp_path: Path, migrated_file: Path) -> Iterator[Place]:
    with planted(tmp_path, migrated_file) as made:
        yield made


@contextmanager
def planted(tmp_path: Path, migrated: Path | str) -> Iterator[Place]:
    """Everyone who launches has answered; the texts lie in the past."""
    folder = tmp_path / "all"
    for name in ("home", "scratch", "cache", "here"):
        (folder / name).mkdir(parents=True)
    with running(folder / "home", migrated) as both, faulty(both.campus.settings.base_url) as server:
        planting.plant(both.campus)
        for key in (AGREED, WITHDREW, LEFT):
            both.answer(key)
        both.answer(FROM_NOW, earlier=False)
        both.answer(planting.DECLINED, **NO)
        both.launch(planting.STAFF)
        both.campus.leave(LEFT, "unenrolled")
        yield Place(both, server, folder)


def spoiled(name: str, faults_in_order: list[Fault | None], usual: Fault | None = None) -> faults.Plan:
    """The faults one after the other at the calls of that name, then `usual`."""
    left = list(faults_in_order)

    def plan(call: Call) -> Fault | None:
        if call.name != name:
            return None
        return (left.pop(0) if left else usual) or usual

    return plan


@contextmanager
def worker(place: Place) -> Iterator[subprocess.Popen[bytes]]:
    """`undertone worker` with everything logged, in its own folders, and allowed to leave a core file."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("UNDERTONE_", "DATABASE_URL"))
    } | {
        "UNDERTONE_ENVIRONMENT": "test",
        "UNDERTONE_HOME": str(place.home),
        "UNDERTONE_OUTBOUND_HOSTS": json.dumps(place.both.settings.outbound_hosts),
        "UNDERTONE_JOB_LEASE_SECONDS": "1.5",
        "UNDERTONE_RETRAIN_AT": f"{datetime.now(UTC) + timedelta(hours=12):%H:%M}",
        "TMPDIR": str(place.folder / "scratch"),
        "HF_HOME": str(place.folder / "cache"),
        "HOME": str(place.folder / "home"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    with (place.folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-c", WORKER],
            env=environment,
            cwd=place.folder / "here",
            stdout=log,
            stderr=log,
            preexec_fn=_allow_core,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _allow_core() -> None:
    """As large as the account may have it."""
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)


def wait(process: subprocess.Popen[bytes], condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    while not condition():
        assert process.poll() is None, "the worker ended by itself"
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(LOOK_SECONDS)


def finish(place: Place, job_id: str, process: subprocess.Popen[bytes]) -> str:
    wait(process, lambda: place.state(job_id) in ("done", "failed"))
    return place.state(job_id)


def in_shared_memory() -> set[Path]:
    return {path for path in SHARED.iterdir() if path.is_file()} if SHARED.is_dir() else set()


@pytest.mark.kill
def test_a_worker_leaves_nothing_of_those_who_did_not_agree(place):
    before = in_shared_memory()
    moodle = place.both.campus.settings.service_token
    place.both.read_by("moodle", place.server.url, moodle)
    prepare(place.both.installation)
    every = planting.with_attachments()

    # It hangs on the fourth discussion, texts of everybody in its memory, and crashes.
    place.server.plan = spoiled(MOODLE_POSTS, [every, every, every, faults.silent], every)
    crashed = place.ask()
    with worker(place) as process:
        wait(process, lambda: place.server.calls[MOODLE_POSTS] >= 4)
        process.send_signal(signal.SIGABRT)
        process.wait()
    assert place.state(crashed) == "running"
    assert list((place.folder / "here").iterdir()) == []
    assert not any(path.name.startswith("core") for path in place.folder.rglob("*"))

    place.server.plan = spoiled(
        MOODLE_POSTS, [faults.reset, faults.half, None, faults.saying(429), faults.chunk_cut], every
    )
    with worker(place) as process:
        assert finish(place, crashed, process) == "done"
        for fault in (faults.not_json, faults.html, faults.with_json({"posts": [{"id": {}}]})):
            place.server.plan = spoiled(MOODLE_POSTS, [every, fault], every)
            finish(place, place.ask(), process)
        invalid = {"exception": "x", "errorcode": "invalidtoken", "message": planting.word(LEFT, "reply")}
        place.server.plan = spoiled(MOODLE_POSTS, [every, faults.with_json(invalid)], every)
        finish(place, place.ask(), process)
        place.server.plan = spoiled(MOODLE_POSTS, [], every)
        assert finish(place, place.ask(), process) == "done"
        wait(process, lambda: any(job.state == "done" for job in place.both.jobs("score")))
        assert planting.core(WITHDREW, "reply") in place.texts()
        # While the journal still holds every page as it was.
        assert place.found(words_of_nobody()) == set()
        place.both.answer_again(WITHDREW)
        assert finish(place, place.ask(), process) == "done"
    assert place.found(words_of_nobody()) == set()
    place.both.database.dispose()
    assert place.found(cores([WITHDREW])) == set()
    assert not {path for path in in_shared_memory() - before if holds_any(path)}
    assert what_agreed_people_wrote_is_there(place)


def words_of_nobody() -> list[str]:
    """Of those who are never read, everything; of the others what is too early, not handed in or not their own."""
    gone = ("edited", "deleted", "private", "draft", "hiddenforum", "attachment", "quoted", "lined")
    return [*cores(NEVER_READ), *cores([FROM_NOW]), *cores([AGREED, WITHDREW], (*gone, *planting.NAMED))]


def holds_any(path: Path) -> bool:
    return bool(planting.spellings.held_by_file(str(path), planting.spelt(words_of_nobody())))


def what_agreed_people_wrote_is_there(place: Place, own: tuple[str, ...] = ("title",)) -> bool:
    """Else nothing was read, and finding nothing proves nothing. In Canvas a topic has a title and no entry has."""
    texts = place.texts()
    wanted = cores([AGREED], ("opening", "reply", "submission", *own))
    read = all(word in texts for word in wanted) and "[NAME]" in texts
    return read and "table posts" in place.tables(wanted)


@pytest.mark.parametrize("kind", ["moodle", "canvas"])
def test_a_reading_that_breaks_in_every_way_leaves_nothing(place, kind, monkeypatch, caplog):
    """Both faces in this process, whose log is read too; then one who agreed withdraws."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.001)
    load_tasks()
    settings = place.both.campus.settings
    token, name = {
        "moodle": (settings.service_token, MOODLE_POSTS),
        "canvas": (settings.canvas_token, CANVAS_POSTS),
    }[kind]
    if kind == "canvas":
        planting.plant_topics(place.both.campus)
    place.both.read_by(kind, place.server.url, token)
    pull_in_every_way(place, kind, name)
    own = ("title",) if kind == "moodle" else ("topic", "began")
    assert what_agreed_people_wrote_is_there(place, own)
    assert "table activities" not in place.tables(cores(planting.EVERYONE, own)), (
        "a title is its author's text"
    )
    assert planting.core(WITHDREW, "reply") in place.texts()
    assert place.found(words_of_nobody()) == set()
    place.both.answer_again(WITHDREW)
    pull_here(place)
    place.both.database.dispose()
    gone = [*words_of_nobody(), *cores([WITHDREW])]
    assert place.found(gone) == set()
    assert not [one for one in gone if one in caplog.text.lower()]


def pull_in_every_way(place: Place, kind: str, name: str) -> None:
    """Readings that break, each in another way, and one that does not."""
    broken = [faults.reset, faults.half, faults.not_json, faults.html, faults.chunk_cut, faults.saying(401)]
    for fault in (*broken, faults.with_json({"posts": [7], "view": [7]}), None):
        place.server.plan = spoiled(name, [None, fault] if kind == "moodle" else [fault])
        pull_here(place)


def pull_here(place: Place) -> None:
    place.ask()
    assert Worker(place.both.database, place.both.settings, []).run_one(frozenset({"pull"}))


def test_a_crash_of_an_unguarded_process_leaves_its_memory_in_a_file(tmp_path):
    """What the guard of the worker is for, and the proof that a core file would have been found above."""
    word = planting.core(LEFT, "reply")
    if Path("/proc/sys/kernel/core_pattern").read_text().strip() != "core":
        pytest.skip("core files of this machine go elsewhere")
    if resource.getrlimit(resource.RLIMIT_CORE)[1] != resource.RLIM_INFINITY:
        pytest.skip("this account may leave no core file")
    guarded = (
        "from lti_tool.processes import keep_memory_out_of_files; keep_memory_out_of_files(); " + CRASHING
    )
    for code, left in ((CRASHING, True), (guarded, False)):
        here = tmp_path / str(left)
        here.mkdir()
        command = [sys.executable, "-c", code, word]
        ended = subprocess.run(
            command,
            cwd=here,
            preexec_fn=_allow_core,
            env=os.environ | {"PYTHONPATH": str(Path.cwd())},
            check=False,
        )
        assert ended.returncode == -signal.SIGABRT
        assert bool(below(here, [word])) is left


WAYS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "capitals": lambda word: word.upper().encode(),
    "16 bits": lambda word: word.encode("utf-16"),
    "16 bits, other end": lambda word: word.encode("utf-16-be"),
    "base64": lambda word: base64.b64encode(word.encode()),
    "base64, one on": lambda word: base64.b64encode(b"x" + word.encode()),
    "base64, two on": lambda word: base64.b64encode(b"xy" + word.encode() + b"z"),
    "JSON": lambda word: json.dumps({"a": word}).encode(),
    "HTML": lambda word: html.escape(word).encode("ascii", "xmlcharrefreplace"),
    "Latin-1": lambda word: word.encode("latin-1"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_search_finds_a_word_however_it_is_spelt(tmp_path, way):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "left").write_bytes(b"\x00 " + WAYS[way](planting.word(LEFT, "reply")) + b"\xff")
    assert below(tmp_path, cores([LEFT])) == {"left"}
    assert below(tmp_path, cores([AGREED])) == set()


def test_the_search_opens_encrypted_fields_in_free_pages_and_in_the_journal(tmp_path):
    keyring = Keyring.generate()
    keyring.save(tmp_path / "keys.json")
    database = sqlite3.connect(tmp_path / "some.db")
    database.execute("CREATE TABLE texts (said TEXT)")
    database.execute("CREATE TABLE institutions (id TEXT)")
    database.execute("INSERT INTO institutions VALUES (?)", [PLACE.institution_id])
    database.execute("INSERT INTO texts VALUES (?)", [seal(keyring, PLACE, planting.word(LEFT, "reply"))])
    database.commit()
    database.execute("PRAGMA secure_delete=OFF")
    database.execute("DELETE FROM texts")
    database.commit()
    assert below(tmp_path, cores([LEFT])) == {"some.db"}
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("INSERT INTO texts VALUES (?)", [seal(keyring, PLACE, planting.word(AGREED, "reply"))])
    database.commit()
    assert below(tmp_path, cores([AGREED])) == {"some.db-wal"}
    database.close()
