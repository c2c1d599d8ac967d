"""What can be wrong with a checkpoint or an input file, in words a person can act on."""


class ModelError(Exception):
    """A failure with a stable `code` and plain `words`; nothing has been written when it is raised."""

    code = "model"

    def __init__(self, words: str, code: str | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.code = code or type(self).code


class MissingCheckpoint(ModelError):
    """There is no checkpoint where one was looked for."""

    code = "missing_checkpoint"


class AlteredCheckpoint(ModelError):
    """A file of a checkpoint is not the one its manifest names, or is of a kind that is never loaded."""

    code = "altered_checkpoint"


class WrongBase(ModelError):
    """The adapter was trained on another base than the one at hand."""

    code = "wrong_base"


class MissingBackbone(ModelError):
    """The pretrained encoder is not installed, or its weights are not the pinned ones."""

    code = "missing_backbone"


class UnfitBackbone(ModelError):
    """The pretrained encoder is of a kind or size that this project does not train."""

    code = "unfit_backbone"


class UnknownLabel(ModelError):
    """A row carries a label or a value outside the label set."""

    code = "unknown_label"


class BadInput(ModelError):
    """An input file cannot be read as what it should be."""

    code = "bad_input"


class MissingCorpus(ModelError):
    """A named corpus is not where the corpora should lie."""

    code = "missing_corpus"


class PushRefused(ModelError):
    """An export may not be published: nobody decided it, or the hub is switched off."""

    code = "push_refused"
