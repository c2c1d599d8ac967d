"""How long somebody had a text on screen is what the signed page says, or not known (S43)."""

from datetime import timedelta

import pytest

from lti_tool.review.opening import LONGEST, sealed, seconds_since
from lti_tool.storage import use_keyring
from tests.review.conftest import NOW

LATER = NOW + timedelta(seconds=12)


@pytest.fixture(autouse=True)
def keys(keyring):
    use_keyring(keyring)


def test_s43_the_seconds_since_the_page_was_made():
    assert seconds_since(LATER, "ann", "p1", sealed(NOW, "ann", "p1")) == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize("opened", ["", "x", "nan", "0", str(NOW.timestamp()), '["ann", "p1", 0]'])
def test_s43_a_time_that_is_not_signed_says_nothing(opened):
    assert seconds_since(LATER, "ann", "p1", opened) is None


def test_s43_a_page_says_nothing_of_another_text_or_person_nor_when_it_is_altered():
    opened = sealed(NOW, "ann", "p1")
    assert seconds_since(LATER, "ann", "p2", opened) is None
    assert seconds_since(LATER, "bob", "p1", opened) is None
    assert seconds_since(LATER, "ann", "p1", opened[:-1]) is None


def test_s43_a_page_left_open_for_an_hour_says_nothing():
    opened = sealed(NOW, "ann", "p1")
    assert seconds_since(NOW + timedelta(seconds=LONGEST), "ann", "p1", opened) is None
    assert seconds_since(NOW - timedelta(seconds=1), "ann", "p1", opened) is None
