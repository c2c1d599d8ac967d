"""The page of everyone whose role opens nothing here: observers, test students, outside a course."""

from flask import render_template

from lti_tool.launch.pages import current, launch_blueprint

bp = launch_blueprint("launch_pages", __name__, roles=("none", "student", "instructor", "administrator"))


@bp.get("/information")
def information() -> str:
    return render_template("launch/information.html", in_course=bool(current().course_id))
