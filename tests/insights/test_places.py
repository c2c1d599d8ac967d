"""The name of a section, without a number that says nothing more."""

import pytest

from lti_tool.ingest.tables import Activity
from lti_tool.insights.places import section_name


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("Week 3: Recursion", "Recursion"),
        ("Topic 12", ""),
        ("Recursion, part 3", "Recursion, part 3"),
        ("Graphs", "Graphs"),
    ],
)
def test_only_a_number_at_the_start_is_dropped(name, own):
    assert section_name(Activity(section=3, section_name=name)) == own


def test_the_general_section_has_no_name():
    assert section_name(Activity(section=0, section_name="General")) == ""
