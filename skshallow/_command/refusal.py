"""Errors of the command about what it is given, and words for these errors."""

from difflib import get_close_matches


class Refusal(Exception):
    """The command cannot use what it is given.

    The message is one sentence: it names the column or the file, and the value, and it
    says what to do.
    """


def check_name(option, name, names):
    """Raise a `Refusal` if the name that an option gives is none of the columns."""
    if name not in names:
        fault = f"{name} names no column" if name else "COLUMN is needed"
        close = get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {joined(names)}."
        raise Refusal(f"{option} {fault}: {hint}")


def joined(names):
    """Names separated by commas; of many, the first ten and how many more."""
    first = ", ".join(str(name) for name in names[:10])
    return f"{first} and {len(names) - 10} more" if len(names) > 10 else first


def first_line(error):
    """The first line of the message of an error, without a full stop."""
    return str(error).strip().partition("\n")[0].rstrip(".")
