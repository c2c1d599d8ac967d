"""One table of scopes: for the check, the developer key and the set-up guide."""

import re
from pathlib import Path

import pytest

from lti_tool.lms.canvas_scopes import SCOPES, TABLE, scope_of

GUIDE = Path(__file__).parents[2] / "docs" / "canvas-setup.md"


def test_the_guide_lists_the_scopes_of_the_table_and_no_other():
    told = set(re.findall(r"`(/(?:courses|groups|users)[^`]*)`", GUIDE.read_text("utf-8")))
    assert told == {scope.path for scope in TABLE}
    assert "Allow Include Parameters" in GUIDE.read_text("utf-8")


def test_p3_s20_scopes_are_for_reading_and_none_is_for_grades():
    assert len(set(SCOPES)) == len(SCOPES)
    assert all(name.startswith("url:GET|/api/v1/") for name in SCOPES)
    assert not any(word in name for name in SCOPES for word in ("grade", "score", "outcome", "rubric"))


@pytest.mark.parametrize("scope", TABLE, ids=lambda scope: scope.path)
def test_an_address_is_under_its_own_scope_only(scope):
    assert scope_of(scope.probe) is scope
    assert ":" not in scope.probe
    assert scope_of(scope.probe.replace("0", "10000000000000042")) is scope
    assert scope_of(scope.probe + "/more") is not scope


def test_what_is_not_in_the_table_has_no_scope():
    assert scope_of("/courses/7") is None
    assert scope_of("/users/7/logins") is None
