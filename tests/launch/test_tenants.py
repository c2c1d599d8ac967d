"""The matrix of S22: every page of a launch, asked for by everyone who may not have it, gives nothing away.

It is made from the application's own addresses. A new page whose address, query or form holds an id is missing here
until `tenants.py` has an object for it.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Request, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import TestResponse

from lti_tool.launch import fields
from tests.launch.matrix import (
    FORMS,
    LAST,
    OVER,
    OWN_STATE,
    PLAIN,
    QUERIES,
    REFUSED,
    WHO,
    Asked,
    Page,
    other,
    owners,
    pages,
)
from tests.launch.tenants import WORDS, Seat, Tenants, tenants

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    with tenants(tmp_path_factory.mktemp("tenants")) as world:
        yield world


@pytest.mark.parametrize("who", WHO)
def test_s22_nobody_else_gets_a_page(made: Tenants, who: str, capsys: pytest.CaptureFixture[str]) -> None:
    before, cells, faults = made.rows(), 0, []
    for page, owner in owners(made):
        for asked in WHO[who](made, page, owner):
            cells += 1
            faults += [f"{page}, of {owner.role}: {fault}" for fault in refusal(made, page, asked)]
    with capsys.disabled():
        print(f"\n{who}: {cells} cells")
    assert faults == []
    assert cells > 0
    assert made.rows() == before


def refusal(made: Tenants, page: Page, asked: Asked) -> Iterator[str]:
    """What is wrong with the answer to a request that must be refused, and logged once."""
    logged = len(made.log())
    answer = made.ask(asked.seat, page.method, *page.request(asked.place, asked.objects))
    rows = made.log()[logged:]
    if answer.status_code not in REFUSED:
        yield f"status {answer.status_code}"
    if leaks(words_of(answer), asked.seat):
        yield "holds words of the owner"
    if [row.event for row in rows] != ["access_refused"]:
        yield f"logged {[row.event for row in rows]}"
    elif (rows[0].actor_id, rows[0].institution_id) != known_by(made, asked):
        yield "logged as somebody else's"


def words_of(answer: TestResponse) -> str:
    """What an answer says, also inside a packed file."""
    with answer:
        if answer.mimetype != "application/zip":
            return answer.text
        packed = zipfile.ZipFile(io.BytesIO(answer.data))
        return "".join(packed.read(name).decode() for name in packed.namelist())


def leaks(text: str, seat: Seat | None) -> bool:
    """Words of our course; for somebody of the course, those of its other students."""
    words = set(re.findall(WORDS["ours"] + "[0-9]*", text))
    return bool(words - ({WORDS["ours"], seat.word} if seat and seat.course == "ours" else set()))


def known_by(made: Tenants, asked: Asked) -> tuple[str | None, str | None]:
    """Who the log says it was: only the browser of an open launch is known."""
    seat = asked.seat
    if seat is None or seat is not asked.place or seat.kind in OVER:
        return None, None
    return seat.person_id, made.institutions[seat.course]


@pytest.mark.parametrize("course", ["beside", "theirs", "outside", "ours"])
def test_nothing_of_others_is_on_ones_own_pages(
    made: Tenants, course: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Own pages, asked for with ids of others in their queries.

    `ours` is another student of the course, `outside` another institution's administrator outside any course.
    """
    cells, faults = 0, []
    for page, owner in owners(made):
        seat = other(made, course, owner)
        if page.method != "GET" or page.ids or (course == "ours" and owner.role != "student"):
            continue
        if course == "outside" and owner.role != "administrator":
            continue
        cells += 1
        answer = made.ask(seat, page.method, *page.request(seat, owner.objects))
        if leaks(words_of(answer), seat) or answer.status_code >= 500:
            faults.append(f"{page}, of {owner.role}: {answer.status_code}")
    with capsys.disabled():
        print(f"\nown pages in {course!r}: {cells} cells")
    assert faults == []
    assert cells > 0


@pytest.mark.parametrize("path", ["connection/mode", "protection", "reading"])
def test_whoever_came_from_a_course_administers_that_one_and_from_outside_all(
    made: Tenants, path: str
) -> None:
    for name, seen in (("administrator.outside", {"ours", "beside"}), ("administrator", {"ours"})):
        seat = made.seats[f"ours.{name}"]
        page = made.ask(seat, "GET", f"/l/{seat.launch_id}/{path}", {}, {}).text
        assert {course for course, word in WORDS.items() if f"Course {word}" in page} == seen


def test_the_owner_gets_every_page(tmp_path: Path) -> None:
    """Else all of the above would be refused for another reason."""
    with tenants(tmp_path) as made:
        faults, words = [], 0
        for page, owner in sorted(owners(made), key=in_turn):
            answer = made.ask(owner, page.method, *page.request(owner, owner.objects))
            words += owner.word in words_of(answer)
            if answer.status_code >= 400 and answer.status_code not in OWN_STATE.get(page.endpoint, ()):
                faults.append(f"{page} as {owner.role}: {answer.status_code}")
        assert faults == []
        assert words > 0


def in_turn(pair: tuple[Page, Seat]) -> tuple[str, int]:
    page = pair[0]
    return page.method, LAST.index(page.endpoint) if page.method != "GET" and page.endpoint in LAST else -1


def test_every_id_in_an_address_has_an_object(made: Tenants) -> None:
    objects = made.seats["ours.student"].objects
    missing = {str(page): page.ids - set(objects) for page in pages(made.app) if page.ids - set(objects)}
    assert missing == {}, "prepare one in tests/launch/tenants.py"


def test_every_field_of_a_form_is_known(made: Tenants) -> None:
    """A field that is new may hold an id: name its object in FORMS, or say in PLAIN that it holds none."""
    posted = [page for page in pages(made.app) if page.method != "GET"]
    assert {page.endpoint for page in posted} == set(FORMS)
    unknown = {
        page.endpoint: fields_of(made.app, page) - set(FORMS[page.endpoint]) - PLAIN for page in posted
    }
    assert {endpoint: names for endpoint, names in unknown.items() if names} == {}


def fields_of(app: Flask, page: Page) -> set[str]:
    taken = fields.declared(app.view_functions[page.endpoint])
    return set(taken.single | taken.many)


def test_every_parameter_of_a_query_is_known(made: Tenants, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for forms: a new parameter may hold an id."""
    read: dict[str, set[str]] = {}

    class Noting(ImmutableMultiDict):
        def __getitem__(self, name: str) -> Any:
            read.setdefault(request.endpoint or "", set()).add(name)
            return super().__getitem__(name)

        def __contains__(self, name: object) -> bool:
            read.setdefault(request.endpoint or "", set()).add(str(name))
            return super().__contains__(name)

    monkeypatch.setattr(Request, "parameter_storage_class", Noting)
    for page, owner in owners(made):
        if page.method == "GET":
            made.ask(owner, page.method, *page.request(owner, owner.objects))
    unknown = {endpoint: names - set(QUERIES.get(endpoint, ())) - PLAIN for endpoint, names in read.items()}
    assert {endpoint: names for endpoint, names in unknown.items() if names} == {}
    assert {endpoint: set(query) - read.get(endpoint, set()) for endpoint, query in QUERIES.items()} == {
        endpoint: set() for endpoint in QUERIES
    }
