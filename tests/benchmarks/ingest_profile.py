"""What the time of a pull goes into, by the step that spends it."""

import cProfile
import io
import pstats

STEPS = {
    "own words out of HTML": ("own_words.py", "own_words"),
    "de-identification": ("deidentify.py", "clean"),
    "reading the roster's names": ("deidentify.py", "__init__"),
    "language": ("language.py", "detect"),
    "encryption": ("envelope.py", "seal"),
    "decryption": ("envelope.py", "opened"),
    "blind indexes": ("keys_in_use.py", "blind_index"),
    "writing, with its locks": ("writing.py", "write_batch"),
    "looking up what is stored": ("writing.py", "stored_posts"),
    "committing": ("base.py", "_do_commit"),
}
MOST_FUNCTIONS = 15


def told(profile: cProfile.Profile, kept: int) -> str:
    """Milliseconds for each kept post by step, and the functions that take the most; a step can hold another."""
    stats = pstats.Stats(profile, stream=(text := io.StringIO()))
    lines = []
    for name, (file, function) in STEPS.items():
        found = [row for key, row in stats.stats.items() if key[0].endswith(file) and key[2] == function]  # type: ignore[attr-defined]
        if found:
            lines.append(f"  {name:<28}{1000 * sum(row[3] for row in found) / kept:6.3f} ms")
    stats.sort_stats("tottime").print_stats(MOST_FUNCTIONS)
    return "\n".join(lines) + "\n" + text.getvalue()
