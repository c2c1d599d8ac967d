"""Reflections written in the tool"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reflections",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.String(length=32), nullable=False),
        sa.Column("link_key", sa.String(length=64), nullable=False),
        sa.Column("activity_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("otherwise", sa.String(), nullable=False),
        sa.Column("suggested_words", sa.Integer(), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("writers", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_reflections_activity_id")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_reflections_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reflections")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_reflections_activity_id")),
        sa.UniqueConstraint("course_id", "link_key", name=op.f("uq_reflections_course_id_link_key")),
    )
    op.create_table(
        "reflection_texts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("reflection_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reflection_texts_person_id")),
        sa.ForeignKeyConstraint(
            ["reflection_id"], ["reflections.id"], name=op.f("fk_reflection_texts_reflection_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reflection_texts")),
        sa.UniqueConstraint(
            "reflection_id", "person_id", name=op.f("uq_reflection_texts_reflection_id_person_id")
        ),
    )
    op.create_index(op.f("ix_reflection_texts_person_id"), "reflection_texts", ["person_id"])
    op.create_index(op.f("ix_reflection_texts_waiting"), "reflection_texts", ["waiting"])
    with op.batch_alter_table("launch_sessions") as table:
        table.add_column(sa.Column("link_key", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("link_title", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("launch_sessions") as table:
        table.drop_column("link_title")
        table.drop_column("link_key")
    op.drop_table("reflection_texts")
    op.drop_table("reflections")
