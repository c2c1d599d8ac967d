"""A small campus: an LTI 1.3 platform that looks like Moodle to launches and like Moodle or Canvas to a pull.

It keeps everything in memory, makes new keys at each start, answers on loopback only and refuses to start
beside a production tool. Others use `create_campus`, `serve`, `CampusSettings`, `ToolRegistration`, `Faults`
and, in the same process only, the methods of `Campus` (`campus_of(app)`).
"""

from lti_tool.demo.campus.app import campus_of, create_campus, serve
from lti_tool.demo.campus.faults import Faults
from lti_tool.demo.campus.settings import CampusSettings, ToolRegistration, refuse_outside_demo
from lti_tool.demo.campus.state import Campus

__all__ = [
    "Campus",
    "CampusSettings",
    "Faults",
    "ToolRegistration",
    "campus_of",
    "create_campus",
    "refuse_outside_demo",
    "serve",
]
