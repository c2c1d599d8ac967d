"""Every page of a launch, the objects that a request for it names, and everyone who may not have it (S22)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from inspect import getclosurevars

from flask import Flask
from werkzeug.routing import Rule

from tests.launch.tenants import ROLES, Seat, Tenants

PREFIX = "/l/<launch_id>"
REFUSED = (403, 404)
NO_IDS = {"field": "b", "kind": "moodle", "language": "es"}
"""Arguments that choose from a fixed list of words."""
OF_EVERYONE = {"wording"}
"""Objects that are the same everywhere: a page's published words."""
OF_THE_INSTITUTION = {"registration_id", "deployment_id", "operator_id", "code", "request_id", "version_id"}
"""Objects that all courses of an institution have in common."""
OF_THE_COURSE = {"reflection_id"}
"""Objects that all students of a course have in common: each sees their own text in it."""
QUERIES: dict[str, dict[str, str]] = {
    "insights.forums": {"activity": "activity_id"},
    "insights.reflections": {"activity": "activity_id"},
    "review.queue": {"after": "post_id"},
    "review.item": {"after": "post_id", "back": "finding_id"},
    "rights.my_texts": {"said": "post_id"},
}
"""Endpoint → query parameter → the object that its value names."""
DECISION = dict.fromkeys(("approver", "reason", "office", "assessment", "memo"), "=The senate") | {
    "mode": "=individual",
    "ages": "=adults",
}
REQUEST = {"kind": "=access", "lms_user": "=77", "received": "=2026-11-02"}
FORMS: dict[str, dict[str, str]] = {
    "care.set_help": {"language": "=en"} | dict.fromkeys(("services", "crisis", "emergency"), "=555 0100"),
    "care.set_protocol": {"steps": "=Call", "contacts": "=555 0100", "address": "=https://new.example"},
    "consent.choose": {"decision": "=decline"},
    "consent.change": {"value": "=no"},
    "ingest.read_now": {},
    "language.choose": {"language": "=de"},
    "launch_admin.add": {"client_id": "=one"}
    | dict.fromkeys(("issuer", "authorization_url", "token_url", "keys_url"), "=https://new.example"),
    "launch_admin.approve": {"deployments": "=ask"} | DECISION,
    "launch_admin.approve_deployment": {},
    "launch_admin.canvas_key": {"key_id": "=42", "secret": "=long-secret", "address": "=https://new.example"},
    "launch_admin.canvas_revoke": {},
    "launch_admin.check": {},
    "launch_admin.code": {},
    "launch_admin.course_ages": {"ages": "=institution"},
    "launch_admin.decide": DECISION,
    "launch_admin.invite": {},
    "launch_admin.reading": {"kind": "=moodle", "address": "=https://new.example", "token": "=token"},
    "launch_admin.remove": {},
    "launch_admin.remove_administrator": {},
    "launch_admin.resume": {},
    "launch_admin.suspend": {},
    "listing.enter": {"code": "code"},
    "placing.place": {"name": "=Mood"},
    "prompts.keep": {
        "title": "=A week",
        "prompt": "=What was it?",
        "otherwise": "=On paper",
        "closes": "=" + (datetime.now(UTC) + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M"),
        "zone": "=UTC",
    },
    "reflections.delete": {},
    "reflections.save": {"text": "=A quiet week", "act": "=hand_in"},
    "retraining.cancel": {},
    "retraining.keep": {},
    "retraining.pin": {},
    "retraining.rollback": {},
    "retraining.run_now": {},
    "retraining.unpin": {},
    "review.answer": {"text_hash": "text_hash", "sentiment": "=negative", "back": "finding_id"},
    "review.undo": {"back": "=queue", "text_hash": "=0", "sentiment": "=neutral"},
    "rights.contest": {"text_hash": "text_hash", "sentiment": "=negative"},
    "rights.erase": {},
    "rights.erase_all": {"scope": "=texts"},
    "rights.object_": {"about": "=reading"},
    "rights.pause": {"value": "=pause"},
    "rights.undo_erasing": {},
    "rights.why_again": {},
    "rights_admin.close": {"state": "=done", "words": "=Answered by letter"},
    "rights_admin.erase": {"sure": "=yes"},
    "rights_admin.record_request": REQUEST,
    "rights_admin.switch_course": {"reason": "=The exam"},
    "rights_admin.switch_institution": {"reason": "=The exam"},
    "translations.confirm": {"by": "=The language centre", "wording": "wording"},
}
"""Endpoint of a form → field → the object that its value names, or after `=` the value itself."""
PLAIN = set(
    "csrf_token a b c d earlier labels comment opened act own_name more undone start changed label week section page "
    "issuer client_id authorization_url token_url keys_url kind address key_id secret "
    "mode approver reason office assessment memo "
    "days who whom what title prompt otherwise opens closes zone words saved change done text version act "
    "ages revision wording back told which scope value services crisis emergency steps contacts language by".split()
)
"""Parameters and fields that hold words, numbers, times or what a platform is called, and no id of ours."""
OVER = ("ended", "idle")
OWN_STATE = {
    "listing.enter": {404},
    "launch_admin.approve": {400},
    "launch_admin.remove": {400},
    "launch_admin.resume": {400},
    "retraining.cancel": {409},
    "retraining.rollback": {409},
}
"""What the owner may be told because of what came before: a code that is used up, a platform that is switched on, no
run under way, an earlier version that is not whole."""
LAST = (
    "rights.erase",
    "rights.pause",
    "rights.erase_all",
    "consent.change",
    "consent.choose",
    "listing.enter",
    "rights_admin.erase",
    "rights_admin.close",
    "rights_admin.switch_course",
    "rights_admin.switch_institution",
    "launch_admin.suspend",
)
"""Forms after which the owner's other pages are closed, in this order."""


@dataclass(frozen=True)
class Page:
    """One method of one address of a launch, and the roles that it is for."""

    rule: Rule
    method: str
    roles: tuple[str, ...]

    @property
    def endpoint(self) -> str:
        return self.rule.endpoint

    @property
    def ids(self) -> set[str]:
        return self.rule.arguments - {"launch_id", *NO_IDS}

    @property
    def objects(self) -> set[str]:
        """What a request names of somebody's, in its address or form."""
        form = FORMS.get(self.endpoint, {}) if self.method != "GET" else {}
        return self.ids | {value for value in form.values() if not value.startswith("=")} - OF_EVERYONE

    def request(self, seat: Seat, objects: dict[str, str]) -> tuple[str, dict[str, str], dict[str, str]]:
        """The path in the launch of a seat, the query and the form, with these objects in place of ids."""
        values = {**objects, **NO_IDS, "launch_id": seat.launch_id}
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: values[found[1]], str(self.rule))
        query = {name: objects[of] for name, of in QUERIES.get(self.endpoint, {}).items()}
        form = {
            name: of[1:] if of.startswith("=") else objects[of]
            for name, of in FORMS.get(self.endpoint, {}).items()
        }
        return path, query if self.method == "GET" else {}, form if self.method != "GET" else {}

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def roles_of(app: Flask, rule: Rule) -> tuple[str, ...]:
    """The roles that the guard of the address's blueprint lets in."""
    for guard in app.before_request_funcs.get(rule.endpoint.partition(".")[0], []):
        if "roles" in (known := getclosurevars(guard).nonlocals):
            return known["roles"]
    raise AssertionError(f"{rule.endpoint} lies in a launch and asks for no role")


