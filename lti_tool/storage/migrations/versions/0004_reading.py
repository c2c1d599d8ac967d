"""How far each activity was read"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIMES = ("read_at", "changed_at", "fault_since")


def upgrade() -> None:
    with op.batch_alter_table("pull_cursors") as table:
        # It held the newest stamp of the LMS's clock; when a read was complete was not kept.
        table.alter_column("complete_at", new_column_name="newest_at")
    with op.batch_alter_table("pull_cursors") as table:
        for name in ("complete_at", *TIMES):
            table.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        for name in ("mark", "fault", "fault_words"):
            table.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("basis", sa.String(length=64), nullable=False, server_default=""))
    op.create_table(
        "lms_breakers",
        sa.Column("registration_id", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_lms_breakers_registration_id")
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_lms_breakers")),
    )


def downgrade() -> None:
    op.drop_table("lms_breakers")
    with op.batch_alter_table("pull_cursors") as table:
        for name in ("basis", "fault_words", "fault", "mark", *reversed(TIMES), "complete_at"):
            table.drop_column(name)
    with op.batch_alter_table("pull_cursors") as table:
        table.alter_column("newest_at", new_column_name="complete_at")
