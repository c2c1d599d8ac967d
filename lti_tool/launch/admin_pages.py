"""The administrator's tabs. A part adds its page with `admin_page("part.view", _l("Name"), 20)`.

`bp` holds the pages of the tab "Connection"; `views_admin`, `views_platforms` and `views_people` fill it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.storage.request import request_session

bp = launch_blueprint("launch_admin", __name__, roles=("administrator",))


@dataclass(frozen=True)
class AdminPage:
    """One tab; tabs stand in the order of their places."""

    place: int
    endpoint: str
    words: LazyString


_pages: dict[str, AdminPage] = {}


def admin_page(endpoint: str, words: LazyString, place: int) -> None:
    """Offer a page to administrators in every tab bar."""
    _pages[endpoint] = AdminPage(place, endpoint, words)


Notice = Callable[[Session, str], list[str]]
"""Given an institution's id, what its administrators must hear about on each of their pages, in the page's language."""
_notices: list[Notice] = []


def admin_notice(find: Notice) -> Notice:
    """Register what may have to be told to administrators; a part decorates its function with it."""
    _notices.append(find)
    return find


def notices() -> list[str]:
    """What is to be told on this page of an administrator."""
    session, institution_id = request_session(), current().institution_id
    return [words for find in _notices for words in find(session, institution_id)]


def add_to(application: Flask) -> None:
    """Let `launch/admin_frame.html` list the tabs of this application."""

    @application.context_processor
    def offer() -> dict[str, object]:
        offered = [page for page in _pages.values() if page.endpoint in application.view_functions]
        return {"admin_pages": sorted(offered, key=lambda page: page.place), "admin_notices": notices}


admin_page("launch_admin.connection", _l("Connection"), 10)
