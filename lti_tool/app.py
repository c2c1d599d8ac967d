"""The web application: the only place where parts are wired together, and which page a role lands on."""

from pathlib import Path

from flask import Blueprint, Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

import lti_tool
from lti_tool import audit
from lti_tool.consent import views as consent_views
from lti_tool.consent import views_receipts, views_translations
from lti_tool.documents import views as documents_views
from lti_tool.ingest import views as ingest_views
from lti_tool.insights import views as insights_views
from lti_tool.launch import (
    admin_pages,
    counting,
    error_pages,
    forms,
    headers,
    languages,
    pages,
    views_care,
    views_entering,
    views_information,
    views_language,
    views_people,
    views_placing,
    views_registering,
    views_worrying,
)
from lti_tool.launch import views as launch_views
from lti_tool.launch.platform_keys import KeySets
from lti_tool.lms import canvas_accounts_views, canvas_oauth_views
from lti_tool.lms.behind import LmsBehind
from lti_tool.outbound.client import Client
from lti_tool.reflections import views as reflections_views
from lti_tool.reflections import views_prompts as prompts_views
from lti_tool.retraining import views as retraining_views
from lti_tool.review import views as review_views
from lti_tool.rights import views as rights_views
from lti_tool.rights import views_requests as rights_admin_views
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, current_keyring, use_keyring, use_keys_file
from lti_tool.storage.request import Wiring, close_with_request, wiring

LANDINGS = {
    "student": "consent.landing",
    "instructor": "insights.overview",
    "administrator": "launch_admin.connection",
    "none": "launch_pages.information",
    "student in an activity": "reflections.opened",
    "instructor in an activity": "prompts.opened",
}

BLUEPRINTS = (
    launch_views.bp,
    views_information.bp,
    views_language.bp,
    views_care.bp,
    views_translations.bp,
    views_worrying.bp,
    views_placing.bp,
    views_registering.bp,
    views_entering.bp,
    views_people.bp,
    canvas_accounts_views.bp,
    canvas_oauth_views.bp,
    consent_views.bp,
    views_receipts.bp,
    views_receipts.public_bp,
    ingest_views.bp,
    insights_views.bp,
    review_views.bp,
    retraining_views.bp,
    rights_views.bp,
    rights_admin_views.bp,
    reflections_views.bp,
    prompts_views.bp,
    documents_views.bp,
)

MOST_BYTES = 256 * 1024
"""No form of ours and no launch is larger (L33)."""


def create_app(settings: Settings, database: Database | None = None, keyring: Keyring | None = None) -> Flask:
    """Wire the parts into one application.

    Raises ConfigurationError when the settings are unsafe or the keys cannot be read (S34).
    """
    settings.check()
    if keyring is None:
        use_keys_file(settings.keys_path)
    else:
        use_keyring(keyring)
    application = Flask(
        "lti_tool",
        template_folder=_beside("templates"),
        static_folder=_beside("static"),
        static_url_path="/static",
    )
    if settings.tells_events:
        audit.write_out()
    application.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    _follow_session_keys(application)
    application.extensions["undertone"] = Wiring(
        settings, database or Database(settings.database, settings.home)
    )
    application.extensions["undertone_lms"] = LmsBehind()
    application.extensions["undertone_key_sets"] = KeySets(Client(settings))
    _register(application)
    counting.add_to(application, settings)
    application.extensions["undertone_landings"] = LANDINGS
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        application.wsgi_app = ProxyFix(application.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return application


def _register(application: Flask) -> None:
    close_with_request(application)
    headers.add_to(application)
    languages.add_to(application)
    error_pages.add_to(application)
    forms.add_to(application)
    admin_pages.add_to(application)
    pages.fill_launch_ids(application)
    application.register_blueprint(_health())
    for blueprint in BLUEPRINTS:
        application.register_blueprint(blueprint)


def _follow_session_keys(application: Flask) -> None:
    """What a rotated session key signed is accepted until it is retired; nothing restarts for that (S35)."""

    @application.before_request
    def follow() -> None:
        application.secret_key, *older = current_keyring().session_secrets()
        application.config["SECRET_KEY_FALLBACKS"] = older

    follow()


def _beside(folder: str) -> str:
    """`templates` and `static` lie inside the package in a wheel, beside it in a checkout."""
    package = Path(lti_tool.__file__).parent
    inside = package / f"_{folder}"
    return str(inside if inside.is_dir() else package.parent / folder)


def _health() -> Blueprint:
    """Up or down and nothing else: these are the only public pages (S51)."""
    blueprint = Blueprint("health", __name__, url_prefix="/health")

    @blueprint.get("/live")
    def live() -> tuple[str, int]:
        return "up", 200

    @blueprint.get("/ready")
    def ready() -> tuple[str, int]:
        try:
            with wiring().database.reading() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return "down", 503
        return "up", 200

    return blueprint
