"""Tables that say nothing of their rows' end themselves: what ends them, for the assessment (P63).

A test fails when a table is neither here nor declares whose its rows are or how long they stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.audit.tables import AuditEvent
from lti_tool.rights.retention_choices import Days

STAYS = "as long as the installation"
PLATFORM = "as long as its platform is connected"
COURSE = "as long as the course is on record"


@dataclass(frozen=True)
class Standing:
    """How long, and from which column on; `words` for a table that has none of its own."""

    kept: str
    since: str = "–"
    purpose: str = ""
    words: str = ""


def standing(days: Days) -> Mapping[str, Standing]:
    """By the name of the table."""
    log = f"kept {days['audit']} days where it tells of a person, else {days['operation_logs']} days"
    models = f"emptied {days['models']} days after it was promoted, or when five newer ones were"
    return {
        "activities": Standing(COURSE),
        AuditEvent.__tablename__: Standing(log, "`at`", "security, and who looked at whom"),
        "canvas_accounts": Standing(PLATFORM),
        "controllers": Standing(STAYS, purpose="proof of consent"),
        "course_models": Standing(COURSE),
        "course_stops": Standing(STAYS),
        "courses": Standing(STAYS),
        "deployments": Standing(PLATFORM, words="Where in a platform the tool was put."),
        "institutions": Standing(STAYS, words="An institution, its mode and who decided on it."),
        "keys_in_use": Standing("until the key is retired"),
        "ledger_checkpoints": Standing(STAYS, purpose="proof of consent"),
        "ledger_seals": Standing(STAYS, purpose="proof of consent"),
        "lms_breakers": Standing("until the platform answers again"),
        "lms_connections": Standing(PLATFORM),
        "model_pins": Standing(STAYS),
        "model_sharings": Standing("until the institution stops sharing"),
        "model_versions": Standing(STAYS),
        "operators": Standing("until taken off the list"),
        "people": Standing(
            "until the person is erased; a random id, to which nothing leads once `person_keys` is gone"
        ),
        "pull_cursors": Standing(COURSE),
        "reflections": Standing(COURSE),
        "registrations": Standing(PLATFORM),
        "retention_choices": Standing(STAYS),
        "service_tokens": Standing("until a newer one takes its place"),
        "servings": Standing(STAYS),
        "tool_keys": Standing(STAYS),
        "training_manifests": Standing(
            "as long as the row of the model version, which stays when its weights are emptied",
            purpose="proof that a model holds no text of a person; digests under a salt of each run",
        ),
        "weights": Standing(models, "`servings.at`"),
        "wordings": Standing(STAYS, purpose="proof of consent"),
    }
