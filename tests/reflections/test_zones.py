"""Times on the clock of a zone, also where a change of the clock makes one ambiguous or skips it."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.reflections import zones


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "zone", "late", "meant"),
    [
        ("2026-11-30T23:59", "UTC", True, at(2026, 11, 30, 23, 59)),
        ("2026-11-30 23:59", "Europe/Berlin", True, at(2026, 11, 30, 22, 59)),
        ("2026-10-25T02:30", "Europe/Berlin", True, at(2026, 10, 25, 1, 30)),  # twice that night
        ("2026-10-25T02:30", "Europe/Berlin", False, at(2026, 10, 25, 0, 30)),
        ("2026-03-29T02:30", "Europe/Berlin", True, at(2026, 3, 29, 1, 30)),  # skipped that night
        ("2026-03-29T02:30", "Europe/Berlin", False, at(2026, 3, 29, 0, 30)),
    ],
)
def test_a_time_is_read_in_favour_of_those_who_write(typed, zone, late, meant):
    assert zones.moment(typed, zone, late=late) == meant


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("", "UTC"),
        ("2026-11-30", "UTC"),
        ("2026-11-30T10:00Z", "UTC"),
        ("2026-11-30T10:00", ""),
        ("x", "UTC"),
    ],
)
def test_anything_else_is_refused(typed, zone):
    with pytest.raises(ValueError):
        zones.moment(typed, zone, late=True)


@given(st.text(max_size=30), st.text(max_size=20))
def test_hostile_input_is_a_time_or_refused(typed, zone):
    with suppress(ValueError, OverflowError):
        assert zones.moment(typed, zone or "UTC", late=True).tzinfo is UTC


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"])
def test_a_moment_comes_back_from_the_form_as_it_was(zone):
    moment = at(2026, 6, 3, 7, 15)
    assert zones.moment(zones.typed(moment, zone), zone, late=True) == moment
    assert zones.typed(None, zone) == ""


def test_the_list_holds_places_and_utc():
    names = zones.names()
    assert names[0] == "UTC"
    assert {"Europe/Berlin", "Africa/Nairobi", "America/Argentina/Buenos_Aires"} <= set(names)
    assert not any(name.startswith(("Etc/", "posix/", "SystemV/")) or "/" not in name for name in names[1:])
