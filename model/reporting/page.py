"""The report as one HTML file that needs nothing else: no script, no address, plots inside."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from model.reporting.findings import TITLE, facts
from model.reporting.plots import CAPTIONS, draw
from model.reporting.tables import Exhibit, Section

HERE = Path(__file__).parent
TEMPLATE = "report.html"


def html(found: Mapping[str, Any], sections: Sequence[Section]) -> str:
    """The page of the object of `report.evaluate` and its sections."""

    def plot(exhibit: Exhibit) -> Markup:
        words = f"{exhibit.finding} The same figures are in the table below."
        return Markup(draw(exhibit.plot, found, words))  # noqa: S704 (drawn here; matplotlib escapes every text)

    pages = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = pages.get_template(TEMPLATE)
    return (
        page.render(title=TITLE, facts=facts(found), sections=sections, plot=plot, captions=CAPTIONS) + "\n"
    )
