"""Links to place"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("launch_sessions") as table:
        table.add_column(sa.Column("deep_link", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("launch_sessions") as table:
        table.drop_column("deep_link")
