"""Errors of the command about what it is given, and words for these errors."""

from difflib import get_close_matches


class Refusal(Exception):
    """The command cannot use what it is given.

    The message is one sentence: it names the column or the file, and the value, and it
    says what to do.
    """


def check_name(option, name, names):
    """Raise a `Refusal` if the name that an option gives is none of the columns."""
    if name in names:
        return
    if not name:
        raise Refusal(f"{option} COLUMN is needed: there are {listed(names, 20)}.")
    hint = f"there are {listed(names, 20)}."
    if close := get_close_matches(name, names, n=1):
        hint = f"did you mean {close[0]!r}?"
    raise Refusal(f"{option} {name} names no column: {hint}")


def listed(names, n_most=8):
    """Names separated by commas; of many, the first ones and how many more."""
    words = [str(name) for name in names]
    if len(words) <= n_most + 1:
        return ", ".join(words)
    return f"{', '.join(words[:n_most])} and {len(words) - n_most} more"


def first_line(error):
    """The first line of the message of an error, without a full stop."""
    return str(error).strip().partition("\n")[0].rstrip(".")
