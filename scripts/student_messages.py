"""The words that students see, in every language the tool ships with: extract, compare, compile.

Usage: python scripts/student_messages.py update | compile | check

`update` writes `lti_tool/translations/student.pot` and brings each language's `messages.po` up to date with it,
keeping what is translated; `compile` writes each `messages.mo` from its `messages.po`; `check` tells for each
language what is missing or does not fit, and ends with 1 if there is anything.
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages import Catalog
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

sys.path.insert(0, str(Path(__file__).parent))
from messages import KEPT, ROOT, collect

FOLDER = ROOT / "lti_tool" / "translations"
TEMPLATE = FOLDER / "student.pot"
LANGUAGES = ("ar", "de", "es", "fr", "pt", "zh_Hans")
WIDTH = 110
STUDENTS = re.compile(
    r"""^(templates/(base|help|language|components)\.html
    |templates/(consent|rights|errors)/(?!admin_|translation).*
    |templates/reflections/(?!prompt\.html).*
    |templates/launch/(continue|new_window|information)\.html
    |lti_tool/errors\.py
    |lti_tool/consent/(?!signing|translating|views_translations|controllers|verifying|ledger_tasks|comparing).*\.py
    |lti_tool/rights/(?!admin_|views_admin|requests|backup|breach|restoring|replaying|retention).*\.py
    |lti_tool/reflections/(errors|views|words|writing|zones)\.py
    |lti_tool/review/errors\.py
    |lti_tool/scoring/words\.py
    |lti_tool/launch/(antiforgery|closed|counting|error_pages|errors|fields|landings|languages|limits|pages)\.py
    |lti_tool/launch/views(_information|_language)?\.py)$""",
    re.VERBOSE,
)
"""Where words stand that somebody without a role of staff may be shown."""
NOT_STUDENTS = re.compile(r"undertone (institution|wording|course|ledger|platform)\b")
"""A command in a message: an operator's."""


@cache
def template() -> Catalog:
    """Every message of which one place at least is a student's."""
    chosen = Catalog(project="Undertone", charset="utf-8", fuzzy=False)
    for message in collect():
        places = [place for place in message.locations if STUDENTS.match(str(place[0]))]
        if message.id and places and not NOT_STUDENTS.search(_words(message)[0]):
            # Without line numbers, which change with every edit above them.
            files = sorted({(str(name), 0) for name, _line in places})
            chosen.add(message.id, None, [(name, None) for name, _ in files], context=message.context)
    return chosen


def po_file(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def update() -> None:
    """Write the template, and every catalogue with what it has and lacks; nothing translated is lost while it fits."""
    wanted = template()
    FOLDER.mkdir(exist_ok=True)
    with TEMPLATE.open("wb") as file:
        write_po(file, wanted, sort_by_file=True, omit_header=True, width=WIDTH)
    for language in LANGUAGES:
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        present = read(language) if path.exists() else Catalog(locale=language)
        with path.open("wb") as file:
            write_po(file, _renewed(language, wanted, present), width=WIDTH, ignore_obsolete=True)


def _renewed(language: str, wanted: Catalog, present: Catalog) -> Catalog:
    """The wanted messages in the template's order; no guessing: what has other English words is missing again."""
    made = Catalog(locale=Locale.parse(language), project="Undertone", charset="utf-8", fuzzy=False)
    made.header_comment = f"# Undertone, words that students see: {language}."
    made.creation_date = made.revision_date = present.creation_date
    for message in sorted(wanted, key=lambda one: (one.locations[:1], _words(one))):
        if message.id:
            known = present.get(message.id, message.context)
            string = known.string if known and not known.fuzzy else None
            made.add(message.id, string, message.locations, context=message.context)
    return made


def compiled(language: str) -> bytes:
    """The bytes of the compiled catalogue; the same for the same translations."""
    written = BytesIO()
    write_mo(written, read(language))
    return written.getvalue()


def compile_all() -> None:
    for language in LANGUAGES:
        po_file(language).with_suffix(".mo").write_bytes(compiled(language))


def faults(language: str) -> Iterator[str]:
    """What is missing, left over, or does not fit its English words."""
    own, wanted = read(language), template()
    for message in wanted:
        if message.id:
            found = own.get(message.id, message.context)
            yield from (f"{fault}: {_words(message)[0]}" for fault in _of(message, found, own.num_plurals))
    left_over = {_key(one) for one in own if one.id} - {_key(one) for one in wanted if one.id}
    yield from (f"left over: {key[0]}" for key in sorted(left_over))


def _of(wanted: Message, found: Message | None, plurals: int) -> Iterator[str]:
    strings = _strings(found) if found else ()
    if not strings or not all(string.strip() for string in strings) or (found and found.fuzzy):
        yield "missing"
        return
    if isinstance(wanted.id, tuple) and len(strings) != plurals:
        yield f"{plurals} forms are needed"
    for string in strings:
        yield from _misfits(_words(wanted), string, several=isinstance(wanted.id, tuple))


def _misfits(words: tuple[str, ...], string: str, *, several: bool) -> Iterator[str]:
    """Placeholders and tags are those of the source: a form of a plural may leave its number out, as "one" does."""
    kept, allowed = sorted(KEPT.findall(string)), {part for word in words for part in KEPT.findall(word)}
    if set(kept) - allowed or ("<" in string and not any("<" in word for word in words)):
        yield "a placeholder or tag that the source has not"
    elif not several and kept != sorted(KEPT.findall(words[0])):
        yield "placeholders differ"
    elif string != string.strip() and words[0] == words[0].strip():
        yield "a blank at an end"


def _words(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, list | tuple) else (message.id,)


def _strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, list | tuple) else (message.string,)


def _key(message: Message) -> tuple[str, str]:
    return _words(message)[0], message.context or ""


def check() -> int:
    """Print a line for each language, and each fault; the number of faults."""
    total = 0
    for language in LANGUAGES:
        found = list(faults(language))
        missing = sum(fault.startswith("missing") for fault in found)
        print(f"{language}: {missing} missing, {len(found) - missing} that do not fit")
        for fault in found:
            if not fault.startswith("missing") or "-v" in sys.argv:
                print(f"  {fault}")
        total += len(found)
    return total


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    if what == "update":
        update()
    elif what == "compile":
        compile_all()
    elif what == "check":
        raise SystemExit(1 if check() else 0)
    else:
        raise SystemExit(__doc__)
