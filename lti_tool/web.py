"""The application that a web server imports: settings and keys from the environment."""

import contextlib
import sys

from sqlalchemy.exc import SQLAlchemyError

from lti_tool import alive
from lti_tool.app import create_app
from lti_tool.errors import ConfigurationError
from lti_tool.installation import open_installation, require_own_keys
from lti_tool.processes import keep_memory_out_of_files

NOT_LOADED = 4
"""gunicorn's own exit code for an application that cannot be loaded; after any other it would try for ever."""

keep_memory_out_of_files()
try:
    _installation = open_installation()
    alive.hold(_installation.settings.home)
    with contextlib.suppress(
        SQLAlchemyError
    ):  # a database that is away for a while is what /health/ready tells
        require_own_keys(_installation)
except ConfigurationError as error:
    sys.stderr.write(f"undertone: {error.words}\n")
    sys.exit(NOT_LOADED)

application = create_app(_installation.settings, _installation.database)
