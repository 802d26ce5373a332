"""What each column of a table is, what becomes of it, and the steps that do it.

The steps are scikit-learn's, over functions of NumPy, so that a saved model names
nothing else. They take a data frame by the names of its columns.
"""

import re
from shlex import quote

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

import skshallow._command.text_columns as text_columns
from skshallow._command.refusal import Refusal, listed, meant

# A value of text gets a column of its own if so many rows have it, and only the most
# frequent ones do: rare values teach a net nothing, and each costs an input.
MIN_FREQUENCY, MAX_CATEGORIES = 5, 30
# Rows from which on it tells something that values differ.
N_TO_TELL = 20
HARDLY = 0.5  # text that differs in more of the rows hardly repeats
LARGEST = 1e150  # whose square is a number

NUMBER, INFINITE, CATEGORY, DATE = "number", "infinite", "category", "date"
CONSTANT, IDENTIFIER, FREE_TEXT = "constant", "identifier", "free text"
MARKED, UNUSABLE, DROPPED = "marked", "unusable", "dropped"
# What is said of the columns of a kind, in the order of printing.
SAID = {
    NUMBER: "numbers, scaled",
    INFINITE: "numbers, scaled; infinite values count as missing",
    DATE: "dates, as a number that is scaled",
    CATEGORY: "text or true/false, a column of 0 and 1 for each value; rare values "
    "share one",
    IDENTIFIER: "left out because they look like identifiers (--keep COLUMN keeps one)",
    FREE_TEXT: "left out because their text hardly repeats (--keep COLUMN keeps one)",
    MARKED: "left out because their numbers are written with $, % or another decimal "
    "mark: write them like others",
    CONSTANT: "left out because they have one value, or none",
    UNUSABLE: "left out because they hold neither numbers nor text nor dates",
    DROPPED: "left out as asked",
}
USED = (NUMBER, INFINITE, DATE, CATEGORY)
# Of what pandas infers that values are, if nothing else decides.
INFERRED = {"boolean": CATEGORY, "categorical": CATEGORY, "decimal": NUMBER}
INFERRED |= {"date": DATE, "datetime": DATE, "datetime64": DATE}
# Words at the end of a name, and how many of the values have to differ with them.
ID_WORDS = dict.fromkeys(("id", "ids", "uid", "uuid", "guid"), HARDLY)
ID_WORDS |= dict.fromkeys(("rowid", "pk", "ssn"), HARDLY)
ID_WORDS |= dict.fromkeys(("key", "index", "idx", "nr", "no", "number"), 1.0)


def kinds_of(frame, target, keep=(), drop=()):
    """The names of the columns of each kind, the target aside.

    Parameters
    ----------
    frame : pandas.DataFrame
    target : str
    keep : sequence of str
        Names of columns that are used although they look like identifiers.
    drop : sequence of str
        Names of columns that are not used.

    Returns
    -------
    kinds : dict of str -> list of str
    """
    from pandas.api import types

    for option, names in (("--keep", keep), ("--drop", drop)):
        for name in names:
            _check_option(option, name, frame, target)
    kinds = {kind: [] for kind in SAID}
    for name in frame.columns.drop(target):
        kind = DROPPED if name in drop else kind_of(frame[name])
        if name in keep and kind in (IDENTIFIER, FREE_TEXT, MARKED):
            is_number = types.is_numeric_dtype(frame[name].dtype)
            kind = NUMBER if is_number else CATEGORY
        kinds[kind].append(name)
    if not any(kinds[kind] for kind in USED):
        kinds = {kind: names for kind, names in kinds.items() if names}
        why = "; ".join(f"{SAID[kind]}: {listed(of)}" for kind, of in kinds.items())
        raise Refusal(f"no column is left to learn from ({why}).")
    return kinds


def _check_option(option, name, frame, target):
    if name == target:
        raise Refusal(f"{option} {name} names the target: name another column.")
    if name not in frame.columns:
        raise Refusal(
            f"{option} {name}: no column has that name; {meant(name, list(frame))}"
        )


