"""The kinds of the columns of a table, and the steps that make numbers of each kind.

The steps are those of scikit-learn and functions of NumPy, so that a saved model needs
nothing else. They find the columns of a data frame by their names.
"""

import re

import numpy as np
import pandas as pd
from pandas.api import types
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

# The most frequent values of text, if they are in this number of rows, get a column of
# 0 and 1. A net learns nothing from rare values, and each would cost an input.
MIN_FREQUENCY, MAX_CATEGORIES = 5, 30
# With fewer rows than this, a column of different values need not be an identifier.
FEW_ROWS = 20
MOST_DIFFERENT = 0.5  # values hardly repeat if a larger share of them is different

NUMBER, CATEGORY, DATE = "number", "category", "date"
CONSTANT, IDENTIFIER, FREE_TEXT = "constant", "identifier", "free text"
UNUSABLE = "unusable"
# What is printed about the columns of each kind, in this order.
DESCRIPTIONS = {
    NUMBER: "numbers, scaled",
    DATE: "dates, as a number that is scaled",
    CATEGORY: "text or true/false, a column of 0 and 1 for each value; rare values "
    "share one",
    IDENTIFIER: "left out because they look like identifiers (--keep COLUMN keeps one)",
    FREE_TEXT: "left out because their text hardly repeats (--keep COLUMN keeps one)",
    CONSTANT: "left out because they have one value, or none",
    UNUSABLE: "left out because they hold neither text nor dates nor finite numbers "
    "below 1e150",
}
USED = (NUMBER, DATE, CATEGORY)
# Kinds by the types that pandas infers; the kinds of text and numbers depend on more.
INFERRED = {"boolean": CATEGORY, "categorical": CATEGORY}
INFERRED |= {"date": DATE, "datetime": DATE, "datetime64": DATE}
# Names of identifiers end in one of these words.
ID_WORDS = {"id", "ids", "uid", "uuid", "guid", "rowid", "pk", "ssn"}
ID_WORDS |= {"key", "index", "idx", "nr", "no", "number"}


def kinds_of(frame, keep=()):
    """The names of the columns of each kind.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table without the target and the columns that the user drops.
    keep : sequence of str
        Names of columns to use although they look like identifiers.

    Returns
    -------
    kinds : dict of str -> list of str
    """
    kinds = {kind: [] for kind in DESCRIPTIONS}
    for name in frame:
        kind = kind_of(frame[name])
        if name in keep:
            kind = {IDENTIFIER: NUMBER, FREE_TEXT: CATEGORY}.get(kind, kind)
        kinds[kind].append(name)
    return kinds


def kind_of(column):
    """The kind of a column: a key of `DESCRIPTIONS`."""
    try:
        n_different = column.nunique()
    except TypeError:  # lists and the like
        return UNUSABLE
    if n_different + column.isna().any() < 2:
        return CONSTANT
    n = column.count()
    hardly_repeats = n >= FEW_ROWS and n_different > MOST_DIFFERENT * n
    holds = types.infer_dtype(column, skipna=True)
    if holds == "string":
        return FREE_TEXT if hardly_repeats else CATEGORY
    if holds not in ("integer", "floating", "decimal"):
        return INFERRED.get(holds, UNUSABLE)
    values = column.dropna().to_numpy(float)
    with np.errstate(over="ignore"):
        if not np.isfinite(values**2).all():
            return UNUSABLE
    is_whole = (values == np.trunc(values)).all()
    counts_rows = n_different == n == values.max() - values.min() + 1
    is_identifier = counts_rows or _is_named_like_an_identifier(column.name)
    return IDENTIFIER if hardly_repeats and is_whole and is_identifier else NUMBER


def _is_named_like_an_identifier(name):
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return bool(words) and words[-1].lower() in ID_WORDS


def not_numeric(column):
    """The different values that are no numbers, in text that mostly is numbers."""
    texts = column.dropna().astype(str)
    plain = texts.str.replace(",", ".")  # with a decimal comma, a table is read as text
    is_number = pd.to_numeric(plain, errors="coerce").notna()
    return texts[~is_number].unique().tolist() if 0.5 < is_number.mean() < 1 else []


def leaking(frame, y, names):
    """Names of columns in which every value occurs with one label only.

    Columns are left out if their values have few rows each.
    """
    labels, leaks = pd.Series(y), []
    for name in names:
        by_value = labels.groupby(frame[name].to_numpy())
        is_one = by_value.nunique().max() == 1
        if is_one and 1 < by_value.ngroups <= len(y) / FEW_ROWS:
            leaks.append(name)
    return leaks


def preparation(kinds):
    """A `ColumnTransformer` of the columns that are used; it drops all others."""
    steps = [
        ("numbers", scaled(), kinds[NUMBER]),
        ("categories", one_hot(), kinds[CATEGORY]),
    ]
    # One by one, because NumPy takes columns of different time zones for no dates.
    steps += [(f"date {k}", dates(), [name]) for k, name in enumerate(kinds[DATE], 1)]
    return ColumnTransformer([step for step in steps if step[2]])


def scaled(*steps, missing_values=np.nan):
    """The steps, then the median in the place of missing values, and scaling.

    A column of 0 and 1 marks the missing values.
    """
    imputer = SimpleImputer(
        missing_values=missing_values,
        strategy="median",
        add_indicator=True,
        keep_empty_features=True,
    )
    return make_pipeline(*steps, imputer, StandardScaler())


def dates():
    """Steps from dates to seconds since 1970, scaled."""
    missing = float(np.iinfo(np.int64).min)  # NumPy's number for a missing date
    seconds = as_type("datetime64[s]"), as_type("float64")
    return scaled(*seconds, missing_values=missing)


def one_hot():
    """Steps from text to a column for each value, and one for all rare values."""
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=MIN_FREQUENCY,
        max_categories=MAX_CATEGORIES,
        sparse_output=False,
    )
    # A missing value is a value like others, with one name in frames of every kind.
    with_nan = {
        "strategy": "constant",
        "fill_value": "nan",
        "keep_empty_features": True,
    }
    as_nan = [SimpleImputer(missing_values=m, **with_nan) for m in ("None", "<NA>")]
    return make_pipeline(as_type("str"), as_type("object"), *as_nan, encoder)


def as_type(name):
    """A step that converts a frame into an array."""
    return FunctionTransformer(
        np.asarray, kw_args={"dtype": name}, feature_names_out="one-to-one"
    )
