"""The faces that the suite runs on: `face` is each of them in turn, `live` those whose course tests can change."""

from collections.abc import Iterator

import pytest

from lti_tool.lms import retrying
from tests.lms.contract.canvas_face import canvas_face
from tests.lms.contract.captured_face import captured_face
from tests.lms.contract.face import CampusFace, Face
from tests.lms.contract.moodle_face import moodle_face

LIVE = {"moodle": moodle_face, "canvas": canvas_face}
FACES = {**LIVE, "captured moodle": captured_face}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.0)


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    with FACES[request.param]() as made:
        yield made


@pytest.fixture(params=LIVE)
def live(request: pytest.FixtureRequest) -> Iterator[CampusFace]:
    with LIVE[request.param]() as made:
        yield made
