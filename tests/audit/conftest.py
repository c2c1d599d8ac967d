"""A tool with a platform, in which the acts of `acts.py` are done."""

import pytest
from flask import Flask

from lti_tool.launch.tables import Registration
from lti_tool.settings import Settings
from lti_tool.storage import Database
from tests.audit.installation import Installation
from tests.launch.fixtures import SignIn
from tests.launch.platform import Platform


@pytest.fixture
def made(
    app: Flask,
    database: Database,
    settings: Settings,
    platform: Platform,
    registration: Registration,
    sign_in: SignIn,
) -> Installation:
    return Installation(app, database, settings, platform, registration, sign_in)
