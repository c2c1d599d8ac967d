"""Every page of the application, asked for by its owner: who is told of, what is put on record (P5, P48).

The pages are the application's own addresses, with the objects of `tests/launch`: a new page is asked for as soon as
there is one, and one that names an object which nobody has prepared fails there.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool.audit import looking
from lti_tool.audit.tables import AuditEvent
from lti_tool.ingest.tables import Post
from tests.launch.matrix import Page, owners
from tests.launch.tenants import WORDS, Seat, Tenants, tenants
from tests.launch.test_tenants import in_turn

STAFF = ("instructor", "administrator")
REVIEW = {"documents.views", "documents.views_csv"}
"""Pages that list ids of people to whoever watches over data protection; to read them is on record itself."""
LABEL = re.compile(
    r'class="(?:label-chip|sparkline|level)|data-chart=|>Probability<'
    r'|name="(?:labels|sentiment)"[^>]* checked'
)
"""What shows that something was estimated: a label, a chart of labels, a line of them, a form that holds them."""
NOTE = "Automatic estimate from text. It can be wrong."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    with tenants(tmp_path_factory.mktemp("every_page")) as world:
        yield world


def authors_of(made: Tenants) -> dict[str, str]:
    """The word in each student's texts → their id."""
    with made.database.reading() as session:
        posts = session.scalars(select(Post)).all()
    found = ((re.search(f"{WORDS['ours']}[0-9]+", post.text or ""), post) for post in posts)
    return {word[0]: post.person_id for word, post in found if word}


def test_p48_every_page_of_staff_that_shows_a_person_puts_one_row_per_person_on_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, showing, faults = 0, set[str](), []
    with tenants(tmp_path) as made:
        authors = authors_of(made)
        for page, owner in sorted(prepared(made), key=in_turn):
            if owner.role not in STAFF:
                continue
            asked += 1
            before = len(made.log())
            text = said(made, page, owner)
            rows = made.log()[before:]
            shown = {authors[word] for word in authors if re.search(rf"\b{word}\b", text)}
            showing |= {page.endpoint} if shown else set()
            faults += [f"{page}, as {owner.role}: {fault}" for fault in wrong(page, owner, shown, text, rows)]
    with capsys.disabled():
        print(f"\n{asked} pages of staff; texts of persons on {', '.join(sorted(showing))}")
    assert faults == []
    assert {"insights.overview", "insights.reflections", "insights.forums", "review.item"} <= showing


def prepared(made: Tenants) -> list[tuple[Page, Seat]]:
    """Each page with its owner; those that name an object without an example fail in `test_tenants`."""
    return [(page, owner) for page, owner in owners(made) if page.objects <= set(owner.objects)]


def said(made: Tenants, page: Page, owner: Seat) -> str:
    """What the owner reads there; nothing of a packed file."""
    path, _query, form = page.request(owner, owner.objects)
    with made.ask(owner, page.method, path, {}, form) as answer:
        return answer.text if answer.mimetype.startswith(("text/", "application/json")) else ""


def wrong(page: Page, owner: Seat, shown: set[str], text: str, rows: list[AuditEvent]) -> Iterator[str]:
    """What is not on record of those who are shown, or on record of somebody who is not."""
    looks = [row for row in rows if row.event == looking.LOOKED]
    about = [row.subject_id for row in looks]
    if sorted(about) != sorted(shown):
        yield f"shows {len(shown)} people and records {len(about)}"
    for row in looks:
        told = (row.actor_id, row.course_id, row.facts.get("role"), row.facts.get("texts", 0) > 0)
        if told != (owner.person_id, owner.objects["course_id"], owner.role, True) or not row.facts.get(
            "page"
        ):
            yield f"records {told}"
    if page.endpoint not in REVIEW and any(f"{person}" in text for person in shown):
        yield "holds the id of a student"


def test_p48_no_page_but_the_review_of_views_holds_an_id_of_a_student(made: Tenants) -> None:
    found, authors = set[str](), authors_of(made)
    for page, owner in prepared(made):
        if owner.role in STAFF and page.method == "GET":
            text = said(made, page, owner)
            found |= {page.endpoint} if any(person in text for person in authors.values()) else set()
    assert found <= REVIEW


def test_p5_every_page_with_a_score_says_first_that_it_is_an_estimate(
    made: Tenants, capsys: pytest.CaptureFixture[str]
) -> None:
    scored, faults = set[str](), []
    for page, owner in prepared(made):
        if page.method != "GET":
            continue
        body = said(made, page, owner).partition("<main")[2]
        first = LABEL.search(body)
        if first is None:
            continue
        scored.add(page.endpoint)
        if not 0 <= body.find(NOTE) < first.start():
            faults.append(
                f"{page}, as {owner.role}: no note before {body[first.start() - 60 : first.end() + 60]!r}"
            )
        elif not re.search(r'class="estimate-note">.*?<a href="[^"]+">', body, re.DOTALL):
            faults.append(f"{page}, as {owner.role}: no link to how it works")
    with capsys.disabled():
        print(f"\nscores on {', '.join(sorted(scored))}")
    assert faults == []
    assert {"insights.overview", "insights.topics", "review.item", "rights.my_texts"} <= scored


def test_p48_a_page_that_hid_a_view_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lti_tool.insights.views.log_reading", lambda *_: None)
    with tenants(tmp_path) as made:
        owner = made.seats["ours.instructor"]
        text = made.ask(owner, "GET", f"/l/{owner.launch_id}/forums", {}, {}).text
        page = next(page for page, _ in owners(made) if page.endpoint == "insights.forums")
        assert list(wrong(page, owner, {"somebody"}, text, made.log()))
