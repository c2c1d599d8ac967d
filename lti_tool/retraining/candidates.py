"""Making a candidate in the child, by training or by recalibration, and measuring it beside the serving model.

A request is JSON: `way`; `serving` and `base`, directories of the model to compare with and of the one to go on from,
which is the same unless that holds withdrawn texts, with `serving_calibration` and `calibration`; `train` and `check`,
rows; `frozen`, how many held-out starter rows are measured on, and `templates`, how many frames of each set, null for
all. A training also has `out`, where the candidate goes; `replay`, how many starter rows are mixed in, and
`replay_share`, their least share of the weight; `public`, the share of them that comes from public corpora where the
site has these; `repeat`, how often each correction is seen; `development`, how many starter rows give the development
figures; `options` of training. A recalibration has `prior`, the calibration that the weights came with, and
`serving_prior` likewise, and takes the `development` rows in beside the corrections. `shipped` is the model that came
with the project (`path`, `calibration`), null where that is the one to compare with.
"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from lti_tool.retraining import frozen_figures, measuring, mixing, refitting
from lti_tool.retraining.measuring import Exam, Read
from lti_tool.retraining.refitting import Ballast
from model import corpora, evaluation, network, recipe, training
from model.decision import Calibration
from model.recalibrating import refit
from model.rows import Row, texts
from model.scoring import Scorer

Tell = Callable[[str, int, int], None]
Request = dict[str, Any]


def trained(request: Request, tell: Tell) -> dict[str, Any]:
    """Fine-tune from the base, whose calibration the candidate keeps; return its figures and the serving model's."""
    mixed = _train(request, tell)
    exam = _exam(request, request["check"])
    ours = measuring.read(Path(request["out"]), exam, partial(tell, "Measuring the candidate"))
    theirs = measuring.read(Path(request["serving"]), exam, partial(tell, "Measuring the serving model"))
    mine, other = request["calibration"], request["serving_calibration"]
    seconds = measuring.race(ours.scorer, theirs.scorer, texts(exam.frozen))
    said = evaluation.said(mine, ours.check), evaluation.said(other, theirs.check)
    return {
        "calibration": mine,
        "candidate": {**_figures(ours, mine, exam), "seconds": seconds["candidate"]},
        "serving": {**measuring.figures(theirs, other, exam), "seconds": seconds["serving"]},
        **measuring.agreements(*said, exam.check),
        **_frozen(request, exam, {request["serving"]: theirs}, tell),
        **mixed,
    }


def recalibrated(request: Request, tell: Tell) -> dict[str, Any]:
    """Fit the limits of the base to the corrections; return figures as `trained`.

    They are fitted from `prior`, not from what serves, so that the same corrections do not count again every night.
    """
    rows = request["train"]
    exam = _exam(request, rows)
    ours = theirs = measuring.read(Path(request["base"]), exam, partial(tell, "Measuring the candidate"))
    if request["serving"] != request["base"]:
        theirs = measuring.read(Path(request["serving"]), exam, partial(tell, "Measuring the serving model"))
    tell("Recalibrating", 0, 0)
    prior, other = request["prior"], request["serving_calibration"]
    theirs_first = request.get("serving_prior") or prior
    ballast = _ballast(request, ours.scorer)
    beside = ballast if theirs is ours else _ballast(request, theirs.scorer)
    mine = refitting.refitted(refit, ours.check, rows, prior, ballast)
    said = (
        refitting.cross_fitted(refit, ours.check, rows, prior, ballast),
        refitting.unfitted(refit, theirs.check, rows, other, theirs_first, beside),
    )
    return {
        "calibration": dict(mine),
        "candidate": _figures(ours, mine, exam),
        "serving": measuring.figures(theirs, other, exam),
        **measuring.agreements(*said, rows),
        **_frozen(request, exam, {request["base"]: ours, request["serving"]: theirs}, tell),
        "replayed": 0,
    }


def _figures(own: Read, calibration: Calibration, exam: Exam) -> dict[str, Any]:
    """What is measured of the candidate, with what its card says of each label."""
    labels = frozen_figures.of_card(calibration, own.frozen, exam.frozen)
    return {**measuring.figures(own, calibration, exam), "labels": labels}


def _frozen(request: Request, exam: Exam, read: dict[str, Read], tell: Tell) -> dict[str, Any]:
    """How many frozen texts there are, in all and of each class, and what the shipped model does on them."""
    logits = {path: own.frozen for path, own in read.items()}
    telling = partial(tell, "Measuring the shipped model")
    return {
        "positives": measuring.positives(exam.frozen),
        "frozen": len(exam.frozen),
        "shipped": frozen_figures.of_shipped(request.get("shipped"), exam.frozen, logits, telling),
    }


def _ballast(request: Request, scorer: Scorer) -> Ballast:
    languages = network.languages(Path(request["base"]))
    apart = corpora.split(recipe.students(languages), recipe.STUDENT_DEV)[1]
    rows = recipe.sampled(apart, request["development"])
    return Ballast(scorer.score(texts(rows)), rows)


def _exam(request: Request, check: list[Row]) -> Exam:
    languages = network.languages(Path(request["serving"]))
    frozen = recipe.sampled(recipe.heldout(languages), request["frozen"])
    return Exam(frozen, check, measuring.templates(request["templates"]))


def _train(request: Request, tell: Tell) -> dict[str, Any]:
    """Write the candidate; return how many starter rows were mixed in, and the public corpora that others came from."""
    base = Path(request["base"])
    languages = network.languages(base)
    learnt, apart = corpora.split(recipe.students(languages), recipe.STUDENT_DEV)
    seed, count = request["options"].get("seed", 0), request["replay"]
    public = mixing.public(_corpora(), languages, round(count * request.get("public", 0.0)), seed)
    starter = mixing.replay(learnt, count - len(public), seed)
    replayed = [*starter, *public]
    own = mixing.weighed(list(request["train"]) * request["repeat"], len(replayed), request["replay_share"])
    rows = [row for part in mixing.taught(replayed, own, base) for row in part]
    dev = recipe.sampled(apart, request["development"])
    fast = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    chosen = {"bf16": fast, **request["options"], "languages": languages, "recalibrate": False}
    options = training.TrainingOptions(**chosen)
    training.fine_tune(rows, dev, base, Path(request["out"]), options, partial(tell, "Training"))
    return {"replayed": len(starter), "public": sorted({row["corpus"] for row in public})}


def _corpora() -> Path | None:
    """The folder of public corpora, where the site has one."""
    named = os.environ.get("UNDERTONE_CORPORA")
    return Path(named) if named else None
