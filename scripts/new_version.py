"""Write a schema version from the difference between the tables in code and the versions so far.

Usage: python scripts/new_version.py "what changes". Read the result before committing it.
"""

import sys
import tempfile
from importlib import import_module
from pathlib import Path

from alembic import command

import lti_tool
from lti_tool.storage import Database
from lti_tool.storage.migrate import configuration, migrate


def main() -> None:
    package = Path(lti_tool.__file__).parent
    for tables in sorted(package.glob("*/tables.py")):
        import_module(f"lti_tool.{tables.parent.name}.tables")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        migrate(database)
        with database.engine.connect() as connection:
            config = configuration(connection)
            number = f"{len(list((package / 'storage/migrations/versions').glob('[0-9]*.py'))) + 1:04}"
            command.revision(config, sys.argv[1], autogenerate=True, rev_id=number)
        database.dispose()


if __name__ == "__main__":
    main()
