"""Reads of a Canvas while its account may be used: a revoked account or a platform switched off stops them at once."""

from collections.abc import Mapping
from typing import Any

from lti_tool.lms.canvas import CanvasConnector
from lti_tool.lms.canvas_accounts_tokens import CanvasTokens
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.retrying import LMS_SECONDS
from lti_tool.outbound.client import MOST_BYTES, Answer, Client
from lti_tool.settings import Settings
from lti_tool.storage import Database


class CanvasClient(Client):
    """A client that looks before each read whether it may still be made."""

    def __init__(self, settings: Settings, tokens: CanvasTokens) -> None:
        super().__init__(settings, LMS_SECONDS)
        self._tokens = tokens

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """GET; raises LmsAccountError when the account may be used no more, else as any client does."""
        self._tokens.require()
        return super().get(url, headers, params, most_bytes)


def connector(database: Database, settings: Settings, registration_id: str, base_url: str) -> CanvasConnector:
    """The connector of an authorised account. Call it in no transaction: the token may have to be renewed.

    Raises LmsAccountError when no account is authorised, LmsUnavailableError when Canvas does not answer.
    """
    tokens = CanvasTokens(database, Client(settings), registration_id)
    client = CanvasClient(settings, tokens)
    return CanvasConnector(CanvasCalls(client, base_url, tokens.token(), renew=tokens.renewed))
