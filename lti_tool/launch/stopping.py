"""Whether anything may be read, scored or trained on for a course now, and the off switch (P64).

An institution is off by its mode, a course by a row of its own, and a course is over from its end date on. Jobs ask
between their batches, so that a switch is in force within one of them.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import FieldError, UndertoneError
from lti_tool.launch import ages, institutions
from lti_tool.launch.institutions import Decision
from lti_tool.launch.tables import Course, CourseStop, Institution
from lti_tool.storage import journal

LONGEST = 500
Level = Literal["institution", "course", "ages", "over"]


class StoppedError(UndertoneError):
    """The course or its institution is switched off, or the course is over: the work ends and keeps what it did."""

    code = "switched_off"
    status = HTTPStatus.CONFLICT
    words = "This is switched off, so nothing is read, scored or trained on. What was there before is kept."


class NothingToSwitchError(UndertoneError):
    code = "nothing_to_switch"
    status = HTTPStatus.CONFLICT
    words = "It is in that state already. Nothing was changed."


@dataclass(frozen=True)
class Stop:
    """Why nothing happens for a course, in the words of whoever switched it off, and since when."""

    level: Level
    reason: str
    since: datetime | None


def stop_of(session: Session, now: datetime, course_id: str) -> Stop | None:
    """What stops the course at this moment; None while it runs. The widest reason comes first."""
    query = select(Institution, Course.ends_on, Course.may_hold_minors)
    query = query.join(Course, Course.institution_id == Institution.id)
    found = session.execute(
        query.where(Course.id == course_id).execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        return None
    institution, ends_on, minors = found
    if institution.mode == "off":
        return _of_institution(institution)
    row = _open_stop(session, course_id)
    if row is not None:
        return Stop("course", row.reason, row.stopped_at)
    if ages.of(institution, minors) != "adults":
        return Stop("ages", "", None)
    return Stop("over", "", ends_on) if ends_on is not None and ends_on <= now else None


def require_running(session: Session, now: datetime, course_id: str) -> None:
    """Raise StoppedError when nothing may be read or scored for the course now."""
    stop = stop_of(session, now, course_id)
    if stop is None:
        return
    if stop.level == "over":
        raise StoppedError("This course is over, so nothing is read or scored any more.", code="course_over")
    raise StoppedError


def running_courses(session: Session, course_ids: set[str] | None = None) -> set[str]:
    """The ids of the courses of which texts may be trained on: not switched off. A course that is over still may."""
    stopped = select(CourseStop.course_id).where(CourseStop.resumed_at.is_(None))
    query = select(Course.id).join(Institution, Institution.id == Course.institution_id)
    query = query.where(Institution.mode != "off", Course.id.not_in(stopped), ages.only_adults())
    found = set(session.scalars(query))
    return found if course_ids is None else found & course_ids


def stop_course(session: Session, now: datetime, course: Course, reason: str, actor_id: str | None) -> None:
    """Switch a course off. Raises FieldError without a reason, NothingToSwitchError when it is off."""
    said = _said(reason)
    if _open_stop(session, course.id) is not None:
        raise NothingToSwitchError
    session.add(CourseStop(course_id=course.id, reason=said, stopped_at=now, stopped_by=actor_id))
    _record(session, now, "switched_off", course.institution_id, course.id, actor_id)


def resume_course(session: Session, now: datetime, course: Course, reason: str, actor_id: str | None) -> None:
    """Switch a course on again, on record. Raises FieldError, NothingToSwitchError."""
    said, row = _said(reason), _open_stop(session, course.id)
    if row is None:
        raise NothingToSwitchError
    row.resumed_at, row.resumed_by, row.resumed_because = now, actor_id, said
    _record(session, now, "switched_on", course.institution_id, course.id, actor_id)


def stop_institution(
    session: Session, now: datetime, institution: Institution, reason: str, actor_id: str | None
) -> None:
    """Put the mode `off` into force as a decision, with the one before kept. Raises as `stop_course`."""
    said = _said(reason)
    if institution.mode == "off":
        raise NothingToSwitchError
    decided = Decision("off", _approver(actor_id), said)
    institutions.decide(session, now, institution, decided, actor_id)
    _record(session, now, "switched_off", institution.id, None, actor_id)


def resume_institution(
    session: Session, now: datetime, institution: Institution, reason: str, actor_id: str | None
) -> str:
    """Put the newest decision that was not `off` into force again, and return its mode.

    Raises NothingToSwitchError when it is on, or when there never was another decision to go back to.
    """
    said, before = _said(reason), decision_before(institution)
    if institution.mode != "off" or before is None:
        raise NothingToSwitchError
    decided = Decision(**{**asdict(before), "reason": said, "approver": _approver(actor_id)})
    institutions.decide(session, now, institution, decided, actor_id)
    _record(session, now, "switched_on", institution.id, None, actor_id)
    return decided.mode


def decision_before(institution: Institution) -> Decision | None:
    """The newest decision on record that was not `off`."""
    names = tuple(Decision.__dataclass_fields__)
    for record in reversed(institution.mode_record.get("earlier", [])):
        if record.get("mode") not in ("", "off", None):
            return Decision(**{name: record.get(name, "") for name in names})
    return None


def is_stopped(session: Session, course_id: str) -> bool:
    """Whether the course itself is switched off."""
    return _open_stop(session, course_id) is not None


def history(session: Session, course_id: str) -> list[CourseStop]:
    """Every time the course was switched off, newest first."""
    own = select(CourseStop).where(CourseStop.course_id == course_id)
    return list(session.scalars(own.order_by(CourseStop.stopped_at.desc())))


def _open_stop(session: Session, course_id: str) -> CourseStop | None:
    own = CourseStop.course_id == course_id, CourseStop.resumed_at.is_(None)
    return session.scalars(select(CourseStop).where(*own).limit(1)).first()


def _of_institution(institution: Institution) -> Stop:
    record = institution.mode_record
    since = datetime.fromisoformat(record["at"]) if record.get("at") else None
    return Stop("institution", record.get("reason", ""), since)


def _said(reason: str) -> str:
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST:
        raise FieldError(
            "Say why, in a sentence of up to 500 characters: students and instructors read it. Nothing was changed.",
            "reason",
        )
    return said


def _approver(actor_id: str | None) -> str:
    return "an administrator" if actor_id else "the operator"


def _record(
    session: Session,
    now: datetime,
    event: str,
    institution_id: str,
    course_id: str | None,
    actor_id: str | None,
) -> None:
    journal.note(session, "off" if event == "switched_off" else "on", course_id or institution_id)
    audit.record(
        session,
        now,
        event,
        code="course" if course_id else "institution",
        institution_id=institution_id,
        course_id=course_id,
        actor_id=actor_id,
    )
    session.flush()
