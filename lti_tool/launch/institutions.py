"""Institutions, and the decision on what their instructors may see: who took it, when and why (P2)."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import FieldError
from lti_tool.launch.ages import POLICIES
from lti_tool.launch.tables import Institution

MODES = ("off", "aggregate_only", "individual")
ALWAYS = ("approver", "reason")
FOR_INDIVIDUAL = (*ALWAYS, "office", "assessment", "memo")
LONGEST = 500
OPTION_OF = {"approver": "approved_by"}


class DecisionError(FieldError):
    code = "decision"
    words = (
        "A decision names the mode, who took it and why. Showing single texts also needs their office, the data "
        "protection impact assessment and the memo on the AI Act. Nothing was changed."
    )


@dataclass(frozen=True)
class Decision:
    """What was decided; `individual` cannot be had with any of its fields empty (P2)."""

    mode: str
    approver: str
    reason: str
    office: str = ""
    """The approver's role."""
    assessment: str = ""
    """Where the data protection impact assessment is found."""
    memo: str = ""
    """Where the memo on the AI Act is found."""
    ages: str = ""
    """`adults` or `minors` (P22); empty keeps what was said before, and while nothing was, nobody is asked."""

    def checked(self) -> "Decision":
        """The decision with blanks taken off; raises DecisionError."""
        fields = {name: " ".join(value.split()) for name, value in asdict(self).items()}
        needed = FOR_INDIVIDUAL if fields["mode"] == "individual" else ALWAYS
        wrong = [name for name in needed if not fields[name]]
        wrong += [name for name, value in fields.items() if len(value) > LONGEST]
        if fields["mode"] not in MODES:
            wrong.insert(0, "mode")
        if fields["ages"] not in ("", *POLICIES):
            wrong.append("ages")
        if wrong:
            raise DecisionError(None, *(OPTION_OF.get(name, name) for name in wrong))
        return Decision(**fields)


def named(session: Session, name: str) -> Institution | None:
    return session.scalar(select(Institution).where(Institution.name == name.strip()))


def found(session: Session, now: datetime, name: str, help_contacts: str = "") -> Institution:
    """A new institution, switched off until somebody decides. Raises FieldError for an unfit name."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST:
        raise FieldError("The institution must be named, on one line. Nothing was changed.", "institution")
    institution = Institution(
        name=name, mode="off", mode_record={}, help_contacts=help_contacts, created_at=now
    )
    session.add(institution)
    session.flush()
    audit.record(session, now, "institution_added", institution_id=institution.id)
    return institution


def is_only_one(session: Session) -> bool:
    """Whether the installation serves one institution, whose administrators then decide on all of it."""
    return len(session.scalars(select(Institution.id).limit(2)).all()) < 2


def is_decided(institution: Institution) -> bool:
    return bool(institution.mode_record)


def decide(
    session: Session, now: datetime, institution: Institution, decision: Decision, actor_id: str | None
) -> None:
    """Put a decision into force at once and keep the ones before it. Raises DecisionError, with nothing changed."""
    decided = decision.checked()
    before = dict(institution.mode_record)
    earlier = before.pop("earlier", [])
    institution.mode, institution.ages = decided.mode, decided.ages or institution.ages or ""
    institution.mode_record = {
        **asdict(decided),
        "ages": institution.ages,
        "at": now.isoformat(),
        "earlier": [*earlier, before] if before else earlier,
    }
    audit.record(
        session,
        now,
        "mode_decided",
        code=decided.mode,
        institution_id=institution.id,
        actor_id=actor_id,
    )
    session.flush()


def keep_decision(institution: Institution, decision: Decision) -> None:
    """Raise FieldError for another mode or approver than the institution's own."""
    if decision.mode not in ("", institution.mode):
        raise FieldError(
            f"This institution is in mode {institution.mode}, which registering does not change. "
            "`undertone institution decide` changes it.",
            "mode",
        )
    if decision.approver not in ("", institution.mode_record.get("approver")):
        raise FieldError(
            f"Someone else is on record for this institution's mode {institution.mode}, which registering does "
            "not change. `undertone institution decide` changes it.",
            "approved_by",
        )
