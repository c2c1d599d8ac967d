"""Labels that wait for a second reader, labels taken out in bulk, and why an instructor was asked"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held_labels",
        sa.Column("answer_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name=op.f("fk_held_labels_answer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_held_labels_person_id")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_held_labels")),
    )
    op.create_index(op.f("ix_held_labels_person_id"), "held_labels", ["person_id"])
    op.create_table(
        "dropped_labels",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.String(length=32), nullable=False),
        sa.Column("annotator_id", sa.String(length=32), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_dropped_labels_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dropped_labels")),
    )
    op.create_index(op.f("ix_dropped_labels_course_id"), "dropped_labels", ["course_id"])
    with op.batch_alter_table("answers") as table:
        table.add_column(sa.Column("why", sa.String(length=16), nullable=False, server_default=""))
    with op.batch_alter_table("pool_texts") as table:
        table.add_column(sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("pool_texts") as table:
        table.drop_column("answered_at")
    with op.batch_alter_table("answers") as table:
        table.drop_column("why")
    op.drop_table("dropped_labels")
    op.drop_table("held_labels")
