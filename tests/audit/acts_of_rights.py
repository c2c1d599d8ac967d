"""How the events of consent and of people's rights are produced, as those in `acts`."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from lti_tool.consent import controllers, expiring, ledger_tasks, translating, verifying
from lti_tool.consent.tables import ConsentEvent
from lti_tool.launch import ages, stopping
from lti_tool.launch.tables import Course, Institution
from lti_tool.retraining import by_hand, proposing
from lti_tool.review import dropping
from lti_tool.rights import breach, erasing, replaying, retention_choices
from lti_tool.rights.requests_tables import DataRequest
from lti_tool.rights.retention import Enforcing
from lti_tool.scoring import serving, wall
from lti_tool.scoring.tables import ModelVersion
from lti_tool.storage import new_id
from tests.audit.acts import act
from tests.audit.installation import SUBS, Installation, now
from tests.consent.tampering import unguarded

YEARS = timedelta(days=2500)


def _institution(made: Installation, session: Any) -> Institution:
    return session.get_one(Institution, made.registration.institution_id)


def _declined(made: Installation) -> None:
    person = made.enter("student")
    person.post("choices", {"decision": "decline"})


@act("ledger_verified", "whole", "broken")
def _check_the_ledger(made: Installation) -> None:
    _declined(made)
    with made.session() as session:
        ledger_tasks.note(session, now(), verifying.check(session))
    _break_the_ledger(made)


@act("ledger_broken", "changed")
def _break_the_ledger(made: Installation) -> None:
    _declined(made)
    with made.session() as session:
        with unguarded(session):
            session.execute(update(ConsentEvent).where(ConsentEvent.number == 1).values(language="fr"))
        ledger_tasks.note(session, now(), verifying.check(session))


@act("ledger_pruned")
def _let_lines_expire(made: Installation) -> None:
    _declined(made)
    with made.session() as session:
        assert expiring.prune(session, now(), session.scalars(select(Course.id)).one(), now() + YEARS)


@act("controller_stated")
def _state_the_controller(made: Installation) -> None:
    said = {"address": "Planted street 1", "contact": "planted@controller.example"}
    made.secrets |= set(said.values())
    with made.session() as session:
        for _ in range(2):
            controllers.state(session, now(), _institution(made, session), said)


@act("translation_confirmed", "es")
def _confirm_a_translation(made: Installation) -> None:
    made.secrets.add("Planted reviewer")
    with made.session() as session:
        wording = translating.publish(session, now(), "es").sha256
    person = made.enter("administrator")
    said = {"by": "Planted reviewer", "wording": wording}
    assert person.post("translations/es", said).status_code == 303


@act("ages_of_course_set", "minors", "as_institution")
def _say_who_is_in_a_course(made: Installation) -> None:
    made.enter("student")
    with made.session() as session:
        course = session.scalars(select(Course)).one()
        for minors in (True, False):
            of = session, now(), course.institution_id, course.id
            ages.set_course(*of, may_hold_minors=minors, actor_id=None)


@act("help_set", "de")
def _set_help(made: Installation) -> None:
    block = {"services": "Planted service", "crisis": "", "emergency": "555 0199"}
    made.secrets |= {"Planted service", "555 0199"}
    person = made.enter("administrator")
    assert person.post("care/help", {"language": "de", **block}).status_code == 303


@act("protocol_set")
def _set_the_protocol(made: Installation) -> None:
    said = {
        "steps": "Planted steps",
        "contacts": "Planted contacts",
        "address": "https://lms.example/planted",
    }
    made.secrets |= set(said.values())
    assert made.enter("administrator").post("care/protocol", said).status_code == 303


@act("switched_off", "course", "institution")
def _switch_off(made: Installation) -> None:
    person = made.enter("administrator")
    with made.database.reading() as session:
        course_id = session.scalars(select(Course.id)).one()
    for path in (f"protection/courses/{course_id}/switch", "protection/switch"):
        assert person.post(path, {"reason": "Planted reason"}).status_code == 303
    made.secrets.add("Planted reason")


@act("switched_on", "course", "institution")
def _switch_on(made: Installation) -> None:
    _switch_off(made)
    with made.session() as session:
        course = session.scalars(select(Course)).one()
        stopping.resume_course(session, now(), course, "Planted reason", None)
        stopping.resume_institution(session, now(), _institution(made, session), "Planted reason", None)


@act("erasure_asked", "text", "texts", "person")
def _ask_to_erase(made: Installation) -> None:
    writer = made.writer()
    with made.session() as session:
        of = session, now(), writer.person, writer.course
        erasing.ask(*of, "text", next(iter(writer.posts.values())))
        for scope in ("texts", "texts", "person"):
            erasing.ask(*of, scope)


@act("erasure_undone", "text")
def _take_an_erasure_back(made: Installation) -> None:
    writer = made.writer()
    with made.session() as session:
        text_id = next(iter(writer.posts.values()))
        asked = erasing.ask(session, now(), writer.person, writer.course, "text", text_id)
        erasing.undo(session, now(), writer.person, asked.id)


@act("erased", "person")
def _erase(made: Installation) -> None:
    writer = made.writer()
    with made.session() as session:
        asked = erasing.ask(session, now(), writer.person, writer.course, "person")
        for _ in range(2):
            erasing.finish(session, asked.due_at, writer.person, asked.id, "en")


@act("objected", "training")
def _object(made: Installation) -> None:
    assert made.enter("student").post("data/object", {"about": "training"}).status_code == 303


def _request(made: Installation) -> tuple[Any, str]:
    """An administrator's browser with the address of a request about the writer."""
    made.writer()
    person = made.enter("administrator")
    said = {"kind": "erasure", "lms_user": SUBS["student"], "received": ""}
    answer = person.post("protection/requests", said)
    return person, answer.headers["Location"]


