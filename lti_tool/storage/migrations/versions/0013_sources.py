"""Keyed hashes of sources"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SOURCES = ("source_hash", "title_source_hash")


def upgrade() -> None:
    with op.batch_alter_table("posts") as table:
        for name in SOURCES:
            table.add_column(sa.Column(name, sa.String(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("posts") as table:
        for name in reversed(SOURCES):
            table.drop_column(name)
