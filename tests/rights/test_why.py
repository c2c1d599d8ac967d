"""The "Why?" page: all five, in words first, readable without colour, and only for the author."""

import json
from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select, text

from lti_tool import audit
from lti_tool.errors import NotFoundError
from lti_tool.ingest.tables import Post
from lti_tool.insights import service as insights
from lti_tool.insights.snapshot import Finding, Place, SnapshotBody
from lti_tool.jobs import Job, service
from lti_tool.jobs.worker import Worker
from lti_tool.review.tables import Answer
from lti_tool.rights import training_use
from lti_tool.rights import why as reasons
from lti_tool.rights.viewing import READ_BY_STAFF
from lti_tool.scoring import attribution
from lti_tool.scoring.serving import shown_version
from lti_tool.scoring.tables import Explanation
from model import attribution as model_attribution

from .conftest import CONFUSED, NEW, PLAIN, SHORT, SPANISH, WRITTEN, logits

NOW = datetime.now(UTC)
ONLY = frozenset({attribution.JOB})


def place(words, part):
    start = words.index(part)
    return model_attribution.Passage(start, start + len(part), 0.5)


@pytest.fixture
def explained(writer, database, settings, monkeypatch):
    """The search was made, by a stand-in for the network."""

    def explain(scorer, words, labels):
        found = model_attribution.Explanation(
            (place(words, "do not see why"), place(words, "left out")), (place(words, "second"),)
        )
        return dict.fromkeys(labels, found)

    monkeypatch.setattr(model_attribution, "explain", explain)
    monkeypatch.setattr(attribution, "scorer_for", lambda folder: None)
    monkeypatch.setattr(attribution.weights, "path_of", lambda *_: None)
    writer.browser.get(f"texts/{writer.posts[CONFUSED]}/why")
    assert Worker(database, settings, []).run_one(ONLY)
    return LexborHTMLParser(writer.browser.get(f"texts/{writer.posts[CONFUSED]}/why").text)


def words(page):
    return " ".join(page.body.text().split())


def test_p7_the_panel_shows_all_five(writer, database, explained):
    with database.session() as session:
        facts = {"texts": 1, "page": "examples", "role": "instructor"}
        audit.record(session, NOW, READ_BY_STAFF, subject_id=writer.person, facts=facts)
    writer.browser.post(
        f"texts/{writer.posts[CONFUSED]}/wrong", {"sentiment": "positive", "text_hash": "0" * 64}
    )
    page = LexborHTMLParser(writer.browser.get(f"texts/{writer.posts[CONFUSED]}/why").text)
    said = words(page)
    with database.reading() as session:
        version = shown_version(session, writer.course)
    assert f"Its version is {version.id[:8]}." in said
    assert len(page.css("table tbody tr")) == 10
    assert "These words pushed towards “confusion”" in said
    assert "Instructors and teaching assistants: 1 time" in said
    for act in ("You wrote it.", "The model estimated it.", "You said what it means. Labels: positive."):
        assert act in said


def test_p7_u16_passages_are_told_in_words_and_marked_not_by_colour_alone(explained):
    quote = explained.css_first("blockquote.explained")
    assert [mark.text() for mark in quote.css("mark")] == ["do not see why1", "left out2"]
    assert [q.text() for q in explained.css(".because q")] == ["do not see why", "left out", "second"]
    assert "These pushed away from it: second." in words(explained)
    assert quote.attributes["dir"] == "auto"
    assert all(mark.css_first("sup").attributes["aria-hidden"] == "true" for mark in quote.css("mark"))


def test_p7_what_was_found_is_kept_sealed_and_only_as_places(writer, database, explained):
    with database.reading() as session:
        raw = session.execute(text("SELECT found FROM explanations")).scalar_one()
        row = session.scalars(select(Explanation)).one()
        job = session.scalars(select(Job).where(Job.kind == attribution.JOB)).one()
    assert "confusion" not in raw
    assert set(json.loads(row.found)) == {"confusion"}
    assert "see" not in row.found
    assert (job.result, job.payload) == ({"labels": 1}, {})


