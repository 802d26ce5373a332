"""A recording of what the package computes, so that a rewrite can change no bit of it.

Run from anywhere, by hand ::

    python tests/recording.py record recording.joblib     # before a rewrite
    python tests/recording.py compare recording.joblib    # after each of its commits

Hundreds of short fits, searches and diagnoses through the public interface, which
``recorded.py`` lists, leave a record each: fitted attributes, predictions, warnings,
errors, what was printed, and what callbacks heard. Numbers are compared to the last
bit, with their types and shapes; nan equals nan, and 0.0 differs from -0.0. The exit
status of ``compare`` is 1 if something differs that `INTENDED` does not list.

A recording belongs to one machine and to its versions of the libraries, which round in
other ways elsewhere: never commit one, and compare with your own alone, because the
file is a pickle.
"""

import argparse
import io
import platform
import re
import sys
import time
import warnings
from contextlib import nullcontext, redirect_stdout, suppress
from fnmatch import fnmatch
from importlib.metadata import version
from math import inf
from pathlib import Path

import joblib
import numpy as np
import recorded
from joblib import parallel_config
from recorded import Diary, problem
from searches import atoms
from sklearn import config_context
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_info, threadpool_limits

import skshallow
from skshallow import LockstepGridSearchCV, ShallowNetClassifier
from skshallow.diagnostics import diagnose

# What a rewrite changes on purpose: patterns (of ``fnmatch``) of the names of
# configurations and of attributes, by how much numbers may differ, and the reason.
# These may change, but not go.
CHOSEN = "a diagnosis knows whether a penalty was chosen among others"
COMBINE = "partial_fit names combine, which may average several starts"
ROWS = "a diagnosis looks at others of more than 1000 rows"
INTENDED = [
    ("special: *", "diagnosis*", inf, ROWS),
    ("search: parts", "diagnosis*", inf, ROWS),
    ("*", "*diagnosis*/is_weakest", inf, CHOSEN),
    ("*", "*diagnosis*/is_chosen", inf, CHOSEN),
    ("*", "*/error", inf, COMBINE),
]
MOST_LINES, WIDTH = 40, 60
ROOT = Path(__file__).parents[1]
PACKAGES = "numpy", "scipy", "scikit-learn", "joblib"
PREDICTED = 2000  # rows, at most

# Records: dicts of numbers, arrays, texts and lists of these


def heard(call, *args, **kwargs):
    """What a call warned of, raised and printed, and where its warnings point."""
    screen, error = io.StringIO(), None
    with warnings.catch_warnings(record=True) as caught, redirect_stdout(screen):
        warnings.simplefilter("always")
        try:
            call(*args, **kwargs)
        except Exception as raised:
            error = f"{type(raised).__name__}: {without_places(raised)}"
    return {
        "warnings": [
            f"{w.category.__name__}: {without_places(w.message)} "
            f"[points {'here' if w.filename == __file__ else 'elsewhere'}]"
            for w in caught
        ],
        "error": error,
        "printed": screen.getvalue(),
    }


def without_places(message):
    """A text without addresses in memory and without the lines of tracebacks."""
    text = re.sub(r"0x[0-9A-Fa-f]+", "0x", str(message))
    return re.sub(r"^ +.*\n", "", text, flags=re.M) if "Traceback" in text else text


def plain(value):
    """Arrays, numbers and texts as they are, containers of them, the rest as text."""
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, np.ma.MaskedArray):
        return [value.mask, plain(value.tolist())]
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist()) if value.dtype.hasobject else value
    if value is None or isinstance(value, (bool, int, float, str, np.generic)):
        return value
    return without_places(value)


def attributes(estimator):
    """Those that a fit has set, timings aside."""
    return {
        name: plain(value)
        for name, value in getattr(estimator, "__dict__", {}).items()
        if name.endswith("_") and not name.startswith("_")
    }


def of_model(model, X):
    """A fitted net, or a pipeline that ends in one: attributes and predictions."""
    net = model[-1] if isinstance(model, Pipeline) else model
    if not hasattr(net, "coefs_"):
        return {}
    record = attributes(net) | predictions(model, X)
    if isinstance(net.random_state, np.random.RandomState):
        record["next draw"] = net.random_state.randint(2**31)
    return record


def predictions(model, X):
    """By each method, or why there is none."""
    record = {}
    for method in ("decision_function", "predict_proba", "predict"):
        try:
            record[method] = plain(getattr(model, method)(X[:PREDICTED]))
        except ValueError as error:
            record[method] = str(error)
    return record


@np.errstate(over="ignore")
def far_away(X):
    """Rows so large that some logits overflow."""
    return X * (0.1 * np.finfo(X.dtype if X.dtype.kind == "f" else float).max)


