"""Who is responsible at an institution: stated by it, numbered, and as it was at any moment (P24)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.consent.tables import Controller
from lti_tool.errors import FieldError
from lti_tool.launch.tables import Institution

LONGEST = 500
NOT_STATED = "not stated"


@dataclass(frozen=True)
class Details:
    """What a record says about the controller; every value is one line."""

    name: str = ""
    address: str = ""
    contact: str = ""
    """How to reach it: an address for e-mail, a telephone number or a page."""
    type: str = ""
    """What kind of body it is, such as "public university"."""
    data_protection_officer: str = ""
    supervisory_authority: str = ""
    impact_assessment: str = ""
    """Where the data protection impact assessment is found."""
    storage_location: str = ""
    jurisdiction: str = ""
    third_parties: str = ""
    """Who else receives data, such as a company that runs the tool for the institution."""


NAMES = tuple(field.name for field in fields(Details))


def state(
    session: Session,
    now: datetime,
    institution: Institution,
    given: Mapping[str, str],
    actor_id: str | None = None,
) -> Controller:
    """Put on record what is given, beside what was stated before. Raises FieldError, with nothing changed."""
    said = {name: " ".join(value.split()) for name, value in given.items()}
    unfit = [name for name, value in said.items() if name not in NAMES or len(value) > LONGEST]
    if unfit:
        raise FieldError(f"A line of at most {LONGEST} characters is needed. Nothing was changed.", *unfit)
    newest = _newest(session, institution.id)
    before = newest.fields if newest else {"name": institution.name}
    stated = asdict(Details(**{**before, **said}))
    if newest is not None and stated == before:
        return newest
    number = newest.number + 1 if newest else 1
    made = Controller(institution_id=institution.id, number=number, fields=stated, since=now)
    session.add(made)
    audit.record(
        session,
        now,
        "controller_stated",
        institution_id=institution.id,
        actor_id=actor_id,
        facts={"number": number},
    )
    session.flush()
    return made


def at(session: Session, institution_id: str, moment: datetime) -> tuple[int, Details]:
    """What was stated at the moment, with its number; 0 and the institution's name before anything was."""
    found = _newest(session, institution_id, moment)
    if found is not None:
        return found.number, Details(**found.fields)
    return 0, Details()


def missing(session: Session, institution_id: str, now: datetime) -> list[str]:
    """What nobody has stated yet; a record says so in its place."""
    _number, details = at(session, institution_id, now)
    optional = ("name", "third_parties")
    return [name for name, value in asdict(details).items() if not value and name not in optional]


def _newest(session: Session, institution_id: str, moment: datetime | None = None) -> Controller | None:
    query = select(Controller).where(Controller.institution_id == institution_id)
    if moment is not None:
        query = query.where(Controller.since <= moment)
    return session.scalars(query.order_by(Controller.number.desc()).limit(1)).first()