def test_p7_a_look_queues_one_search_and_the_page_works_meanwhile(writer, database):
    path = f"texts/{writer.posts[CONFUSED]}/why"
    for _ in range(3):
        page = writer.browser.get(path)
    assert page.status_code == 200
    assert "Looking for the words that drove it." in page.text
    assert 'hx-trigger="every 1s"' in page.text
    assert "Look again" in page.text
    with database.reading() as session:
        assert len(session.scalars(select(Job).where(Job.kind == attribution.JOB)).all()) == 1


def test_p7_a_search_that_failed_says_so_and_can_be_repeated(writer, database):
    path = f"texts/{writer.posts[CONFUSED]}/why"
    writer.browser.get(path)
    with database.session() as session:
        service.fail(session.scalars(select(Job).where(Job.kind == attribution.JOB)).one(), NOW, "x", "x")
    assert "could not be found" in writer.browser.get(path).text
    assert writer.browser.post(path).status_code == 303
    assert "Looking for the words" in writer.browser.get(path).text


def test_p7_nothing_is_kept_of_a_text_that_changed_or_of_one_who_withdrew(
    writer, database, settings, monkeypatch
):
    posts = []

    def explain(scorer, own, labels):
        with database.session() as session:
            post = session.get_one(Post, writer.posts[CONFUSED])
            post.text, post.text_hash = "Changed.", "9" * 64
        posts.append(own)
        return dict.fromkeys(labels, model_attribution.Explanation((), ()))

    monkeypatch.setattr(model_attribution, "explain", explain)
    monkeypatch.setattr(attribution, "scorer_for", lambda folder: None)
    monkeypatch.setattr(attribution.weights, "path_of", lambda *_: None)
    writer.browser.get(f"texts/{writer.posts[CONFUSED]}/why")
    assert Worker(database, settings, []).run_one(ONLY)
    assert posts == [CONFUSED]
    with database.reading() as session:
        assert session.scalars(select(Explanation)).all() == []


def test_p7_u16_nobody_asks_why_about_the_text_of_another(writer, other, database):
    for path in ("why", "why/passages"):
        assert writer.browser.get(f"texts/{other.posts[CONFUSED]}/{path}").status_code == 404
    assert writer.browser.post(f"texts/{other.posts[CONFUSED]}/why").status_code == 404
    with pytest.raises(NotFoundError), database.session() as session:
        attribution.ask(session, NOW, writer.person, other.posts[CONFUSED])
    with database.reading() as session:
        assert session.scalars(select(Job).where(Job.kind == attribution.JOB)).all() == []


@pytest.mark.parametrize(
    ("own", "said"),
    [(SHORT, "Too short"), (SPANISH, "This language is not covered yet"), (NEW, "Not estimated yet")],
)
def test_u17_where_the_model_says_nothing_the_page_says_why_and_shows_no_number(writer, own, said):
    page = LexborHTMLParser(writer.browser.get(f"texts/{writer.posts[own]}/why").text)
    assert said in words(page)
    assert not page.css("table, mark, .because")
    assert "%" not in words(page)


def test_u17_numbers_come_on_demand(explained):
    assert explained.css("details.numbers table")
    outside = [node for node in explained.css("main *") if "%" in (node.text(deep=False) or "")]
    assert all(_within(node, "details") for node in outside)


def test_u15_the_text_stands_before_its_labels_and_no_page_judges_the_person(writer, explained):
    said = words(explained)
    assert said.index("I still do not see why") < said.index("confusion")
    for barred in ("you are", "percentile", "rank", "streak", "classmates"):
        assert barred not in said.lower()


def test_p7_the_pieces_are_the_text_again():
    own = "完全不明白。 لا أفهم why"
    cut = reasons.pieces(own, [(7, 9, 0.4), (0, 5, 0.6), (len(own) - 3, len(own), 0.1)])
    assert "".join(piece for piece, _ in cut) == own
    assert [piece for piece, rank in cut if rank] == ["完全不明白", own[7:9], "why"]


