"""The commands of `python -m model`, a module for each group of them."""
