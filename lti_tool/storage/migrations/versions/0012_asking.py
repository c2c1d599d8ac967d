"""Ages, help by language, a protocol for staff, confirmed translations"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("institutions") as table:
        table.add_column(sa.Column("help_blocks", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("protocol", sa.JSON(), nullable=False, server_default="{}"))
        # Nobody has said yet who is in the courses, so nobody is asked until somebody does (P22).
        table.add_column(sa.Column("ages", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("confirmed_texts", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("courses") as table:
        table.add_column(
            sa.Column("may_hold_minors", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table("courses") as table:
        table.drop_column("may_hold_minors")
    with op.batch_alter_table("institutions") as table:
        table.drop_column("confirmed_texts")
        table.drop_column("ages")
        table.drop_column("protocol")
        table.drop_column("help_blocks")
