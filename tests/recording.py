"""Record what the package computes, to show that a rewrite changes no bit of it.

Run from anywhere, by hand ::

    python tests/recording.py record recording.joblib
    python tests/recording.py compare recording.joblib

The first runs before a rewrite, the second after each of its commits.

Hundreds of short fits, searches and diagnoses through the public interface, which
``recorded.py`` lists, leave a record each: fitted attributes, predictions, warnings,
errors and what was printed. Numbers are compared to the last bit, with their types and
shapes; nan equals nan, and 0.0 differs from -0.0. The exit status of ``compare`` is 1
if anything differs. After a difference that is intended, record anew.

Refused arguments, saved nets, and that a search in lock-step equals scikit-learn's are
not recorded, because tests state them. Callbacks are recorded with scikit-learn 1.9 or
later, which has them.

A recording belongs to one machine and to its versions of the libraries, because others
round differently: never commit one, and compare with your own alone, because the file
is a pickle.
"""

import argparse
import io
import platform
import re
import sys
import time
import warnings
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
import recorded
from recorded import problem
from searches import atoms
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_info, threadpool_limits
from watching import Diary

import skshallow
from skshallow import LockstepGridSearchCV
from skshallow.diagnostics import diagnose

MOST_LINES, WIDTH = 40, 60
ROOT = Path(__file__).parents[1]
PACKAGES = "numpy", "scipy", "scikit-learn", "joblib"
PREDICTED = 2000  # rows, at most

# Records: dicts of what `searches.atoms` takes apart


def heard(call, *args, **kwargs):
    """A record of what a call warns of, raises and prints, and where warnings point."""
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


def attributes(estimator):
    """The fitted attributes of an estimator."""
    return {k: v for k, v in vars(estimator).items() if k.endswith("_") and k[0] != "_"}


def of_model(model, X):
    """A record of a fitted net or pipeline: its attributes and predictions."""
    net = model[-1] if isinstance(model, Pipeline) else model
    if not hasattr(net, "coefs_"):
        return {}
    record = attributes(net) | predictions(model, X) | of_callbacks(net)
    if isinstance(net.random_state, np.random.RandomState):
        record["next draw"] = net.random_state.randint(2**31)
    return record


def of_callbacks(estimator):
    """A record of the calls of every `Diary`, and of the nets that it was given."""
    callbacks = getattr(estimator, "_skl_callbacks", ())
    return {
        f"diary {k}": [diary.calls, [net and attributes(net) for net in diary.fitted]]
        for k, diary in enumerate(callbacks)
        if isinstance(diary, Diary)
    }


def predictions(model, X):
    """The predictions by each method, or the message of its error."""
    record = {}
    for method in ("decision_function", "predict_proba", "predict"):
        try:
            record[method] = getattr(model, method)(X[:PREDICTED])
        except ValueError as error:
            record[method] = str(error)
    return record


def of_diagnosis(net, X, y=None):
    """A record of a diagnosis and of its measurements."""
    record = {}

    def add_diagnosis():
        diagnosis = diagnose(net, X, y)
        record.update(vars(diagnosis.measurements), text=str(diagnosis))
        record["findings"] = diagnosis.findings

    return heard(add_diagnosis) | record


def of_fit(params, is_diagnosed=False):
    """A record of a fit and, if asked for, of diagnoses of its net."""
    net, X, y, options = problem(params)
    record = heard(net.fit, X, y, **options) | of_model(net, X)
    if is_diagnosed and hasattr(net, "coefs_"):
        record["diagnosis"] = of_diagnosis(net, X, y)
        record["diagnosis without y"] = of_diagnosis(net, X)
    return record


def of_sequence(params, steps):
    """A record of several calls, each with its own rows and changes of parameters."""
    net, X, y, options = problem(params)
    record = {}
    for k, (method, rows, changes) in enumerate(steps):
        changes = {"dtype": X.dtype, **changes}
        own = {name: value[rows] for name, value in options.items()}
        own |= {"X": X[rows].astype(changes.pop("dtype")), "y": y[rows]}
        if method == "partial_fit":
            own["classes"] = np.unique(y)
        net.set_params(**changes)

        def call(method=method, own=own):
            getattr(net, method)(**own)

        record[f"call {k}"] = heard(call) | of_model(net, X)
    return record


