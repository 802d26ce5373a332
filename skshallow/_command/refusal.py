"""What the command cannot use, in a sentence that says what to do instead."""

from difflib import get_close_matches


class Refusal(Exception):
    """One sentence: the column or the file, the value, and the remedy."""


def meant(name, names, otherwise=None, cutoff=0.6):
    """A question for the name that was meant.

    Parameters
    ----------
    name : str
    names : list of str
    otherwise : str, default=None
        What to say if no name is close; None for the names to choose from.
    cutoff : float, default=0.6
        How close it has to be, at most 1.

    Returns
    -------
    words : str
    """
    by_lower = {known.lower(): known for known in names}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=cutoff)
    if close:
        return f"did you mean {by_lower[close[0]]!r}?"
    return otherwise or f"there are {listed(names, 20)}."


def listed(names, n_most=8):
    """Names behind each other, the rest as a number."""
    words = [str(name) for name in names]
    if len(words) <= n_most + 1:
        return ", ".join(words)
    return f"{', '.join(words[:n_most])} and {len(words) - n_most} more"
