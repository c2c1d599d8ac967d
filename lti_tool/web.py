"""The application that a web server imports: settings and keys from the environment."""

from lti_tool.app import create_app
from lti_tool.settings import Settings

application = create_app(Settings())
