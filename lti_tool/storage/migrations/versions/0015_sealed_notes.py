"""Notes about requests are sealed, texts of the pool say when they were written, and seals outside are remembered"""

import sqlalchemy as sa
from alembic import op

from lti_tool.storage.envelope import Place, opened, seal
from lti_tool.storage.keys_in_use import current_keyring

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
LONG_AGO = "1970-01-01 00:00:00.000000"
"""Of a text whose time is not known any more: taking back what was written earlier takes it too."""
REQUESTS = sa.table("data_requests", *map(sa.column, ("id", "institution_id", "evidence")))


def upgrade() -> None:
    op.create_table(
        "ledger_seals",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_seals")),
    )
    with op.batch_alter_table("pool_texts") as table:
        table.add_column(sa.Column("written_at", TIME, nullable=True))
    op.execute(
        "UPDATE pool_texts SET written_at = (SELECT p.written_at FROM answers a JOIN posts p ON p.id = a.post_id"
        " WHERE a.id = pool_texts.answer_id)"
    )
    op.execute(f"UPDATE pool_texts SET written_at = '{LONG_AGO}' WHERE written_at IS NULL")  # noqa: S608 (ours)
    with op.batch_alter_table("pool_texts") as table:
        table.alter_column("written_at", existing_type=TIME, nullable=False)
    with op.batch_alter_table("data_requests") as table:
        table.alter_column(
            "evidence", existing_type=sa.JSON(), type_=sa.Text(), postgresql_using="evidence::text"
        )
    for row in _requests():
        _write(row, seal(current_keyring(), _place(row), row["evidence"]))


def downgrade() -> None:
    for row in _requests():
        _write(row, opened(current_keyring(), _place(row), row["evidence"]))
    with op.batch_alter_table("data_requests") as table:
        table.alter_column(
            "evidence", existing_type=sa.Text(), type_=sa.JSON(), postgresql_using="evidence::json"
        )
    with op.batch_alter_table("pool_texts") as table:
        table.drop_column("written_at")
    op.drop_table("ledger_seals")


def _requests() -> list[sa.RowMapping]:
    return list(op.get_bind().execute(sa.select(REQUESTS)).mappings())


def _place(row: sa.RowMapping) -> Place:
    return Place("data_requests", "evidence", row["id"], row["institution_id"])


def _write(row: sa.RowMapping, notes: str) -> None:
    op.get_bind().execute(REQUESTS.update().where(REQUESTS.c.id == row["id"]).values(evidence=notes))
