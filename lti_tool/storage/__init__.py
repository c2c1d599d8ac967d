"""Engine and session, column types, the declarative base, ownership of rows, migrations.

Others use what `__all__` names.
"""

from lti_tool.storage.base import Base, new_id
from lti_tool.storage.engine import Database
from lti_tool.storage.keyring import Keyring, blind_index, current_keyring, use_keyring
from lti_tool.storage.ownership import (
    Owned,
    Purpose,
    erase_by_purpose,
    erase_written_before,
    forget_old_text,
    owned_tables,
)
from lti_tool.storage.types import EncryptedText, UtcDateTime

__all__ = [
    "Base",
    "Database",
    "EncryptedText",
    "Keyring",
    "Owned",
    "Purpose",
    "UtcDateTime",
    "blind_index",
    "current_keyring",
    "erase_by_purpose",
    "erase_written_before",
    "forget_old_text",
    "new_id",
    "owned_tables",
    "use_keyring",
]
