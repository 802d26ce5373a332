"""Nets that past versions saved are loaded, predict and are trained as they were.

``tests/saved_nets/write.py`` wrote them and says how to add those of a new version.
"""

import contextlib
import pickle
import tomllib
import warnings
from collections import Counter
from pathlib import Path

import joblib
import numpy as np
import pytest
import sklearn.exceptions
from nets import ignored
from sklearn.base import clone

import skshallow
from skshallow._fit.version import DOCUMENTATION
from skshallow.diagnostics import diagnose
from skshallow.exceptions import InconsistentVersionWarning

# Few iterations, and labels drawn at random, make nets that guess.
pytestmark = ignored("ConstantPredictions")

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tests" / "saved_nets"
SAVED = sorted([*FOLDER.glob("*/*.joblib"), *FOLDER.glob("*/*.pickle")])


def loaded(path):
    """The model in a file; assert that a net of another version warns."""
    version = path.parent.name
    expected = contextlib.nullcontext()
    if version != skshallow.__version__:
        said = f"saved by skshallow {version} and is loaded"
        expected = pytest.warns(InconsistentVersionWarning, match=said)
    with expected, warnings.catch_warnings():
        # scikit-learn warns of each of its own steps that another version saved it.
        of_steps = sklearn.exceptions.InconsistentVersionWarning
        warnings.filterwarnings("ignore", "Trying to unpickle", of_steps)
        if path.suffix == ".pickle":
            return pickle.loads(path.read_bytes())
        return joblib.load(path)


def assert_predicts(net, rows, probabilities):
    """Assert predictions up to rounding, which depends on processor and BLAS."""
    rounding = 1e-9 if rows.dtype == np.float64 else 1e-4
    np.testing.assert_allclose(net.predict_proba(rows), probabilities, rtol=rounding)
    y = net.classes_[probabilities.argmax(axis=1)]
    np.testing.assert_array_equal(net.predict(rows), y)


def test_version_and_address_are_the_project_s():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert skshallow.__version__ == project["project"]["version"]
    assert project["project"]["urls"] == {"Documentation": DOCUMENTATION}


def test_the_nets_of_this_version_are_kept():
    kept = Counter(path.parent.name for path in SAVED)
    assert skshallow.__version__ in kept, "run tests/saved_nets/write.py: it says where"
    # From 0.3.0 on there are averages and cross-validated nets.
    assert kept == {v: 16 if v in ("0.1.0", "0.2.0") else 24 for v in kept}


@pytest.mark.parametrize("path", SAVED, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_saved_net_predicts_and_goes_on(path):
    with np.load(path.parent / "expected.npz") as expected:
        expected = dict(expected)
    name, model = path.stem, loaded(path)
    rows, net = expected[f"{name}_rows"], model
    if name.endswith("pipeline"):
        net = model.steps[-1][1]
        # scikit-learn promises nothing of its steps, unlike this package of its nets.
        assert_predicts(model, expected["X"], expected[f"{name}_now"])
    assert net.coefs_[0].dtype == rows.dtype
    assert_predicts(net, rows, expected[f"{name}_now"])
    # The net has every attribute that this version reads.
    y = expected[name.partition("_")[0]]
    assert "effective rank" in str(diagnose(model, expected["X"], y))
    assert clone(model).get_params().keys() == model.get_params().keys()
    n_iter = len(net.loss_curve_)
    version, goes_on = path.parent.name, name.endswith(("partial_fit", "average"))
    if version == "0.2.0" and net.solver == "adam":
        net.set_params(learning_rate_init=0.02)  # also for a last batch of few rows
    if version == "0.2.0" and goes_on:  # its alpha="auto" grew with every row
        length, n_rows = np.mean(np.sum(rows**2, axis=1)), 3 * len(rows)
        net.set_params(alpha=0.1 * np.sqrt(length) * n_rows**0.35)
    (net.partial_fit if goes_on else net.fit)(rows, y)
    n_more = 1 if goes_on else 5 * name.endswith("warm_start")
    assert len(net.loss_curve_) == n_iter + n_more
    # 0.1.0 minimised something else; 0.2.0 kept the first of equal validation scores.
    if version != "0.1.0" and not (version == "0.2.0" and net.early_stopping):
        assert_predicts(net, rows, expected[f"{name}_once_more"])
