"""Who looked at whom is listed, kept apart by institution, exported and itself on record (P48); disclosures (P44)."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lti_tool.audit import looking, record
from lti_tool.audit.looking import Look, Wanted, disclose, disclosures, looks, reviewed, rows
from lti_tool.cli import main
from lti_tool.errors import FieldError
from lti_tool.installation import open_installation, prepare
from lti_tool.launch import institutions
from lti_tool.rights import viewing
from lti_tool.storage import LIMITS, Database, Keyring, new_id
from tests.classroom import START, open_database
from tests.launch.tenants import Tenants, tenants

ANN, BEN, TEACHER, OTHER = (new_id() for _ in range(4))
COLLEGE, ELSEWHERE = new_id(), new_id()
ALL = Wanted(COLLEGE, START, START + timedelta(days=30))


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Any]:
    """Two views of Ann, one of Ben, one at another institution."""
    with open_database(tmp_path).session() as session:
        for day, (whom, who, where) in enumerate(
            (
                (ANN, TEACHER, COLLEGE),
                (BEN, TEACHER, COLLEGE),
                (ANN, OTHER, COLLEGE),
                (ANN, TEACHER, ELSEWHERE),
            )
        ):
            record(
                session,
                START + timedelta(days=day),
                looking.LOOKED,
                institution_id=where,
                course_id="a" * 32,
                actor_id=who,
                subject_id=whom,
                facts={"texts": day + 1, "page": "forum", "role": "instructor"},
            )
        session.flush()
        yield session


def test_p48_who_role_whom_what_and_when_are_listed_newest_first(seen: Any) -> None:
    assert [(look.who, look.whom) for look in looks(seen, ALL)] == [
        (OTHER, ANN),
        (TEACHER, BEN),
        (TEACHER, ANN),
    ]
    assert looks(seen, ALL)[-1] == Look(
        "2026-09-07 08:00:00", "a" * 32, TEACHER, "instructor", ANN, "forum", 1
    )


def test_p48_the_list_is_narrowed_and_never_leaves_the_institution(seen: Any) -> None:
    def count(**changes: Any) -> int:
        return len(looks(seen, Wanted(**{**vars(ALL), **changes})))

    assert count(whom=ANN) == 2
    assert count(who=TEACHER) == 2
    assert count(who=TEACHER, whom=ANN) == 1
    assert count(since=START + timedelta(days=1)) == 2
    assert count(institution_id=ELSEWHERE) == 1
    assert len(looks(seen, ALL, start=1, most=1)) == 1


def test_p48_the_student_is_told_how_often(seen: Any) -> None:
    assert [(one.role, one.times) for one in viewing.seen_by(seen, BEN)] == [("instructor", 1)]
    assert not viewing.seen_by(seen, TEACHER)


def test_p48_to_review_is_on_record_too(seen: Any) -> None:
    reviewed(seen, START, Wanted(COLLEGE, START, START + timedelta(days=7), whom=ANN), 2, TEACHER)
    seen.flush()
    row = seen.scalars(looking._of(ALL, looking.REVIEWED)).one()
    assert (row.actor_id, row.subject_id, row.facts["found"], row.facts["days"]) == (TEACHER, ANN, 2, 7)


def test_p48_views_are_kept_for_twelve_months() -> None:
    assert LIMITS["audit"].default == looking.KEPT.days == 365


def test_p48_a_table_has_a_heading_and_no_cell_that_begins_a_formula(seen: Any) -> None:
    table = list(rows(looks(seen, ALL), Look))
    assert table[0] == ("at", "course", "who", "role", "whom", "what", "texts")
    assert not [cell for row in table for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_p44_a_disclosure_and_each_export_stand_in_the_log_of_disclosures(seen: Any) -> None:
    disclose(seen, START, COLLEGE, ANN, "County court", "texts and scores", "34 CFR 99.31")
    for who in (ANN, TEACHER):
        record(seen, START, looking.TAKEN, institution_id=COLLEGE, actor_id=who, subject_id=ANN)
    seen.flush()
    found = {(one.to, one.basis) for one in disclosures(seen, ALL)}
    assert found == {
        ("County-court", "34-CFR-99.31"),
        ("the-person", "request-of-the-person"),
        ("staff-for-the-person", "request-of-the-person"),
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [("to", "=cmd"), ("to", ""), ("what", "x" * 81), ("basis", "jo@uni.example"), ("person", "Ann Liu")],
)
def test_p44_a_disclosure_in_unfit_words_is_refused_and_not_recorded(
    seen: Any, field: str, value: str
) -> None:
    given = {"person": ANN, "to": "court", "what": "texts", "basis": "order"} | {field: value}
    with pytest.raises(FieldError) as caught:
        disclose(seen, START, COLLEGE, given["person"], given["to"], given["what"], given["basis"])
    assert caught.value.fields == (field,)
    assert disclosures(seen, ALL) == []


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Tenants]:
    with tenants(tmp_path) as world:
        yield world


def test_p48_an_administrator_sees_who_looked_and_takes_it_along(made: Tenants) -> None:
    teacher, officer = made.seats["ours.instructor"], made.seats["ours.administrator"]
    made.ask(teacher, "GET", f"/l/{teacher.launch_id}/forums", {}, {})
    page = made.ask(officer, "GET", f"/l/{officer.launch_id}/privacy/views", {}, {}).text
    assert teacher.person_id in page
    answer = made.ask(officer, "GET", f"/l/{officer.launch_id}/privacy/views/csv", {"days": "7"}, {})
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["who"] for row in table} == {teacher.person_id}
    assert {row["role"] for row in table} == {"instructor"}
    assert "attachment" in answer.headers["Content-Disposition"]
    assert [row.event for row in made.log()].count("views_reviewed") == 2


def test_p48_an_administrator_elsewhere_sees_none_of_it_whatever_they_ask_for(made: Tenants) -> None:
    teacher, officer = made.seats["ours.instructor"], made.seats["theirs.administrator"]
    made.ask(teacher, "GET", f"/l/{teacher.launch_id}/forums", {}, {})
    for query in ({}, {"who": teacher.person_id}, {"who": "' OR 1=1 --", "days": "0", "start": "-5"}):
        page = made.ask(officer, "GET", f"/l/{officer.launch_id}/privacy/views", query, {})
        assert page.status_code == 200
        assert "Nobody looked at anybody" in page.text


def test_p48_p44_by_command(undertone_home: Database) -> None:
    now = datetime.now(UTC)
    with undertone_home.session() as session:
        owner = institutions.found(session, now, "Northfield")
        facts = {"texts": 2, "page": "forum", "role": "instructor"}
        record(
            session,
            now,
            looking.LOOKED,
            institution_id=owner.id,
            actor_id=TEACHER,
            subject_id=ANN,
            facts=facts,
        )
    place = ["--institution", "Northfield"]
    told = CliRunner().invoke(main, ["audit", "views", *place, "--csv"])
    assert told.output.splitlines()[0] == "at,course,who,role,whom,what,texts"
    assert f"{TEACHER},instructor,{ANN},forum,2" in told.output
    said = ["--person", ANN, "--to", "county court", "--what", "texts", "--basis", "court order"]
    assert CliRunner().invoke(main, ["audit", "disclose", *place, *said]).exit_code == 0
    assert "county-court" in CliRunner().invoke(main, ["audit", "disclosures", *place]).output
    with undertone_home.reading() as session:
        every = Wanted(owner.id, now - timedelta(days=1), now + timedelta(days=1))
        assert session.scalars(looking._of(every, looking.REVIEWED)).one().facts["found"] == 1
    assert CliRunner().invoke(main, ["audit", "views", "--institution", "Nowhere"]).exit_code == 2


@pytest.fixture
def undertone_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """An installation that commands find by the environment."""
    for name, value in (("ENVIRONMENT", "test"), ("HOME", str(tmp_path))):
        monkeypatch.setenv(f"UNDERTONE_{name}", value)
    Keyring.generate().save(tmp_path / "keys.json")
    installation = open_installation()
    prepare(installation)
    yield installation.database
    installation.database.dispose()
