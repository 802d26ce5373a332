"""What the command cannot use, in a sentence that says what to do instead."""

from difflib import get_close_matches


class Refusal(Exception):
    """One sentence: the column or the file, the value, and the remedy."""


def meant(name, names):
    """A question for the name that was meant, or the names to choose from.

    Parameters
    ----------
    name : str
    names : list of str

    Returns
    -------
    words : str
    """
    by_lower = {str(known).lower(): str(known) for known in names}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_lower[close[0]]!r}?"
    return f"there are {listed(names, 20)}."


def listed(names, n_most=8):
    """Names behind each other, the rest as a number."""
    words = [str(name) for name in names]
    if len(words) <= n_most + 1:
        return ", ".join(words)
    return f"{', '.join(words[:n_most])} and {len(words) - n_most} more"
