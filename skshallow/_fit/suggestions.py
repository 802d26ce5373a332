"""Suggestions, in error messages, for a word that is not an option of a parameter."""

from difflib import get_close_matches

from sklearn.utils._param_validation import StrOptions

# Names of options in other libraries and textbooks, in small letters.
OTHER_NAMES = {
    "sigmoid": "logistic",
    "linear": "identity",
    "rectifier": "relu",
    "xavier": "glorot",
    "kaiming": "he",
    "normal": "randn",
    "gaussian": "randn",
    "random": "randn",
    "zero": "zeros",
    "batch": "gd",
    "l-bfgs": "lbfgs",
    "mean": "average",
}


def suggestion(value, constraints):
    """The option that a user probably meant, or None.

    Parameters
    ----------
    value : object
        Value of a parameter. If it is not a text, there is no suggestion.
    constraints : list
        The entry of the parameter in ``_parameter_constraints``.

    Returns
    -------
    option : str or None
    """
    sets = [c.options for c in constraints if isinstance(c, StrOptions)]
    options = set().union(*sets)
    if not isinstance(value, str) or not options:
        return None
    word = value.lower()
    stem = word.removesuffix("_uniform").removesuffix("_normal")
    for name in (word, OTHER_NAMES.get(word), stem, OTHER_NAMES.get(stem)):
        if name in options:
            return name
    return next(iter(get_close_matches(word, options, n=1)), None)