def kind_of(column):
    """What the values of a column are: a key of `SAID`."""
    from pandas.api import types

    try:
        n_different = column.nunique()
    except TypeError:  # lists and the like
        return UNUSABLE
    if n_different + column.isna().any() < 2:
        return CONSTANT
    holds = types.infer_dtype(column, skipna=True)
    if holds == "string":
        return _kind_of_text(column, n_different)
    if holds in ("integer", "floating"):
        return _kind_of_numbers(column, n_different, holds == "integer")
    return INFERRED.get(holds, UNUSABLE)


def _kind_of_numbers(column, n_different, is_whole):
    values = column.dropna().to_numpy(float)
    is_infinite = np.isinf(values)
    largest = np.abs(values[~is_infinite]).max(initial=0)
    if largest > LARGEST:
        raise Refusal(
            f"column {column.name!r} holds {largest:g}, which is too large to be "
            f"scaled: divide the column, or --drop {quote(column.name)}."
        )
    if is_infinite.any():
        return INFINITE
    if len(values) < len(column):  # with a gap, pandas makes floats of whole numbers
        is_whole = (values == np.trunc(values)).all()
    return IDENTIFIER if is_whole and _is_identifier(column, n_different) else NUMBER


def _is_identifier(column, n_different):
    """Whether whole numbers count rows, or differ and are named like identifiers."""
    n = column.count()
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", column.name)
    needed = ID_WORDS.get(words[-1].lower()) if words else None
    if needed and n_different >= needed * n:
        return True
    if n_different < max(n, N_TO_TELL):
        return False
    return int(column.max()) - int(column.min()) == n - 1  # every number between


def _kind_of_text(column, n_different):
    n = column.count()
    if n < N_TO_TELL or n_different <= HARDLY * n:
        return CATEGORY
    values = column.dropna().unique().tolist()
    return MARKED if text_columns.looks_marked(values) else FREE_TEXT


def telling(frame, y, kinds):
    """Columns each value of which goes with one label only, and that of many rows."""
    import pandas as pd

    labels, found = pd.Series(y), []
    for name in [*kinds[NUMBER], *kinds[CATEGORY]]:
        n_different = frame[name].nunique()
        if 1 < n_different <= len(y) / N_TO_TELL:
            by_value = labels.groupby(frame[name].to_numpy(), sort=False)
            if by_value.nunique().max() == 1:
                found.append(name)
    return found


def preparation(kinds):
    """A `ColumnTransformer` of the columns that are used; it drops all others."""
    no_infinity = {"nan": np.nan, "posinf": np.nan, "neginf": np.nan}
    finite = FunctionTransformer(
        np.nan_to_num, kw_args=no_infinity, feature_names_out="one-to-one"
    )
    steps = [
        ("numbers", scaled(), kinds[NUMBER]),
        ("numbers with infinities", scaled(finite), kinds[INFINITE]),
        ("categories", categories(), kinds[CATEGORY]),
    ]
    # One by one: together, dates in several time zones are no dates for NumPy.
    steps += [(f"date {k}", dates(), [name]) for k, name in enumerate(kinds[DATE], 1)]
    return ColumnTransformer([step for step in steps if step[2]])


def scaled(*steps, missing_values=np.nan):
    """Steps, the median for what is missing, a column that says where, and scaling."""
    imputer = SimpleImputer(
        missing_values=missing_values,
        strategy="median",
        add_indicator=True,
        keep_empty_features=True,
    )
    return make_pipeline(*steps, imputer, StandardScaler())


def dates():
    """Seconds since 1970, scaled."""
    missing = float(np.iinfo(np.int64).min)  # what becomes of a missing date
    seconds = as_type("datetime64[s]"), as_type("float64")
    return scaled(*seconds, missing_values=missing)


def categories():
    """A column for each value, for all rare ones together, and for what is missing."""
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=MIN_FREQUENCY,
        max_categories=MAX_CATEGORIES,
        sparse_output=False,
    )
    # What is missing is a value like others, and the same one in frames of every kind.
    as_one = [
        SimpleImputer(
            missing_values=text,
            strategy="constant",
            fill_value="nan",
            keep_empty_features=True,
        )
        for text in ("None", "<NA>")
    ]
    return make_pipeline(as_type("str"), as_type("object"), *as_one, encoder)


def as_type(name):
    """A step that converts a frame into an array."""
    return FunctionTransformer(
        np.asarray, kw_args={"dtype": name}, feature_names_out="one-to-one"
    )
