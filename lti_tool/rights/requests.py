"""Requests to the data-protection staff: their kind, their date, what was done, and doing it (P42).

Whoever left a course is found by their user id in the LMS, as long as the way from it to them is kept. The id itself
is not kept with the request.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal, get_args

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import FieldError, NotFoundError, UndertoneError
from lti_tool.launch.tables import Person, PersonKey
from lti_tool.rights import erasing, export
from lti_tool.rights.requests_tables import DataRequest, DataRequestPerson

Kind = Literal["access", "copy", "correction", "erasure", "restriction", "objection"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""GDPR Arts. 15, 20, 16, 17, 18, 21."""
ENDS = ("done", "refused")
LONGEST = 500


class RequestClosedError(UndertoneError):
    code = "request_closed"
    status = HTTPStatus.CONFLICT
    words = "This request is closed. Open another one for what is still to be done."


def record(
    session: Session,
    now: datetime,
    institution_id: str,
    kind: str,
    lms_user_id: str,
    actor_id: str | None,
    received_at: datetime | None = None,
) -> DataRequest:
    """Keep a request and whom it is about, in every course of the institution; also when nobody is known.

    Raises FieldError for an unknown kind, an empty id or a date to come.
    """
    received = received_at or now
    if kind not in KINDS:
        raise FieldError(f"The kinds of requests are: {', '.join(KINDS)}. Nothing was saved.", "kind")
    if not lms_user_id.strip():
        raise FieldError("Give the person's user id in the learning platform. Nothing was saved.", "lms_user")
    if received > now:
        raise FieldError("A request cannot have come in later than now. Nothing was saved.", "received")
    people = people_of(session, institution_id, lms_user_id.strip())
    request = DataRequest(
        institution_id=institution_id,
        kind=kind,
        received_at=received,
        due_at=a_month_after(received),
        opened_by=actor_id,
        evidence=[_line(now, "recorded", courses=len(people))],
    )
    session.add(request)
    session.flush()
    session.add_all(DataRequestPerson(request_id=request.id, person_id=one) for one in people)
    _log(session, now, request, "request_recorded", actor_id)
    return request


def record_own(
    session: Session, now: datetime, institution_id: str, kind: Kind, person_id: str, words: str
) -> DataRequest:
    """Keep a request that a student made in the tool; the same again while one is open adds a line to it (P41)."""
    own = select(DataRequest).join(DataRequestPerson, DataRequestPerson.request_id == DataRequest.id)
    same = own.where(DataRequestPerson.person_id == person_id, DataRequest.kind == kind)
    request = session.scalars(same.where(DataRequest.state == "open")).first()
    if request is not None:
        if request.evidence[-1].get("words") != words:
            _add(session, request, _line(now, "recorded", words=words))
        return request
    request = DataRequest(
        institution_id=institution_id,
        kind=kind,
        received_at=now,
        due_at=a_month_after(now),
        opened_by=None,
        evidence=[_line(now, "recorded", courses=1, words=words)],
    )
    session.add(request)
    session.flush()
    session.add(DataRequestPerson(request_id=request.id, person_id=person_id))
    _log(session, now, request, "request_recorded", person_id)
    return request


def people_of(session: Session, institution_id: str, lms_user_id: str) -> list[str]:
    """The ids of a person in each course of the institution, also after they left, by their user id in the LMS.

    The ids are sealed, each with its own random part, so every one of the institution is opened and compared.
    """
    query = select(PersonKey).join(Person).where(Person.institution_id == institution_id)
    return sorted(key.person_id for key in session.scalars(query) if key.lms_user_id == lms_user_id)


def listed(session: Session, institution_id: str) -> list[DataRequest]:
    """All requests of the institution: open ones by their date, then closed ones, the newest first."""
    own = select(DataRequest).where(DataRequest.institution_id == institution_id)
    rows = list(session.scalars(own))
    still_open = sorted((row for row in rows if row.state == "open"), key=lambda row: row.due_at)
    closed = sorted(
        (row for row in rows if row.state != "open"), key=lambda row: row.received_at, reverse=True
    )
    return still_open + closed


def one(session: Session, institution_id: str, request_id: str) -> DataRequest:
    """A request of the institution; NotFoundError for another's (S22)."""
    row = session.get(DataRequest, request_id)
    if row is None or row.institution_id != institution_id:
        raise NotFoundError
    return row


def subjects(session: Session, request: DataRequest) -> list[str]:
    """Whom an open request is about; empty once it is closed, or when nobody was known."""
    own = select(DataRequestPerson.person_id).where(DataRequestPerson.request_id == request.id)
    return sorted(session.scalars(own))


def overdue(session: Session, now: datetime, institution_id: str) -> int:
    """How many open requests are past their date."""
    late = DataRequest.state == "open", DataRequest.due_at < now
    own = select(func.count()).where(*late, DataRequest.institution_id == institution_id)
    return session.scalar(own) or 0


