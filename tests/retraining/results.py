"""Answers as the child gives them, so that what follows from one is looked at alone."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lti_tool.retraining import service

FIGURES: dict[str, Any] = {
    "labels": {},
    "weights_hash": "x",
    "macro_f1": 0.7,
    "per_label_f1": {},
    "recall": {"confusion": 0.8},
    "calibration": {},
    "frozen": 1,
    "gaps": {},
    "insults": 1.0,
}
EQUAL = {"texts": 40, "groups": 12, "candidate": 0.8, "serving": 0.8, "low": 0.0, "halves": [0.0, 0.0]}
BETTER = {**EQUAL, "candidate": 0.9, "low": 0.05, "halves": [0.1, 0.1]}
NEWEST = {"texts": 0, "groups": 0, "candidate": 0.0, "serving": 0.0, "low": 0.0, "halves": [0.0, 0.0]}


def result(calibration: dict[str, Any], *, better: bool = False) -> dict[str, Any]:
    """The child's answer, of a candidate that agrees with people more often or just as often."""
    return {
        "calibration": calibration,
        "candidate": FIGURES,
        "serving": FIGURES,
        "agreement": BETTER if better else EQUAL,
        "newest": NEWEST,
        "changes": {"confusion": [0.9 if better else 0.8, 0.8]},
        "positives": {},
        "frozen": 1,
        "replayed": 1,
    }


def answering(
    monkeypatch: Any, meanwhile: Callable[[], None] = lambda: None, *, better: bool = False
) -> list[dict[str, Any]]:
    """Let the child's answer be known; returns the requests that it was given. A candidate is a copy of its base."""
    requests = []

    def answer(request, tell, most_seconds, folder, is_off=lambda: False):
        requests.append(request)
        if request["way"] == "training":
            shutil.copytree(Path(request["base"]), Path(request["out"]))
        meanwhile()
        is_off()
        return result(request["calibration"], better=better)

    monkeypatch.setattr(service, "run_child", answer)
    return requests
