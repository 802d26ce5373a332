"""Categories of warnings, to be filtered like any other.

Each can be turned into an error or silenced by itself:
``warnings.simplefilter("error", SymmetryWarning)``. A search in lock-step gives one
warning for all its fits, of their category if they have one in common, and else a
``ConvergenceWarning`` or, if there is none among them, a ``UserWarning``.
"""

import sklearn.exceptions


class SymmetryWarning(UserWarning):
    """Hidden units are identical to the last bit: training can never part them.

    Units that are *nearly* parallel are what small starts end with; they are sound.
    """


class SaturationWarning(UserWarning):
    """The hidden units started on their flat parts, where gradients vanish."""


class DeadUnitsWarning(UserWarning):
    """No relu unit is active on any sample, so that none gets a gradient."""


class ConstantPredictionsWarning(UserWarning):
    """Every sample gets the same label, for none of the other reasons.

    A net that never left the plateau of the constant predictor warns of that, by a
    ``ConvergenceWarning``, in its place.
    """


class InconsistentVersionWarning(sklearn.exceptions.InconsistentVersionWarning):
    """A net is loaded that another version of this package has saved.

    Filters for scikit-learn's warning of this name apply to it, too.

    Parameters
    ----------
    estimator_name : str
    current_sklearn_version, original_sklearn_version : str
        Of this package, in spite of the names.
    """

    def __str__(self):
        return (
            f"This {self.estimator_name} was saved by skshallow "
            f"{self.original_sklearn_version} and is loaded by skshallow "
            f"{self.current_sklearn_version}, which may fail, or change what it "
            "predicts: load it with the version that saved it, or fit it again."
        )
