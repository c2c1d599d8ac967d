"""The administrator's page "Data protection" in words."""

from flask_babel import gettext as _


def kind_name(kind: str) -> str:
    """What a kind of data is called."""
    words: dict[str, str] = {
        "texts": _("Texts that were read"),
        "scores": _("Estimates, and answers about them"),
        "alerts": _("Findings and the overview"),
        "pool": _("Texts that may train the model"),
        "models": _("Models that learnt from corrections"),
        "proof": _("Proof of consent"),
        "audit": _("Log of who looked at whom"),
        "operation_logs": _("Log of how the tool runs"),
        "access": _("Choices, and the way to a person"),
    }
    return words.get(kind, kind)


def request_name(kind: str) -> str:
    """What somebody asks for."""
    words: dict[str, str] = {
        "access": _("To see what is kept"),
        "copy": _("A copy to take along"),
        "correction": _("A correction"),
        "erasure": _("Erasure"),
        "restriction": _("A stop of processing"),
        "objection": _("An objection"),
    }
    return words.get(kind, kind)


def request_state(state: str) -> str:
    words: dict[str, str] = {"open": _("Open"), "done": _("Done"), "refused": _("Refused")}
    return words.get(state, state)


def act_name(act: str) -> str:
    """A line of what was done about a request."""
    words: dict[str, str] = {
        "recorded": _("Recorded"),
        "copy_given": _("A copy was made"),
        "erased": _("Everything was erased"),
        "noted": _("Note"),
        "done": _("Closed as done"),
        "refused": _("Closed as refused"),
    }
    return words.get(act, act)


def undone_words(code: str) -> str:
    """What a run could not do."""
    words: dict[str, str] = {
        "ledger_not_pruned": _("Old lines of the consent ledger of some courses could not be deleted."),
        "model_in_use": _(
            "A model is older than its time and still serves, so it stays until another one does."
        ),
        "weights_folder_left": _("A folder with an old model could not be deleted from this machine."),
    }
    return words.get(code, code)
