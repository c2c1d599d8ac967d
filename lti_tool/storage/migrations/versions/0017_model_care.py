"""Pins, proposals, drift, signed manifests, and which institution a model learnt from"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from lti_tool.storage.keys_in_use import blind_index

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("weights") as table:
        table.add_column(sa.Column("signature", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("model_versions") as table:
        table.add_column(sa.Column("institution_id", sa.String(), nullable=True))
        table.create_foreign_key(
            op.f("fk_model_versions_institution_id"), "institutions", ["institution_id"], ["id"]
        )
    with op.batch_alter_table("training_runs") as table:
        table.add_column(sa.Column("scope", sa.String(length=32), nullable=False, server_default=""))
        table.create_index(op.f("ix_training_runs_scope"), ["scope"])
    _make_tables()
    _sign(op.get_bind())
    _name_owner(op.get_bind())


def _make_tables() -> None:
    op.create_table(
        "model_pins",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(), nullable=True),
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_model_pins_institution_id")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["model_versions.id"], name=op.f("fk_model_pins_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_pins")),
    )
    op.create_index(op.f("ix_model_pins_institution_id"), "model_pins", ["institution_id"])
    op.create_table(
        "model_sharings",
        sa.Column("institution_id", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_model_sharings_institution_id")
        ),
        sa.PrimaryKeyConstraint("institution_id", name=op.f("pk_model_sharings")),
    )
    op.create_table(
        "rollback_proposals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("serving_id", sa.String(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["serving_id"], ["servings.id"], name=op.f("fk_rollback_proposals_serving_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollback_proposals")),
        sa.UniqueConstraint("serving_id", name=op.f("uq_rollback_proposals_serving_id")),
    )
    op.create_index(op.f("ix_rollback_proposals_scope"), "rollback_proposals", ["scope"])
    op.create_table(
        "drift_reports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_drift_reports_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift_reports")),
        sa.UniqueConstraint("institution_id", "until", name=op.f("uq_drift_reports_institution_id_until")),
    )


def _sign(connection: sa.Connection) -> None:
    """Weights of before are signed as they are, once: from here on what is unsigned is not loaded."""
    found = sa.table("weights", sa.column("hash"), sa.column("manifest", sa.JSON()), sa.column("signature"))
    for row in connection.execute(sa.select(found.c.hash, found.c.manifest)).all():
        signature = blind_index("signed manifest", row.hash, json.dumps(row.manifest, sort_keys=True))
        connection.execute(sa.update(found).where(found.c.hash == row.hash).values(signature=signature))


def _name_owner(connection: sa.Connection) -> None:
    """What was trained here learnt from the only institution; where there are several nobody knows from which."""
    institutions: list[Any] = list(connection.scalars(sa.text("SELECT id FROM institutions LIMIT 2")))
    if len(institutions) == 1:
        versions = sa.table("model_versions", sa.column("origin"), sa.column("institution_id"))
        made_here = sa.update(versions).where(versions.c.origin != "shipped")
        connection.execute(made_here.values(institution_id=institutions[0]))


def downgrade() -> None:
    for name in ("drift_reports", "rollback_proposals", "model_sharings", "model_pins"):
        op.drop_table(name)
    with op.batch_alter_table("training_runs") as table:
        table.drop_index(op.f("ix_training_runs_scope"))
        table.drop_column("scope")
    with op.batch_alter_table("model_versions") as table:
        table.drop_constraint(op.f("fk_model_versions_institution_id"), type_="foreignkey")
        table.drop_column("institution_id")
    with op.batch_alter_table("weights") as table:
        table.drop_column("signature")
