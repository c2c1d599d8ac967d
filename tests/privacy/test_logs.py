"""The search of all logs for what must stay with a person (P37) finds what is there; `tests.leaks` runs it always."""

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from lti_tool import audit
from lti_tool.ingest.tables import Activity
from lti_tool.lms.protocol import PostFacts
from tests.classroom import START, Classroom, open_database
from tests.leaks import Planted, leak_in, planted, said

SENTENCE = "I was quite lost when the base case of the recursion came up again."
INNER = """
import logging, subprocess, sys
from tests.leaks import planted

SENTENCE = "My own words about the seminar, which nobody else may read."
planted.text(SENTENCE)
planted.name("Zora Quillfeather")

def test_says_nothing():
    logging.getLogger("lti_tool.jobs").error("job %s failed", "1f2e")

def test_logs_a_piece():
    logging.getLogger("lti_tool.jobs").error("job failed: %s", SENTENCE[5:50])

def test_logs_below_warning():
    logging.getLogger("lti_tool.jobs").debug("read for Zora Quillfeather")

def test_writes_to_standard_error():
    sys.stderr.write(SENTENCE)

def test_reads_what_a_child_tells():
    subprocess.run([sys.executable, "-c", f"import sys; sys.stderr.write({SENTENCE!r})"], capture_output=True)

def test_has_a_child_that_tells():
    subprocess.run([sys.executable, "-c", f"import sys; sys.stderr.write({SENTENCE!r})"], check=True)
"""


def test_p37_a_planted_leak_fails_its_test_wherever_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "test_inner.py").write_text(INNER)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.leaks", "-p", "no:cacheprovider", "-rE"]
    told = subprocess.run(
        [*command, "--rootdir", str(tmp_path), "-c", "/dev/null", str(tmp_path / "test_inner.py")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    ).stdout
    assert "6 passed, 5 errors" in told, told
    for name in re.findall(r"def test_(\w+)", INNER)[1:]:
        assert re.search(rf"^ERROR .*test_inner\.py::test_{name}\b", told, re.M), told


@pytest.mark.parametrize(
    "value",
    [
        "Ø größer als gedacht und schwer",
        "我今天在图书馆里完全没有听懂递归的基本情况和它的终止条件是什么意思",
        SENTENCE,
        "x" * 40,
    ],
)
def test_p37_a_text_is_found_in_any_script_from_32_characters_on(value: str) -> None:
    own = Planted()
    own.text(value)
    assert own.found(f"failed: {value}")
    assert not own.found("failed: the course could not be read")
    if len(value) > 32:
        assert own.found(f"failed: {value[3:35]}")


def test_p37_names_are_found_as_whole_words() -> None:
    own = Planted()
    own.name("Ana Liu")
    assert own.found("no roster entry for Ana Liu, left out")
    assert not own.found("Diana Liuwe")


def test_p37_what_goes_into_the_database_or_comes_from_the_lms_is_planted(tmp_path: Path) -> None:
    with open_database(tmp_path).session() as session:
        room = Classroom(session)
        room.post(room.person("A"), room.activity("Diary", "reflection", 1), SENTENCE, 1)
    PostFacts(
        "1", "forum", "5", None, None, "About the third sheet", "<p>Nobody ever answered me there.</p>", START
    )
    for words in (SENTENCE, "Nobody ever answered me there.", "About the third sheet"):
        assert leak_in([f"left out: {words}"])


def test_p37_an_error_of_the_database_quotes_no_value(tmp_path: Path) -> None:
    with open_database(tmp_path).session() as session:
        activity = Classroom(session).activity("Diary", "reflection", 1)
        again = insert(Activity).values(
            id=activity, course_id="none", external_index="", kind="", name=SENTENCE
        )
        with pytest.raises(IntegrityError) as caught:
            session.execute(again)
    assert SENTENCE not in str(caught.value)
    assert "parameters hidden" in str(caught.value).lower()


def test_p37_the_security_log_is_searched_too(tmp_path: Path) -> None:
    planted.name("Someone Planted")
    said.taken()
    with open_database(tmp_path).session() as session:
        audit.record(session, START, "tried", facts={"place": "Someone Planted"})
    heard = said.taken()
    assert leak_in(heard)
    logging.getLogger("lti_tool").debug("nothing to tell")
