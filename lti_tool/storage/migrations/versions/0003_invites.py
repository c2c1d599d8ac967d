"""Invites, where registrations came from, who may be listed by a code, and whom a roster named"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invites",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_invites_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_invites_secret_hash")),
    )
    with op.batch_alter_table("registrations") as table:
        table.drop_constraint(op.f("uq_registrations_issuer_client_id"), type_="unique")
        table.create_index(
            "uq_registrations_approved",
            ["issuer", "client_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'pending'"),
            postgresql_where=sa.text("status <> 'pending'"),
        )
        table.add_column(sa.Column("origin", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("memberships") as table:
        table.add_column(sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("launch_sessions") as table:
        table.add_column(sa.Column("operator_index", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("registration_id", sa.String(length=32), nullable=True))
        table.create_foreign_key(
            op.f("fk_launch_sessions_registration_id"), "registrations", ["registration_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("launch_sessions") as table:
        table.drop_constraint(op.f("fk_launch_sessions_registration_id"), type_="foreignkey")
        table.drop_column("registration_id")
        table.drop_column("operator_index")
    with op.batch_alter_table("memberships") as table:
        table.drop_column("listed")
    with op.batch_alter_table("registrations") as table:
        table.drop_column("origin")
        table.drop_index("uq_registrations_approved")
        table.create_unique_constraint(op.f("uq_registrations_issuer_client_id"), ["issuer", "client_id"])
    op.drop_table("invites")
