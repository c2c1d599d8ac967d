"""A course in which all that a person could leave behind holds a word of its own, and the search for those words.

A word's middle is plain ASCII, so that it is found in JSON and HTML however its other letters are escaped.
"""

import base64
import contextlib
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lti_tool.demo import spellings
from lti_tool.demo.campus import Campus
from lti_tool.demo.campus.records import Person
from lti_tool.storage import Keyring
from lti_tool.storage.keyring import derived, key_id
from tests.lms.faulty_server import Fault, changed

AGREED, FROM_NOW, WITHDREW = "maria", "nour", "kwame"
DECLINED, SILENT, LEFT, STAFF = "yusuf", "petra", "luca", "instructor"
NEVER_READ = (DECLINED, SILENT, LEFT, STAFF)
"""Said no; never opened the tool; agreed and was unenrolled; the teacher."""
EVERYONE = (AGREED, FROM_NOW, WITHDREW, *NEVER_READ)
NAMED = ("givenname", "familyname", "mailbox")
START = "zqplanted"
"""Of every word, so that a file without it need not be searched for each."""
TOKEN = re.compile(rb"u1\.[0-9a-f]{8}\.[A-Za-z0-9_-]{40,}={0,2}")
"""A field as the database holds it."""


def core(key: str, place: str) -> str:
    """The part of a person's word that no spelling changes but the two that are looked for."""
    return f"{START}{key}q{place}"


def word(key: str, place: str) -> str:
    return f"Ø{core(key, place)}ß"


def sentence(key: str, place: str) -> str:
    return f"<p>I thought about {word(key, place)} for a long time and I am still lost in it.</p>"


PLACES = (
    "title opening reply edited deleted private draft submission attachment quoted lined hiddenforum live topic began"
).split()


def cores(keys: Iterable[str], places: Iterable[str] = (*PLACES, *NAMED)) -> list[str]:
    return [core(key, place) for key in keys for place in places]


def plant(campus: Campus) -> None:
    """Replace what the course holds; every person writes the same, in words of their own."""
    content = campus.content
    content.people = [_renamed(one) if one.key in EVERYONE else one for one in content.people]
    forum, task = content.forums[0], content.assignments[0]
    for each in content.forums:
        each.discussions.clear()
    for one in content.assignments:
        one.submissions.clear()
    hidden = campus.add_forum("Not shown", visible=False)
    now = campus.settings.now
    campus.settings.now = lambda: now() - timedelta(days=2)
    for key in EVERYONE:
        thread = campus.open_discussion(key, forum.id, word(key, "title"), sentence(key, "opening"))
        opening = thread.posts[0].id
        campus.edit(key, campus.reply(key, opening, sentence(key, "edited")).id, _reply(campus, key))
        campus.delete(key, campus.reply(key, opening, sentence(key, "deleted")).id)
        campus.reply(key, opening, sentence(key, "private"), private=True)
        campus.open_discussion(key, hidden.id, word(key, "hiddenforum"), sentence(key, "hiddenforum"))
        campus.submit(key, task.id, sentence(key, "submission"))
        campus.submit(key, content.assignments[1].id, sentence(key, "draft"), "draft")
    campus.settings.now = now


def plant_topics(campus: Campus) -> None:
    """Every student opens a topic of their own, as Canvas lets them; what staff call a topic is no secret."""
    for key in EVERYONE:
        if key != STAFF:
            campus.open_topic(key, word(key, "topic"), sentence(key, "began"))


def _renamed(person: Person) -> Person:
    """Letters only: a name with digits in it is nobody's."""
    given, family = (f"{core(person.key, name)}".capitalize() for name in NAMED[:2])
    return replace(person, given=given, family=family, email=f"{core(person.key, 'mailbox')}@campus.example")


def _reply(campus: Campus, key: str) -> str:
    """Own words around those of everybody else: quoted twice, and named where they are on the roster."""
    others = [other for other in EVERYONE if other != key]
    quotes = "".join(f"<blockquote>{sentence(other, 'quoted')}</blockquote>" for other in others)
    lines = "".join(f"<p>&gt; {word(other, 'lined')} was said<br></p>" for other in others)
    names = ", ".join(campus.person(other).name for other in others if other != LEFT)
    file = f'<div class="attachments"><a href="/pluginfile.php/{word(key, "attachment")}.pdf">file</a></div>'
    return f"{quotes}{lines}{sentence(key, 'reply')}<p>Thanks to {names} for the help with it.</p>{file}"


def with_attachments() -> Fault:
    """Moodle's list of files beside each post."""

    def add(body: object) -> object:
        for row in body["posts"]:  # type: ignore[index]
            row["attachments"] = [{"filename": f"{word(key, 'attachment')}.pdf"} for key in EVERYONE]
        return body

    return changed(add)


def spelt(words: Iterable[str]) -> frozenset[bytes]:
    """How a word may lie in a file, for `spellings.held_by_file`: also in 16 bits, and in base64 at any place."""
    wanted = set[bytes](spellings.of(words))
    for one in words:
        wanted |= {one.encode(code) for code in ("utf-16-le", "utf-16-be")}
        for before in range(3):
            coded = base64.b64encode(b" " * before + one.encode()).rstrip(b"=")
            wanted.add(coded[-(-before * 8 // 6) : -1].lower())
    return frozenset(wanted)


def below(
    folder: Path, words: Iterable[str], server: Path | None = None, homes: Iterable[str] = ()
) -> set[str]:
    """The files below the folder that hold a word, also inside an encrypted field that a keys file there opens.

    `server` is the folder of a database's own files, searched with the same keys; `homes` are its institutions.
    """
    wanted, start = spelt(words), spelt([START])
    files = [path for one in (folder, server) if one for path in one.rglob("*") if path.is_file()]
    keyrings = [Keyring.load(path) for path in files if path.name == "keys.json"]
    suspects = [path for path in files if spellings.held_by_file(str(path), start)]
    plain = {path.name for path in suspects if spellings.held_by_file(str(path), wanted)}
    opened = {path.name for path in files if spellings.held(_opened(path, keyrings, list(homes)), wanted)}
    return plain | opened


def _opened(path: Path, keyrings: list[Keyring], served: list[str]) -> bytes:
    """What every sealed field in a file says, wherever it lies: in a table, a free page, the journal.

    Where it stood is not known there, so it is deciphered without asking whether it is genuine: GCM is counter mode.
    """
    content = path.read_bytes()
    tokens = set(TOKEN.findall(content))
    homes = served + _institutions(path) if tokens else []
    return b"\n".join(
        _deciphered(token, keyring, home) for token in tokens for keyring in keyrings for home in homes
    )


def _institutions(path: Path) -> list[str]:
    """Under whose key a field may be: the institutions of the database that the file is a part of, or nobody's."""
    database = path.with_name(path.name.removesuffix("-wal").removesuffix("-shm"))
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            return ["", *(row[0] for row in connection.execute("SELECT id FROM institutions"))]
        except sqlite3.Error:  # no database, or one without the table
            return [""]


def _deciphered(token: bytes, keyring: Keyring, home: str) -> bytes:
    _, identifier, body = token.decode().split(".")
    masters = [key for key in keyring.fields if key_id("fields", key) == identifier]
    if not masters or len(body) % 4:  # another installation's, or cut off at a page's end
        return b""
    content = base64.urlsafe_b64decode(body)
    nonce, sealed = content[:12], content[12:-16]
    counter = modes.CTR(nonce + (2).to_bytes(4, "big"))
    return Cipher(algorithms.AES(derived(masters[0], f"fields|{home}")), counter).decryptor().update(sealed)
