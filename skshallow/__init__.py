"""A neural network with one hidden layer whose initial weights are a hyperparameter."""

from importlib import import_module
from pkgutil import iter_modules

from skshallow._fit.version import VERSION
from skshallow.classifier import ShallowNetClassifier, ShallowNetClassifierCV
from skshallow.model_selection import LockstepGridSearchCV, LockstepRandomizedSearchCV

__all__ = [
    "LockstepGridSearchCV",
    "LockstepHalvingGridSearchCV",
    "LockstepHalvingRandomSearchCV",
    "LockstepRandomizedSearchCV",
    "ShallowNetClassifier",
    "ShallowNetClassifierCV",
]
__version__ = VERSION
# Public modules are imported when they are first used.
_MODULES = {name for _, name, _ in iter_modules(__path__) if name[0] != "_"}


def __getattr__(name):
    if name in _MODULES:
        return import_module(f"skshallow.{name}")
    if name in __all__:  # importing these makes scikit-learn's halving searches public
        return getattr(import_module("skshallow.halving"), name)
    raise AttributeError(f"module 'skshallow' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__, *_MODULES})
