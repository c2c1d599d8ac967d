"""The administrator's tabs. A part adds its page with `admin_page("part.view", _l("Name"), 20)`."""

from dataclasses import dataclass

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


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


def add_to(application: Flask) -> None:
    """Let `launch/admin_frame.html` list the tabs of this application."""

    @application.context_processor
    def offer() -> dict[str, object]:
        offered = [page for page in _pages.values() if page.endpoint in application.view_functions]
        return {"admin_pages": sorted(offered, key=lambda page: page.place)}


admin_page("launch_admin.connection", _l("Connection"), 10)
