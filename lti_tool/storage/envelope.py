"""One sealed field: AES-256-GCM, bound to the table, column, row and institution where it stands (P35).

An envelope reads `u1.<key id>.<base64url of nonce, ciphertext and tag>`. The place is not in it: who opens it says
where it was found, and it opens nowhere else.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http import HTTPStatus
from typing import NamedTuple

from cryptography.exceptions import InvalidTag

from lti_tool.errors import UndertoneError
from lti_tool.storage.keyring import Keyring

MARK = "u1."
ID_FROM, ID_LENGTH = len(MARK), 8
"""Where in an envelope the key's id stands."""
NONCE_BYTES = 12


class MisplacedFieldError(UndertoneError):
    """It was changed, or moved from another row, column, table or institution."""

    code = "misplaced_field"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    words = (
        "A stored field was changed or moved outside this tool, so it is not shown. Restore it from a backup."
    )


class Place(NamedTuple):
    """Where a field stands; `institution_id` is empty for what belongs to the installation alone."""

    table: str
    column: str
    row: str
    institution_id: str


def seal(keyring: Keyring, place: Place, text: str) -> str:
    """The envelope of `text` under the current key."""
    identifier = keyring.current_field_id
    nonce = os.urandom(NONCE_BYTES)
    cipher = keyring.field_key(identifier, place.institution_id)
    sealed = cipher.encrypt(nonce, text.encode(), _bound(identifier, place))
    return f"{MARK}{identifier}.{urlsafe_b64encode(nonce + sealed).decode()}"


def opened(keyring: Keyring, place: Place, envelope: str) -> str:
    """The text of an envelope found at `place`.

    Raises MissingKeyError when its key is not in the keyring, MisplacedFieldError when it does not belong there.
    """
    identifier = key_id_of(envelope)
    cipher = keyring.field_key(identifier, place.institution_id)
    try:
        content = urlsafe_b64decode(envelope[ID_FROM + ID_LENGTH + 1 :])
        plain = cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], _bound(identifier, place))
    except (InvalidTag, ValueError):
        raise MisplacedFieldError from None
    return plain.decode()


def key_id_of(envelope: str) -> str:
    """MisplacedFieldError when it is no envelope."""
    if not envelope.startswith(MARK) or envelope[ID_FROM + ID_LENGTH : ID_FROM + ID_LENGTH + 1] != ".":
        raise MisplacedFieldError
    return envelope[ID_FROM : ID_FROM + ID_LENGTH]


def _bound(identifier: str, place: Place) -> bytes:
    """The associated data: each part with its length before it, so that no two places read alike."""
    parts = (MARK, identifier, *place)
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
