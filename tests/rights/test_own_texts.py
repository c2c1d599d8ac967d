"""The student's own page and "This is wrong"."""

import re

import pytest
from flask import url_for
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from lti_tool.review.tables import Answer

from .conftest import CONFUSED, NEW, PLAIN, SHORT, SPANISH

WITHOUT_ESTIMATE = {
    "consent.mine",
    "consent.saved",
    "consent.stuck",
    "launch_pages.information",
    "rights.my_data",
    "rights.download",
    "rights.download_tables",
    "rights.confirm_erasing",
    "rights.confirm_erasing_all",
    "rights.confirm_pause",
    "rights.objection",
}
PIECES = {"rights.passages": "rights.why"}
"""Pieces that a page fetches into itself, and the page, which has the note."""
BARRED = re.compile(r"\byou are\b|\byou're\b|percentile|\brank(s|ed|ing)?\b|classmates|streak", re.I)


def shown(writer, text):
    page = LexborHTMLParser(writer.browser.get("texts").text)
    return page.css_first(f"#text-{writer.posts[text]}")


def said(writer, **fields):
    return {"sentiment": "positive", "text_hash": "0" * 64, **fields}


def answers(database):
    with database.reading() as session:
        return session.scalars(select(Answer)).all()


def test_own_texts_stand_newest_first_with_their_words_before_the_labels(writer):
    page = LexborHTMLParser(writer.browser.get("texts").text)
    texts = [quote.text(strip=True) for quote in page.css("blockquote")]
    assert texts == [CONFUSED, PLAIN, SPANISH, SHORT, NEW]
    own = page.css_first(f"#text-{writer.posts[CONFUSED]}").html
    assert own.index(CONFUSED) < own.index("may read as")


def test_labels_are_hedged_and_say_how_sure_they_are(writer):
    chips = [chip.text() for chip in shown(writer, CONFUSED).css(".label-chip")]
    assert [" ".join(chip.split()) for chip in chips] == ["may read as confused · likely"]
    assert "neutral or balanced" in shown(writer, PLAIN).text()


def test_the_note_that_it_can_be_wrong_stands_above_the_texts(writer):
    page = writer.browser.get("texts").text
    assert page.index("Automatic estimate from text. It can be wrong.") < page.index(CONFUSED)


def test_every_page_but_those_without_an_estimate_says_that_it_can_be_wrong(writer):
    """A page that is new stands here by itself; one that shows no estimate is added to WITHOUT_ESTIMATE by hand."""
    shown = pages(writer)
    assert {"rights.my_texts", "rights.wrong", "rights.how"} <= shown.keys()
    without = {endpoint for endpoint, page in shown.items() if "Automatic estimate from text" not in page}
    assert without == WITHOUT_ESTIMATE | PIECES.keys()
    assert not without & set(PIECES.values())
    assert not [endpoint for endpoint in WITHOUT_ESTIMATE if "label-chip" in shown[endpoint]]


def pages(writer):
    """What the student sees at every address of the map that one may get, by its endpoint."""
    browser, found = writer.browser, {}
    known = {"launch_id": browser.launch_id, "post_id": writer.posts[CONFUSED], "course_id": writer.course}
    with browser.client.application.test_request_context():
        for rule in browser.client.application.url_map.iter_rules():
            if "GET" in rule.methods and "launch_id" in rule.arguments:
                given = {name: known.get(name, "1") for name in rule.arguments}
                found[rule.endpoint] = browser.get(url_for(rule.endpoint, **given))
    # A launch through the course's own link has no reflection, and nothing is being erased.
    needing = ("reflections.", "rights.erasure", "receipts.")
    answers = {page.status_code for name, page in found.items() if not name.startswith(needing)}
    assert answers == {200, 302, 403}
    return {
        name: page.data.decode("utf-8", "replace") for name, page in found.items() if page.status_code == 200
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SPANISH, "This language is not covered yet, so it was not estimated."),
        (SHORT, "Too short"),
        (NEW, "Not estimated yet."),
    ],
)
def test_a_text_without_an_estimate_says_why_and_shows_no_label(writer, text, words):
    row = shown(writer, text)
    assert words in row.text()
    assert not row.css(".label-chip")


def test_each_text_leads_to_its_original_in_a_new_window(writer):
    link = shown(writer, CONFUSED).css_first("a[target=_blank]")
    assert link.attributes["href"] == "https://lms.example/mod/forum/discuss.php?d=7"
    assert link.attributes["rel"] == "noopener noreferrer"


def test_the_form_starts_with_what_is_shown(writer):
    page = LexborHTMLParser(writer.browser.get(f"texts/{writer.posts[CONFUSED]}/wrong").text)
    assert {box.attributes["value"] for box in page.css("input[checked]")} == {"negative", "confusion"}
    assert len(page.css("input[name=labels]")) == 7


def test_saying_it_is_wrong_shows_both_at_once(writer, database):
    path = f"texts/{writer.posts[CONFUSED]}/wrong"
    labels = {"labels": ["satisfaction"], "comment": "It was irony."}
    answer = writer.browser.post(path, said(writer, **labels))
    assert answer.status_code == 303
    row = " ".join(shown(writer, CONFUSED).text().split())
    assert "may read as confused" in row
    assert "You say: satisfied." in row
    (stored,) = answers(database)
    assert (stored.annotator_role, stored.comment, stored.person_id) == (
        "student",
        "It was irony.",
        writer.person,
    )
    assert "Your word counts." in writer.browser.client.get(answer.location).text


