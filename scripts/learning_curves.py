"""Draw and tabulate what corrections teach: docs/model/learning.svg and the tables of docs/model/learning.md.

    python scripts/learning_curves.py RESULTS.jsonl [--out docs/model]

RESULTS are the lines of `tests/benchmarks/learning.py`. The words around the tables are kept; a table stands between
`<!-- NAME -->` and `<!-- /NAME -->`.
"""

import json
import re
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

from model.reporting.canvas import FIRM, OTHER, PAST, legend, panels, pens, svg

Line = dict[str, Any]
TITLES = {"senti4sd": "Senti4SD", "goemotions": "GoEmotions"}
ELSEWHERE = {"starter": "starter, held-out", "umsab": "UMSAB"}
PENS = {"random": FIRM, "active": OTHER}
USUAL = "kept"
"""The calibration that a nightly run leaves as it was."""


def main(results: Path, out: Path) -> None:
    """Write the picture and the tables."""
    found = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    campaign = [line for line in found if not line["tuning"]]
    tuned = [line for line in found if line["tuning"]]
    shown = campaign or tuned_courses(tuned)
    (out / "learning.svg").write_text(picture(shown), encoding="utf-8")
    page = out / "learning.md"
    words = page.read_text(encoding="utf-8")
    tables = {
        "learning-curves": curves(shown),
        "learning-alone": alone(shown),
        "learning-nights": nights(tuned),
    }
    for name, own in tables.items():
        words = placed(words, name, own)
    page.write_text(words, encoding="utf-8")


def tuned_courses(tuned: Sequence[Line]) -> list[Line]:
    """Of the tuned nights those with the usual settings, one for each strategy: what there is without a campaign."""
    usual = next((line["night"] for line in tuned if line["strategy"] != "random"), None)
    return [line for line in tuned if line["night"] == usual]


def placed(words: str, name: str, table: str) -> str:
    """The page with the table between its two marks."""
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    return marks.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", words)


def groups(lines: Iterable[Line], *names: str) -> dict[tuple[Any, ...], list[Line]]:
    """Lines by what they have under these names, in order."""
    found: dict[tuple[Any, ...], list[Line]] = {}
    for line in sorted(lines, key=lambda own: [str(own[name]).zfill(8) for name in names]):
        found.setdefault(tuple(line[name] for name in names), []).append(line)
    return found


def figure_of(line: Line, where: str, name: str, how: str = USUAL) -> float:
    """A mean F1 in points; `where` is before, recalibrated or after."""
    own = line[where] if where == "before" else line[where][how]
    return 100 * float(own[name]["mean"])


def change(lines: Sequence[Line], where: str, name: str, how: str = USUAL) -> str:
    """Mean change against before in points, and its deviation over the seeds."""
    gaps = [figure_of(line, where, name, how) - figure_of(line, "before", name) for line in lines]
    spread = f" ± {pstdev(gaps):.1f}" if len(gaps) > 1 else ""
    return f"{mean(gaps):+.1f}{spread}"


def curves(lines: Sequence[Line]) -> str:
    """The table of the curves: macro-F1 before and after, and the changes elsewhere."""
    rows = ["| corpus | chosen | answers | seeds | before | after | change | starter | UMSAB |"]
    rows.append("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for (corpus, how, answers), own in groups(lines, "corpus", "strategy", "answers").items():
        before, after = (mean(figure_of(line, where, "own") for line in own) for where in ("before", "after"))
        elsewhere = " | ".join(change(own, "after", name) for name in ELSEWHERE)
        rows.append(
            f"| {TITLES[corpus]} | {how} | {answers} | {len(own)} | {before:.1f} | {after:.1f} "
            f"| {change(own, 'after', 'own')} | {elsewhere} |"
        )
    return "\n".join(rows)


def alone(lines: Sequence[Line]) -> str:
    """The table of recalibration without training."""
    rows = [
        "| corpus | chosen | answers | with | change | starter | UMSAB |",
        "|---|---|---:|---|---:|---:|---:|",
    ]
    for (corpus, how, answers), own in groups(lines, "corpus", "strategy", "answers").items():
        for kind in own[0]["recalibrated"]:
            cells = " | ".join(change(own, "recalibrated", name, kind) for name in ("own", *ELSEWHERE))
            rows.append(f"| {TITLES[corpus]} | {how} | {answers} | {kind} | {cells} |")
    return "\n".join(rows)


def nights(tuned: Sequence[Line]) -> str:
    """The table of the tuned nights: what is otherwise than usual, and mean changes over corpora and budgets."""
    rows = ["| chosen | night | lines | change | starter | UMSAB | s |", "|---|---|---:|---:|---:|---:|---:|"]
    kinds: dict[tuple[str, str], list[Line]] = {}
    for line in tuned:
        kinds.setdefault((line["strategy"], json.dumps(line["night"], sort_keys=True)), []).append(line)
    usual = next((json.loads(night) for how, night in kinds if how != "random"), {})
    for (how, night), own in kinds.items():
        otherwise = {name: value for name, value in json.loads(night).items() if usual.get(name) != value}
        said = ", ".join(f"{name} {value:g}" for name, value in otherwise.items()) or "usual"
        cells = " | ".join(
            f"{mean(figure_of(line, 'after', name) - figure_of(line, 'before', name) for line in own):+.1f}"
            for name in ("own", *ELSEWHERE)
        )
        rows.append(
            f"| {how} | {said} | {len(own)} | {cells} | {mean(line['seconds'] for line in own):.0f} |"
        )
    return "\n".join(rows)


def picture(lines: Sequence[Line]) -> str:
    """A panel for each corpus: macro-F1 against the number of answers, with the spread over the seeds."""
    words = "Macro-F1 by the number of corrected texts, chosen at random or by the model's doubt"
    with pens():
        figure, places = panels([TITLES[name] for name in TITLES], height=320, across=2)
        for corpus, axes in zip(TITLES, places.values(), strict=True):
            own = [line for line in lines if line["corpus"] == corpus]
            for (how,), course in groups(own, "strategy").items():
                if how in PENS:
                    _curve(axes, course, PENS[how])
            axes.set_xlabel("corrected texts")
            axes.set_ylabel("macro-F1, points")
            axes.grid(True, axis="y")
        legend(figure, [("at random", FIRM), ("by doubt", OTHER), ("before", PAST)])
        return svg(figure, "learning", words)


def _curve(axes: Any, course: Sequence[Line], pen: dict[str, Any]) -> None:
    start = mean(figure_of(line, "before", "own") for line in course)
    by_answers = groups(course, "answers")
    points = [(0, [start])] + [
        (answers, [figure_of(line, "after", "own") for line in own]) for (answers,), own in by_answers.items()
    ]
    for answers, values in points:
        axes.plot([answers] * 2, [min(values), max(values)], color=pen["color"], linewidth=1)
    axes.plot([answers for answers, _ in points], [mean(values) for _, values in points], **pen)
    axes.axhline(start, **{**PAST, "marker": "none"})


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/model"))
    given = parser.parse_args()
    main(given.results, given.out)
