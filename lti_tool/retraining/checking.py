"""The nightly check of labels before they may train (S43)."""

from collections import Counter, defaultdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.launch.tables import Course
from lti_tool.retraining import suspicion
from lti_tool.retraining.learnt import trained_on
from lti_tool.review import holds
from lti_tool.review.holds import Reason
from lti_tool.review.labelled import Labelled, labelled
from lti_tool.scoring import serving
from lti_tool.scoring.errors import NoModelError
from lti_tool.scoring.readings import readings
from lti_tool.scoring.tables import ModelVersion


def check_labels(session: Session, now: datetime, version: ModelVersion) -> Counter[str]:
    """Hold what is doubtful and release what is not any more; return how many labels are held for each reason.

    It looks at the labels of the institutions that `version` serves, of each apart, so that nobody is compared with
    people elsewhere. Probabilities come from stored scores, so nothing is loaded; a hold that comes from them stays
    while this version has not read the text, as after any change of what serves.
    """
    seen = trained_on(session, version)
    found: dict[str, Reason] = {}
    judged: set[str] = set()
    read: set[str] = set()
    for labels in _served(session, version):
        own = readings(session, version, {one.post_id for one in labels})
        chances = {post_id: reading.probabilities for post_id, reading in own.items()}
        found |= suspicion.found(labels, chances, seen)
        judged |= {one.answer_id for one in labels}
        read |= {one.answer_id for one in suspicion.fresh(labels, chances, seen)}
    holds.hold(session, now, found, judged, read)
    return Counter(found.values())


def _served(session: Session, version: ModelVersion) -> list[list[Labelled]]:
    """The labels of each institution that the version serves."""
    owners = {row.id: row.institution_id for row in session.execute(select(Course.id, Course.institution_id))}
    by: dict[str, list[Labelled]] = defaultdict(list)
    for one in labelled(session):
        by[owners[one.course_id]].append(one)
    return [labels for owner, labels in sorted(by.items()) if _serves(session, version, owner)]


def _serves(session: Session, version: ModelVersion, institution_id: str) -> bool:
    try:
        return serving.serving(session, institution_id).id == version.id
    except NoModelError:
        return False
