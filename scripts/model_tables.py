"""The tables of the documentation from docs/model/figures.json and the shipped manifest, so that no number is typed.

`scripts/model_tables.py` writes each table between its two marks, `<!-- NAME -->` and `<!-- /NAME -->`;
`scripts/model_tables.py --check` only says whether they are what the figures are.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from model import checkpoint, starter

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "model" / "shipped"
PAGES = (ROOT / "README.md", ROOT / "docs" / "model" / "results.md")
TITLES = {
    "heldout": "starter, held-out (English)",
    "multilingual_heldout": "starter, held-out (nine languages)",
    "everyday_heldout": "starter, held-out (short, ten languages)",
    "ordinary_heldout": "starter, held-out (ordinary, ten languages)",
}
GOALS = (
    ("edurabsa", "sentiment", "EduRABSA, sentiment macro-F1, never trained on", 0.72),
    ("goemotions", "sentiment", "GoEmotions, sentiment macro-F1", 0.74),
    ("goemotions", "confusion", "GoEmotions, confusion F1", 0.39),
    ("goemotions", "frustration", "GoEmotions, frustration F1", 0.52),
    ("goemotions", "engagement", "GoEmotions, engagement F1", 0.44),
    ("goemotions", "satisfaction", "GoEmotions, satisfaction F1", 0.86),
    ("umsab_multilingual", "sentiment", "UMSAB, eight languages, sentiment macro-F1", 0.64),
    ("senti4sd", "sentiment", "Senti4SD, sentiment macro-F1", 0.87),
    ("davidson", "toxicity", "Davidson, toxicity macro-F1", 0.92),
)
FIRST_TRAININGS = 9
"""Trainings up to this number were given before the parts after the second were written."""
HELDOUT_GOAL, CALIBRATION_GOAL, FEWEST_POSITIVES = 0.75, 0.05, 30
SAMPLE = 0.2
"""The share of the starter corpus that every seed learns from."""
Figures = dict[str, Any]


def main() -> int:
    """Write or check; 1 when a page would change."""
    checking = "--check" in sys.argv[1:]
    figures = json.loads((ROOT / "docs" / "model" / "figures.json").read_text(encoding="utf-8"))
    stale = [page.name for page in PAGES if not _renew(page, blocks(figures), checking)]
    if stale:
        print(f"Not what the figures say: {', '.join(stale)}.")
    return int(bool(stale) and checking)


def blocks(figures: Figures) -> dict[str, str]:
    """Every table by its name."""
    return {
        "model-summary": summary(figures["figures"]),
        "model-made": made(figures),
        "model-figures": table(figures["figures"]),
        "model-goals": goals(figures["figures"]),
        "model-false-alarms": false_alarms(figures["false_alarms"], figures["toxicity_of_civil_texts"]),
        "model-languages": languages(figures["figures"]),
        "model-fairness": figures["fairness"].strip(),
        "model-seeds": seeds(),
        "model-curve": curve(),
    }


def _renew(page: Path, own: dict[str, str], checking: bool) -> bool:
    """Whether the page held these tables; it does afterwards unless it is only checked."""
    before = page.read_text(encoding="utf-8")
    after = before
    for name, text in own.items():
        after = _between(after, f"<!-- {name} -->\n", f"<!-- /{name} -->", text)
    if not checking:
        page.write_text(after, encoding="utf-8")
    return before == after


def _between(page: str, start: str, end: str, text: str) -> str:
    """The page with the text between two marks; unchanged where it does not have them."""
    head, found, rest = page.partition(start)
    return f"{head}{found}\n{text}\n\n{end}{rest.partition(end)[2]}" if found else page


def summary(figures: Figures) -> str:
    """A row per file with the one number of each label."""
    rows = [
        f"| {_title(name)} | {own['printed']['rows']} | "
        + ", ".join(_shown(name, label, values) for label, values in own["printed"]["labels"].items())
        + " |"
        for name, own in figures.items()
    ]
    return "\n".join(["| file | rows | figures |", "|---|---:|---|", *rows])


def made(figures: Figures) -> str:
    """What the shipped adapter is, the trainings that led to it, and the commands that made them."""
    shipped = asdict(checkpoint.verify(SHIPPED))
    size = (SHIPPED / checkpoint.WEIGHTS[checkpoint.ADAPTER]).stat().st_size / 1e6
    lines = [
        "| training | goes on from | steps | rows | of the starter corpus | weights |",
        "|---|---|---:|---:|---|---|",
    ]
    commands, known = [], {}
    for number, own in {**trainings(), "shipped": shipped}.items():
        lines.append(
            f"| {number} | {_begun(own, known)} | {_size(own)} | {_taught(number, own)} | `{own['weights_hash'][:8]}` |"
        )
        commands.append(f"    # {number}\n    UNDERTONE_CORPORA=… {own['command']}")
        known[own["weights_hash"]] = number
    return (
        f"Weights hash `{shipped['weights_hash']}`, {size:.1f} MB, measured {figures['measured']}.\n\n"
        + "\n".join([*lines, "", *commands])
    )


def _begun(own: Figures, known: dict[str, str]) -> str:
    """What a training went on from, or which ones a mean is of."""
    taken = [known[one] for one in own["options"].get("average_of", ())]
    return (
        f"the mean of {', '.join(taken[:-1])} and {taken[-1]}"
        if taken
        else known.get(own["parent"], "the encoder")
    )


def _taught(number: str, own: Figures) -> str:
    """The parts of the starter corpus that a training learnt; those that were written when it ran."""
    if "average_of" in own["options"]:
        return "–"
    if all(entry["name"] != starter.NAME for entry in own["data"]):
        return "nothing"
    return ", ".join(starter.LEARNT[: 2 if int(number) <= FIRST_TRAININGS else None])


def _size(own: Figures) -> str:
    """Steps and rows; a mean has none of its own."""
    rows = sum(entry["rows"] for entry in own["data"] if entry["use"] == "train")
    return "– | –" if "average_of" in own["options"] else f"{own['steps']} | {rows:,}"


def trainings() -> dict[str, Figures]:
    """The manifests of the trainings behind the shipped adapter, and of means among them, by their numbers."""
    files = (ROOT / "docs" / "model" / "trainings").glob("*.json")
    ordered = sorted(files, key=lambda file: int(file.stem))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in ordered}


def table(figures: Figures) -> str:
    """A row per file and label, intervals in brackets."""
    heads = (
        "file",
        "label",
        "F1",
        "macro-F1",
        "average precision",
        "AUC",
        "calibration error (by chance)",
        "rows",
    )
    lines = [f"| {' | '.join(heads)} |", "|---|---|---:|---:|---:|---:|---:|---:|"]
    for name, own in figures.items():
        for label, values in own["printed"]["labels"].items():
            spans = own["intervals"].get(label) or {}
            cells = [_title(name), label, *(_with_span(values, spans, key) for key in ("f1", "macro_f1"))]
            cells += [_number(values.get("average_precision")), _number(values.get("auc"))]
            cells += [_calibration(own, label), str(values["support"])]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def goals(figures: Figures) -> str:
    """What was aimed at and what was reached."""
    lines = ["| what | aim | reached | |", "|---|---:|---:|---|"]
    for name, label, title, aim in GOALS:
        key = "macro_f1" if "macro-F1" in title else "f1"
        lines.append(_goal(title, aim, figures[name]["printed"]["labels"][label][key]))
    heldout = figures["heldout"]["printed"]["labels"]
    average = mean(_main(label, values) for label, values in heldout.items())
    lines.append(_goal("starter, held-out (English), mean F1 of all labels", HELDOUT_GOAL, average))
    for name, own in figures.items():
        errors = _calibration_errors(own)
        label, error = max(errors.items(), key=lambda pair: pair[1])
        met, many = sum(one <= CALIBRATION_GOAL for one in errors.values()), len(errors)
        reached = "reached" if met == many else f"not yet ({met} of {many} labels are)"
        lines.append(
            f"| calibration error on {_title(name)}, worst: {label} | {CALIBRATION_GOAL} | {error:.3f} | {reached} |"
        )
    return "\n".join(lines)


def false_alarms(alarms: Figures, civil: Figures) -> str:
    """How often a label is said of plain sentences, and toxicity of students' texts that are not toxic."""
    said = ", ".join(f"{label} {share:.1%}" for label, share in alarms.items() if label != "rows")
    return (
        f"Labels said of {alarms['rows']} plain diary sentences of student teachers (CEReD), which mostly carry none: "
        f"{said}. Some of these sentences do express a feeling, so these are upper bounds of false alarms.\n\n"
        f"Toxicity is said of {civil['wrong']} of the {civil['rows']:,} held-out starter texts that are not toxic "
        f"({civil['wrong'] / civil['rows']:.2%}; the aim is under 0.5%)."
    )


