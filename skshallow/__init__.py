"""A neural network with one hidden layer whose initial weights are a hyperparameter."""

from importlib import import_module

from skshallow._fit.version import VERSION
from skshallow.classifier import ShallowNetClassifier, ShallowNetClassifierCV
from skshallow.model_selection import LockstepGridSearchCV, LockstepRandomizedSearchCV

__all__ = [
    "LockstepGridSearchCV",
    "LockstepRandomizedSearchCV",
    "ShallowNetClassifier",
    "ShallowNetClassifierCV",
]
__version__ = VERSION
# Loaded when they are first asked for.
_SUBMODULES = {
    "datasets",
    "diagnostics",
    "displays",
    "exceptions",
    "export",
    "findings",
    "sweeps",
}


def __getattr__(name):
    if name in _SUBMODULES:
        return import_module(f"skshallow.{name}")
    raise AttributeError(f"module 'skshallow' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_SUBMODULES})
