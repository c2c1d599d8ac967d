"""Receipts (P26): the record of one line with a signature, for its person.

They are rendered anew each time, so old ones stay readable.
"""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent import record, signing
from lti_tool.consent.tables import ConsentEvent
from lti_tool.errors import InvalidInputError, NotFoundError

LARGEST = 256 * 1024


class NoReceiptError(InvalidInputError):
    code = "no_receipt"
    words = "This is not a receipt of ours: it is no JSON with a receipt and its signature."


def of(session: Session, person_id: str, event_id: str) -> dict[str, Any]:
    """The record behind the person's own line; NotFoundError for another's, and for one that has expired."""
    line = session.get(ConsentEvent, event_id)
    if line is None or line.person_id != person_id:
        raise NotFoundError
    return record.of(session, line)


def signed(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """The receipt beside its signature under the present key."""
    return {"receipt": dict(receipt), "signature": signing.sign(receipt)}


def read(content: bytes) -> tuple[dict[str, Any], object]:
    """The receipt and the signature in a file; NoReceiptError when it holds none."""
    try:
        document = json.loads(content) if len(content) <= LARGEST else None
    except (ValueError, RecursionError):
        raise NoReceiptError from None
    receipt = document.get("receipt") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(receipt, dict):
        raise NoReceiptError
    return receipt, document.get("signature")


def check(content: bytes, keys: Mapping[str, Ed25519PublicKey] | None = None) -> dict[str, Any]:
    """The receipt in a file that we signed; raises NoReceiptError or SignatureError."""
    receipt, signature = read(content)
    try:
        signing.check(receipt, signature, keys)
    except (UnicodeEncodeError, RecursionError):
        raise NoReceiptError from None
    return receipt


def stands(session: Session, receipt: Mapping[str, Any]) -> bool | None:
    """Whether the ledger still says what the receipt says; None when it holds no such line any more."""
    line = session.scalars(
        select(ConsentEvent).where(ConsentEvent.id == str(receipt.get("record_id")))
    ).first()
    return None if line is None else record.of(session, line) == receipt