def seeds() -> str:
    """What chance does to a training: mean and deviation over the seeds on the same part of the starter corpus."""
    runs = [own for own, trial in small_trainings() if trial["share"] == SAMPLE and not trial["full"]]
    rows = ["| figure | mean | deviation | lowest | highest |", "|---|---:|---:|---:|---:|"]
    for name, own in {"mean of all": [run["mean"] for run in runs], **_by_label(runs)}.items():
        figures = f"{mean(own):.3f} | {stdev(own):.3f} | {min(own):.3f} | {max(own):.3f}"
        rows.append(f"| {name} | {figures} |")
    return "\n".join([f"{len(runs)} seeds, {runs[0]['rows']:,} texts each:\n", *rows])


def curve() -> str:
    """The same seed with less and with more texts, and with all weights kept instead of an adapter."""
    own = [(run, trial) for run, trial in small_trainings() if trial["seed"] == 1]
    labels = list(own[0][0]["scores"])
    rows = [f"| texts | kept | mean | {' | '.join(labels)} |", "|---:|---|" + "---:|" * (len(labels) + 1)]
    for run, trial in sorted(own, key=lambda pair: (pair[0]["rows"], pair[1]["full"])):
        kept = "all weights" if trial["full"] else "adapter"
        scores = " | ".join(f"{run['scores'][label]:.3f}" for label in labels)
        rows.append(f"| {run['rows']:,} | {kept} | {run['mean']:.3f} | {scores} |")
    return "\n".join(rows)


