"""The assessment lists every table, and from which column on each time counts (P63)."""

import re

import pytest

from lti_tool.documents.facts import fresh
from lti_tool.documents.standing import standing
from lti_tool.documents.writing import written
from lti_tool.rights.retention_choices import DEFAULTS
from lti_tool.storage import Base, kept_tables, owned_tables


@pytest.fixture(scope="module")
def rows():
    """Name of the table → its cells in the paper."""
    paper = written(fresh())["dpia.md"]
    cells = [line.strip("| ").split(" | ") for line in paper.splitlines() if line.startswith("| `")]
    return {one[0].strip("`"): one[1:] for one in cells}


def test_p63_every_table_is_in_the_assessment_once_and_says_what_it_is(rows):
    assert (
        set(rows)
        == {mapper.local_table.name for mapper in Base.registry.mappers}
        == set(Base.metadata.tables)
    )
    assert len(rows) == len(fresh().tables)
    for name, cells in rows.items():
        assert len(cells) == 5, name
        assert cells[0].strip(), name


def test_p63_a_table_declares_its_end_or_somebody_has_said_it_and_never_both(rows):
    declared = {mapped.__tablename__ for mapped, _ in (*owned_tables(), *kept_tables())}
    assert set(standing(DEFAULTS)) == set(rows) - declared


@pytest.mark.parametrize(
    ("table", "kept", "since"),
    [
        ("consent_events", "kept 2192 days", "`at`"),
        ("data_requests", "kept 365 days", "`closed_at`"),
        ("jobs", "kept 184 days", "`finished_at`"),
        ("training_runs", "kept 365 days", "`finished_at`"),
        ("audit_events", "kept 365 days where it tells of a person, else 184 days", "`at`"),
        ("answers", "kept 90 days", "`courses.ends_on` or `memberships.left_at`"),
        ("snapshots", "kept 90 days", "`courses.ends_on`"),
    ],
)
def test_p63_the_time_counts_from_the_column_that_the_program_uses(rows, table, kept, since):
    assert rows[table][3:] == [kept, since]


def test_p63_a_column_from_which_a_time_counts_is_there(rows):
    for name, cells in rows.items():
        for column in re.findall(r"`([a-z_.]+)`", cells[4]):
            table, _, own = column.rpartition(".")
            assert own in Base.metadata.tables[table or name].columns, (name, column)


def test_p42_p63_what_staff_note_about_a_request_is_said_to_be_encrypted(rows):
    assert rows["data_requests"][2] == "evidence"
