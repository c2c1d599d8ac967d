"""Words of these pages go through a catalogue, whoever looks and whatever the state."""

import runpy
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.app import create_app
from lti_tool.launch import languages
from lti_tool.reflections.tables import ReflectionText
from tests.launch.platform import LTI
from tests.launch.test_languages import MESSAGES, raw_words
from tests.reflections.conftest import FORM, member

PSEUDO = {LTI + "launch_presentation": {"locale": languages.PSEUDO}}
STRANGE = {"title": "Þ", "prompt": "¿?", "otherwise": "¡!"}


@pytest.fixture
def app(tmp_path_factory, settings, database, keyring, monkeypatch):
    folder = tmp_path_factory.mktemp("translations")
    runpy.run_path(str(MESSAGES))["write"](folder)
    monkeypatch.setattr(languages, "CATALOGUES", folder)
    return create_app(settings, database, keyring)


def test_no_page_holds_a_raw_word(course, settings):
    settings.help_contacts = "555 0100"
    course.platform.members[:] = [member("3"), member("5")]
    teacher = course.open("instructor", "3", **PSEUDO)
    student, decliner = course.student("5", **PSEUDO), course.student("6", {"decision": "decline"}, **PSEUDO)
    pages = {
        "unset": student.get("writing"),
        "form": teacher.get("prompt"),
        "problems": teacher.post("prompt", dict.fromkeys(FORM, "")),
    }
    assert teacher.post("prompt", FORM | STRANGE).status_code == 303
    pages |= {
        "set": teacher.get("prompt?saved=1"),
        "editor": student.get(course.page()),
        "decliner": decliner.get(course.page()),
        "nothing": course.write(student, ""),
        "closed to decliners": course.write(decliner, "1"),
    }
    course.write(student, "1", "draft")
    pages["differs"] = course.write(student, "2", "draft", version="0")
    pages["draft"] = student.get(course.page() + "?done=draft&change=1")
    course.write(student, "12")
    pages["handed in"] = student.get(course.page() + "?done=handed_in")
    course.picture()
    pages["counted"] = teacher.get("prompt")
    course.move(opens_at=datetime.now(UTC) + timedelta(days=1))
    pages["soon"] = student.get(course.page())
    course.move(opens_at=None, closes_at=datetime.now(UTC) - timedelta(days=1))
    pages["closed"] = student.get(course.page())
    course.move(closes_at=datetime.now(UTC) + timedelta(days=1))
    student.post("data/pause", {"value": "pause"})
    pages["paused"] = student.get(course.page())
    pages["refused in a pause"] = course.write(student, "3")
    student.post("data/pause", {"value": "resume"})
    never_read(course)
    pages["never read"] = student.get(course.page())
    course.move(closes_at=datetime.now(UTC) - timedelta(days=1))
    student.post(course.page() + "/delete")
    pages["deleted"] = student.get(course.page() + "?done=deleted")
    assert {name: raw for name, page in pages.items() if (raw := raw_words(page.text))} == {}
    assert all("⟦" in page.text for page in pages.values())


def never_read(course):
    with course.database.session() as session:
        row = session.scalars(select(ReflectionText)).one()
        row.waiting, row.passed_over_at = False, datetime.now(UTC)