def of_search(params, candidates, options):
    """A record of a search and of its diagnosis.

    The net stands behind a scaler if the candidates name it as a step.
    """
    options = {"search": LockstepGridSearchCV, "cv": 3, **options}
    callback = options.pop("callback", None)
    model, X, y, arguments = problem(params)
    if "net__init_scale" in candidates:
        model = Pipeline([("scale", StandardScaler()), ("net", model)])
    search = options.pop("search")(model, candidates, **options)
    if callback:
        search.set_callbacks(callback())
    record = heard(search.fit, X, y, **arguments)
    record |= attributes(search) | of_callbacks(search)
    for name in ("refit_time_", "best_estimator_"):
        record.pop(name, None)
    results = record.get("cv_results_", {})
    record["cv_results_"] = {k: v for k, v in results.items() if "_time" not in k}
    if hasattr(search, "best_estimator_"):
        record["best"] = of_model(search.best_estimator_, X)
        record["diagnosis"] = of_diagnosis(search, X, y)
    return record


def configurations():
    """Names, functions that return a record, and the arguments of these."""
    for name, params in recorded.fits():
        yield f"fit: {name}", of_fit, params
    for solver in recorded.SOLVERS:
        own = {"solver": solver}
        for name, params in recorded.SPECIAL.items():
            yield f"special: {name}, {solver}", of_fit, own | params, True
        for name, (params, calls) in recorded.SEQUENCES.items():
            yield f"calls: {name}, {solver}", of_sequence, own | params, calls
    for name, case in recorded.SEARCHES.items():
        yield f"search: {name}", of_search, *case


def record_all():
    """All that is recorded, by (configuration, path); prints the time it took."""
    start, records = time.perf_counter(), {}
    with threadpool_limits(1):
        for name, record, *args in configurations():
            if name in records:
                raise ValueError(f"two configurations are called {name!r}.")
            records[name] = dict(atoms(record(*args)))
    print(f"{len(records)} configurations, {time.perf_counter() - start:.0f} s")
    return {
        (name, path): content
        for name, record in records.items()
        for path, content in record.items()
    }


# Comparison


def numbers_of(atom):
    """The numbers whose bits an atom holds, or None."""
    *kind, bits = atom if isinstance(atom, tuple) else [atom]
    dtype = np.dtype(kind[1] if len(kind) == 3 else float)
    is_numbers = isinstance(bits, bytes) and dtype.kind in "fiub"
    return np.frombuffer(bits, dtype).astype(float) if is_numbers else None


def in_words(old, new):
    """The largest difference of two atoms of numbers, or where other atoms part."""
    one, other = numbers_of(old), numbers_of(new)
    if one is None or other is None or old[:-1] != new[:-1]:
        old, new = str(old), str(new)
        parting = [a != b for a, b in zip(old, new, strict=False)]
        start = max(0, parting.index(True) - WIDTH // 3) if any(parting) else 0
        return f"{old[start:][:WIDTH]} is now {new[start:][:WIDTH]}"
    with np.errstate(invalid="ignore"):
        largest = np.nan_to_num(np.abs(one - other)).max(initial=0)
    return f"largest difference {largest:.3g}"


def differences(old, new):
    """The differences of two recordings, as lists of lines by configuration."""
    found = {}
    for key in old | new:
        name, path = key
        if key not in old or key not in new:
            what = "is new" if key in new else "is gone"
        elif old[key] != new[key]:
            what = in_words(old[key], new[key])
        else:
            continue
        found.setdefault(name, []).append(f"{path[1:]} {what}")
    return found


def surroundings():
    """The platform and the versions on which the bits depend, beside the package."""
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
    found = differences(recording["records"], record_all())
    for name, lines in [*found.items()][:MOST_LINES]:
        others = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
        print(f"{name} / {lines[0]}{others}")
    n_attributes = sum(map(len, found.values()))
    print(f"{n_attributes} attributes of {len(found)} configurations differ.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
