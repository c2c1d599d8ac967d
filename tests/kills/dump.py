"""All that an installation keeps, in a form in which two runs of the same work are equal.

Random ids are replaced by what the row they name says; times of our own clock and what counts attempts are left
out. Texts are compared decrypted, logits to three decimals.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from lti_tool.storage import Base, Database, UtcDateTime

OF_THE_LMS = {"written_at", "edited_at", "due_at", "newest_at", "changed_at"}
"""Times that the LMS gave: these must be the same."""
LEFT_OUT = {
    "jobs": {"attempts", "worker", "step", "done", "total"},
    "service_tokens": {"token"},
    "audit_events": {"correlation_id"},
    "training_manifests": {"salt", "subjects", "consent_hash", "hash"},
}
COUNTS = ("pull", "score")
"""Jobs whose result counts what their last attempt did."""
DECIMALS = 3

Dump = dict[str, list[str]]


def dump(database: Database, *tables: str) -> Dump:
    """Rows by table, as sorted JSON; all tables, or those named."""
    with database.reading() as session:
        rows = {
            mapper.local_table.name: [
                _values(mapper, row) for row in session.scalars(select(mapper.class_)).all()
            ]
            for mapper in Base.registry.mappers
        }
    known = {row["id"]: row for table in rows.values() for row in table if len(str(row.get("id"))) == 32}
    names: dict[str, str] = {}
    return {
        table: sorted(json.dumps(_named(row, known, names), sort_keys=True) for row in rows[table])
        for table in tables or rows
    }


def _values(mapper: Any, row: Any) -> dict[str, Any]:
    table = mapper.local_table.name
    values = {
        attribute.key: getattr(row, attribute.key)
        for attribute in mapper.column_attrs
        if attribute.key not in LEFT_OUT.get(table, ()) and _is_compared(attribute)
    }
    if table == "jobs" and row.kind in COUNTS:
        del values["result"]
    if table == "audit_events":
        values["facts"] = {name: value for name, value in row.facts.items() if name != "manifest"}
    if table == "training_runs":
        values["report"] = _without_times(row.report)
    return values


def _without_times(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report of a run without what was measured by the clock."""
    left = {name: value for name, value in report.items() if name != "seconds"}
    for side in {"candidate", "serving"} & left.keys():
        left[side] = {name: value for name, value in left[side].items() if name != "seconds"}
    return left | {"reasons": [one for one in report.get("reasons", []) if one["rule"] != "speed"]}


def _is_compared(attribute: Any) -> bool:
    return attribute.key in OF_THE_LMS or not isinstance(attribute.columns[0].type, UtcDateTime)


def _named(value: Any, known: Mapping[str, dict[str, Any]], names: dict[str, str]) -> Any:
    """The value with each id replaced by the digest of the row that it names."""
    if isinstance(value, dict):
        return {name: _named(one, known, names) for name, one in value.items() if name != "id"}
    if isinstance(value, list | tuple):
        return [_named(one, known, names) for one in value]
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, str) and value in known:
        if value not in names:
            said = json.dumps(_named(known[value], known, names), sort_keys=True)
            names[value] = hashlib.sha256(said.encode()).hexdigest()[:12]
        return names[value]
    return value if isinstance(value, int | str | None) else str(value)