def reloaded(model):
    """A model that has been in a file."""
    file = io.BytesIO()
    joblib.dump(model, file)
    file.seek(0)
    return joblib.load(file)


def of_diagnosis(net, X, y=None):
    """What a diagnosis says, and its figures."""
    record = {}

    def note():
        diagnosis = diagnose(net, X, y)
        record.update(plain(vars(diagnosis.figures)), text=str(diagnosis))
        record["findings"] = plain(diagnosis.findings)

    return heard(note) | record


def of_fit(params, is_diagnosed=False, **changes):
    """A fit, of which some arguments may be changed to what is unfit."""
    net, X, y, options = problem(params)
    arguments = {"X": X, "y": y, **options, **changes}
    record = heard(net.fit, **arguments) | of_model(net, X)
    if hasattr(net, "coefs_"):
        record["reloaded"] = of_model(reloaded(net), X)
        if is_diagnosed:
            record["far away"] = predictions(net, far_away(X))
            record["diagnosis"] = of_diagnosis(net, X, y)
            record["diagnosis without y"] = of_diagnosis(net, X)
    return record


def of_error(changes):
    """A fit with something unfit in its arguments, and another after a good one."""
    names = ShallowNetClassifier().get_params()
    own = {name: value for name, value in changes.items() if name in names}
    others = {name: value for name, value in changes.items() if name not in names}
    with config_context(assume_finite=others.pop("assume_finite", False)):
        record = of_fit(own, **others)
        net, X, y, _ = problem({})
        heard(net.fit, X, y)
        net.set_params(**own)
        refused = heard(net.fit, **{"X": X, "y": y, **others})
    return record | {"again": refused | attributes(net)}


def of_sequence(params, steps):
    """Several calls, each with its own rows and changes of parameters."""
    net, X, y, options = problem(params)
    record = {}
    for k, (method, rows, changes) in enumerate(steps):
        changes = {"classes": np.unique(y), "dtype": X.dtype, **changes}
        own = {name: value[rows] for name, value in options.items()}
        own |= {"X": X[rows].astype(changes.pop("dtype")), "y": y[rows]}
        classes = changes.pop("classes")
        if method == "partial_fit":
            own["classes"] = classes
        net.set_params(**changes)

        def call(method=method, own=own):
            getattr(net, method)(**own)

        record[f"call {k}"] = heard(call) | of_model(net, X)
    return record | {"reloaded": of_model(reloaded(net), X)}


def of_search(params, candidates, options):
    """A search, of a net behind a scaler if candidates name it, and a diagnosis."""
    options = {"search": LockstepGridSearchCV, "cv": 3, **options}
    search, backend = options.pop("search"), options.pop("backend", "loky")
    diary = Diary() if options.pop("has_callback", False) else None
    model, X, y, arguments = problem(params)
    if diary:
        model.set_callbacks(diary)
    if "net__init_scale" in candidates:
        model = Pipeline([("scale", StandardScaler()), ("net", model)])
    search = search(model, candidates, **options)
    with parallel_config(backend):
        record = heard(search.fit, X, y, **arguments)
    record |= {k: v for k, v in attributes(search).items() if k != "refit_time_"}
    results = record.get("cv_results_", {})
    record["cv_results_"] = {k: v for k, v in results.items() if "_time" not in k}
    if hasattr(search, "best_estimator_"):
        record["best"] = of_model(search.best_estimator_, X)
        record["diagnosis"] = of_diagnosis(search, X, y)
    return record | {"heard": told(diary) if diary else None}


def of_callback(params, options):
    """A fit and what a callback heard of it."""
    diary = Diary(**options)
    net, X, y, arguments = problem(params)
    net.set_callbacks(diary)

    def fit():
        with suppress(KeyboardInterrupt) if diary.strike_at else nullcontext():
            net.fit(X, y, **arguments)

    return heard(fit) | of_model(net, X) | {"heard": told(diary)}


def told(diary):
    """The hooks in order, with their tasks and the nets they were given."""
    return {
        f"{i} {hook}": {"facts": plain(facts), **attributes(net)}
        for i, (hook, facts, net) in enumerate(diary.pages)
    }


def configurations():
    """Names, functions that return a record, and the arguments of these."""
    for name, params in recorded.fits():
        yield f"fit: {name}", of_fit, params
    has_callbacks = hasattr(ShallowNetClassifier, "set_callbacks")  # scikit-learn 1.9
    watched = recorded.CALLBACKS if has_callbacks else {}
    for solver in recorded.SOLVERS:
        own = {"solver": solver}
        for name, params in recorded.SPECIAL.items():
            yield f"special: {name}, {solver}", of_fit, own | params, True
        for name, (params, calls) in recorded.SEQUENCES.items():
            yield f"calls: {name}, {solver}", of_sequence, own | params, calls
        for name, (params, options) in watched.items():
            yield f"callback: {name}, {solver}", of_callback, own | params, options
    for name, changes in recorded.ERRORS.items():
        yield f"error: {name}", of_error, changes
    for name, case in recorded.SEARCHES.items():
        if has_callbacks or "callback" not in name:
            yield f"search: {name}", of_search, *case


