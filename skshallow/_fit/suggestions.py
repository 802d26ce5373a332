"""What was meant by a word that is no option of a parameter, for error messages."""

from difflib import get_close_matches

from sklearn.utils._param_validation import StrOptions

# What other libraries and textbooks call an option, in small letters.
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
    """The option that a word was probably meant to be, or None.

    Parameters
    ----------
    value : object
        Of a parameter; what is no text means no option.
    constraints : list
        As ``_parameter_constraints`` has them for the parameter.

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
