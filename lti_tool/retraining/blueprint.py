"""The pages below the administrator's tab "Model": `views` and `views_care` fill it."""

from flask_babel import lazy_gettext as _l

from lti_tool.launch.admin_pages import admin_page
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.scoring import wall
from lti_tool.storage.request import request_session

bp = launch_blueprint("retraining", __name__, roles=("administrator",))
admin_page("retraining.model", _l("Model"), 30)


def scope() -> str | None:
    """Whose model the page is about: its institution's, or with None the installation's where that is alone (P61)."""
    return wall.scope_of(request_session(), current().institution_id)
