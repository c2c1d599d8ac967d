"""What every template may use: the launch, the language, and the anti-forgery field of a form."""

from typing import Any

from flask import Flask
from flask_babel import get_locale
from markupsafe import Markup

from lti_tool.launch import antiforgery
from lti_tool.launch.help_contacts import telephones
from lti_tool.launch.pages import current_or_none


def csrf_token() -> str:
    """The token of the page's launch; empty outside a launch, where no form of ours needs one."""
    launch = current_or_none()
    return antiforgery.token(launch.id) if launch else ""


def csrf_field() -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(antiforgery.FIELD, csrf_token())


def add_to(application: Flask) -> None:
    application.jinja_env.filters["telephones"] = telephones

    @application.context_processor
    def offer() -> dict[str, Any]:
        launch = current_or_none()
        return {
            "current_launch": current_or_none,
            "get_locale": get_locale,
            "csrf_token": csrf_token,
            "csrf_field": csrf_field,
            "help": launch.help_in(str(get_locale() or "en")) if launch else None,
        }
