"""Which model versions learnt from a person's texts, by the manifests of the trainings (P17, P38).

`retraining` writes them and stands beside this part, so its table is read here by its name. A manifest holds digests
under a salt of its own; only somebody whose id is at hand can be looked for.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.scoring.tables import ModelVersion
from lti_tool.storage import Base

MANIFESTS = "training_manifests"


@dataclass(frozen=True)
class Use:
    """A version whose training pool held texts of the person."""

    version_id: str
    taken_at: datetime
    """When the pool was taken."""


def uses(session: Session, person_id: str) -> list[Use]:
    """The oldest first; versions that were trained on top of one of them are not named again."""
    table: Any = Base.metadata.tables.get(MANIFESTS)
    if table is None:
        return []
    query = select(table.c.version_id, table.c.salt, table.c.subjects, table.c.taken_at)
    rows = session.execute(
        query.join(ModelVersion, ModelVersion.id == table.c.version_id).order_by(table.c.taken_at)
    )
    return [Use(row.version_id, row.taken_at) for row in rows if _digest(row.salt, person_id) in row.subjects]


def _digest(salt: str, person_id: str) -> str:
    """As `retraining.provenance.digest`; a test holds the two together."""
    return hmac.new(bytes.fromhex(salt), person_id.encode(), hashlib.sha256).hexdigest()
