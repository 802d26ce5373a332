"""What the command cannot use, in a sentence that says what to do instead."""

from difflib import get_close_matches


class Refusal(Exception):
    """One sentence: the column or the file, the value, and the remedy."""


def check_name(option, name, names):
    """Refuse a name that is none of the columns to choose from."""
    if name in names:
        return
    if not name:
        raise Refusal(f"{option} COLUMN is needed: there are {listed(names, 20)}.")
    close = get_close_matches(name, names, n=1)
    meant = (
        f"did you mean {close[0]!r}?" if close else f"there are {listed(names, 20)}."
    )
    raise Refusal(f"{option} {name} names no column: {meant}")


def listed(names, n_most=8):
    """Names behind each other, the rest as a number."""
    words = [str(name) for name in names]
    if len(words) <= n_most + 1:
        return ", ".join(words)
    return f"{', '.join(words[:n_most])} and {len(words) - n_most} more"
