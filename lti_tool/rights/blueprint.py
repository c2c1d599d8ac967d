"""The pages of a student's rights; their views are in the modules `views…`."""

from lti_tool.launch.pages import launch_blueprint

bp = launch_blueprint("rights", __name__, roles=("student",))
