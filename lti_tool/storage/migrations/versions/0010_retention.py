"""Retention: when a course ends and somebody left, what an institution chose, runs, stops, the pool, requests"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ID = sa.String(length=32)
COLUMNS = (
    ("courses", "ends_on"),
    ("memberships", "left_at"),
    ("posts", "emptied_at"),
    ("weights", "expired_at"),
)


def upgrade() -> None:
    for table_name, column in COLUMNS:
        with op.batch_alter_table(table_name) as table:
            table.add_column(sa.Column(column, TIME, nullable=True))
    _stops()
    _retention()
    _pool()
    _requests()


def _stops() -> None:
    op.create_table(
        "course_stops",
        sa.Column("id", ID, nullable=False),
        sa.Column("course_id", ID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("stopped_at", TIME, nullable=False),
        sa.Column("stopped_by", ID, nullable=True),
        sa.Column("resumed_at", TIME, nullable=True),
        sa.Column("resumed_by", ID, nullable=True),
        sa.Column("resumed_because", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_course_stops_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_stops")),
    )
    op.create_index(op.f("ix_course_stops_course_id"), "course_stops", ["course_id"])


def _retention() -> None:
    op.create_table(
        "retention_choices",
        sa.Column("id", ID, nullable=False),
        sa.Column("institution_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_retention_choices_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_choices")),
    )
    op.create_index(
        "ix_retention_choices_institution_id_kind", "retention_choices", ["institution_id", "kind"]
    )
    op.create_table(
        "retention_runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("institution_id", ID, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("oldest", sa.JSON(), nullable=False),
        sa.Column("undone", sa.JSON(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
        sa.UniqueConstraint("run", "institution_id", name=op.f("uq_retention_runs_run_institution_id")),
    )
    op.create_index(op.f("ix_retention_runs_institution_id"), "retention_runs", ["institution_id"])


def _pool() -> None:
    op.create_table(
        "pool_texts",
        sa.Column("answer_id", ID, nullable=False),
        sa.Column("course_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("annotator_id", ID, nullable=False),
        sa.Column("labelled_by", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("thread_index", sa.String(length=64), nullable=True),
        sa.Column("kept_since", TIME, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_pool_texts_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_pool_texts_person_id")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_pool_texts")),
    )
    for column in ("course_id", "person_id"):
        op.create_index(op.f(f"ix_pool_texts_{column}"), "pool_texts", [column])


def _requests() -> None:
    op.create_table(
        "data_requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("institution_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("opened_by", ID, nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_data_requests_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_requests")),
    )
    op.create_index("ix_data_requests_institution_id_state", "data_requests", ["institution_id", "state"])
    op.create_table(
        "data_request_people",
        sa.Column("request_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_data_request_people_person_id")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["data_requests.id"],
            name=op.f("fk_data_request_people_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "person_id", name=op.f("pk_data_request_people")),
    )
    op.create_index(op.f("ix_data_request_people_person_id"), "data_request_people", ["person_id"])


def downgrade() -> None:
    for name in (
        "data_request_people",
        "data_requests",
        "pool_texts",
        "retention_runs",
        "retention_choices",
        "course_stops",
    ):
        op.drop_table(name)
    for table_name, column in reversed(COLUMNS):
        with op.batch_alter_table(table_name) as table:
            table.drop_column(column)
