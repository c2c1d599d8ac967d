"""From what the LMS gave to what may be stored: own words, de-identified, with language; in memory only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lti_tool.ingest import language
from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.ingest.own_words import own_words, tidy
from lti_tool.ingest.tables import Post
from lti_tool.lms.protocol import PostFacts
from lti_tool.storage import blind_index

MOST_TITLE = 300


@dataclass(frozen=True)
class Draft:
    """One text as it would be stored."""

    external_index: str
    person_id: str
    moment: datetime
    """The time that decides whether consent covers it (P20)."""
    thread_index: str | None
    title: str | None
    text: str
    text_hash: str
    source_hash: str
    title_source_hash: str
    language: str
    written_at: datetime
    edited_at: datetime | None
    url: str


def post_index(course_id: str, facts: PostFacts) -> str:
    return blind_index(course_id, facts.kind, facts.external_id)


def moment_of(facts: PostFacts) -> datetime:
    """A forum post is of when it was written; a submission of when it was last handed in."""
    return facts.created_at if facts.kind == "forum" else facts.edited_at or facts.created_at


def draft(
    course_id: str, person_id: str, facts: PostFacts, cleaner: Deidentifier, stored: Post | None
) -> Draft | None:
    """The draft of a post, or None when nothing of its author's own is left in it.

    An unchanged source keeps its stored text, cleaned again: a classmate's name that was replaced must not come
    back when the classmate has left the roster. Whether it is unchanged is told by a keyed hash of the author's own
    words, since not every edit has a stamp.
    """
    words = own_words(facts.html)
    if not words:
        return None
    title_words = _title_words(facts.title)
    source, title_source = _source_hash(words), _source_hash(title_words)
    if stored is None:
        text, title = cleaner.clean(words), cleaner.clean(title_words)
    else:
        text = _cleaned(words, source, cleaner, stored.text, stored.source_hash)
        title = _cleaned(title_words, title_source, cleaner, stored.title, stored.title_source_hash)
    text_hash, thread = blind_index("text", text), facts.thread_id
    known = stored is not None and stored.text_hash == text_hash
    return Draft(
        external_index=post_index(course_id, facts),
        person_id=person_id,
        moment=moment_of(facts),
        thread_index=blind_index(course_id, "thread", thread) if thread is not None else None,
        title=title if facts.title is not None else None,
        text=text,
        text_hash=text_hash,
        source_hash=source,
        title_source_hash=title_source,
        language=stored.language if known and stored is not None else language.detect(text),
        written_at=facts.created_at,
        edited_at=facts.edited_at,
        url=facts.url,
    )


def same(stored: Post, new: Draft, activity_id: str, *, trainable: bool) -> bool:
    """Whether storing the draft would change nothing; a text may become trainable, it was cleaned again."""
    wanted = values(new, activity_id, trainable=trainable, now=stored.pulled_at)
    wanted["trainable"] = stored.trainable or trainable
    return all(getattr(stored, name) == value for name, value in wanted.items())


def values(new: Draft, activity_id: str, *, trainable: bool, now: datetime) -> dict[str, Any]:
    """The columns of the draft's row."""
    return {
        "activity_id": activity_id,
        "person_id": new.person_id,
        "thread_index": new.thread_index,
        "title": new.title,
        "text": new.text,
        "text_hash": new.text_hash,
        "source_hash": new.source_hash,
        "title_source_hash": new.title_source_hash,
        "language": new.language,
        "scorable": language.scorable(new.text, new.language),
        "trainable": trainable,
        "written_at": new.written_at,
        "edited_at": new.edited_at,
        "pulled_at": now,
        "url": new.url,
    }


def _title_words(title: str | None) -> str:
    return tidy(" ".join((title or "").split()))[:MOST_TITLE]


def _source_hash(words: str) -> str:
    """Keyed, so that a name that was replaced cannot be guessed from it; empty for no words."""
    return blind_index("source", words) if words else ""


def _cleaned(words: str, source: str, cleaner: Deidentifier, kept: str | None, kept_source: str) -> str:
    """The words de-identified; what is stored of the very same words is cleaned again instead."""
    return cleaner.clean(kept if kept is not None and kept_source == source else words)
