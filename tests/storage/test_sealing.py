"""Fields at rest: sealed, bound to where they stand, and loud when something does not fit (P28, P35)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import aliased

from lti_tool.ingest.tables import Post
from lti_tool.launch.tables import Course, PersonKey
from lti_tool.review.tables import Answer
from lti_tool.storage import Database, Keyring, bound, new_id, opened, use_keyring
from lti_tool.storage import envelope as envelopes
from lti_tool.storage.envelope import MisplacedFieldError, Place
from lti_tool.storage.keyring import MissingKeyError
from lti_tool.storage.sealing import sealed_classes
from tests.classroom import Classroom
from tests.storage.conftest import SECRET, everything

RING = Keyring.generate()
PLACE = Place("posts", "text", "1" * 32, "2" * 32)
ELSEWHERE = [
    PLACE._replace(table="answers"),
    PLACE._replace(column="title"),
    PLACE._replace(row="3" * 32),
    PLACE._replace(institution_id="3" * 32),
    PLACE._replace(institution_id=""),
    Place("post", "stext", "1" * 32, "2" * 32),
]


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.builds(Place, *[st.text(st.characters(exclude_categories=["Cs"]))] * 4),
)
def test_p35_any_text_comes_back_from_where_it_was_sealed(said, place):
    sealed = envelopes.seal(RING, place, said)
    assert envelopes.opened(RING, place, sealed) == said
    assert envelopes.seal(RING, place, said) != sealed


@pytest.mark.parametrize("place", ELSEWHERE)
def test_p35_an_envelope_opens_nowhere_else(place):
    sealed = envelopes.seal(RING, PLACE, SECRET)
    with pytest.raises(MisplacedFieldError):
        envelopes.opened(RING, place, sealed)


def test_p35_an_envelope_with_any_letter_changed_is_refused():
    sealed = envelopes.seal(RING, PLACE, "short")
    for at, letter in enumerate(sealed):
        for other in ("A" if letter != "A" else "B", ""):
            changed = sealed[:at] + other + sealed[at + 1 :]
            with pytest.raises((MisplacedFieldError, MissingKeyError)):
                envelopes.opened(RING, PLACE, changed)


@given(st.text())
def test_p35_what_is_no_envelope_is_refused(said):
    with pytest.raises((MisplacedFieldError, MissingKeyError)):
        envelopes.opened(RING, PLACE, said)


def test_p35_a_key_id_that_was_changed_to_that_of_another_key_is_refused():
    both = RING.with_new("fields")
    sealed = envelopes.seal(RING, PLACE, SECRET)
    forged = sealed.replace(RING.current_field_id, both.current_field_id)
    with pytest.raises(MisplacedFieldError):
        envelopes.opened(both, PLACE, forged)


def read(database: Database, post_id: str) -> str:
    with database.reading() as session:
        return session.get_one(Post, post_id).text


def raw(database, table, column, row):
    with database.reading() as session:
        return session.scalar(text(f"SELECT {column} FROM {table} WHERE id = :row"), {"row": row})


def put(database, table, column, row, value):
    with database.session() as session:
        session.execute(
            text(f"UPDATE {table} SET {column} = :value WHERE id = :row"), {"row": row, "value": value}
        )


def two_posts(database):
    with database.session() as session:
        room = Classroom(session)
        activity = room.activity("Week 1")
        return [room.post(room.person("A"), activity, said, title=f"of {said}").id for said in ("one", "two")]


def test_p35_two_fields_swapped_between_rows_fail_loudly(sealed):
    first, second = two_posts(sealed)
    held = [raw(sealed, "posts", "text", post) for post in (first, second)]
    put(sealed, "posts", "text", first, held[1])
    put(sealed, "posts", "text", second, held[0])
    for post in (first, second):
        with pytest.raises(MisplacedFieldError):
            read(sealed, post)
    with pytest.raises(MisplacedFieldError), sealed.reading() as session:
        session.scalars(select(opened(Post.text))).all()
    put(sealed, "posts", "text", first, held[0])
    assert read(sealed, first) == "one"


def test_p35_two_fields_swapped_between_columns_fail_loudly(sqlite):
    first, _ = two_posts(sqlite)
    put(sqlite, "posts", "text", first, raw(sqlite, "posts", "title", first))
    with pytest.raises(MisplacedFieldError):
        read(sqlite, first)


def test_p35_a_field_of_another_table_fails_loudly_even_under_the_same_id(sqlite):
    made = everything(sqlite)
    with sqlite.session() as session:
        answer = session.scalars(select(Answer)).one().id
        session.execute(text("UPDATE answers SET id = :id"), {"id": made["post"]})
    put(sqlite, "posts", "text", made["post"], raw(sqlite, "answers", "comment", made["post"]))
    with pytest.raises(MisplacedFieldError):
        read(sqlite, made["post"])
    assert answer != made["post"]


def test_p35_a_row_moved_to_another_institution_fails_loudly(sealed):
    post, _ = two_posts(sealed)
    with sealed.session() as session:
        elsewhere = Classroom(session).course_id
    put(sealed, "posts", "course_id", post, elsewhere)
    with pytest.raises(MisplacedFieldError):
        read(sealed, post)


def test_p35_every_sealed_field_is_opened_for_its_readers_and_none_is_in_the_dump(sealed):
    made = everything(sealed)
    assert made
    with sealed.reading() as session:
        for one in sealed_classes():
            for row in session.scalars(select(one.mapper.class_)):
                assert all(isinstance(getattr(row, key), str | None) for key in one.keys), one.mapper
        key = session.scalars(select(PersonKey)).one()
        assert (key.lms_user_id, key.subject) == (f"id-{SECRET}", f"sub-{SECRET}")
        held = dump(session)
    assert SECRET not in held
    assert held.count("u1.") >= 17


def dump(session):
    from lti_tool.storage import Base

    rows = (
        session.execute(text(f"SELECT * FROM {table.name}")).all() for table in Base.metadata.sorted_tables
    )
    return "\n".join(repr(row) for found in rows for row in found)


def test_p35_only_the_tools_own_keys_belong_to_no_institution():
    free = {one.mapper.local_table.name for one in sealed_classes() if one.institution_key is None}
    assert free == {"tool_keys"}


def test_p35_a_write_that_knows_no_row_is_refused(sqlite):
    post, _ = two_posts(sqlite)
    with pytest.raises(StatementError, match="bound"), sqlite.session() as session:
        session.execute(update(Post).where(Post.id == post).values(text="x"))
    assert read(sqlite, post) == "one"


def test_p35_a_column_selected_without_its_row_is_no_text(sqlite):
    two_posts(sqlite)
    with sqlite.reading() as session:
        for found in session.scalars(select(Post.text)):
            with pytest.raises(TypeError, match="opened"):
                str(found)
        other = aliased(Post)
        assert sorted(session.scalars(select(opened(other.text)))) == ["one", "two"]
        assert {row.text for row in session.scalars(select(other))} == {"one", "two"}


def test_p35_a_bulk_write_binds_each_row(sealed):
    post, _ = two_posts(sealed)
    with sealed.session() as session:
        like = session.get_one(Post, post)
        home = session.get_one(Course, like.course_id).institution_id
        values = {column.name: getattr(like, column.name) for column in Post.__table__.columns}
        rows = [
            values | {"id": None, "external_index": new_id(), "text": said} for said in ("three", "four", "")
        ]
        session.execute(insert(Post), [bound(Post, row, home) for row in rows])
    with sealed.reading() as session:
        assert {row.text for row in session.scalars(select(Post))} == {"one", "two", "three", "four", ""}


def test_p35_a_row_that_was_written_changed_and_read_again_in_one_session_reads_alike(sealed):
    post, _ = two_posts(sealed)
    with sealed.session() as session:
        row = session.get_one(Post, post)
        row.text, row.title = "changed", None
        session.flush()
        session.refresh(row)
        assert (row.text, row.title) == ("changed", None)
        session.expire(row)
        assert row.text == "changed"
        row.url = "https://lms.example/7"
    with sealed.reading() as session:
        row = session.get_one(Post, post)
        assert (row.text, row.title, row.url) == ("changed", None, "https://lms.example/7")


def test_p35_a_missing_key_is_loud_and_says_so(sqlite):
    post, _ = two_posts(sqlite)
    use_keyring(Keyring.generate())
    with pytest.raises(MissingKeyError, match="missing"):
        read(sqlite, post)


def test_s34_a_keyring_shows_no_key():
    shown = repr(RING) + str(RING)
    assert not any(
        key.hex() in shown or repr(key)[2:-1] in shown
        for use in ("fields", "pseudonyms", "sessions", "receipts")
        for key in RING.of(use)
    )


def test_p35_a_row_that_a_delete_returns_is_opened_too(sealed):
    first, _ = two_posts(sealed)
    with sealed.session() as session:
        gone = session.scalar(delete(Post).where(Post.id == first).returning(Post))
        assert (gone.text, gone.title) == ("one", "of one")
