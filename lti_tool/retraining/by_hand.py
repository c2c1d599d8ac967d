"""What a person decides about the serving version: promote an earlier one, go back, pin, answer a proposal.

Each is asked by an administrator's page or by the operator's command, recorded, and refused in words where the version
holds withdrawn texts (P17), is not whole (S39) or is another institution's (P61).
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.errors import UndertoneError
from lti_tool.retraining import cards, proposing, provenance
from lti_tool.scoring import pinning, serving, weights
from lti_tool.scoring.errors import NotServingError, UnknownVersionError
from lti_tool.scoring.tables import ModelPin, ModelVersion, Serving, Weights

SHORTEST = 4


class GoneError(UndertoneError):
    code = "weights_gone"
    status = 409
    words = "The weights of this version were thrown away when their time was over. Nothing was changed."


def named(session: Session, beginning: str) -> ModelVersion:
    """The version whose id begins so; UnknownVersionError when none does, or more than one."""
    known = ModelVersion.id.startswith(beginning, autoescape=True)
    found = session.scalars(select(ModelVersion).where(known).limit(2)).all()
    if len(beginning) < SHORTEST or len(found) != 1:
        raise UnknownVersionError
    return found[0]


def require_servable(session: Session, version: ModelVersion) -> None:
    """Raise HoldsWithdrawnError, GoneError, NotWholeError or CardError where the version may not serve."""
    if provenance.holds_withdrawn_since(session, version) is not None:
        raise provenance.HoldsWithdrawnError
    kept = session.get_one(Weights, version.weights_hash)
    if kept.expired_at is not None:
        raise GoneError
    weights.require_whole(session, version.weights_hash)
    cards.require_whole(kept.manifest)


def promote(
    session: Session,
    now: datetime,
    version: ModelVersion,
    who: str,
    institution_id: str | None = None,
    actor_id: str | None = None,
) -> Serving:
    """Serve this version from now on, whatever its figures are; raises as `require_servable` and WalledError."""
    require_servable(session, version)
    row = serving.promote(session, now, version.id, who, "by_hand", institution_id)
    _tell(session, now, "promoted_by_hand", version, institution_id, actor_id)
    return row


def roll_back(
    session: Session,
    now: datetime,
    who: str,
    institution_id: str | None = None,
    actor_id: str | None = None,
) -> ModelVersion:
    """Serve what served before; an open proposal to do so is answered. Raises as `provenance.roll_back`."""
    proposing.answer(session, now, "went_back", institution_id)
    version = provenance.roll_back(session, now, who, institution_id)
    _tell(session, now, "rolled_back", version, institution_id, actor_id)
    return version


def pin(
    session: Session,
    now: datetime,
    version: ModelVersion,
    who: str,
    institution_id: str | None = None,
    actor_id: str | None = None,
) -> ModelPin:
    """Let the serving version stay; raises NotServingError for any other."""
    if serving.serving(session, institution_id).id != version.id:
        raise NotServingError
    return pinning.pin(session, now, version.id, who, institution_id, actor_id)


def _tell(
    session: Session,
    now: datetime,
    event: str,
    version: ModelVersion,
    institution_id: str | None,
    actor_id: str | None,
) -> None:
    facts = {"version": version.id}
    record(session, now, event, institution_id=institution_id, actor_id=actor_id, facts=facts)
