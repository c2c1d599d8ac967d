"""Identity indexes: what leads from an LMS identity to a person, under the pseudonym key of the institution (P29).

When that key is rotated, the lookup table alone is rewritten (design decision 2): a row by row command does it, and so
does the next launch or roster. Until then a person is found under every key that is still in the keys file.
"""

from dataclasses import dataclass
from typing import NamedTuple

from lti_tool.launch.tables import PersonKey
from lti_tool.storage import blind_index, current_keyring
from lti_tool.storage.keyring import key_id

EARLIER = ""
"""The key id of rows from before pseudonym keys: their index is a `blind_index` of the installation."""


class Platform(NamedTuple):
    """Where a `sub` is somebody's: what makes it an identity, beside the institution."""

    issuer: str
    client_id: str
    deployment_key: str
    context_key: str
    """Empty for an administrator who arrives from outside a course."""


@dataclass(frozen=True)
class Identities:
    """The identity indexes of one course, or of an institution outside its courses."""

    institution_id: str
    platform: Platform

    def current(self, sub: str) -> tuple[str, str]:
        """The index under the current key, and the id of that key."""
        key = current_keyring().pseudonyms[0]
        return self._under(key, sub), key_id("pseudonyms", key)

    def known_as(self, sub: str) -> list[str]:
        """Every index under which the person may be on record, the current one first."""
        keys = current_keyring().pseudonyms
        return [*(self._under(key, sub) for key in keys), blind_index(*self.platform, sub)]

    def index_of(self, sub: str, identifier: str) -> str | None:
        """The index under the key of this id; None when that key is not in the keys file."""
        if identifier == EARLIER:
            return blind_index(*self.platform, sub)
        for key in current_keyring().pseudonyms:
            if key_id("pseudonyms", key) == identifier:
                return self._under(key, sub)
        return None

    def bring_up_to_date(self, row: PersonKey, sub: str) -> None:
        """Under the current key, and with the `sub` where the LMS's id is another; writes only what differs."""
        index, identifier = self.current(sub)
        if row.key_id != identifier:
            row.identity_index, row.key_id = index, identifier
        subject = None if row.lms_user_id == sub else sub
        if row.subject != subject:
            row.subject = subject

    def _under(self, key: bytes, sub: str) -> str:
        return current_keyring().pseudonym(key, self.institution_id, *self.platform, sub)
