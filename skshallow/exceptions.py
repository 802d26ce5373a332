"""Categories of warnings.

Each category can be silenced, or turned into an error, by a filter such as
``warnings.simplefilter("error", SymmetryWarning)``. A lock-step search gives one
warning for all its fits. The warning has the category of the fits' warnings if this is
the same for all, otherwise ``ConvergenceWarning`` if one of them has this category, and
``UserWarning`` if none has.
"""

from skshallow._fit.warning_categories import (
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
