"""The worker and its decision as they are, but that a model of a few seconds may serve: else nothing would move.

What such a model makes of texts that nobody corrected is chance, and beside other programs so is how fast it reads:
the rules about these are lifted.
"""

from lti_tool import cli
from lti_tool.retraining import rules


def lift() -> None:
    """From now on in this process."""
    rules.LEAST_INSULTS, rules.MOST_LOST, rules.MOST_TEXTS_LOST = 0.0, 1.0, 1000
    rules.MOST_SLOWER, rules.LARGEST_GAP = 100.0, 1.0


if __name__ == "__main__":
    lift()
    cli.main()
