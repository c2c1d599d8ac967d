"""`undertone corrections`: counts, taking labels out, putting them back (S40)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.review import service
from lti_tool.review.pool import corrections
from lti_tool.review.tables import DroppedLabels
from tests.classroom import START, Classroom
from tests.cli.conftest import refused


@pytest.fixture
def labelled(undertone):
    """Ann has labelled three texts, Bob one."""
    with undertone.database.session() as session:
        room = Classroom(session)
        undertone.course_id = room.course_id
        undertone.ann, undertone.bob = room.person("-"), room.person("-")
        forum = room.activity("Help")
        posts = [room.post(writer, forum, f"Text {n}") for n, writer in enumerate(room.people(4, "ABC"))]
        for day, post in enumerate(posts):
            of = (
                post.id,
                undertone.bob if day == 3 else undertone.ann,
                {"sentiment": "neutral"},
                post.text_hash,
            )
            service.answer(session, START + timedelta(days=day), *of, course_id=room.course_id)
    return undertone


def left(undertone):
    with undertone.database.reading() as session:
        return len(corrections(session))


def test_s40_drop_list_and_restore(labelled):
    done = labelled("corrections", "drop", "--annotator", labelled.ann, "--yes")
    assert done.exit_code == 0, done.output
    assert "The next run trains without them." in done.output
    assert left(labelled) == 1
    listed = labelled("corrections", "list").output
    assert f"annotator {labelled.ann}: 3 labels, 3 of them taken out" in listed
    assert f"annotator {labelled.bob}: 1 labels\n" in listed
    rule = re.search(r"^rule ([0-9a-f]{32}): annotator", listed, re.MULTILINE)[1]
    assert labelled("corrections", "restore", rule).output.startswith("1 lifted.")
    assert left(labelled) == 4
    refused(labelled("corrections", "restore", rule), "There is no rule of this id.")


def test_s40_a_period_of_a_course(labelled):
    period = ("--since", "2026-09-08", "--until", "2026-09-10")
    done = labelled("corrections", "drop", "--course", labelled.course_id, *period, "--yes")
    assert "from 2026-09-08 00:00 before 2026-09-10 00:00" in done.output
    assert left(labelled) == 2


def test_s40_nothing_is_taken_out_without_a_yes(labelled):
    done = labelled("corrections", "drop", "--since", "2026-09-01", typed="n\n")
    assert "4 answers are taken out of training. Go on?" in done.output
    assert done.exit_code == 1
    with labelled.database.reading() as session:
        assert session.scalars(select(DroppedLabels)).all() == []
    assert left(labelled) == 4


def test_s40_what_names_nothing_is_one_line(labelled):
    refused(labelled("corrections", "drop", "--yes"), "Name an annotator, a course or a period.")
    refused(labelled("corrections", "drop", "--annotator", "0" * 32, "--yes"), "Nobody of this id")


def test_no_text_is_printed(labelled):
    said = (
        labelled("corrections", "list").output
        + labelled("corrections", "drop", "--since", "2026-09-01", "--yes").output
    )
    assert "Text" not in said
