"""Rewriting the one lookup table under the current pseudonym key, while the tool runs (design decision 2)."""

from collections import Counter
from collections.abc import Callable, Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.launch.pseudonyms import Identities, Platform
from lti_tool.launch.tables import Course, Deployment, Person, PersonKey, Registration
from lti_tool.storage import Database, current_keyring

BATCH = 200
"""Rows in one transaction."""


def rewrite(database: Database, pause: Callable[[], None], tell: Callable[[int], None]) -> int:
    """Bring every row that can be under the current key; return how many were changed.

    Rows that somebody else holds are passed over: their launch or roster brings them up to date by itself, and else
    the next call does. A row from before pseudonym keys whose `sub` is not on record waits for its next launch.
    """
    done, last = 0, ""
    while True:
        with database.session() as session:
            rows = _behind(session, last)
            done += _brought_up_to_date(session, rows)
        if not rows:
            return done
        last = rows[-1][0].person_id
        tell(done)
        pause()


def people_by_key(session: Session) -> Counter[str]:
    """How many people are found by each pseudonym key; the empty id is the way of before there were any."""
    query = select(PersonKey.key_id, func.count()).group_by(PersonKey.key_id)
    return Counter(dict(session.execute(query).all()))


def _behind(session: Session, last: str) -> list[tuple[PersonKey, Person]]:
    query = (
        select(PersonKey, Person)
        .join(Person, Person.id == PersonKey.person_id)
        .where(PersonKey.key_id != current_keyring().ids("pseudonyms")[0], PersonKey.person_id > last)
        .order_by(PersonKey.person_id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=PersonKey)
    )
    return [(key, person) for key, person in session.execute(query)]


def _brought_up_to_date(session: Session, rows: Iterable[tuple[PersonKey, Person]]) -> int:
    """A row's own index proves that its identity was found, before a new one is made from it."""
    places: dict[tuple[str, str | None], list[Identities]] = {}
    ready = []
    for key, person in rows:
        where = person.institution_id, person.course_id
        if where not in places:
            places[where] = _identities(session, *where)
        sub = key.subject or key.lms_user_id
        own = (one for one in places[where] if one.index_of(sub, key.key_id) == key.identity_index)
        identities = next(own, None)
        if identities is not None:
            ready.append((key, identities, sub))
    wanted = [identities.current(sub)[0] for _, identities, sub in ready]
    taken = set(session.scalars(select(PersonKey.identity_index).where(PersonKey.identity_index.in_(wanted))))
    changed = [one for one, index in zip(ready, wanted, strict=True) if index not in taken]
    for key, identities, sub in changed:
        identities.bring_up_to_date(key, sub)
    session.flush()
    return len(changed)


def _identities(session: Session, institution_id: str, course_id: str | None) -> list[Identities]:
    """Where the `sub` of such a person may be somebody's: in their course, or in any deployment of the institution."""
    columns = Registration.issuer, Registration.client_id, Deployment.deployment_key
    query = select(*columns).join(Deployment, Deployment.registration_id == Registration.id)
    if course_id is None:
        found = session.execute(query.where(Registration.institution_id == institution_id))
        return [Identities(institution_id, Platform(*row, "")) for row in found]
    course = session.get_one(Course, course_id)
    row = session.execute(query.where(Deployment.id == course.deployment_id)).one()
    return [Identities(institution_id, Platform(*row, course.context_key))]
