"""Rights of a student: passages behind labels, erasures with their undo, pauses, and jobs that wait"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("jobs") as table:
        table.add_column(sa.Column("not_before", TIME, nullable=True))
    with op.batch_alter_table("consent_states") as table:
        table.add_column(sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("pauses", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "explanations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("post_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("weights_hash", sa.String(length=64), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_explanations_person_id")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_explanations_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanations")),
        sa.UniqueConstraint(
            "post_id",
            "text_hash",
            "weights_hash",
            name=op.f("uq_explanations_post_id_text_hash_weights_hash"),
        ),
    )
    op.create_index(op.f("ix_explanations_person_id"), "explanations", ["person_id"])
    op.create_table(
        "erased_posts",
        sa.Column("course_id", sa.String(length=32), nullable=False),
        sa.Column("external_index", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("erased_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_erased_posts_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_erased_posts_person_id")),
        sa.PrimaryKeyConstraint("course_id", "external_index", name=op.f("pk_erased_posts")),
    )
    op.create_index(op.f("ix_erased_posts_person_id"), "erased_posts", ["person_id"])
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("post_id", sa.String(length=32), nullable=True),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_erasures_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_erasures_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_person_id"), "erasures", ["person_id"])


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("erased_posts")
    op.drop_table("explanations")
    with op.batch_alter_table("consent_states") as table:
        table.drop_column("pauses")
        table.drop_column("paused")
    with op.batch_alter_table("jobs") as table:
        table.drop_column("not_before")
