"""The ledger's guards, its checkpoints, who is responsible, and which wording was agreed to"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GUARDED = {
    "consent_events": "id = NEW.id OR (course_id = NEW.course_id AND number = NEW.number)",
    "wordings": "id = NEW.id OR (version = NEW.version AND language = NEW.language)",
    "ledger_checkpoints": "id = NEW.id",
    "controllers": "id = NEW.id OR (institution_id = NEW.institution_id AND number = NEW.number)",
}
EXPIRES = "consent_events"
BEHIND_A_CHECKPOINT = (
    "EXISTS (SELECT 1 FROM ledger_checkpoints AS c"
    " WHERE c.course_id = OLD.course_id AND c.kind = 'pruned' AND c.number >= OLD.number)"
)
MAINTENANCE_ROLE = (
    "DO $$ BEGIN "
    "BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'undertone_maintenance') THEN "
    "CREATE ROLE undertone_maintenance NOLOGIN; GRANT undertone_maintenance TO CURRENT_USER; END IF; "
    "EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN NULL; END; "
    "IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'undertone_maintenance') THEN "
    "EXECUTE format('GRANT USAGE ON SCHEMA %I TO undertone_maintenance', current_schema()); "
    "GRANT SELECT, DELETE ON consent_events TO undertone_maintenance; "
    "GRANT SELECT ON ledger_checkpoints TO undertone_maintenance; END IF; "
    "EXCEPTION WHEN insufficient_privilege OR undefined_table THEN NULL; "
    "END $$"
)
TRIGGERS = ("no_update", "no_delete", "no_replace", "no_truncate")


def upgrade() -> None:
    op.create_table(
        "ledger_checkpoints",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_ledger_checkpoints_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_checkpoints")),
    )
    op.create_index("ix_ledger_checkpoints_course_id_kind", "ledger_checkpoints", ["course_id", "kind"])
    op.create_table(
        "controllers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_controllers_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_controllers")),
        sa.UniqueConstraint("institution_id", "number", name=op.f("uq_controllers_institution_id_number")),
    )
    with op.batch_alter_table("wordings") as table:
        table.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="material"))
        table.add_column(sa.Column("affects", sa.String(), nullable=False, server_default="ABCD"))
    with op.batch_alter_table("consent_events") as table:
        table.drop_constraint(op.f("fk_consent_events_person_id"), type_="foreignkey")
    with op.batch_alter_table("consent_states") as table:
        table.add_column(sa.Column("agreed_version", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("suspended", sa.String(length=8), nullable=False, server_default=""))
    op.execute(
        "UPDATE consent_states SET agreed_version = COALESCE((SELECT MAX(w.version) FROM consent_events e"
        " JOIN wordings w ON w.sha256 = e.wording_sha256"
        " WHERE e.person_id = consent_states.person_id AND e.event IN ('granted', 'declined', 'withdrawn')), 0)"
    )
    _guard()


def _guard() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in GUARDED:
            _guard_on_postgresql(table)
        op.execute(MAINTENANCE_ROLE)
        return
    for table, same in GUARDED.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
        expired = f" WHEN NOT {BEHIND_A_CHECKPOINT}" if table == EXPIRES else ""
        replaced = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 (names of ours)
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}{expired} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {replaced} {refuse}")


def _guard_on_postgresql(table: str) -> None:
    passes = (
        "IF TG_OP = 'DELETE' AND current_user = 'undertone_maintenance' THEN "
        f"IF {BEHIND_A_CHECKPOINT} THEN RETURN OLD; END IF; END IF; "
        if table == EXPIRES
        else ""
    )
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"{passes}RAISE EXCEPTION '{table} is only added to' USING ERRCODE = 'restrict_violation'; END $$"
    )
    each = f"ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    whole = f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE {each}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE {each}")
    op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE {whole}")


def downgrade() -> None:
    """Raises an IntegrityError when a line belongs to somebody whose rows were erased."""
    _unguard()
    with op.batch_alter_table("consent_states") as table:
        table.drop_column("suspended")
        table.drop_column("agreed_version")
    with op.batch_alter_table("consent_events") as table:
        table.create_foreign_key(op.f("fk_consent_events_person_id"), "people", ["person_id"], ["id"])
    with op.batch_alter_table("wordings") as table:
        table.drop_column("affects")
        table.drop_column("kind")
    op.drop_table("controllers")
    op.drop_table("ledger_checkpoints")


def _unguard() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in GUARDED:
        for trigger in TRIGGERS:
            op.execute(
                f"DROP TRIGGER IF EXISTS {table}_{trigger}" + (f" ON {table}" if on_postgresql else "")
            )
        if on_postgresql:
            op.execute(f"DROP FUNCTION {table}_refuse()")
