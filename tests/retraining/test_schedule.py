"""When a retraining runs by itself."""

import pytest

from lti_tool.schedule import entries
from lti_tool.settings import Settings


@pytest.mark.parametrize("only", [False, True])
def test_it_runs_daily_unless_it_is_to_run_on_request_only(only):
    kinds = [entry.kind for entry in entries(Settings(environment="test", retrain_on_request_only=only))]
    assert ("retrain" in kinds) is not only
    assert "pull" in kinds
