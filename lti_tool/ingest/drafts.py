"""From what the LMS gave to what may be stored: own words, de-identified, with language; in memory only."""

from dataclasses import dataclass
from datetime import datetime

from lti_tool.ingest import language
from lti_tool.ingest.deidentify import PLACEHOLDER, Deidentifier
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
    back when the classmate has left the roster.
    """
    words = own_words(facts.html)
    if not words:
        return None
    kept = stored is not None and stored.edited_at == facts.edited_at and is_cleaning_of(stored.text, words)
    text = cleaner.clean(stored.text if kept and stored is not None else words)
    text_hash, thread = blind_index("text", text), facts.thread_id
    known = stored is not None and stored.text_hash == text_hash
    return Draft(
        external_index=post_index(course_id, facts),
        person_id=person_id,
        moment=moment_of(facts),
        thread_index=blind_index(course_id, "thread", thread) if thread is not None else None,
        title=_title(facts.title, cleaner, stored.title if kept and stored is not None else None),
        text=text,
        text_hash=text_hash,
        language=stored.language if known and stored is not None else language.detect(text),
        written_at=facts.created_at,
        edited_at=facts.edited_at,
        url=facts.url,
    )


def is_cleaning_of(cleaned: str, words: str) -> bool:
    """Whether `cleaned` can be `words` with placeholders in it: the pieces between them stand there in order."""
    pieces = PLACEHOLDER.split(cleaned)[::2]
    if len(pieces) == 1:
        return cleaned == words
    if not words.startswith(pieces[0]) or not words.endswith(pieces[-1]):
        return False
    place, last = len(pieces[0]), len(words) - len(pieces[-1])
    for piece in pieces[1:-1]:
        found = words.find(piece, place + 1, last)
        if found < 0:
            return False
        place = found + len(piece)
    return place < last


def same(stored: Post, new: Draft, activity_id: str, *, trainable: bool) -> bool:
    """Whether storing the draft would change nothing; a text may become trainable, it was cleaned again."""
    return (
        (stored.trainable or not trainable)
        and stored.text_hash == new.text_hash
        and stored.title == new.title
        and stored.activity_id == activity_id
        and stored.person_id == new.person_id
    )


def fill(post: Post, new: Draft, activity_id: str, *, trainable: bool, now: datetime) -> None:
    """Write the draft into its row."""
    post.activity_id, post.person_id, post.thread_index = activity_id, new.person_id, new.thread_index
    post.title, post.text, post.text_hash, post.url = new.title, new.text, new.text_hash, new.url
    post.language, post.scorable = new.language, language.scorable(new.text, new.language)
    post.trainable, post.written_at, post.edited_at = trainable, new.written_at, new.edited_at
    post.pulled_at = now


def _title(title: str | None, cleaner: Deidentifier, stored: str | None) -> str | None:
    if title is None:
        return None
    words = tidy(title.replace("\n", " "))[:MOST_TITLE]
    kept = stored is not None and is_cleaning_of(stored, words)
    return cleaner.clean(stored if kept and stored is not None else words)