def test_the_own_word_can_be_changed_and_the_form_remembers_it(writer, database):
    path = f"texts/{writer.posts[CONFUSED]}/wrong"
    writer.browser.post(path, said(writer, labels=["satisfaction"]))
    page = LexborHTMLParser(writer.browser.get(path).text)
    assert {box.attributes["value"] for box in page.css("input[checked]")} == {"positive", "satisfaction"}
    writer.browser.post(path, said(writer, labels=["boredom"]))
    assert "You say: bored." in " ".join(shown(writer, CONFUSED).text().split())
    assert len(answers(database)) == 2


def test_the_comment_stands_with_the_text_whole_and_in_the_form_for_its_author(writer, database):
    path = f"texts/{writer.posts[CONFUSED]}/wrong"
    comment = "<i>Irony</i>\r\n" + "x" * (1000 - len("<i>Irony</i>\n"))
    writer.browser.post(path, said(writer, labels=["boredom"], comment=comment))
    kept = comment.replace("\r\n", "\n")
    own = shown(writer, CONFUSED).css_first(".own-comment blockquote")
    assert (own.text(), own.attributes["dir"]) == (kept, "auto")
    form = LexborHTMLParser(writer.browser.get(path).text)
    assert form.css_first("textarea").text() == kept
    assert "only you see it" in form.css_first("label.comment").text()
    writer.browser.post(path, said(writer, comment="The newest."))
    assert shown(writer, CONFUSED).css_first(".own-comment blockquote").text() == "The newest."


def test_the_date_of_the_model_says_what_it_is_the_date_of(writer):
    for path in ("texts", "how-often-wrong"):
        assert "the model that came with this tool, installed here on" in writer.browser.get(path).text


def test_without_a_sentiment_nothing_is_saved_and_the_form_keeps_the_rest(writer, database):
    path = f"texts/{writer.posts[CONFUSED]}/wrong"
    fields = said(writer, labels=["boredom"], comment="Kept.") | {"sentiment": ""}
    answer = writer.browser.post(path, fields)
    assert answer.status_code == 422
    page = LexborHTMLParser(answer.text)
    assert {box.attributes["value"] for box in page.css("input[checked]")} == {"boredom"}
    assert page.css_first("textarea").text() == "Kept."
    assert page.css_first(page.css_first("#problems a").attributes["href"])
    assert answers(database) == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"labels": ["anger"]}, 400), ({"text_hash": "9" * 64}, 409)],
)
def test_an_unknown_label_or_a_text_changed_meanwhile_saves_nothing(writer, database, fields, status):
    path = f"texts/{writer.posts[CONFUSED]}/wrong"
    assert writer.browser.post(path, said(writer, **fields)).status_code == status
    assert answers(database) == []


def test_nobody_reads_or_contests_the_text_of_another(writer, other, database):
    path = f"texts/{other.posts[CONFUSED]}/wrong"
    assert writer.browser.get(path).status_code == 404
    assert writer.browser.post(path, said(writer)).status_code == 404
    assert "Somebody else" not in writer.browser.get("texts").text
    assert answers(database) == []


def test_after_stopping_there_is_no_text_left_to_show(writer):
    writer.browser.post("choices/a", {"value": "no"})
    assert writer.browser.get("texts").location.endswith("/student")
    assert writer.browser.get(f"texts/{writer.posts[CONFUSED]}/wrong").status_code == 404


def test_a_long_list_comes_in_pages(writer, monkeypatch):
    monkeypatch.setattr("lti_tool.rights.views.PER_PAGE", 2)
    first = LexborHTMLParser(writer.browser.get("texts").text)
    assert len(first.css("blockquote")) == 2
    older = first.css_first("nav.button-row a").attributes["href"]
    second = LexborHTMLParser(writer.browser.client.get(older).text)
    assert [quote.text(strip=True) for quote in second.css("blockquote")] == [SPANISH, SHORT]


def test_the_page_describes_texts_and_never_the_person(writer):
    writer.browser.post(f"texts/{writer.posts[CONFUSED]}/wrong", said(writer, labels=["toxicity"]))
    for path in ("texts", f"texts/{writer.posts[CONFUSED]}/wrong", "how-often-wrong", "data"):
        text = LexborHTMLParser(writer.browser.get(path).text).body.text()
        assert not BARRED.search(text), BARRED.search(text)


def test_the_figures_of_the_model_are_told_where_they_were_measured(writer):
    page = LexborHTMLParser(writer.browser.get("how-often-wrong").text)
    rows = [[cell.text(strip=True) for cell in row.css("th, td")] for row in page.css("tbody tr")]
    assert rows == [["positive, neutral or negative", "71", "400"], ["confusion", "66", "380"]]


def test_markup_in_a_text_is_shown_as_text(writer, database):
    from lti_tool.ingest.tables import Post

    with database.session() as session:
        session.get_one(Post, writer.posts[PLAIN]).text = "<script>alert(1)</script> & <b>bold</b>"
    page = writer.browser.get("texts").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in page