def pages(app: Flask) -> list[Page]:
    """Every method of every address in a launch."""
    rules = [rule for rule in app.url_map.iter_rules() if str(rule).startswith(PREFIX)]
    return [
        Page(rule, method, roles_of(app, rule))
        for rule in sorted(rules, key=str)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def owners(made: Tenants) -> Iterator[tuple[Page, Seat]]:
    """Each page with the seat of each role that it is for, in our course."""
    for page in pages(made.app):
        for role in ROLES:
            if role in page.roles:
                yield page, made.seats[f"ours.{role}"]


@dataclass(frozen=True)
class Asked:
    """Who asks, in whose launch, naming which objects; `seat` None has no cookie of ours."""

    seat: Seat | None
    place: Seat
    objects: dict[str, str]


Ask = Callable[[Tenants, Page, Seat], Iterator[Asked]]


def other(made: Tenants, course: str, owner: Seat) -> Seat:
    """The seat of the same role elsewhere, or of a second person here."""
    if course == "outside":
        return made.seats["theirs.administrator.outside"]
    return made.seats[f"ours.{owner.role}.2" if course == "ours" else f"{course}.{owner.role}"]


def in_the_owners_launch(course: str) -> Ask:
    def asked(made: Tenants, page: Page, owner: Seat) -> Iterator[Asked]:
        yield Asked(other(made, course, owner), owner, owner.objects)

    return asked


def with_the_owners_ids(course: str) -> Ask:
    """In their own launch: all objects the owner's, then one of them and the others their own."""

    def asked(made: Tenants, page: Page, owner: Seat) -> Iterator[Asked]:
        seat, foreign = other(made, course, owner), page.objects
        if course == "beside":
            foreign = foreign - OF_THE_INSTITUTION
        if course == "ours":
            foreign = foreign - OF_THE_COURSE
        if course == "ours" and owner.role != "student":
            return
        if foreign:
            yield Asked(seat, seat, owner.objects)
        if len(page.ids) > 1:
            for name in foreign & page.ids:
                yield Asked(seat, seat, seat.objects | {name: owner.objects[name]})

    return asked


def outside_a_course(made: Tenants, page: Page, owner: Seat) -> Iterator[Asked]:
    """Another institution's administrator, who sees all courses of their own."""
    seat = made.seats["theirs.administrator.outside"]
    if owner.role == seat.role and page.objects:
        yield Asked(seat, seat, owner.objects)


def lower_role(made: Tenants, page: Page, owner: Seat) -> Iterator[Asked]:
    for role in set(ROLES) - set(page.roles):
        seat = made.seats[f"ours.{role}"]
        yield Asked(seat, seat, owner.objects)


def no_session(made: Tenants, page: Page, owner: Seat) -> Iterator[Asked]:
    yield Asked(None, owner, owner.objects)


def session_that_is_over(kind: str) -> Ask:
    def asked(made: Tenants, page: Page, owner: Seat) -> Iterator[Asked]:
        seat = made.seats[f"ours.{owner.role}.{kind}"]
        yield Asked(seat, seat, owner.objects)

    return asked


WHO: dict[str, Ask] = {
    "another_person_of_the_course": in_the_owners_launch("ours"),
    "another_student_with_the_owners_ids": with_the_owners_ids("ours"),
    "another_course": in_the_owners_launch("beside"),
    "another_course_with_the_owners_ids": with_the_owners_ids("beside"),
    "another_institution": in_the_owners_launch("theirs"),
    "another_institution_with_the_owners_ids": with_the_owners_ids("theirs"),
    "another_institution_from_outside_a_course": outside_a_course,
    "lower_role": lower_role,
    "no_session": no_session,
    "ended_session": session_that_is_over("ended"),
    "idle_session": session_that_is_over("idle"),
}
