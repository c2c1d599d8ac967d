"""Where the class page rests on texts of one person: sentences of its present findings (P38)."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ingest.tables import Post
from lti_tool.insights import service as insights
from lti_tool.insights.snapshot import Finding
from lti_tool.insights.words import headline


def findings_with(session: Session, course_id: str, post_ids: Collection[str]) -> list[str]:
    """Findings that have one of the texts among their examples or behind a phrase, as they stand there."""
    snapshot = insights.latest(session, course_id)
    if snapshot is None:
        return []
    return [
        headline(finding)
        for finding in insights.body_of(snapshot).findings
        if not _texts(finding).isdisjoint(post_ids)
    ]


def findings_of(session: Session, course_id: str, person_id: str) -> list[str]:
    """The same for all texts of the person."""
    own = set(session.scalars(select(Post.id).where(Post.person_id == person_id)))
    return findings_with(session, course_id, own)


def _texts(finding: Finding) -> set[str]:
    return {*finding.examples, *(post_id for phrase in finding.phrases for post_id in phrase.posts)}
