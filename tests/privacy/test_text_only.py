"""Only text, and the least about it, is read, kept and given to the model (P1); there is no field for anything else."""

import inspect
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.ingest.drafts import Draft, draft, values
from lti_tool.ingest.tables import Post
from lti_tool.lms.protocol import PostFacts
from lti_tool.reflections.tables import ReflectionText
from lti_tool.retraining import pool
from lti_tool.review.pool import Correction
from lti_tool.scoring.tables import Score
from lti_tool.scoring.tasks import Waiting
from lti_tool.storage import Keyring, use_keyring
from model.errors import BadInput
from model.scoring import Scorer
from tests.classroom import START

IDS = {"id", "course_id", "activity_id", "person_id", "external_index", "thread_index"}
TIMES = {"written_at", "edited_at", "pulled_at", "emptied_at"}
TEXT = {
    "text",
    "title",
    "text_hash",
    "source_hash",
    "title_source_hash",
    "language",
    "scorable",
    "trainable",
    "url",
}
FACTS = {"external_id", "kind", "author_id", "thread_id", "parent_id", "title", "html"}
FACTS |= {"created_at", "edited_at", "deleted", "url"}
MEDIA = (
    '<img alt="planted-alt" src="data:image/png;base64,planted-bytes">'
    '<video controls><source src="planted.mp4">planted video</video>'
    '<audio src="planted.ogg">planted audio</audio>'
    '<object data="planted.swf"></object><canvas>planted canvas</canvas>'
    '<div class="attachments"><a href="/pluginfile.php/1/planted.docx">planted.docx</a></div>'
    '<p data-keystrokes="planted-120,80,95" data-revision="planted-7">I did not follow the second proof.</p>'
)


@pytest.fixture(autouse=True)
def _keys(keyring: Keyring) -> None:
    use_keyring(keyring)


def names(kind: Any) -> set[str]:
    return {field.name for field in fields(kind)}


def columns(mapped: Any) -> set[str]:
    return {column.name for column in mapped.__table__.columns}


def test_p1_what_comes_from_an_lms_has_no_field_but_text_and_what_places_it() -> None:
    assert names(PostFacts) == FACTS


def test_p1_the_tables_of_texts_have_no_column_for_anything_else() -> None:
    assert columns(Post) == IDS | TIMES | TEXT
    assert names(Draft) <= columns(Post) | {"moment"}
    assert columns(ReflectionText) - {"id", "person_id", "reflection_id"} == {
        "draft",
        "text",
        "version",
        "waiting",
        "passed_over_at",
        "saved_at",
        "first_handed_in_at",
        "handed_in_at",
    }
    assert columns(Score) - IDS == {"post_id", "text_hash", "weights_hash", "logits", "scored_at"}


def test_p1_of_a_post_with_media_attachments_and_revisions_only_text_is_stored() -> None:
    facts = PostFacts(
        "1",
        "forum",
        "5",
        "7",
        None,
        None,
        MEDIA,
        START,
        edited_at=START + timedelta(days=1),
        url="https://lms.example/1",
    )
    made = draft("course", "person", facts, Deidentifier([]), None)
    assert made is not None
    assert made.text == "I did not follow the second proof."
    row = values(made, "activity", trainable=True, now=START)
    assert "planted" not in repr(row)
    assert {type(value) for value in row.values()} <= {str, bool, type(None), type(START)}


def test_p1_a_post_that_is_media_alone_is_not_stored() -> None:
    facts = PostFacts("1", "forum", "5", "7", None, None, MEDIA[: MEDIA.index("<p ")], START)
    assert draft("course", "person", facts, Deidentifier([]), None) is None


def test_p1_the_model_is_given_texts_and_nothing_else() -> None:
    assert list(inspect.signature(Scorer.score).parameters) == ["self", "texts", "progress"]
    assert names(Waiting) == {"post_id", "person_id", "text", "text_hash"}
    scorer = Scorer.__new__(Scorer)
    for wrong in ([b"bytes"], [{"text": "a", "keystrokes": [1]}], [("a", "b")], "one text"):
        with pytest.raises(BadInput):
            scorer.score(wrong)  # type: ignore[arg-type]


def test_p1_training_is_given_text_language_and_labels() -> None:
    made = {field.name: "x" for field in fields(Correction)} | {"labels": {"confusion": 1}}
    row = pool._row(Correction(**made))  # type: ignore[arg-type]
    assert set(row) - {"manifest"} == {"text", "lang", "labels", "corpus"}
