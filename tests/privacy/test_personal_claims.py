"""The tool works without personal claims and keeps none of those that it gets (P28); names go offline (P32)."""

import re
import socket
from typing import Any

import pytest
from sqlalchemy import inspect, select

from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.launch.roster import Member
from lti_tool.storage import Base, Database

CLAIMS = {
    "name": "Zora Quillfeather",
    "given_name": "Zora",
    "family_name": "Quillfeather",
    "email": "zora.quillfeather@campus.example",
    "picture": "https://campus.example/zora.png",
}
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


def kept(database: Database) -> str:
    """Every row of every table as it reads with the keys."""
    with database.reading() as session:
        rows = [
            repr([getattr(row, column.key) for column in inspect(type(row)).column_attrs])
            for mapper in Base.registry.mappers
            for row in session.scalars(select(mapper.class_))
        ]
    return "\n".join(rows)


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_p28_a_launch_without_any_personal_claim_opens_every_tab(sign_in: Any, role: str) -> None:
    person = sign_in(role, **dict.fromkeys(CLAIMS))
    for path in ("student", "information") if role == "student" else ("overview", "how-it-works"):
        assert person.get(path).status_code == 200


@pytest.mark.parametrize("role", ["student", "instructor", "administrator"])
def test_p28_of_name_address_and_picture_nothing_is_kept(sign_in: Any, database: Database, role: str) -> None:
    person = sign_in(role, **CLAIMS)
    assert person.response.status_code == 303
    words = kept(database)
    assert not [value for value in CLAIMS.values() if value in words]
    assert not ADDRESS.search(words)


def test_p32_names_and_addresses_are_taken_out_with_every_socket_refused(
    monkeypatch: pytest.MonkeyPatch, no_network: list[str]
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("de-identification reached for the network")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    cleaner = Deidentifier([Member("5", "José", "Ramírez", "José Ramírez", "", (), True)])
    text = "jose ramirez said mail jo@uni-marburg.de or see ellerby.co.uk/notes, call +49 170 1234567."
    assert cleaner.clean(text) == "[NAME] said mail [EMAIL] or see [LINK], call [PHONE]."
    assert no_network == []
