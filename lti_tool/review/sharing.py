"""Whose texts staff may read one by one."""

from sqlalchemy.orm import Session

from lti_tool.consent.service import granted, granted_by
from lti_tool.disclosure import store
from lti_tool.jobs import last_done

PICTURE = "snapshot"
"""The kind of job that makes the picture of a course which staff see."""


def sharing(session: Session, course_id: str) -> set[str]:
    """People with A and B who had given B when the picture that staff see was begun.

    Somebody who gives B now appears with the next picture, so that looking twice does not tell who has just
    agreed (P15); somebody who withdraws is gone at once (design decision 8).
    """
    people = granted(session, course_id, "a") & granted(session, course_id, "b")
    picture = last_done(session, PICTURE, course_id)
    if picture is None or picture.started_at is None:
        return people
    return people & granted_by(session, course_id, "b", picture.started_at)


def unreadable(session: Session, course_id: str) -> set[str]:
    """Ids of texts that stay unread although their author gave B since: figures told of them together with others,
    of whom too few would be left (P50)."""
    return store.unreadable(session, course_id)
