"""Nets saved by every version of the package, for all later versions to load.

Each version has a folder here: each net as a compressed joblib file and as a plain
pickle, and ``expected.npz`` with the rows and labels, what each net predicted, and what
it predicted after it had been trained once more. To add those of a new version, once
its number stands in ``skshallow/_fit/version.py``, run ::

    python tests/saved_nets/write.py

in an environment of the *oldest* NumPy, scikit-learn and joblib that ``pyproject.toml``
admits, since what an older NumPy wrote a newer one can read, but not the other way
round. Commit the folder, and never change one of an older version.

There are pipelines, of which scikit-learn's part is a few plain attributes, but no
searches: those hold scorers of private classes, and scikit-learn does not promise that
another version can load them. A net in a search is saved like any other.
"""

import pickle
from pathlib import Path

import joblib
import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier, ShallowNetClassifierCV, __version__

HERE = Path(__file__).parent
N_ROWS, N_FEATURES = 40, 3
RNG = np.random.RandomState(0)
X = RNG.standard_normal((N_ROWS, N_FEATURES))
LABELS = {
    "binary": np.where(X[:, 0] * X[:, 1] > 0, "yes", "no"),
    "multiclass": RNG.permutation(np.arange(N_ROWS) % 3),
}
PROTOCOL = 4  # of pickle


def net(**params):
    """A net that trains for a few iterations, each with its own order of the rows."""
    defaults = {"init_scale": 0.5, "batch_size": 16, "max_iter": 5, "tol": None}
    return ShallowNetClassifier(4, **{**defaults, "random_state": 0, **params})


def fit(y):
    """A plain fit, with validation data and a seed."""
    return net(solver="sgd", early_stopping=True).fit(X, y)


def partial_fit(y):
    """Two passes, and moments to go on from."""
    passes = net(solver="adam")
    return passes.partial_fit(X, y, classes=np.unique(y)).partial_fit(X, y)


def warm_start(y):
    """Moments in single precision, and a random state that is no seed."""
    warm = net(warm_start=True, random_state=np.random.RandomState(3))
    return warm.fit(X.astype(np.float32), y)


def pipeline(y):
    """A net behind a scaler."""
    return make_pipeline(StandardScaler(), net()).fit(X, y)


def average(y):
    """Two passes of an average, whose nets go on one by one."""
    passes = net(n_init=3, combine="average")
    return passes.partial_fit(X, y, classes=np.unique(y)).partial_fit(X, y)


def choice(y):
    """A net whose penalty and start are chosen by cross-validation."""
    known = ShallowNetClassifierCV().get_params()
    shared = {k: v for k, v in net().get_params().items() if k in known}
    values = {"alphas": [0.1, 1.0], "init_scales": [0.5, (1.0, 0.5)], "cv": 2}
    return ShallowNetClassifierCV(**{**shared, **values}).fit(X, y)


def net_and_rows(model):
    """The net of a model, and the rows as they come to it."""
    if hasattr(model, "steps"):
        return model[-1], model[:-1].transform(X)
    return model, X.astype(model.coefs_[0].dtype)


def once_more(net, rows, y):
    """Train a net as it was trained before."""
    passes = net._training_state is not None and not net.warm_start
    return net.partial_fit(rows, y) if passes else net.fit(rows, y)


def main():
    """Write the nets of this version."""
    folder = HERE / __version__
    folder.mkdir()
    expected = {"X": X, **LABELS}
    for train in (fit, partial_fit, warm_start, pipeline, average, choice):
        for task, y in LABELS.items():
            name, model = f"{task}_{train.__name__}", train(y)
            file = folder / name
            joblib.dump(
                model, file.with_suffix(".joblib"), compress=9, protocol=PROTOCOL
            )
            file.with_suffix(".pickle").write_bytes(pickle.dumps(model, PROTOCOL))
            trained, rows = net_and_rows(model)
            expected[f"{name}_rows"] = rows
            expected[f"{name}_now"] = trained.predict_proba(rows)
            once_more(trained, rows, y)
            expected[f"{name}_once_more"] = trained.predict_proba(rows)
    np.savez_compressed(folder / "expected.npz", **expected)


if __name__ == "__main__":
    main()
