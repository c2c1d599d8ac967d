"""Every address of the application, who of the staff may ask for it, and with what: a new one has to be added here."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ask:
    """One request. In `path` and `fields`, {post}, {hidden}, {finding}, {course} … stand for what the world holds."""

    path: str
    method: str = "GET"
    fields: dict[str, str] = field(default_factory=dict)
    query: str = ""


def get(path: str, *queries: str) -> list[Ask]:
    return [Ask(path), *(Ask(path, query=query) for query in queries)]


def post(path: str, **fields: str) -> list[Ask]:
    return [Ask(path, "POST", fields)]


LABELS = {
    "text_hash": "{hash}",
    "sentiment": "negative",
    "labels": "confusion",
    "back": "queue",
    "opened": "0",
}

STAFF: dict[str, list[Ask]] = {
    "insights.overview": get("overview"),
    "insights.topics": get("topics"),
    "insights.reflections": get("reflections", "week=3", "label=confusion", "page=2", "section=3"),
    "insights.forums": get("forums", "week=1", "label=engagement", "activity={activity}", "page=2"),
    "insights.examples": [*get("findings/{finding}"), *get("findings/none")],
    "insights.act": get("findings/{finding}/act"),
    "insights.how": get("how-it-works"),
    "review.queue": get("review", "more=1"),
    "review.item": [*get("review/{post}"), *get("review/{hidden}"), *get("review/none")],
    "review.answer": [
        *post("review/{post}", **LABELS),
        *post("review/{post}", **{**LABELS, "act": "cannot_tell"}),
        *post("review/{hidden}", **LABELS),
    ],
    "review.undo": post("review/undo", back="queue"),
    "review.what_happens": get("review/what-happens"),
    "review.guide": get("review/guide"),
    "prompts.opened": get("prompt"),
    "prompts.keep": post(
        "prompt", title="A title", prompt="What was hard?", otherwise="On paper.", zone="UTC"
    ),
    "ingest.reading": get("reading"),
    "ingest.background_work": get("reading/background"),
    "ingest.progress": [*get("reading/{course}/progress"), *get("reading/none/progress")],
    "ingest.read_now": post("reading/{course}"),
    "retraining.model": get("model"),
    "retraining.progress": get("model/progress"),
    "retraining.run_now": post("model/run"),
    "retraining.confirm_rollback": get("model/rollback"),
    "retraining.rollback": post("model/rollback"),
    "retraining.pin": post("model/pin"),
    "retraining.unpin": post("model/unpin"),
    "retraining.keep": post("model/keep"),
    "retraining.cancel": post("model/cancel"),
    "retraining.version": get("model/versions/none"),
    "launch_pages.information": get("information"),
    "placing.choose": get("place"),
    "placing.place": post("place", link="tool"),
    "listing.ask": get("administer"),
    "listing.enter": post("administer", code="wrong"),
    "launch_admin.connection": get("connection"),
    "launch_admin.mode": get("connection/mode"),
    "launch_admin.connect": get("connection/connect/moodle"),
    "launch_admin.platform": get("connection/platforms/{registration}"),
    "launch_admin.canvas_account": get("connection/platforms/{registration}/canvas"),
    "care.page": get("care"),
    "worrying.protocol": get("worrying"),
    "translations.page": get("translations"),
    "translations.one": get("translations/de"),
    "language.choose": post("language", language="de"),
    "rights_admin.overview": get("protection"),
    "rights_admin.new_request": get("protection/requests/new"),
    "rights_admin.one_request": get("protection/requests/none"),
    "documents.privacy": get("privacy"),
    "documents.papers": get("privacy/papers"),
    "documents.views": get("privacy/views"),
    "documents.views_csv": get("privacy/views/csv"),
    "receipt_keys.keys": get("/consent/keys.json"),
    "health.live": get("/health/live"),
    "health.ready": get("/health/ready"),
    "lti.published_keys": get("/lti/keys"),
}
"""Endpoint → requests that every role of the staff makes in both worlds."""

OF_STUDENTS = ("consent", "rights", "receipts", "reflections")
"""Parts whose addresses are for students alone: all of them are asked for by staff too, and refused alike."""

ELSEWHERE: dict[str, str] = {
    "static": "files of the project",
    "lti.login": "before anybody is known",
    "lti.proceed": "before anybody is known",
    "lti.launch": "before anybody is known; what it opens is asked for above",
    "registering.register": "a platform's registration: of no course",
    "registering.confirm": "a platform's registration: of no course",
    "entering.ask": "an operator's one-time link: of no course",
    "entering.enter": "an operator's one-time link: of no course",
    "canvas_oauth.authorise": "an account of the LMS: of no course",
    "canvas_oauth.authorised": "an account of the LMS: of no course",
    "care.set_help": "changes the installation: reads no person's row",
    "care.set_protocol": "changes the installation: reads no person's row",
    "translations.confirm": "changes the installation: reads no person's row",
    "launch_admin.course_ages": "changes the installation: reads no person's row",
    "rights_admin.switch_institution": "stops everything: what stays is asked for above",
    "rights_admin.switch_course": "stops everything: what stays is asked for above",
    "rights_admin.record_request": "a request that a student made known by writing to the institution",
    "rights_admin.erase": "a request that a student made known by writing to the institution",
    "rights_admin.close": "a request that a student made known by writing to the institution",
    "launch_admin.code": "changes the installation: reads no person's row",
    "launch_admin.remove_administrator": "changes the installation: reads no person's row",
    "launch_admin.decide": "changes the mode: told in each mode above",
    "launch_admin.invite": "changes the installation: reads no person's row",
    "launch_admin.add": "changes the installation: reads no person's row",
    "launch_admin.check": "calls the LMS: reads no person's row",
    "launch_admin.approve": "changes the installation: reads no person's row",
    "launch_admin.suspend": "changes the installation: reads no person's row",
    "launch_admin.remove": "changes the installation: reads no person's row",
    "launch_admin.resume": "changes the installation: reads no person's row",
    "launch_admin.approve_deployment": "changes the installation: reads no person's row",
    "launch_admin.reading": "changes the installation: reads no person's row",
    "launch_admin.canvas_key": "changes the installation: reads no person's row",
    "launch_admin.canvas_revoke": "changes the installation: reads no person's row",
}
"""Endpoint → why the matrix does not ask for it."""
