"""Background work in words: its names, its states, and what a failure means and asks for."""

from flask_babel import gettext as _


def work_name(kind: str) -> str:
    """What a kind of job is called on the page."""
    words: dict[str, str] = {
        "pull": _("Reading the texts"),
        "reflections": _("Taking in what was written in this tool"),
        "score": _("Scoring the texts"),
        "snapshot": _("Overview for instructors"),
        "retrain": _("Learning from corrections"),
        "expire_consent": _("Ending consent that is a year old"),
        "tend_reflections": _("Ending reflections written in this tool"),
        "retention": _("Deleting what is over"),
        "turn_keys": _("Renewing the signing keys"),
    }
    return words[kind]


def work_state(state: str) -> str:
    """How it stands."""
    words: dict[str, str] = {
        "queued": _("Waiting to start"),
        "running": _("Under way"),
        "done": _("Done"),
        "failed": _("Failed"),
        "never": _("Not run yet"),
    }
    return words[state]


def failure_meaning(kind: str) -> str:
    """What it means for people that this kind of work failed."""
    words: dict[str, str] = {
        "pull": _("What students wrote or changed since the last complete reading is missing."),
        "reflections": _("What students handed in within this tool waits; nothing of it is lost."),
        "score": _(
            "Texts without an estimate stay without one: their writers see “Not estimated yet”, and the "
            "overview does not count them."
        ),
        "snapshot": _("Instructors see the overview as it was before, or none if there was none."),
        "retrain": _("The serving model stays as it is, and every correction is kept."),
        "expire_consent": _("Some consent that is over may still count, and its texts are still kept."),
        "tend_reflections": _("What was typed here may be kept for longer than promised."),
        "retention": _("Some data is still kept although its time is over."),
        "turn_keys": _("The key that signs this tool's calls stays as it is. The calls still work."),
    }
    return words[kind]


def failure_remedy(kind: str) -> str:
    """What the administrator can do about it."""
    words: dict[str, str] = {
        "pull": _("Check the connection on the page “Connection”, then press “Read now”."),
        "reflections": _(
            "It is tried again by itself. Check that the roster can be read, on the page “Connection”: names are "
            "taken out by it."
        ),
        "score": _(
            "It is tried again every hour and after each reading; “Read now” starts one. If it fails again, "
            "ask the operator to run “undertone check” and to look at the worker's log."
        ),
        "snapshot": _(
            "It is tried again by itself. If it fails again, ask the operator to look at the worker's log."
        ),
        "retrain": _(
            "Start it again on the page “Model”. If it fails again, ask the operator to look at the worker's log."
        ),
        "expire_consent": _(
            "It is tried again every night. Tell the operator now, who can look at the worker's log."
        ),
        "tend_reflections": _(
            "It is tried again by itself. If it fails again, ask the operator to look at the worker's log."
        ),
        "retention": _(
            "It is tried again every night. If it fails again, ask the operator to look at the worker's log."
        ),
        "turn_keys": _(
            "It is tried again every night. If it fails again, ask the operator to look at the worker's log."
        ),
    }
    return words[kind]
