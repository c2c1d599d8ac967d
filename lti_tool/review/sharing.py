"""Which texts staff may read one by one: those that stood when the picture they see was begun (P15).

More is shown with the next picture only, whatever lets it be shown: giving B, going on after a pause, answering new
words, a text that was read since. So looking twice tells nobody's choice. Less is shown at once (design decision 8).
"""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.consent.service import granted
from lti_tool.consent.tables import ConsentEvent
from lti_tool.disclosure import store
from lti_tool.ingest.tables import Post
from lti_tool.jobs import last_done

PICTURE = "snapshot"
"""The kind of job that makes the picture of a course which staff see."""


def sharing(session: Session, course_id: str) -> set[str]:
    """People with A and B now whose B has counted without a break since the picture was begun."""
    people = granted(session, course_id, "a") & granted(session, course_id, "b")
    begun = _begun(session, course_id)
    return people - _shared_since(session, course_id, begun) if begun else people


def unreadable(session: Session, course_id: str) -> set[str]:
    """Ids of texts that stay unread whatever their authors chose.

    Figures told of them together with others, of whom too few would be left (P50), or they were read from the LMS, or
    changed, since the picture was begun.
    """
    closed, begun = store.unreadable(session, course_id), _begun(session, course_id)
    if begun is None:
        return closed
    late = select(Post.id).where(Post.course_id == course_id, Post.pulled_at > begun)
    return closed | set(session.scalars(late))


def _begun(session: Session, course_id: str) -> datetime | None:
    """When the last picture was begun; None before the first one."""
    picture = last_done(session, PICTURE, course_id)
    return picture.started_at if picture else None


def _shared_since(session: Session, course_id: str, begun: datetime) -> set[str]:
    """Who gave B after that moment, or went on after a pause of their own or one for new words."""
    gave = (ConsentEvent.purpose == "B") & (ConsentEvent.event == "granted")
    went_on = ConsentEvent.purpose.in_(("all", "A", "B")) & (ConsentEvent.event == "resumed")
    query = select(ConsentEvent.person_id).where(
        ConsentEvent.course_id == course_id,
        ConsentEvent.at > begun,
        or_(gave, went_on),
    )
    return set(session.scalars(query))
