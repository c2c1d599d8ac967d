"""What is so in this installation, as the papers tell it. No person, no text and no secret is among it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from lti_tool.documents.models import ModelFacts, of_installation, of_shipped
from lti_tool.documents.standing import Standing, standing
from lti_tool.installation import load_tables
from lti_tool.launch.languages import CATALOGUES
from lti_tool.launch.tables import Institution, Registration
from lti_tool.launch.tool_description import CLAIMS, PRIVACY, ROSTER_SCOPE
from lti_tool.lms.canvas_scopes import TABLE as CANVAS
from lti_tool.lms.moodle import FUNCTIONS
from lti_tool.lms.moodle_calls import RIGHTS
from lti_tool.lms.tables import LmsConnection
from lti_tool.rights.retention_choices import DEFAULTS, Days, days_of
from lti_tool.rights.retention_deleting import LEDGER
from lti_tool.settings import Settings
from lti_tool.storage import LIMITS, Base, EncryptedText, Kind, Owned, kept_tables, owned_tables
from model.languages import COVERED

CODE = re.compile(r" \((?:[LPSU]\d{1,2}(?:, )?|design decision \d+)+\)", re.I)
"""Where a rule comes from, in the code's own numbering: no reader of a paper can look it up."""

END_OF_COURSE = "`courses.ends_on`"
END = f"{END_OF_COURSE} or `memberships.left_at`"
PURPOSES = {
    "A": "A: score my writing for my own view and for class-level patterns",
    "B": "B: let my instructors see my results next to my name",
    "C": "C: use my de-identified writing and its labels to improve the model",
    "D": "D: institutional research",
    "proof": "proof of consent",
    "access": "the way by which a person reaches what is theirs",
}


@dataclass(frozen=True)
class TableFacts:
    """A table of the database."""

    name: str
    words: str
    purpose: str
    """In words; empty for rows that belong to nobody."""
    encrypted: Sequence[str]
    exported: Sequence[str]
    kept: str
    since: str
    """The column from which its time counts."""


@dataclass(frozen=True)
class PlatformFacts:
    """A connected platform and how its courses are read."""

    issuer: str
    status: str
    read_as: str


@dataclass(frozen=True)
class Facts:
    """Everything the papers are filled with."""

    release: str
    institution: str
    mode: str
    decision: Mapping[str, Any]
    contacts: str
    base_url: str
    database: str
    smallest_group: int
    settings: Settings
    model: ModelFacts
    tables: Sequence[TableFacts]
    days: Days
    """How long each kind of data is kept here."""
    limits: Mapping[Kind, Any]
    platforms: Sequence[PlatformFacts]
    page_languages: Sequence[str]
    scored_languages: Sequence[str] = COVERED
    moodle_functions: Sequence[str] = FUNCTIONS
    moodle_rights: Sequence[str] = field(default_factory=lambda: sorted(set(RIGHTS.values())))
    canvas: Sequence[Any] = CANVAS
    roster_scope: str = ROSTER_SCOPE
    claims: Sequence[str] = CLAIMS
    privacy_level: str = PRIVACY


def fresh() -> Facts:
    """Of an installation that was just made: the defaults of every setting, no institution, the shipped model."""
    settings = Settings.model_construct()
    return _facts(settings, None, of_shipped(), [], "SQLite", DEFAULTS)


def gather(session: Session, settings: Settings, institution: Institution) -> Facts:
    """Of a running installation, for one of its institutions."""
    engine = session.get_bind().dialect.name
    database = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(engine, engine)
    return _facts(
        settings,
        institution,
        of_installation(session, institution.id),
        _platforms(session, institution),
        database,
        days_of(session, institution.id),
    )


def _facts(
    settings: Settings,
    institution: Institution | None,
    model: ModelFacts,
    platforms: Sequence[PlatformFacts],
    database: str,
    days: Days,
) -> Facts:
    record = dict(institution.mode_record) if institution else {}
    contacts = (institution.help_contacts if institution else "") or settings.help_contacts
    return Facts(
        release=version("undertone"),
        institution=institution.name if institution else "",
        mode=institution.mode if institution else "",
        decision={name: value for name, value in record.items() if isinstance(value, str) and value},
        contacts=contacts,
        base_url=settings.base_url,
        database=database,
        smallest_group=settings.smallest_group,
        settings=settings,
        model=model,
        tables=list(tables(days)),
        days=days,
        limits=LIMITS,
        platforms=platforms,
        page_languages=page_languages(),
    )


def page_languages() -> list[str]:
    """Codes of the languages that have a message catalogue, and English."""
    named = {path.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES")}
    return sorted({"en", *named} - {"en_XA"})


def tables(days: Days) -> Iterator[TableFacts]:
    """Every table: those with rows of persons, those whose rows end with their age, and all others, each by name."""
    load_tables()
    for mapped, owned in sorted(owned_tables(), key=_name):
        kept, since = _kept(owned, days), _since(owned)
        yield _table(mapped, PURPOSES[owned.purpose], owned.export, kept, since)
    for mapped, ends in sorted(kept_tables(), key=_name):
        since = f"`{ends.since}`" if ends.since else END_OF_COURSE
        yield _table(mapped, "", (), f"kept {days[ends.kind]} days", since)
    for mapped, said in sorted(_standing(days), key=_name):
        yield _table(mapped, said.purpose, (), said.kept, said.since, said.words)


def _name(pair: tuple[type[Base], Any]) -> str:
    return str(pair[0].__tablename__)


def _standing(days: Days) -> Iterator[tuple[type[Base], Standing]]:
    """Tables that declare no end; KeyError for one of which nobody has said what ends it."""
    told = {mapped for mapped, _ in (*owned_tables(), *kept_tables())}
    said = standing(days)
    for mapper in Base.registry.mappers:
        if mapper.class_ not in told:
            yield mapper.class_, said[mapper.class_.__tablename__]


def _table(
    mapped: type[Base], purpose: str, exported: Sequence[str], kept: str, since: str, words: str = ""
) -> TableFacts:
    own = CODE.sub("", next(iter((mapped.__doc__ or words).strip().splitlines()), words))
    encrypted = [column.name for column in inspect(mapped).columns if isinstance(column.type, EncryptedText)]
    return TableFacts(mapped.__tablename__, own, purpose, encrypted, exported, kept, since)


def _kept(owned: Owned, days: Days) -> str:
    if owned.keep is None:
        return "with the row that it belongs to"
    emptied = f"; then its text goes, and the row is kept {days[owned.then]} days" if owned.then else ""
    return f"kept {days[owned.keep]} days{emptied}"


def _since(owned: Owned) -> str:
    """Lines of the ledger end by their own age too, behind a checkpoint and not as rows of a person."""
    own = owned.held_at if owned.keep == LEDGER else owned.since
    if owned.keep is None:
        return "–"
    return f"`{own}`" if own else END


def _platforms(session: Session, institution: Institution) -> list[PlatformFacts]:
    query = (
        select(Registration, LmsConnection.kind)
        .outerjoin(LmsConnection, LmsConnection.registration_id == Registration.id)
        .where(Registration.institution_id == institution.id)
        .order_by(Registration.created_at)
    )
    return [PlatformFacts(row.issuer, row.status, kind or "not read") for row, kind in session.execute(query)]
