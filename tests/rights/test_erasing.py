"""Erasing one text, all, or a person; ten seconds to take it back; nothing comes back by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select, text

from lti_tool.audit.tables import AuditEvent
from lti_tool.consent import service as consent
from lti_tool.consent.tables import TrainingWithdrawal
from lti_tool.errors import NotFoundError
from lti_tool.ingest import writing
from lti_tool.ingest.drafts import Draft
from lti_tool.ingest.tables import Activity, ErasedPost, Post
from lti_tool.insights.material import gather
from lti_tool.jobs import Job, service
from lti_tool.jobs.worker import Worker
from lti_tool.launch.tables import Course, Person, PersonKey
from lti_tool.review import service as review
from lti_tool.review.pool import corrections
from lti_tool.review.tables import Answer
from lti_tool.rights import erasing, export
from lti_tool.rights.tables import Erasure
from lti_tool.schedule import load_tasks
from lti_tool.scoring.serving import shown_version
from lti_tool.scoring.tables import Score
from lti_tool.storage import Base

from .conftest import CONFUSED, PLAIN, WRITTEN

NOW = datetime.now(UTC)
LATER = NOW + erasing.WINDOW
ONLY = frozenset({erasing.JOB})


def ask(database, writer, scope="text", post=CONFUSED, now=NOW):
    with database.session() as session:
        return erasing.ask(session, now, writer.person, writer.course, scope, writer.posts[post])


def finish(database, writer, erasure, now=LATER):
    with database.session() as session:
        return erasing.finish(session, now, writer.person, erasure.id, "en")


def texts(database, writer):
    with database.reading() as session:
        return {post.text for post in session.scalars(select(Post).where(Post.person_id == writer.person))}


def count(database, mapped):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(mapped))


def contested(database, writer, post=CONFUSED):
    with database.session() as session:
        review.contest(session, NOW, writer.posts[post], writer.person, {"sentiment": "positive"})


def pull(database, writer, index, words=CONFUSED):
    """What the next reading of the LMS would write for a text it still shows there."""
    draft = Draft(
        external_index=index,
        person_id=writer.person,
        moment=NOW + timedelta(days=1),
        thread_index=None,
        title=None,
        text=words,
        text_hash="0" * 64,
        source_hash="",
        title_source_hash="",
        language="en",
        written_at=WRITTEN,
        edited_at=None,
        url="",
    )
    with database.session() as session:
        activity = session.scalars(select(Activity.id)).first()
        counts = writing.Counts()
        writing.write_batch(session, NOW, writer.course, activity, [draft], trainable=True, counts=counts)
        return counts.new


def test_u18_a_text_is_hidden_everywhere_at_once(writer, database, settings):
    contested(database, writer)
    asked = ask(database, writer)
    assert CONFUSED not in writer.browser.get("texts").text
    assert writer.browser.get(f"texts/{writer.posts[CONFUSED]}/why").status_code == 404
    with database.session() as session:
        course = session.get_one(Course, writer.course)
        assert CONFUSED not in {
            t.words for t in gather(session, course, shown_version(session, course.id)).texts
        }
        assert writer.posts[CONFUSED] not in {one.post.id for one in review.queue(session, NOW, course.id)}
        assert CONFUSED not in {one.text for one in corrections(session)}
        document = export.everything(session, NOW, writer.person, writer.course)
    assert CONFUSED not in str(document["texts"])
    assert document["tables"]["erasures"][0]["texts"] == 1
    assert asked.due_at - asked.asked_at == timedelta(seconds=10)


def test_u18_undo_brings_back_every_row_as_it_was(writer, database):
    contested(database, writer)
    with database.reading() as session:
        before = export.everything(session, NOW, writer.person, writer.course)
    for scope in ("text", "texts"):
        asked = ask(database, writer, scope)
        with database.session() as session:
            erasing.undo(session, NOW + timedelta(seconds=9), writer.person, asked.id)
        with database.reading() as session:
            after = export.everything(session, NOW, writer.person, writer.course)
        assert {**after, "tables": None} == {**before, "tables": None}
        for name, rows in before["tables"].items():
            assert sorted(map(str, after["tables"][name])) == sorted(map(str, rows)), name
    assert count(database, Erasure) == count(database, ErasedPost) == 0


def test_p41_u18_after_ten_seconds_it_is_in_no_store_and_undo_comes_too_late(writer, database):
    contested(database, writer)
    asked = ask(database, writer)
    assert finish(database, writer, asked, NOW + timedelta(seconds=9)) == 0
    assert finish(database, writer, asked) == 1
    with pytest.raises(erasing.TooLateError), database.session() as session:
        erasing.undo(session, LATER, writer.person, asked.id)
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name == "jobs":
                continue
            for row in session.execute(text(f"SELECT * FROM {table.name}")):
                assert writer.posts[CONFUSED] not in map(str, row), table.name
    assert texts(database, writer) == set(writer.posts) - {CONFUSED}
    assert count(database, Answer) == 0
    assert count(database, Score) == 1


def test_p41_an_erased_text_does_not_come_back_with_the_next_pull(writer, database):
    index = f"{writer.person}-0"
    asked = ask(database, writer)
    assert pull(database, writer, index) == 0
    finish(database, writer, asked)
    assert pull(database, writer, index) == 0
    assert pull(database, writer, "another", "A new text of mine.") == 1
    with database.session() as session:
        consent.save(session, NOW, writer.person, writer.course, consent.DECLINED, "en")
    assert count(database, ErasedPost) == 0


def test_p41_an_undone_text_is_read_and_edited_again(writer, database):
    asked = ask(database, writer)
    with database.session() as session:
        erasing.undo(session, NOW, writer.person, asked.id)
    assert count(database, ErasedPost) == 0
    assert CONFUSED in texts(database, writer)


def test_p41_a_server_that_was_killed_erases_when_it_is_back(writer, database, settings):
    load_tasks()
    past = NOW - timedelta(minutes=1)
    asked = ask(database, writer, now=past)
    with database.session() as session:
        assert service.claim(session, past + timedelta(seconds=9), "w", ONLY) is None
        taken = service.claim(session, past + timedelta(seconds=10), "killed", ONLY)
        taken.heartbeat_at = past
    assert Worker(database, settings, []).run_one(ONLY)
    with database.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == erasing.JOB)).one()
        assert (job.state, job.key, job.result, job.attempts) == ("done", asked.id, {"texts": 1}, 2)
    assert count(database, Erasure) == 0


def test_p41_erasing_all_texts_leaves_the_choices(writer, other, database):
    asked = ask(database, writer, "texts")
    assert asked.texts == len(writer.posts)
    finish(database, writer, asked)
    assert texts(database, writer) == set()
    assert len(texts(database, other)) == len(other.posts)
    with database.reading() as session:
        assert consent.choices(session, writer.person).a
        left = {name for name, rows in export.counts(session, writer.person).items() if rows}
    assert not left & {"posts", "scores", "answers", "explanations", "erasures", "reflection_texts"}


def test_p41_forgetting_a_person_ends_with_a_ledger_that_leads_to_nobody(writer, database):
    contested(database, writer)
    asked = ask(database, writer, "person")
    finish(database, writer, asked)
    with database.reading() as session:
        assert session.get(PersonKey, writer.person) is None
        assert session.get(Person, writer.person) is None
        held = {name for name, rows in export.counts(session, writer.person).items() if rows}
    assert held == {"consent_events"}
    assert writer.browser.get("texts").status_code in (401, 403, 404)


@pytest.mark.parametrize("scope", erasing.SCOPES)
def test_p17_p41_models_that_may_have_learnt_from_what_is_erased_have_to_go(writer, database, scope):
    writer.browser.post("choices/c", {"value": "yes"})
    contested(database, writer)
    asked = ask(database, writer, scope)
    assert left_training(database) == set(), "it can still be taken back"
    finish(database, writer, asked)
    assert left_training(database) == {writer.person}


@pytest.mark.parametrize(("granted", "labelled"), [(False, True), (True, False)])
def test_p17_p41_what_no_model_could_have_learnt_from_makes_none_go(writer, database, granted, labelled):
    if granted:
        writer.browser.post("choices/c", {"value": "yes"})
    if labelled:
        contested(database, writer)
    finish(database, writer, ask(database, writer))
    assert left_training(database) == set()


def left_training(database):
    with database.reading() as session:
        return set(session.scalars(select(TrainingWithdrawal.person_id)))


def test_p41_who_withdraws_meanwhile_has_nothing_left_to_bring_back(writer, database):
    asked = ask(database, writer, "texts")
    writer.browser.post("choices/a", {"value": "no"})
    assert count(database, Erasure) == 0
    with pytest.raises(erasing.TooLateError), database.session() as session:
        erasing.undo(session, NOW, writer.person, asked.id)
    assert finish(database, writer, asked) == 0


def test_u18_a_double_click_asks_once_and_another_text_apart(writer, database):
    first, second = ask(database, writer), ask(database, writer)
    assert first.id == second.id
    assert ask(database, writer, post=PLAIN).id != first.id
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(Job.kind == erasing.JOB)) == 2


def test_p41_nobody_erases_or_brings_back_what_is_anothers(writer, other, database):
    for path in (f"texts/{other.posts[CONFUSED]}/erase", f"texts/{other.posts[CONFUSED]}/why"):
        assert writer.browser.get(path).status_code == 404
    assert writer.browser.post(f"texts/{other.posts[CONFUSED]}/erase").status_code == 404
    asked = ask(database, other)
    assert writer.browser.get(f"data/erasures/{asked.id}").status_code == 404
    assert writer.browser.post(f"data/erasures/{asked.id}/undo").status_code == 404
    assert count(database, Erasure) == 1
    with database.reading() as session:
        refused = session.scalars(select(AuditEvent).where(AuditEvent.event == "access_refused")).all()
    assert [row.actor_id for row in refused] == [writer.person] * 5


def test_u18_the_pages_say_what_happens_and_lead_to_undo(writer, database):
    confirm = writer.browser.get(f"texts/{writer.posts[CONFUSED]}/erase").text
    assert "For ten seconds you can bring it back." in confirm
    assert "The original stays in the course" in confirm
    answer = writer.browser.post(f"texts/{writer.posts[CONFUSED]}/erase")
    assert answer.status_code == 303
    page = LexborHTMLParser(writer.browser.client.get(answer.location).text)
    form = page.css_first("form[action$=undo]")
    assert "1 text is hidden." in " ".join(page.css_first(".notice-undo").text().split())
    for path in ("texts", "data"):
        assert LexborHTMLParser(writer.browser.get(path).text).css_first(".notice-undo form")
    assert writer.browser.post(form.attributes["action"]).status_code == 303
    assert "Brought back." in writer.browser.client.get(answer.location).text
    assert CONFUSED in writer.browser.get("texts").text


def test_u18_erasing_everything_needs_a_choice_of_how_far(writer, database):
    answer = writer.browser.post("data/erase", {})
    assert answer.status_code == 422
    assert "Nothing is erased yet." in answer.text
    assert count(database, Erasure) == 0
    asked = writer.browser.post("data/erase", {"scope": "texts"})
    assert asked.status_code == 303
    assert "No texts yet" in writer.browser.get("texts").text


def test_p41_a_text_written_in_the_tool_goes_with_what_was_typed(writer, database):
    from lti_tool.reflections.tables import Reflection, ReflectionText

    with database.session() as session:
        activity = session.scalars(select(Activity)).one()
        row = Reflection(
            course_id=writer.course,
            link_key="k",
            activity_id=activity.id,
            title="Week 3",
            prompt="?",
            otherwise="",
            closes_at=LATER,
            zone="UTC",
        )
        session.add(row)
        session.flush()
        session.add(
            ReflectionText(
                reflection_id=row.id, person_id=writer.person, text="Typed here.", version="1", saved_at=NOW
            )
        )
    asked = ask(database, writer)
    assert count(database, ReflectionText) == count(database, ErasedPost) == 0
    with database.session() as session:
        erasing.undo(session, NOW, writer.person, asked.id)
    with database.reading() as session:
        assert session.scalars(select(ReflectionText)).one().text == "Typed here."


def test_erasing_a_text_that_is_gone_is_refused(writer, database):
    with pytest.raises(NotFoundError), database.session() as session:
        erasing.ask(session, NOW, writer.person, writer.course, "text", "nothing")