def record_all():
    """All that is recorded, by (configuration, attribute); prints the time it took."""
    start, names, records = time.perf_counter(), set(), {}
    with threadpool_limits(1):
        for name, record, *args in configurations():
            if name in names:
                raise ValueError(f"two configurations are called {name!r}.")
            names.add(name)
            records |= {(name, k): v for k, v in flat(record(*args)).items()}
    print(f"{len(names)} configurations, {time.perf_counter() - start:.0f} s")
    return records


def flat(record, path=""):
    """A record without dicts in it: its attributes by their paths."""
    if not isinstance(record, dict):
        return {path[1:]: record}
    parts = [flat(part, f"{path}/{name}") for name, part in record.items()]
    return {name: value for part in parts for name, value in part.items()}


# Comparison


@np.errstate(invalid="ignore")
def distance(old, new):
    """The largest difference of numbers, arrays and lists of these."""
    if isinstance(old, list):
        return max((distance(*pair) for pair in zip(old, new, strict=True)), default=0)
    return np.nan_to_num(np.abs(np.subtract(old, new, dtype=float))).max(initial=0)


def in_words(old, new):
    """How two values differ: how far, or else both from where they part."""
    with suppress(TypeError, ValueError):  # no numbers, or of other shapes
        if farthest := distance(old, new):
            return f"largest difference {farthest:.3g}"
    old, new = repr(old), repr(new)
    parting = [a != b for a, b in zip(old, new, strict=False)]
    start = max(0, parting.index(True) - WIDTH // 3) if any(parting) else 0
    return f"{old[start:][:WIDTH]} is now {new[start:][:WIDTH]}"


def differences(old, new):
    """Yield (configuration, attribute, what differs, why that is intended or None)."""
    for key in old | new:
        if key not in old or key not in new:
            what = "is new" if key in new else "is gone"
            yield *key, what, reason_for(*key, inf) if key in new else None
        elif [*atoms(old[key])] != [*atoms(new[key])]:
            size = inf
            with suppress(TypeError, ValueError):  # no numbers, or of other shapes
                size = distance(old[key], new[key])
            yield *key, in_words(old[key], new[key]), reason_for(*key, size)


def reason_for(name, attribute, size):
    """Why a difference of that size is intended; None if it is not."""
    for names, attributes, largest, reason in INTENDED:
        is_listed = fnmatch(name, names) and fnmatch(attribute, attributes)
        if is_listed and size <= largest:
            return reason
    return None


def show(found, title):
    """Print a line a configuration, up to `MOST_LINES`, and how many differ."""
    by_name = {}
    for name, *what in found:
        by_name.setdefault(name, []).append(" ".join(what))
    for name, lines in [*by_name.items()][:MOST_LINES]:
        others = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
        print(f"{name} / {lines[0]}{others}")
    print(f"{title}: {len(found)} attributes of {len(by_name)} configurations.")


def surroundings():
    """What bits depend on beside the package."""
    libraries = [
        f"{found['internal_api']} {found.get('version')} {found.get('architecture')}"
        for found in threadpool_info()
        if found["user_api"] == "blas"
    ]
    versions = [f"{name} {version(name)}" for name in PACKAGES]
    python = f"Python {platform.python_version()} on {platform.machine()}"
    return ", ".join([python, *versions, *sorted(libraries)])


def main():
    """Record, or compare; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=["record", "compare"])
    parser.add_argument("file", help="such as recording.joblib, which git ignores")
    args = parser.parse_args()
    if Path(skshallow.__file__).parents[1] != ROOT:
        sys.exit(f"skshallow is that of {skshallow.__file__}: set PYTHONPATH={ROOT}.")
    here = surroundings()
    if args.action == "record":
        joblib.dump({"surroundings": here, "records": record_all()}, args.file, 3)
        return 0
    recording = joblib.load(args.file)
    if recording["surroundings"] != here:
        sys.exit(
            f"{args.file} was recorded by {recording['surroundings']}, and this is "
            f"{here}: their bits differ anyway. Record anew, on the commit before."
        )
    found = list(differences(recording["records"], record_all()))
    others = [each[:3] for each in found if not each[3]]
    show([(*each[:3], f"({each[3]})") for each in found if each[3]], "Intended")
    show(others, "Differences")
    return int(bool(others))


if __name__ == "__main__":
    sys.exit(main())
