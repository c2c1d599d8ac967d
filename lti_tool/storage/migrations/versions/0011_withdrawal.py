"""Withdrawal: who says when a course ends, who left a training, and which models they are in"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("courses") as table:
        table.add_column(sa.Column("ends_by", sa.String(length=16), nullable=False, server_default=""))
    with op.batch_alter_table("reflection_texts") as table:
        table.add_column(sa.Column("passed_over_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "training_withdrawals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_withdrawals")),
    )
    op.create_index(op.f("ix_training_withdrawals_person_id"), "training_withdrawals", ["person_id"])
    op.create_table(
        "training_manifests",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("consent_hash", sa.String(length=64), nullable=False),
        sa.Column("pool_hash", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["model_versions.id"], name=op.f("fk_training_manifests_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_training_manifests")),
    )


def downgrade() -> None:
    op.drop_table("training_manifests")
    op.drop_table("training_withdrawals")
    with op.batch_alter_table("reflection_texts") as table:
        table.drop_column("passed_over_at")
    with op.batch_alter_table("courses") as table:
        table.drop_column("ends_by")
