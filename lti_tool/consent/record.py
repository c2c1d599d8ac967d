"""The full record of a line of the ledger (P24), rendered from the line, its wording and who was responsible then.

Nothing of it is stored: the ledger keeps P27's fields. The fields are those of ISO/IEC TS 27560:2023 as the W3C's guide
maps them; `record.schema.json` is their schema.
"""

import hashlib
import json
from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent import controllers, facts
from lti_tool.consent.controllers import NOT_STATED, Details
from lti_tool.consent.errors import RecordError
from lti_tool.consent.facts import Facts
from lti_tool.consent.tables import ConsentEvent, Wording
from lti_tool.launch.tables import Course, Institution

SCHEMA_VERSION = "undertone-consent-record-1"
VALIDITY = (
    "until withdrawal, the end of the course or twelve months after it was given, whichever is first (P12M)"
)
WITHDRAWAL = "“My choices” on every page of the tool, two actions, no reason asked"
RIGHTS = (
    "access",
    "rectification",
    "erasure",
    "restriction",
    "portability",
    "objection",
    "withdrawal",
    "complaint",
)
BY_THE_TOOL = ("expired", "re-asked")
NOBODY_ELSE = "nobody"


def of(session: Session, line: ConsentEvent) -> dict[str, Any]:
    """The record of one line, equal at any later time. Raises RecordError when its wording or purpose is unknown."""
    wording = wording_of(session, line)
    institution = _institution(session, line)
    number, details = controllers.at(session, institution.id, line.at)
    try:
        purposes = facts.of_purpose(wording.version, line.purpose)
    except KeyError:
        raise RecordError from None
    controller = f"{institution.id}-{number}"
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": line.id,
        "receipt_id": receipt_id(line),
        "principal_id": line.person_id,
        "channel": "LTI 1.3 launch from the course",
        "privacy_notice": _notice(wording),
        "language": line.language,
        "purposes": [_purpose(name, found, details, wording) for name, found in purposes.items()],
        "controllers": [_controller(controller, institution, details)],
        "jurisdiction": details.jurisdiction or NOT_STATED,
        "supervisory_authority": details.supervisory_authority or NOT_STATED,
        "impact_assessment": details.impact_assessment or NOT_STATED,
        "withdrawal_method": WITHDRAWAL,
        "rights": list(RIGHTS),
        "event": _event(line),
        "ledger": {
            "course_id": line.course_id,
            "number": line.number,
            "previous_hash": line.previous_hash,
            "hash": line.hash,
        },
    }


def check(record: dict[str, Any]) -> None:
    """Raise RecordError unless the record fits its schema (P24)."""
    if not _validator().is_valid(record):
        raise RecordError


def faults(record: dict[str, Any]) -> list[str]:
    """Where the record does not fit, as paths into it; never a value."""
    return sorted(
        "/".join(map(str, fault.absolute_path)) or "." for fault in _validator().iter_errors(record)
    )


def schema() -> dict[str, Any]:
    """The JSON Schema that comes with the package."""
    read: dict[str, Any] = json.loads((files("lti_tool.consent") / "record.schema.json").read_bytes())
    return read


def wording_of(session: Session, line: ConsentEvent) -> Wording:
    """The exact text that the line points at. Raises RecordError when it was never published."""
    same = Wording.sha256 == line.wording_sha256, Wording.language == line.language
    found = session.scalars(select(Wording).where(*same).order_by(Wording.version).limit(1)).first()
    if found is None:
        raise RecordError
    return found


def receipt_id(line: ConsentEvent) -> str:
    """Follows from the line, so that the same line has the same receipt for ever."""
    return hashlib.sha256(b"receipt " + line.hash.encode()).hexdigest()[:32]


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema(), format_checker=FormatChecker())


def _institution(session: Session, line: ConsentEvent) -> Institution:
    return session.get_one(Institution, session.get_one(Course, line.course_id).institution_id)


def _notice(wording: Wording) -> dict[str, Any]:
    published = wording.published_at.astimezone(UTC).isoformat(timespec="seconds")
    return {
        "id": f"choice page {wording.version}",
        "version": wording.version,
        "sha256": wording.sha256,
        "published_at": published,
    }


def _purpose(name: str, found: Facts, details: Details, wording: Wording) -> dict[str, Any]:
    return {
        "id": name,
        "title": _title(name, wording),
        "purpose": found.purpose,
        "purpose_type": found.type,
        "lawful_basis": found.basis,
        "special_category": found.special,
        "personal_data_types": list(found.data),
        "collection_method": found.collection,
        "processing_methods": list(found.processing),
        "storage_location": details.storage_location or NOT_STATED,
        "retention_period": found.retention,
        "recipients": list(found.recipients),
        "third_parties": details.third_parties or NOBODY_ELSE,
    }


def _title(name: str, wording: Wording) -> str:
    """The purpose in the words that the person read."""
    first = wording.text["first"]
    return str(first["earlier"] if name == "A-earlier" else first["choices"][name.lower()]["title"])


def _controller(identifier: str, institution: Institution, details: Details) -> dict[str, str]:
    return {
        "id": identifier,
        "name": details.name or institution.name,
        "address": details.address or NOT_STATED,
        "contact": details.contact or NOT_STATED,
        "type": details.type or NOT_STATED,
        "data_protection_officer": details.data_protection_officer or NOT_STATED,
    }


def _event(line: ConsentEvent) -> dict[str, str]:
    """A pause of single purposes and what ends by time are the tool's own acts; all else is the person's."""
    tool = line.event in BY_THE_TOOL or (line.event == "paused" and line.purpose != "all")
    return {
        "time": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "validity": VALIDITY,
        "actor": "undertone" if tool else line.person_id,
        "type": "explicit",
        "state": line.event,
    }