def small_trainings() -> list[tuple[Figures, Figures]]:
    """Every line of the small trainings with its trial: share, seed, full."""
    lines = (ROOT / "docs" / "model" / "small-data.jsonl").read_text(encoding="utf-8").splitlines()
    return [(own, json.loads(own["trial"])) for own in map(json.loads, lines)]


def _by_label(runs: list[Figures]) -> dict[str, list[float]]:
    return {label: [run["scores"][label] for run in runs] for label in runs[0]["scores"]}


def languages(figures: Figures) -> str:
    """The mean figure by language, of each file in several languages."""
    lines = [
        f"- {_title(name)}: " + ", ".join(f"{one} {score:.3f}" for one, score in own["by_language"].items())
        for name, own in figures.items()
        if own.get("by_language")
    ]
    return "\n".join(lines)


def _goal(title: str, aim: float, value: float) -> str:
    return f"| {title} | {aim:.2f} | {value:.3f} | {'reached' if value >= aim else 'not yet'} |"


def _calibration_errors(own: Figures) -> dict[str, float]:
    """Of the labels with enough positives."""
    return {
        label: error
        for label, error in own["calibration_error"].items()
        if own["positives"][label] >= FEWEST_POSITIVES
    }


def _shown(name: str, label: str, values: Figures) -> str:
    """A label's number; where nearly all rows carry it, that of both classes."""
    if name == "davidson":
        return f"{label} {values['macro_f1']:.3f} (macro-F1)"
    return f"{label} {_main(label, values):.3f}"


def _main(label: str, values: Figures) -> float:
    return float(values["macro_f1" if label == "sentiment" else "f1"])


def _title(name: str) -> str:
    return TITLES.get(name, name)


def _with_span(values: Figures, spans: Figures, key: str) -> str:
    if values.get(key) is None:
        return "–"
    return f"{values[key]:.3f}" + (f" ({spans[key][0]:.3f}–{spans[key][1]:.3f})" if key in spans else "")


def _calibration(own: Figures, label: str) -> str:
    """The calibration error, and in brackets what as many rows would show if every probability were right."""
    return f"{own['calibration_error'][label]:.3f} ({own['calibration_by_chance'][label]:.3f})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
