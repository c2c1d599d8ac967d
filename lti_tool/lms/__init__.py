"""Reading an LMS: one `Connector` protocol, chosen once per course; Moodle and Canvas behind it.

Others use: `connections.connector_for` (and `connect` at set-up), the facts of `protocol`, and the two errors
`LmsUnavailableError` (try again later) and `LmsRefusedError` (a right is missing; the words say which).
"""

from lti_tool.lms.errors import LmsRefusedError, LmsUnavailableError
from lti_tool.lms.protocol import ActivityFacts, CheckLine, Connector, PostFacts

__all__ = ["ActivityFacts", "CheckLine", "Connector", "LmsRefusedError", "LmsUnavailableError", "PostFacts"]
