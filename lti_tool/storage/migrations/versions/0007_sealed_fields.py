"""Sealed fields: from tokens that fit anywhere to envelopes bound to their row; which keys are in use"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from lti_tool.storage.envelope import Place, opened, seal
from lti_tool.storage.keyring import Keyring, MissingKeyError
from lti_tool.storage.keys_in_use import current_keyring

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COURSE, REGISTRATION, PERSON = (
    ("courses", "course_id"),
    ("registrations", "registration_id"),
    ("people", "person_id"),
)
FIELDS = (
    ("posts", "id", ("title", "text", "url"), COURSE),
    ("answers", "id", ("comment",), COURSE),
    ("reflection_texts", "id", ("draft", "text"), PERSON),
    ("person_keys", "person_id", ("lms_user_id",), PERSON),
    ("launch_sessions", "id", ("return_url", "deep_link"), None),
    ("service_tokens", "id", ("token",), REGISTRATION),
    ("lms_connections", "registration_id", ("token",), REGISTRATION),
    (
        "canvas_accounts",
        "registration_id",
        ("key_secret", "access_token", "refresh_token", "user_id"),
        REGISTRATION,
    ),
    ("canvas_authorisations", "id", ("verifier",), REGISTRATION),
    ("tool_keys", "kid", ("private_pem",), None),
)
"""Tables of version 0006: table, key, sealed columns, and through what the institution is found."""
BATCH = 500


def upgrade() -> None:
    op.create_table(
        "keys_in_use",
        sa.Column("use", sa.String(length=16), nullable=False),
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("use", "key_id", name=op.f("pk_keys_in_use")),
    )
    with op.batch_alter_table("person_keys") as table:
        table.drop_column("key_version")
        table.add_column(sa.Column("key_id", sa.String(length=8), nullable=False, server_default=""))
        table.add_column(sa.Column("subject", sa.Text(), nullable=True))
    for field in FIELDS:
        _rewrite(_sealed, *field)


def downgrade() -> None:
    for field in FIELDS:
        _rewrite(_token, *field)
    with op.batch_alter_table("person_keys") as table:
        table.drop_column("subject")
        table.drop_column("key_id")
        table.add_column(sa.Column("key_version", sa.Integer(), nullable=False, server_default="1"))
    op.drop_table("keys_in_use")


def _rewrite(how: Any, name: str, key: str, columns: tuple[str, ...], through: Any) -> None:
    """Every row's columns made anew by `how`, a batch in memory at a time, all in the migration's transaction."""
    rows = sa.table(name, *map(sa.column, dict.fromkeys((key, *columns))))
    connection = op.get_bind()
    for batch in _batches(connection, rows, key, columns, _institution(name, through)):
        keyring = current_keyring()
        for row in batch:
            values = {
                column: how(keyring, Place(name, column, row[key], row["home"] or ""), row[column])
                for column in columns
                if row[column]
            }
            if values:
                connection.execute(rows.update().where(rows.c[key] == row[key]).values(values))


def _institution(name: str, through: tuple[str, str] | None) -> Any:
    if through is None:
        return sa.column("institution_id") if name == "launch_sessions" else sa.literal("")
    table, lead = through
    target = sa.table(table, sa.column("id"), sa.column("institution_id"))
    reference: Any = sa.literal_column(f"{name}.{lead}")
    return sa.select(target.c.institution_id).where(target.c.id == reference).scalar_subquery()


def _batches(
    connection: Any, rows: Any, key: str, columns: tuple[str, ...], home: Any
) -> Iterator[list[dict[str, Any]]]:
    last = ""
    query = sa.select(rows.c[key], *(rows.c[column] for column in columns), home.label("home"))
    while True:
        page = query.where(rows.c[key] > last).order_by(rows.c[key]).limit(BATCH)
        found = [dict(row) for row in connection.execute(page).mappings()]
        if not found:
            return
        yield found
        last = found[-1][key]


def _sealed(keyring: Keyring, place: Place, token: str) -> str:
    """MissingKeyError, with nothing changed, when no key of before opens the token."""
    try:
        text = MultiFernet([Fernet(key) for key in keyring.earlier]).decrypt(token.encode()).decode()
    except (InvalidToken, ValueError):
        raise MissingKeyError from None
    return seal(keyring, place, text) if text else ""


def _token(keyring: Keyring, place: Place, envelope: str) -> str:
    return (
        MultiFernet([Fernet(key) for key in keyring.earlier])
        .encrypt(opened(keyring, place, envelope).encode())
        .decode()
    )
