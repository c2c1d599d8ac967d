"""What the database itself refuses: to change or delete a line of the ledger or a published text (P25, P18).

The statements stand in the migration too, which never changes; a test compares the two. The owner of the database can
take the triggers away: the verifier (`verifying`) sees what was changed then.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import DDL, event

from lti_tool.consent.tables import ConsentEvent, Controller, LedgerCheckpoint, Wording

MAINTENANCE = "undertone_maintenance"
"""The role of PostgreSQL that may delete expired lines; SQLite has no roles."""
BEHIND_A_CHECKPOINT = (
    "EXISTS (SELECT 1 FROM ledger_checkpoints AS c"
    " WHERE c.course_id = OLD.course_id AND c.kind = 'pruned' AND c.number >= OLD.number)"
)


@dataclass(frozen=True)
class Guarded:
    """A table whose rows are only added; `same` finds the row that an insertion would replace."""

    table: str
    same: str
    expires: bool = False


GUARDED = (
    Guarded(
        "consent_events",
        "id = NEW.id OR (course_id = NEW.course_id AND number = NEW.number)",
        expires=True,
    ),
    Guarded("wordings", "id = NEW.id OR (version = NEW.version AND language = NEW.language)"),
    Guarded("ledger_checkpoints", "id = NEW.id"),
    Guarded("controllers", "id = NEW.id OR (institution_id = NEW.institution_id AND number = NEW.number)"),
)


def sqlite_statements(guarded: Guarded) -> Iterator[str]:
    """Triggers of SQLite. The third is for REPLACE, which deletes without firing the second."""
    table = guarded.table
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
    expired = f" WHEN NOT {BEHIND_A_CHECKPOINT}" if guarded.expires else ""
    yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}"
    yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}{expired} {refuse}"
    replaced = f"EXISTS (SELECT 1 FROM {table} WHERE {guarded.same})"  # noqa: S608  (our own names)
    yield f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {replaced} {refuse}"


def postgresql_statements(guarded: Guarded) -> Iterator[str]:
    """Triggers of PostgreSQL, and what the maintenance role may do."""
    table = guarded.table
    yield (
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"{_passes(guarded)}RAISE EXCEPTION '{table} is only added to' USING ERRCODE = 'restrict_violation'; "
        "END $$"
    )
    each = f"ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE {each}"
    yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE {each}"
    whole = f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    yield f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE {whole}"


def _passes(guarded: Guarded) -> str:
    if not guarded.expires:
        return ""
    # A condition of its own: TRUNCATE has no OLD.
    return (
        f"IF TG_OP = 'DELETE' AND current_user = '{MAINTENANCE}' THEN "
        f"IF {BEHIND_A_CHECKPOINT} THEN RETURN OLD; END IF; END IF; "
    )


MAINTENANCE_ROLE = (
    "DO $$ BEGIN "  # noqa: S608  (our own names)
    f"BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{MAINTENANCE}') THEN "
    f"CREATE ROLE {MAINTENANCE} NOLOGIN; GRANT {MAINTENANCE} TO CURRENT_USER; END IF; "
    "EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN NULL; END; "
    f"IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{MAINTENANCE}') THEN "
    f"EXECUTE format('GRANT USAGE ON SCHEMA %I TO {MAINTENANCE}', current_schema()); "
    f"GRANT SELECT, DELETE ON consent_events TO {MAINTENANCE}; "
    f"GRANT SELECT ON ledger_checkpoints TO {MAINTENANCE}; END IF; "
    "EXCEPTION WHEN insufficient_privilege OR undefined_table THEN NULL; "
    "END $$"
)
"""A database account that may make no roles leaves it out; docs/installing.md says how its administrator makes it."""


def _attach() -> None:
    """Give the guards to databases that are made from the tables in code, as the migration gives them to others."""
    tables = {
        mapped.__tablename__: mapped.__table__
        for mapped in (ConsentEvent, Wording, LedgerCheckpoint, Controller)
    }
    for guarded in GUARDED:
        for dialect, statements in (
            ("sqlite", sqlite_statements(guarded)),
            ("postgresql", postgresql_statements(guarded)),
        ):
            for statement in statements:
                # DDL fills in % itself.
                made = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
                event.listen(tables[guarded.table], "after_create", made.execute_if(dialect=dialect))
    role = DDL(MAINTENANCE_ROLE.replace("%", "%%"))  # type: ignore[no-untyped-call]
    event.listen(LedgerCheckpoint.metadata, "after_create", role.execute_if(dialect="postgresql"))


_attach()
