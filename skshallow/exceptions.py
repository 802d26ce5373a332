"""Categories of warnings, to be filtered like any other.

Each can be turned into an error or silenced by itself:
``warnings.simplefilter("error", SymmetryWarning)``. A search in lock-step gives one
warning for all its fits, of their category if they have one in common, and else a
``ConvergenceWarning`` or, if there is none among them, a ``UserWarning``.
"""

from skshallow._fit.exceptions import (
    ConstantPredictionsWarning,
    DeadUnitsWarning,
    InconsistentVersionWarning,
    LinearPlateauWarning,
    PenaltyWarning,
    SaturationWarning,
    SymmetryWarning,
)

__all__ = [
    "ConstantPredictionsWarning",
    "DeadUnitsWarning",
    "InconsistentVersionWarning",
    "LinearPlateauWarning",
    "PenaltyWarning",
    "SaturationWarning",
    "SymmetryWarning",
]
