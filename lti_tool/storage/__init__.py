"""Engine and session, column types, the declarative base, ownership of rows, migrations.

Others use what `__all__` names.
"""

from lti_tool.storage.base import Base, new_id
from lti_tool.storage.engine import Database
from lti_tool.storage.keeping import KINDS, LIMITS, Kept, Kind, Limits
from lti_tool.storage.keyring import Keyring, MissingKeyError
from lti_tool.storage.keys_in_use import (
    blind_index,
    current_keyring,
    session_secrets,
    use_keyring,
    use_keys_file,
)
from lti_tool.storage.ownership import (
    Owned,
    Purpose,
    erase_by_purpose,
    erase_written_before,
    forget_old_text,
    kept_tables,
    owned_tables,
)
from lti_tool.storage.sealing import bound, opened
from lti_tool.storage.types import EncryptedText, UtcDateTime

__all__ = [
    "KINDS",
    "LIMITS",
    "Base",
    "Database",
    "EncryptedText",
    "Kept",
    "Keyring",
    "Kind",
    "Limits",
    "MissingKeyError",
    "Owned",
    "Purpose",
    "UtcDateTime",
    "blind_index",
    "bound",
    "current_keyring",
    "erase_by_purpose",
    "erase_written_before",
    "forget_old_text",
    "kept_tables",
    "new_id",
    "opened",
    "owned_tables",
    "session_secrets",
    "use_keyring",
    "use_keys_file",
]