@act("request_recorded", "erasure")
def _record_a_request(made: Installation) -> None:
    _request(made)
    with made.database.reading() as session:
        assert session.scalars(select(DataRequest)).one().evidence[0]["courses"] == 1


@act("request_noted", "erasure")
def _note_on_a_request(made: Installation) -> None:
    _answer(made, "open")


@act("request_closed", "refused")
def _close_a_request(made: Installation) -> None:
    _answer(made, "refused")


def _answer(made: Installation, state: str) -> None:
    person, page = _request(made)
    assert person.post(f"{page}/close", {"state": state, "words": "Planted answer"}).status_code == 303
    made.secrets.add("Planted answer")


@act("request_erased", "erasure")
def _erase_on_request(made: Installation) -> None:
    person, page = _request(made)
    assert person.post(f"{page}/erase", {"sure": "yes"}).status_code == 303


@act("breach_report")
def _list_whom_a_breach_met(made: Installation) -> None:
    made.writer()
    with made.session() as session:
        window = now() - timedelta(days=1), now() + timedelta(days=1)
        assert breach.report(session, now(), _institution(made, session), *window, lms_ids=True)


@act("retention_chosen")
def _choose_how_long(made: Installation) -> None:
    made.secrets.add("Planted officer")
    with made.session() as session:
        said = "operation_logs", 200, "Planted officer"
        retention_choices.choose(session, now(), _institution(made, session), *said)


@act("retention_enforced")
def _enforce(made: Installation) -> None:
    made.writer()
    Enforcing(made.database, new_id(), now(), made.settings.weights_home).perform()


@act("restored")
def _restore(made: Installation) -> None:
    made.writer()
    replaying.replay(made.database, now(), made.settings.weights_home, [])


@act("labels_dropped", "annotator", "course", "period")
def _drop_labels(made: Installation) -> list[str]:
    writer = made.writer()
    which = [
        dropping.Which(annotator_id=writer.person),
        dropping.Which(course_id=writer.course),
        dropping.Which(course_id=writer.course, until=now()),
    ]
    with made.session() as session:
        return [row.id for one in which for row in dropping.drop(session, now(), one)]


@act("labels_restored", "annotator", "course", "period")
def _restore_labels(made: Installation) -> None:
    rules = _drop_labels(made)
    with made.session() as session:
        dropping.restore(session, now(), rules)


def _two_versions(made: Installation) -> ModelVersion:
    """The shipped one serves after another one, so that there is a way back; the other is returned."""
    made.writer()
    first = made.version()
    with made.session() as session:
        shipped = serving.install_shipped(session, now())
        serving.promote(session, now(), shipped.id, "nightly run", "promoted")
    return first


@act("promoted_by_hand")
def _promote_by_hand(made: Installation) -> None:
    _two_versions(made)
    with made.session() as session:
        by_hand.promote(session, now(), serving.serving(session, None), "command line")


@act("model_pinned", "on", "off")
def _pin_and_unpin(made: Installation) -> None:
    _two_versions(made)
    person = made.enter("administrator")
    assert person.post("model/pin").status_code == 303
    assert person.post("model/unpin").status_code == 303


@act("model_sharing_set", "on", "off")
def _share_models(made: Installation) -> None:
    with made.session() as session:
        owner = _institution(made, session).id
        for on in (True, True, False):
            wall.set_sharing(session, now(), owner, on=on)


@act("rollback_proposed")
def _propose_to_go_back(made: Installation) -> None:
    _two_versions(made)
    with made.session() as session:
        move = serving.history(session)[-1]
        proposing.propose(session, now(), move, {"before": 20, "after": 65, "low": 25, "high": 60}, None)


@act("proposal_kept")
def _keep_it_all_the_same(made: Installation) -> None:
    _propose_to_go_back(made)
    assert made.enter("administrator").post("model/keep").status_code == 303


@act("retraining_cancelled")
def _end_a_run(made: Installation) -> None:
    person = made.enter("administrator")
    assert person.post("model/run").status_code == 303
    assert person.post("model/cancel").status_code == 303
