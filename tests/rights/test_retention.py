"""Each row of P62's table with the clock moved: kept until its day, gone on it; and what a run leaves behind."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

import lti_tool.app  # noqa: F401  all tables
from lti_tool import audit
from lti_tool.audit.tables import AuditEvent
from lti_tool.consent import service as consent
from lti_tool.consent.choices import DECLINED, Choices
from lti_tool.consent.tables import ConsentEvent, ConsentState
from lti_tool.ingest.tables import Post
from lti_tool.insights.tables import Snapshot
from lti_tool.jobs.tables import Job
from lti_tool.launch import people
from lti_tool.launch.tables import Course, Institution, LaunchSession, Membership, PersonKey
from lti_tool.review.pool import corrections
from lti_tool.review.tables import Answer, PoolText
from lti_tool.rights import backup_list, retention_choices, retention_report
from lti_tool.rights.retention import Enforcing
from lti_tool.rights.retention_choices import RetentionChoiceError
from lti_tool.scoring import serving
from lti_tool.scoring.tables import ModelPin, ModelVersion, Score, Serving, Weights
from lti_tool.storage import LIMITS, Base, kept_tables, new_id, owned_tables
from tests.classroom import START, Classroom, open_database

END = START + timedelta(days=100)
"""The day on which the course ends."""
DAY = timedelta(days=1)


@pytest.fixture
def database(tmp_path):
    opened = open_database(tmp_path)
    yield opened
    opened.dispose()


@pytest.fixture
def room(database):
    """A course that ends, with a person who agreed to A, B and C and has one scored text."""
    with database.session() as session:
        room = Classroom(session)
        room.one = room.person("ABC")
        session.add(
            Membership(
                person_id=room.one, course_id=room.course_id, role="student", seen_at=START, listed=True
            )
        )
        session.add(PersonKey(person_id=room.one, identity_index="x" * 64, lms_user_id="5"))
        room.post_row = room.post(room.one, room.activity("Forum"), "I am lost in week three.")
        room.version_row = room.version()
        room.score(room.post_row, room.version_row, confusion=0.9)
        session.get_one(Course, room.course_id).ends_on = END
    return room


def enforce(database, tmp_path, now, run=None):
    return Enforcing(database, run or new_id(), now, tmp_path / "weights").perform()


def count(database, table, *conditions):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions))


def answered(session, room, kind="labels"):
    row = Answer(
        course_id=room.course_id,
        post_id=room.post_row.id,
        person_id=room.one,
        annotator_id=room.one,
        annotator_role="student",
        kind=kind,
        labels={"sentiment": "negative", "confusion": 1},
        text_hash=room.post_row.text_hash,
        answered_at=START,
    )
    session.add(row)
    session.flush()
    return row


def test_p62_texts_go_30_days_after_the_end_and_estimates_after_90(database, room, tmp_path):
    enforce(database, tmp_path, END + 30 * DAY - timedelta(seconds=1))
    with database.reading() as session:
        assert session.scalars(select(Post)).one().text == "I am lost in week three."
    assert enforce(database, tmp_path, END + 30 * DAY)["texts"] == 1
    with database.reading() as session:
        post = session.scalars(select(Post)).one()
        assert (post.text, post.title, post.url, post.trainable) == ("", None, "", False)
        assert post.emptied_at == END + 30 * DAY
    enforce(database, tmp_path, END + 90 * DAY - timedelta(seconds=1))
    assert count(database, Score) == 1
    enforce(database, tmp_path, END + 90 * DAY)
    assert (count(database, Score), count(database, Post)) == (0, 0)


def test_p62_an_emptied_text_is_scored_and_read_by_nobody_again(database, room, tmp_path):
    from lti_tool.scoring import tasks

    with database.session() as session:
        session.execute(delete(Score))
        version = session.scalars(select(ModelVersion)).one()
        assert len(tasks._waiting(session, room.course_id, version, 10)) == 1
    enforce(database, tmp_path, END + 30 * DAY)
    with database.reading() as session:
        assert tasks._waiting(session, room.course_id, version, 10) == []


def _in(room, session):
    room.session = session
    return room


def test_p62_findings_go_90_days_after_the_end(database, room, tmp_path):
    with database.session() as session:
        session.add(Snapshot(course_id=room.course_id, body={}, built_at=END))
    enforce(database, tmp_path, END + 90 * DAY - timedelta(seconds=1))
    assert count(database, Snapshot) == 1
    assert enforce(database, tmp_path, END + 90 * DAY)["alerts"] == 1
    assert count(database, Snapshot) == 0


def test_p62_the_pool_keeps_a_labelled_text_for_24_months_or_until_c_is_taken_back(database, room, tmp_path):
    with database.session() as session:
        answered(session, room)
        before = corrections(session)
    enforce(database, tmp_path, END + 95 * DAY)  # text, estimate and answer are over in one run
    assert (count(database, Post), count(database, Answer)) == (0, 0)
    with database.reading() as session:
        assert corrections(session) == [replace(one, written_at=None) for one in before]
    enforce(database, tmp_path, END + 730 * DAY - timedelta(seconds=1))
    assert count(database, PoolText) == 1
    assert enforce(database, tmp_path, END + 730 * DAY)["pool"] == 1
    assert count(database, PoolText) == 0


def test_p62_taking_c_back_empties_the_pool_at_once(database, room, tmp_path):
    with database.session() as session:
        answered(session, room)
    enforce(database, tmp_path, END + 30 * DAY)
    assert count(database, PoolText) == 1
    with database.session() as session:
        without = Choices(answered=True, a=True, earlier=True, b=True)
        consent.save(session, END + 31 * DAY, room.one, room.course_id, without, "en")
        assert corrections(session) == []
    assert count(database, PoolText) == 0


def test_p62_without_c_nothing_reaches_the_pool(database, room, tmp_path):
    with database.session() as session:
        answered(session, room)
        session.get_one(ConsentState, room.one).c = False
    enforce(database, tmp_path, END + 30 * DAY)
    assert count(database, PoolText) == 0


def promoted(session, seed, at, number):
    digest = seed * 64
    session.add(Weights(hash=digest, archive=b"adapter", manifest={}, created_at=at))
    session.flush()
    version = ModelVersion(weights_hash=digest, calibration={}, origin="retrained", created_at=at)
    session.add(version)
    session.flush()
    session.add(
        Serving(
            institution_id=None,
            number=number,
            version_id=version.id,
            who="nightly run",
            why="promoted",
            at=at,
        )
    )
    session.flush()
    return version.id


def archives(database):
    with database.reading() as session:
        rows = session.scalars(select(Weights).where(Weights.archive != b""))
        return "".join(sorted(row.hash[0] for row in rows if len(set(row.hash)) == 1))


def test_p62_models_stay_for_the_last_five_promoted_and_twelve_months(database, room, tmp_path):
    with database.session() as session:
        for place, seed in enumerate("abcdefg"):
            promoted(session, seed, START + place * DAY, 2 + place)
    (tmp_path / "weights" / ("a" * 64)).mkdir(parents=True)
    assert enforce(database, tmp_path, START + 10 * DAY)["models"] == 2
    assert archives(database) == "cdefg"
    assert not (tmp_path / "weights" / ("a" * 64)).exists()
    enforce(database, tmp_path, START + 368 * DAY)
    assert archives(database) == "defg"  # c is older than twelve months, and one by one the others follow
    enforce(database, tmp_path, START + 800 * DAY)
    assert archives(database) == "g"
    with database.reading() as session:
        said = retention_report.newest(session, "")
        assert [one["code"] for one in said.undone] == ["model_in_use"]
        assert serving.serving(session, None).weights_hash == "g" * 64
        first = serving.history(session)[
            0
        ].version_id  # its weights are not kept here, nor are they thrown away
        assert [one.id for one in serving.earlier(session)] == [first], "nobody can go back to what is gone"


def test_p62_proof_of_consent_goes_after_six_years_behind_a_checkpoint(database, room, tmp_path):
    with database.session() as session:
        other = Classroom.person(_in(room, session), "-")
        consent.save(session, START, other, room.course_id, DECLINED, "en")
        lines = session.scalar(select(func.count()).select_from(ConsentEvent))
    assert lines
    enforce(database, tmp_path, START + timedelta(days=2192) - timedelta(seconds=1))
    assert count(database, ConsentEvent) == lines
    assert enforce(database, tmp_path, START + timedelta(days=2193))["proof"] == lines
    assert count(database, ConsentEvent) == 0


def test_p62_the_log_of_views_stays_12_months_and_operation_logs_6(database, room, tmp_path):
    with database.session() as session:
        own = {"institution_id": room.institution_id}
        audit.record(session, START, "texts_read", subject_id=room.one, **own)
        audit.record(session, START, "launch", **own)
        audit.record(session, START, "keys_turned")
        session.add(Job(kind="pull", state="done", queued_at=START, finished_at=START))
        session.add(
            LaunchSession(
                secret_hash="h",
                person_id=room.one,
                course_id=room.course_id,
                institution_id=room.institution_id,
                role="student",
                created_at=START,
                seen_at=START,
            )
        )
    names = AuditEvent.event.in_(("texts_read", "launch", "keys_turned"))
    enforce(database, tmp_path, START + 184 * DAY)
    assert (count(database, AuditEvent, names), count(database, Job), count(database, LaunchSession)) == (
        3,
        1,
        1,
    )
    enforce(database, tmp_path, START + 185 * DAY)
    assert (count(database, AuditEvent, names), count(database, Job), count(database, LaunchSession)) == (
        1,
        0,
        0,
    )
    enforce(database, tmp_path, START + 365 * DAY)
    assert count(database, AuditEvent, names) == 1
    enforce(database, tmp_path, START + 366 * DAY)
    assert count(database, AuditEvent, names) == 0


def test_p62_backups_go_after_35_days(tmp_path):
    file = tmp_path / "monday.backup"
    file.write_bytes(b"sealed")
    backup_list.add(tmp_path, START, file)
    assert backup_list.expire(tmp_path, START + 35 * DAY) == []
    assert backup_list.expire(tmp_path, START + 35 * DAY + timedelta(seconds=1)) == [file]
    assert not file.exists()
    assert backup_list.known(tmp_path) == []


def test_p62_the_way_to_a_person_stays_as_long_as_their_texts_may_train(database, room, tmp_path):
    enforce(database, tmp_path, END + 730 * DAY - timedelta(seconds=1))
    assert count(database, PersonKey) == 1
    enforce(database, tmp_path, END + 730 * DAY)
    assert (count(database, PersonKey), count(database, ConsentState), count(database, Membership)) == (
        0,
        0,
        0,
    )


def test_p62_a_course_without_an_end_is_over_a_year_after_the_last_thing_in_it(database, room, tmp_path):
    with database.session() as session:
        course = session.get_one(Course, room.course_id)
        course.ends_on = None
        last = course.last_launch_at
    enforce(database, tmp_path, last + 395 * DAY - timedelta(seconds=1))
    with database.reading() as session:
        assert session.scalars(select(Post)).one().text
    enforce(database, tmp_path, last + 395 * DAY)
    with database.reading() as session:
        assert not session.scalars(select(Post)).one().text


def test_p62_every_declared_table_says_how_long_it_is_kept():
    without = [mapped.__tablename__ for mapped, owned in owned_tables() if owned.keep is None]
    assert without == []
    named = {owned.keep for _, owned in owned_tables()} | {kept.kind for _, kept in kept_tables()}
    assert named <= set(LIMITS)
    for mapped, owned in owned_tables():
        columns = set(mapped.__table__.columns.keys())
        assert set(owned.empties) | {owned.since, owned.held_at} - {None} <= columns, mapped
        assert not owned.empties or "emptied_at" in columns


def test_p62_an_institution_chooses_within_the_limits_and_on_record(database, room, tmp_path):
    with database.session() as session:
        institution = session.get_one(Institution, room.institution_id)
        for kind, days in (
            ("texts", 181),
            ("operation_logs", 30),
            ("nothing", 1),
            ("access", 100),
            ("pool", 1000),
        ):
            with pytest.raises(RetentionChoiceError):
                retention_choices.choose(session, START, institution, kind, days, "the officer")
        with pytest.raises(RetentionChoiceError):
            retention_choices.choose(session, START, institution, "texts", 3, " ")
        retention_choices.choose(session, START, institution, "texts", 3, "the officer")
        retention_choices.choose(session, START + DAY, institution, "texts", 5, "the board")
        assert retention_choices.days_of(session, institution.id)["texts"] == 5
        said = [
            (row.days, row.set_by, row.set_at) for row in retention_choices.chosen(session, institution.id)
        ]
        assert said == [(3, "the officer", START), (5, "the board", START + DAY)]
    enforce(database, tmp_path, END + 5 * DAY)
    with database.reading() as session:
        assert not session.scalars(select(Post)).one().text


def test_p62_a_run_that_is_killed_anywhere_goes_on_and_counts_right(database, room, tmp_path):
    with database.session() as session:
        _in(room, session)
        activity = room.activity("Second forum")
        for other in room.people(6, "A"):
            room.post(other, activity, "Another text.")
    run, now = new_id(), END + 30 * DAY
    commits = Dying(database)
    for most in range(1, 60):
        commits.left = most
        try:
            enforce(database, tmp_path, now, run)
        except KilledError:
            continue
        break
    assert count(database, Post, Post.emptied_at.is_(None)) == 0
    with database.reading() as session:
        said = retention_report.newest(session, room.institution_id)
    assert {line.kind: line.deleted for line in said.lines}["texts"] == 7
    assert said.finished_at == now


class KilledError(Exception):
    """As if the process had ended here."""


class Dying:
    """Lets a number of transactions through and then dies before the next."""

    def __init__(self, database):
        self.left, self.begin = 0, database.session
        database.session = self

    def __call__(self):
        if self.left == 0:
            raise KilledError
        self.left -= 1
        return self.begin()


def test_p62_a_run_leaves_a_report_and_a_second_one_finds_nothing_to_do(database, room, tmp_path):
    enforce(database, tmp_path, END + 30 * DAY)
    again = enforce(database, tmp_path, END + 30 * DAY)
    assert again == {}
    with database.reading() as session:
        said = retention_report.newest(session, room.institution_id)
        lines = {line.kind: line for line in said.lines}
        assert set(lines) == set(LIMITS)
        assert lines["scores"].oldest == START
        assert lines["texts"].days == 30


def test_p43_leaving_the_course_starts_the_clock_and_coming_back_stops_it(database, room, tmp_path):
    left = START + 20 * DAY
    with database.session() as session:
        people.follow_roster(session, left, room.course_id, {"7"})
        assert session.get_one(Membership, room.one).left_at == left
    enforce(database, tmp_path, left + 30 * DAY - timedelta(seconds=1))
    with database.reading() as session:
        assert session.scalars(select(Post)).one().text
    with database.session() as session:
        people.follow_roster(session, left + 5 * DAY, room.course_id, {"5"})
        assert session.get_one(Membership, room.one).left_at is None
    enforce(database, tmp_path, left + 60 * DAY)
    with database.session() as session:
        assert session.scalars(select(Post)).one().text
        people.follow_roster(session, left, room.course_id, {"7"})
    enforce(database, tmp_path, left + 30 * DAY)
    with database.reading() as session:
        assert not session.scalars(select(Post)).one().text
        assert session.get(PersonKey, room.one) is not None  # the way to what is kept stays for its time


def test_p43_who_left_is_not_among_those_whose_texts_are_read(database, room):
    from lti_tool.ingest.authors import readable_authors

    with database.reading() as session:
        assert set(readable_authors(session, room.course_id, {"5": room.one}, {"5"})) == {"5"}
        assert readable_authors(session, room.course_id, {"5": room.one}, {"7"}) == {}


def test_every_table_of_the_application_is_known_here():
    assert {"pool_texts", "retention_runs", "data_requests"} <= set(Base.metadata.tables)


def test_p62_a_pinned_version_and_each_institutions_way_back_stay(database, tmp_path):
    """Six of one institution and six of another: the sixth of each goes, unless it is pinned."""
    with database.session() as session:
        own = [Classroom(session).institution_id for _ in range(2)]
        for place, seed in enumerate("0123456789ab"):
            version_id = promoted(session, seed, END + place * DAY, place + 1)
            session.get_one(ModelVersion, version_id).institution_id = own[place % 2]
            if seed == "0":
                session.add(ModelPin(version_id=version_id, who="administrator", at=END))
    enforce(database, tmp_path, END + 20 * DAY)
    assert archives(database) == "023456789ab"
