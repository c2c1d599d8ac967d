"""The worker and its decision as they are, but that a model of a few seconds may serve: else nothing would move.

What such a model makes of texts that nobody corrected is chance, so the rules about those texts are lifted.
"""

from lti_tool import cli
from lti_tool.retraining import rules


def lift() -> None:
    """From now on in this process."""
    rules.LEAST_INSULTS, rules.MOST_LOST = 0.0, 1.0


if __name__ == "__main__":
    lift()
    cli.main()
