"""The model card, generated from a checkpoint's manifest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from model.checkpoint import Manifest
from model.corpora import CORPORA
from model.starter import NAME as STARTER

PURPOSE = """\
Estimates, from the text alone, what the author of a short student post (reflection, forum post,
course feedback) expresses about their own learning: a sentiment (negative, neutral, positive) and seven
labels that may each apply or not: confusion, frustration, boredom, engagement, enthusiasm, satisfaction,
toxicity. Meant to show an instructor where a course is stuck, and a student what was read.
"""
NOT_FOR = """\
Not for grading, admission, progression, misconduct or staff appraisal, and not for judging a person: a
label speaks of a text and can be wrong. Toxicity is a private hint: its public training texts are tweets
with a known bias against African-American English.
"""
MISUSE = f"{NOT_FOR.rstrip()} Texts in languages it has not learnt are not scored.\n"
"""With what the tool and `python -m model score` see to; weights alone answer to every text."""
FAIRNESS = """\
Texts alike but for an identity term, a name, a dialect or a learner's errors. A gap is how much more often a wrong
label is put on one group's texts than on another's; over 5 points, with an interval over zero, it is too large to ship.
"""
TRAININGS = (
    "Texts and rows are those of one training, from the fewest to the most: the trainings took other samples of a "
    "source, in another order, or other states of it, and how many texts all of them together hold is not recorded."
)
BEFORE = (
    "Not in this table: what the models that training went on from had learnt. Their own manifests name it."
)
COLUMNS = ("macro_f1", "f1", "accuracy", "average_precision", "auc", "ece", "support")
SOME_HAVE = ("ece_by_chance", "precision", "precision_at_prevalence", "recall")
INTERVAL = "95 % interval"
"""Columns of a table whose figures have them. The interval is that of F1, of sentiment that of macro-F1."""


def markdown(
    manifest: Manifest,
    figures: Mapping[str, Mapping[str, Any]] | None = None,
    fairness: str = "",
    not_for: str = MISUSE,
) -> str:
    """The card as Markdown with front matter; `figures` maps a data set's name to `evaluation.report`.

    Without `figures` those of the manifest are shown, and named so. `fairness` is `fairness.markdown`'s table,
    `not_for` what such weights are not for.
    """
    shown = figures or _of_manifest(manifest)
    parts = [
        f"---\nlanguage: [{', '.join(_languages(manifest))}]\npipeline_tag: text-classification\n"
        "library_name: transformers\n---",
        "# Undertone classifier",
        f"## Purpose\n\n{PURPOSE}",
        f"## Not for\n\n{not_for}",
        "## Figures",
        *(f"### {name}\n\n{table(report)}" for name, report in shown.items()),
        *([f"## Fairness\n\n{FAIRNESS}\n{fairness}"] if fairness else []),
        f"## Training data\n\n{_data(manifest)}",
        f"## Provenance\n\n{_provenance(manifest)}",
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _of_manifest(manifest: Manifest) -> dict[str, Mapping[str, Any]]:
    """The figures that a manifest holds, under what they were measured on."""
    heldout = {"held-out starter texts (English)": manifest.heldout} if manifest.heldout else {}
    return {**heldout, "development rows (used for calibration)": manifest.figures}


def table(report: Mapping[str, Any]) -> str:
    """One data set's figures as a Markdown table, a row per label."""
    more = [one for one in SOME_HAVE if any(figures.get(one) is not None for figures in report.values())]
    spans = any(interval(figures) for figures in report.values())
    columns = (*COLUMNS, *more)
    lines = [_row("label", *columns, *([INTERVAL] if spans else []))]
    lines.append(_row(*["---"] * (1 + len(columns) + spans)))
    for label, figures in report.items():
        cells = [_number(figures.get(column)) for column in columns]
        lines.append(_row(label, *cells, *([_span(figures)] if spans else [])))
    return "\n".join(lines)


def interval(figures: Mapping[str, Any]) -> tuple[float, float] | None:
    """The 95 % interval of a label's F1, or of the macro-F1 of sentiment, where it was measured."""
    found = figures.get("intervals")
    if not isinstance(found, Mapping):
        return None
    low, high = found["f1" if "f1" in found else "macro_f1"]
    return low, high


def _span(figures: Mapping[str, Any]) -> str:
    found = interval(figures)
    return f"{found[0]:.3f} to {found[1]:.3f}" if found else "–"


def _languages(manifest: Manifest) -> Sequence[str]:
    return tuple(manifest.options.get("languages") or ("en",))


def _data(manifest: Manifest) -> str:
    """One row per source and use, however many trainings it was in, and what its licence needs said."""
    sources: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for entry in manifest.data:
        sources.setdefault((entry["name"], entry["use"]), []).append(entry)
    lines = [_row("source", "use", "licence", "texts", "rows", "sha256"), _row(*["---"] * 6)]
    lines += [_source(name, use, own) for (name, use), own in sources.items()]
    notes = [TRAININGS] if any(len(own) > 1 for own in sources.values()) else []
    notes += [BEFORE] if manifest.options.get("average_of") or manifest.parent else []
    corpora = [CORPORA[name] for name in dict.fromkeys(name for name, _ in sources) if name in CORPORA]
    notes += [f"{one.name}: {one.licence}; {one.remark}." for one in corpora if one.remark]
    return "\n\n".join(["\n".join(lines), *notes])


def _source(name: str, use: str, states: Sequence[Mapping[str, Any]]) -> str:
    hashes = {entry["sha256"] for entry in states}
    told = f"`{states[0]['sha256'][:12]}…`" if len(hashes) == 1 else f"{len(hashes)} different"
    texts = _from_to([entry.get("texts", entry["rows"]) for entry in states])
    return _row(name, use, _licence(name), texts, _from_to([entry["rows"] for entry in states]), told)


def _licence(name: str) -> str:
    """A public corpus's own; of a file of somebody's texts nothing is known."""
    if name in CORPORA:
        return CORPORA[name].licence
    return "as the project" if name == STARTER else "–"


def _from_to(counts: Sequence[int]) -> str:
    least, most = min(counts), max(counts)
    return str(most) if least == most else f"{least} to {most}"


def _provenance(manifest: Manifest) -> str:
    facts = {
        "languages": ", ".join(_languages(manifest)),
        "base": f"{manifest.base['name']} (weights sha256 `{manifest.base['sha256']}`)",
        "weights hash": f"`{manifest.weights_hash}`",
        "trained from": _origin(manifest),
        "command": f"`{manifest.command}`",
        "seed and steps": _steps(manifest),
        "versions": ", ".join(f"{name} {number}" for name, number in manifest.versions.items()),
    }
    return "\n".join(f"- {name}: {fact}" for name, fact in facts.items())


def _origin(manifest: Manifest) -> str:
    """What training went on from, or the trainings of which these weights are the mean."""
    averaged = manifest.options.get("average_of")
    if averaged:
        parts = [
            f"`{own}`" + (f" ({many} times)" if many > 1 else "") for own, many in Counter(averaged).items()
        ]
        return "the mean of " + " and ".join(parts)
    return f"`{manifest.parent}`" if manifest.parent else "the base"


def _steps(manifest: Manifest) -> str:
    if manifest.options.get("average_of"):
        return f"those of each training; {manifest.steps} steps in these together, not counting what they went on from"
    return f"{manifest.seed}, {manifest.steps}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _number(value: Any) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