def overdue_everywhere(session: Session, now: datetime) -> int:
    """The same over all institutions, for the operator."""
    return (
        session.scalar(select(func.count()).where(DataRequest.state == "open", DataRequest.due_at < now)) or 0
    )


def give_copy(session: Session, now: datetime, request: DataRequest) -> dict[str, Any]:
    """Everything kept about the person, a document for each course, for the operator; on record here and in the log.

    Whoever takes the copy sees the texts in it, so it counts as a look at them too (P48): one for each course and
    without a number, since staff may read the log and "no texts" would tell who declined (P14).

    Raises RequestClosedError.
    """
    _require_open(request)
    people, request_id = subjects(session, request), request.id
    session.flush()
    documents = [_document(session, now, person_id) for person_id in people]
    request = session.get_one(DataRequest, request_id)  # reading so much lets go of what was loaded
    for person_id in people:
        _log(session, now, request, "data_exported", None, subject_id=person_id)
        audit.record(
            session,
            now,
            "texts_read",
            institution_id=request.institution_id,
            course_id=session.get_one(Person, person_id).course_id,
            subject_id=person_id,
            facts={"page": "copy for a request", "role": "operator"},
        )
    _add(session, request, _line(now, "copy_given", courses=len(people)))
    return {"request": request.id, "made_at": now.isoformat(), "courses": documents}


def erase(session: Session, now: datetime, request: DataRequest, actor_id: str | None, language: str) -> int:
    """Erase the person in every course, with the way back to them, at once; return how many texts went (P41).

    Raises RequestClosedError. Consent proof stays for its time and leads to nobody (P27).
    """
    _require_open(request)
    people, texts = subjects(session, request), 0
    session.execute(delete(DataRequestPerson).where(DataRequestPerson.request_id == request.id))
    for person_id in people:
        course_id = session.get_one(Person, person_id).course_id
        if course_id is None:  # an administrator from outside a course: no text, only the way to them
            session.execute(delete(PersonKey).where(PersonKey.person_id == person_id))
            continue
        asked = erasing.ask(session, now, person_id, course_id, "person")
        texts += asked.texts
        erasing.finish(session, asked.due_at, person_id, asked.id, language)
    _add(session, request, _line(now, "erased", courses=len(people), texts=texts))
    _log(session, now, request, "request_erased", actor_id, facts={"courses": len(people), "texts": texts})
    return texts


def note(session: Session, now: datetime, request: DataRequest, words: str, actor_id: str | None) -> None:
    """Add to the record what was done outside this tool. Raises RequestClosedError, FieldError."""
    _require_open(request)
    _add(session, request, _line(now, "noted", words=_said(words)))
    _log(session, now, request, "request_noted", actor_id)


def close(
    session: Session, now: datetime, request: DataRequest, end: str, words: str, actor_id: str | None
) -> None:
    """End a request as done or refused, with what was answered; whom it was about is forgotten here.

    Raises RequestClosedError, FieldError.
    """
    _require_open(request)
    if end not in ENDS:
        raise FieldError("A request ends as done or refused. Nothing was saved.", "state")
    said = _said(words)
    session.execute(delete(DataRequestPerson).where(DataRequestPerson.request_id == request.id))
    request.state, request.closed_at = end, now
    _add(session, request, _line(now, end, words=said))
    _log(session, now, request, "request_closed", actor_id, code=end)


def a_month_after(moment: datetime) -> datetime:
    """The same day of the next month, or its last day when it is shorter (GDPR Art. 12(3))."""
    year, month = moment.year + moment.month // 12, moment.month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def _document(session: Session, now: datetime, person_id: str) -> dict[str, Any]:
    course_id = session.get_one(Person, person_id).course_id
    if course_id is None:
        own = export.exported()
        return {
            "tables": {
                name: list(export.table(session, mapped, owned, person_id)) for name, mapped, owned in own
            }
        }
    return export.everything(session, now, person_id, course_id)


def _require_open(request: DataRequest) -> None:
    if request.state != "open":
        raise RequestClosedError


def _said(words: str) -> str:
    said = " ".join(words.split())
    if not said or len(said) > LONGEST:
        raise FieldError("Say in up to 500 characters what was done or answered. Nothing was saved.", "words")
    return said


def _line(now: datetime, act: str, **facts: Any) -> dict[str, Any]:
    return {"at": now.isoformat(), "act": act, **facts}


def _add(session: Session, request: DataRequest, *lines: dict[str, Any]) -> None:
    evidence: Sequence[Any] = request.evidence
    request.evidence = [*evidence, *lines]
    session.flush()


def _log(
    session: Session,
    now: datetime,
    request: DataRequest,
    event: str,
    actor_id: str | None,
    *,
    code: str = "",
    subject_id: str | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    audit.record(
        session,
        now,
        event,
        code=code or request.kind,
        institution_id=request.institution_id,
        actor_id=actor_id,
        subject_id=subject_id,
        facts={"request": request.id, **(facts or {})},
    )
    session.flush()
