"""The page of one training: loss and F1 by epoch, as a picture and as a table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from model.errors import BadInput
from model.reporting.canvas import FIRM, OTHER, PAST, panels, pens, scale, svg

Epochs = Sequence[Mapping[str, Any]]

PAGE = Markup("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ max-width: 66rem; margin: 2.5rem auto; padding: 0 1.25rem; color: #1b2430;
font: 16px/1.5 Inter, system-ui, sans-serif }}
table {{ border-collapse: collapse; font-size: .9rem }} td, th {{ padding: .4rem .75rem; text-align: right;
border-bottom: 1px solid #e3e7ec }} svg {{ max-width: 100%; height: auto }} .wide {{ overflow-x: auto }}
</style></head><body><main><h1>{title}</h1><p>{finding}</p>{picture}
<div class="wide" tabindex="0" role="region" aria-label="Table of the epochs"><table>
<caption>The same as numbers</caption>
<thead><tr><th scope="col">epoch</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div></main></body></html>
""")


def draw(epochs: Epochs, out: Path) -> Path:
    """Write the page beside the checkpoint directory `out` and return its path; BadInput where it cannot be."""
    page = out.with_name(f"{out.name}.epochs.html")
    try:
        page.write_text(html(epochs, out.name), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{page} cannot be written: {error.strerror}.") from error
    return page


def html(epochs: Epochs, name: str) -> str:
    """The page; `epochs` are those of a manifest."""
    best = max(epochs, key=lambda one: one["macro_f1"])
    labels = list(epochs[0]["per_label_f1"])
    finding = (
        f"Epoch {best['number']} of {len(epochs)} was the best, with a macro-F1 of {best['macro_f1']:.3f} "
        "on the rows kept apart; its weights were kept."
    )
    columns = [("training loss", "train_loss"), ("loss", "loss"), ("macro-F1", "macro_f1")]
    heads = [title for title, _ in columns] + labels
    rows = [
        [f"{one[key]:.3f}" for _, key in columns]
        + [f"{one['per_label_f1'].get(label, 0):.2f}" for label in labels]
        for one in epochs
    ]
    return PAGE.format(
        title=f"Training of {name}",
        finding=finding,
        picture=Markup(picture(epochs, finding)),  # noqa: S704 (made here from numbers and label names)
        heads=Markup("").join(Markup('<th scope="col">{}</th>').format(head) for head in heads),
        rows=Markup("").join(_row(number, cells) for number, cells in enumerate(rows, 1)),
    )


def _row(number: int, cells: Sequence[str]) -> Markup:
    numbers = Markup("").join(Markup("<td>{}</td>").format(escape(cell)) for cell in cells)
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(number, numbers)


def picture(epochs: Epochs, words: str) -> str:
    """Two panels as SVG: the two losses, and the F1 of each label with their mean."""
    numbers = [one["number"] for one in epochs]
    with pens():
        figure, axes = panels(["Loss", "F1 on the rows kept apart"], height=320)
        left, right = axes.values()
        left.plot(numbers, [one["train_loss"] for one in epochs], label="training", **PAST)
        left.plot(numbers, [one["loss"] for one in epochs], label="kept apart", **FIRM)
        for label in epochs[0]["per_label_f1"]:
            right.plot(
                numbers, [one["per_label_f1"].get(label, 0) for one in epochs], linewidth=1, label=label
            )
        right.plot(numbers, [one["macro_f1"] for one in epochs], label="mean", **OTHER)
        scale(right, "y")
        for panel in (left, right):
            panel.set_xticks(numbers)
            panel.set_xlabel("epoch")
            panel.legend(loc="best", fontsize=10)
        return svg(figure, "epochs", words)
