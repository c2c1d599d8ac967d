"""Groups of texts that are told together"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disclosed_groups",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_disclosed_groups_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosed_groups")),
    )
    op.create_index(op.f("ix_disclosed_groups_course_id"), "disclosed_groups", ["course_id"])
    op.create_table(
        "disclosed_courses",
        sa.Column("course_id", sa.String(length=32), nullable=False),
        sa.Column("known", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_disclosed_courses_course_id")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_disclosed_courses")),
    )
    op.create_table(
        "disclosed_texts",
        sa.Column("post_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.String(length=32), nullable=True),
        sa.Column("was_open", sa.Boolean(), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_disclosed_texts_course_id")),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["disclosed_groups.id"],
            name=op.f("fk_disclosed_texts_group_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_disclosed_texts_person_id")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_disclosed_texts_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_disclosed_texts")),
    )
    op.create_index(op.f("ix_disclosed_texts_course_id"), "disclosed_texts", ["course_id"])
    op.create_index(op.f("ix_disclosed_texts_person_id"), "disclosed_texts", ["person_id"])


def downgrade() -> None:
    op.drop_table("disclosed_texts")
    op.drop_table("disclosed_courses")
    op.drop_table("disclosed_groups")