def test_p38_findings_that_quote_a_text_are_named_by_both_pages(writer, database):
    finding = Finding(
        id="f",
        label="confusion",
        change="high",
        place=Place("course", "", ""),
        source="forum",
        share="about_half",
        before=None,
        texts=10,
        of=20,
        authors=5,
        certainty="likely",
        next_step="plan_q_and_a",
        trend=(),
        examples=(writer.posts[CONFUSED],),
    )
    with database.session() as session:
        insights.keep(session, NOW, writer.course, None, SnapshotBody("ready", 5, findings=(finding,)))
    assert "among the examples behind these sentences" in writer.browser.get("data").text
    assert "among the examples behind" in writer.browser.get(f"texts/{writer.posts[CONFUSED]}/why").text
    assert "No sentence of the class page" in writer.browser.get(f"texts/{writer.posts[PLAIN]}/why").text


def test_p38_training_use_is_what_the_manifests_say(writer, other, database):
    from lti_tool.retraining import provenance

    with database.session() as session:
        version = shown_version(session, writer.course)
        assert training_use.uses(session, writer.person) == []
        provenance.write(session, version, provenance.subjects_of(session, NOW, [writer.person]), "0" * 64)
    with database.reading() as session:
        assert [use.version_id for use in training_use.uses(session, writer.person)] == [version.id]
        assert training_use.uses(session, other.person) == []
    assert f"version {version.id[:8]}" in writer.browser.get("data").text
    assert "No model has learnt from your texts." in other.browser.get("data").text


def test_p38_the_page_counts_every_table_and_who_looked_by_role(writer, database):
    with database.session() as session:
        for role, times in (("instructor", 3), ("administrator", 1)):
            for _ in range(times):
                facts = {"texts": 2, "page": "review", "role": role}
                audit.record(session, WRITTEN, READ_BY_STAFF, subject_id=writer.person, facts=facts)
        session.add(
            Answer(
                course_id=writer.course, post_id=writer.posts[PLAIN], person_id=writer.person,
                annotator_id=writer.person, annotator_role="student", kind="labels",
                labels={"sentiment": "positive"}, text_hash="1" * 64, answered_at=NOW,
            )
        )  # fmt: skip
    page = LexborHTMLParser(writer.browser.get("data").text)
    lines = {
        row.css_first("dt").text(strip=True): row.css_first("dd").text(strip=True)
        for row in page.css(".summary-list > div")
    }
    assert lines["Texts of yours"] == "5"
    assert lines["Estimates for them"] == "2"
    assert lines["Instructors and teaching assistants"] == "3 times"
    assert lines["Administrators"] == "1 time"
    table = [[cell.text(strip=True) for cell in row.css("th, td")] for row in page.css("tbody tr")]
    assert all(said for said, _ in table)
    assert writer.person not in page.html


def test_u18_the_list_can_be_narrowed(writer):
    def listed(which):
        page = LexborHTMLParser(writer.browser.get(f"texts?which={which}").text)
        return [quote.text(strip=True) for quote in page.css("ol blockquote")]

    assert len(listed("all")) == len(listed("forum")) == len(listed("nonsense")) == 5
    assert listed("reflection") == listed("contested") == []
    path = f"texts/{writer.posts[CONFUSED]}/wrong"
    writer.browser.post(path, {"sentiment": "positive", "text_hash": "0" * 64})
    assert listed("contested") == [CONFUSED]


def test_the_labels_to_explain_are_those_that_are_shown():
    from model.decision import UNCALIBRATED, read

    two = read(UNCALIBRATED, logits(confusion=2.0, frustration=4.0, boredom=1.5))
    assert attribution.labels_to_explain(two) == ("frustration", "confusion")
    assert attribution.labels_to_explain(read(UNCALIBRATED, logits(neutral=3.0))) == ("neutral",)


def _within(node, tag):
    while node is not None:
        if node.tag == tag:
            return True
        node = node.parent
    return False
