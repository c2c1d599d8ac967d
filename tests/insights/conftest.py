"""A request in English, for words that are looked up in the reader's language."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel


@pytest.fixture
def page() -> Iterator[None]:
    application = Flask(__name__)
    Babel(application)
    with application.test_request_context():
        yield
