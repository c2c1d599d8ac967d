"""Labels that wait for a second reader (S43): nobody is accused, another instructor is asked about the same text.

The nightly check says which labels and why. What a second reader said is looked up whenever it matters, so that taking
an answer back, or dropping its annotator's labels, holds the label again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ingest.writing import lock_all
from lti_tool.review import dropping
from lti_tool.review.agreement import say_the_same
from lti_tool.review.effective import CHUNK, standing
from lti_tool.review.tables import Answer, HeldLabel

Reason = Literal["sure", "quality", "one_way", "checks", "pace"]
"""The model was very sure of the opposite; the label fits its like badly; the annotator's corrections nearly all go one
way; they agree with nobody on texts that two have read; they answered faster than anybody reads."""
REASONS: tuple[Reason, ...] = get_args(Reason)
OF_THE_ANNOTATOR: frozenset[str] = frozenset({"one_way", "checks", "pace"})
"""Reasons that lie in how somebody answers, not in one text. Who is held for one confirms nobody else's label."""
DIFFER = "readers_differ"
State = Literal["waiting", "agreed", "differs"]
Said = Mapping[str, Answer]
"""The standing answer of each annotator of one text."""


def hold(
    session: Session,
    now: datetime,
    found: Mapping[str, Reason],
    judged: Collection[str] = (),
    read: Collection[str] = (),
) -> None:
    """Bring the holds in line with what a check found: answer id → reason.

    A held label that was `judged` and is not in `found` any more is released; where the reason lay in the text, only
    when the model's reading of it was looked at (`read`). Doing it again changes nothing. It locks the authors' consent
    rows (P16); answers that are gone by then are passed over.
    """
    rows = {row.answer_id: row for row in session.scalars(select(HeldLabel))}
    lock_all(session, {one.person_id for one in _answers(session, found)})
    for answer in _answers(session, found):
        row = rows.get(answer.id)
        if row is None or row.released_at is not None:
            row = row or HeldLabel(answer_id=answer.id, person_id=answer.person_id)
            row.held_at, row.released_at = now, None
            session.add(row)
        row.reason = found[answer.id]
    looked_at = set(read)
    for answer_id in (rows.keys() & set(judged)) - found.keys():
        if rows[answer_id].reason in OF_THE_ANNOTATOR or answer_id in looked_at:
            rows[answer_id].released_at = rows[answer_id].released_at or now
    session.flush()


def held(session: Session, answer_ids: Collection[str]) -> dict[str, str]:
    """Answer id → reason, of those among the answers for which the last check found one."""
    wanted = set(answer_ids)
    query = select(HeldLabel.answer_id, HeldLabel.reason).where(HeldLabel.released_at.is_(None))
    return {answer_id: reason for answer_id, reason in session.execute(query) if answer_id in wanted}


def withheld(session: Session, answers: Mapping[str, Sequence[Answer]]) -> dict[str, str]:
    """Answer id → why it may not train now, for the answers of some texts (post id → answers in order of time).

    The reason is that of the hold, or `DIFFER` once a second reader said something else.
    """
    out: dict[str, str] = {}
    for said, reasons in _texts(session, answers).values():
        for answer_id, state in states(said, reasons).items():
            if state != "agreed":
                out[answer_id] = reasons[answer_id] if state == "waiting" else DIFFER
    return out


def waiting_for(session: Session, answers: Mapping[str, Sequence[Answer]], reader_id: str) -> set[str]:
    """The ids of the texts of which a label waits for a second reader, and that this one has not answered yet."""
    return {
        post_id
        for post_id, (said, reasons) in _texts(session, answers).items()
        if reader_id not in said and "waiting" in states(said, reasons).values()
    }


def of_text(
    session: Session, answers: Sequence[Answer], annotator_id: str
) -> tuple[Answer, State | None] | None:
    """The annotator's standing label among the answers of one text, and where it is held; None when it is not."""
    said, reasons = next(iter(_texts(session, {"": answers}).values()))
    own = said.get(annotator_id)
    if own is None or own.kind != "labels":
        return None
    return own, states(said, reasons).get(own.id)


def states(said: Said, reasons: Mapping[str, str]) -> dict[str, State]:
    """Where each held label of a text is, by answer id; `reasons` are those of the holds.

    Where two readers differ over one text, the second's label is left out as well, unless somebody else confirms it. A
    hold for how somebody answers, and one on an author's own claim, leave the others' labels alone.
    """
    found = {one.id: _state(one, said, reasons) for one in said.values() if one.id in reasons}
    for one in said.values():
        of_the_text = one.id in reasons and reasons[one.id] not in OF_THE_ANNOTATOR
        if of_the_text and found[one.id] == "differs" and one.annotator_role == "instructor":
            for other in _second(one, said, reasons):
                if _state(other, said, reasons) != "agreed":
                    found[other.id] = "differs"
    return found


def _state(answer: Answer, said: Said, reasons: Mapping[str, str]) -> State:
    second = _second(answer, said, reasons)
    if any(say_the_same(answer.labels, other.labels) for other in second):
        return "agreed"
    return "differs" if second else "waiting"


def _second(answer: Answer, said: Said, reasons: Mapping[str, str]) -> list[Answer]:
    """Labels of other instructors for the text, of those whose word confirms."""
    return [
        other
        for other in said.values()
        if other.annotator_id != answer.annotator_id
        and other.annotator_role == "instructor"
        and other.kind == "labels"
        and reasons.get(other.id) not in OF_THE_ANNOTATOR
    ]


def _texts(
    session: Session, answers: Mapping[str, Sequence[Answer]]
) -> dict[str, tuple[Said, dict[str, str]]]:
    """For each text what everybody says and which of it is held, without what was taken out (S40)."""
    reasons = held(session, [one.id for given in answers.values() for one in given])
    rules = dropping.rules(session)
    return {post_id: (standing(rules.left(given)), reasons) for post_id, given in answers.items()}


def _answers(session: Session, ids: Collection[str]) -> Iterator[Answer]:
    wanted = sorted(ids)
    for start in range(0, len(wanted), CHUNK):
        yield from session.scalars(select(Answer).where(Answer.id.in_(wanted[start : start + CHUNK])))
