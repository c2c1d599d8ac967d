"""Settings of the limits: where counts may be kept, and a ceiling that a class fits under."""

import pytest
from pydantic import ValidationError

from lti_tool.errors import ConfigurationError
from lti_tool.installation import read_settings
from lti_tool.settings import Settings


@pytest.mark.parametrize(
    "value",
    [
        "memcached://:hidden@h:1",
        "redis://:hidden@",
        "redis://:hidden@h:x",
        "redis://:hidden@h:0",
        "redis://:hidden@h?socket_timeout=x",
        "hidden:6379",
    ],
)
def test_only_the_address_of_a_redis_is_taken(monkeypatch, value):
    monkeypatch.setenv("UNDERTONE_LIMITS_STORAGE", value)
    with pytest.raises(ConfigurationError) as refused:
        read_settings()
    assert "UNDERTONE_LIMITS_STORAGE must be the address of a Redis" in refused.value.words
    assert "hidden" not in refused.value.words


def test_a_redis_needs_its_driver(monkeypatch):
    monkeypatch.setattr("lti_tool.settings.find_spec", lambda name: None)
    asked = {"environment": "test", "base_url": "http://localhost"}
    Settings(**asked).check()
    with pytest.raises(ConfigurationError, match="UNDERTONE_LIMITS_STORAGE needs the driver"):
        Settings(**asked, limits_storage="redis://:secret@localhost:6379/0").check()


def test_a_ceiling_that_shuts_out_a_class_is_refused():
    with pytest.raises(ValidationError):
        Settings(launches_per_minute=59)
