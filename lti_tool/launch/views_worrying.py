"""For staff who read something worrying: the institution's own protocol, one press away from every text (P55)."""

from flask import render_template
from flask_babel import get_locale

from lti_tool.launch import caring
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.launch.tables import Institution
from lti_tool.storage.request import request_session

bp = launch_blueprint("worrying", __name__, roles=("instructor", "administrator"))


@bp.get("/worrying")
def protocol() -> str:
    """It says what to do and sends nothing by itself; no text and no name is taken along."""
    launch = current()
    institution = request_session().get_one(Institution, launch.institution_id)
    return render_template(
        "launch/worrying.html",
        protocol=caring.protocol_of(institution),
        help=launch.help_in(str(get_locale() or "en")),
    )
