"""A person's own answer. It is kept and starts nothing: no job, time or progress that staff see may tell of it (P14).

Texts are read with the next pull of the schedule, which comes whoever chose what.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.consent import asking_again, service, wording
from lti_tool.consent.choices import DECLINED, FIELDS, Choices, Field, NotShownError
from lti_tool.consent.errors import OldWordingError


def answer(
    session: Session,
    now: datetime,
    person_id: str,
    course_id: str,
    chosen: Choices,
    language: str,
    drawn_from: int | None = None,
    *,
    whole: bool = True,
) -> None:
    """As `service.save`, and it raises NotShownError too: a Yes counts only from somebody to whom the choice page was
    shown; and OldWordingError when it has other words since (P18).
    """
    before = service.choices(session, person_id)
    fresh = [field for field in FIELDS if chosen.value(field) and not before.value(field)]
    if fresh or (whole and chosen.a):
        _require_shown(session, person_id)
    service.save(session, now, person_id, course_id, chosen, language, drawn_from, whole=whole)


def change(
    session: Session,
    now: datetime,
    person_id: str,
    course_id: str,
    field: Field,
    wanted: bool,
    language: str,
    drawn_from: int | None = None,
) -> None:
    """Change one choice of those that stand at this moment; stopping the first stops those that need it.

    A stop means the same whatever else was changed meanwhile, so it is taken from a page that is out of date too
    (P16); the rest is as for `answer`.
    """
    service.lock(session, person_id)
    after = DECLINED
    if wanted or field != "a":
        values: dict[str, bool] = {"answered": True, field: wanted}
        after = replace(service.choices(session, person_id), **values)
    drawn_from = drawn_from if wanted else None
    answer(session, now, person_id, course_id, after, language, drawn_from, whole=False)


def _require_shown(session: Session, person_id: str) -> None:
    seen = asking_again.newest_seen(session, person_id)
    if seen == 0:
        raise NotShownError
    if seen < wording.current(session, wording.FIRST_LANGUAGE).version:
        raise OldWordingError
