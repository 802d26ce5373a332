"""Groups estimators into cohorts that are trained together, and trains them.

The nets of a *cohort* take the same steps on the same samples. Its estimators may
differ in their starts, in their seeds, and in all parameters that are not in
`MUST_MATCH`. To let a parameter differ, give it a value for each lane in ``settings``
and ``request``. Of estimators, this module reads the parameters.
"""

from collections import Counter, defaultdict

from scipy.sparse import issparse
from sklearn.base import clone

from skshallow._advice.fit_warnings import warnings_of
from skshallow._fit.defaults import batch_size
from skshallow._fit.random_streams import RandomStreams
from skshallow._fit.request import FitRequest, train_in_parts
from skshallow._fit.samples import (
    Samples,
    columns_of,
    training_samples,
    with_held_out,
)
from skshallow._search.fallback import none_on_error

# Parameters in which the estimators of a cohort agree.
MUST_MATCH = (
    "n_hidden",
    "activation",
    "solver",
    "nesterovs_momentum",
    "batch_size",
    "shuffle",
    "early_stopping",
    "validation_fraction",
    "class_weight",
)
# Parameters that exclude an estimator from every cohort if they are set.
EXCLUDED = ("warm_start", "verbose")
# If a seed has this number of estimators or more, they are trained without those of
# other seeds. With so many lanes the fixed cost of a step is small for each of them,
# and to gather other rows for every lane would cost more.
FEW_OF_A_SEED = 16


def cohort_key(estimator):
    """The values, hashable, in which a cohort agrees; None for an excluded estimator.

    L-BFGS and the parameters in `EXCLUDED` exclude an estimator from every cohort.
    """
    values = estimator.get_params(deep=False)
    if values["solver"] == "lbfgs" or any(map(values.get, EXCLUDED)):
        return None
    if isinstance(values["class_weight"], dict):
        values["class_weight"] = frozenset(values["class_weight"].items())
    return tuple(values[name] for name in MUST_MATCH)


def fit_cohort(estimators, *args, on_iteration=None, **kwargs):
    """Train the nets of estimators with one `cohort_key` on the same samples.

    Parameters
    ----------
    estimators : list of ShallowNetClassifier
        Their parameters must be valid. A ``RandomState`` among these is advanced.
    *args, **kwargs
        Arguments of ``ShallowNetClassifier.fit``.
    on_iteration : callable, default=None
        ``on_iteration(n_nets)`` is called when ``n_nets`` nets begin an iteration.

    Returns
    -------
    columns : dict
        The fitted attributes that describe the columns of ``X``.
    results : list of (FitResult, list of FitWarning) or None
        One for each estimator. None if training could not begin: a fit of this
        estimator by itself then raises the error.
    """
    first, fits = clone(estimators[0]), [None] * len(estimators)
    samples = _checked_samples(first, *args, **kwargs)
    streams = [RandomStreams(e.random_state) for e in estimators]
    for group in _groups(first, samples, streams) if samples else []:
        divided = _divided(samples, first, streams[group[0]].split_seed)
        if divided is None:
            continue
        requests = {
            i: request
            for i in group
            if (request := _new_request(estimators[i], streams[i], divided))
        }
        for part in train_in_parts(requests, divided, on_iteration):
            nets, results = [estimators[i] for i in part], [*part.values()]
            warnings = warnings_of(nets, results, divided)
            for i, *fit in zip(part, results, warnings, strict=True):
                fits[i] = fit
    return columns_of(first), fits


@none_on_error(ValueError, TypeError)
def _checked_samples(
    estimator, X, y, sample_weight=None, X_val=None, y_val=None, sample_weight_val=None
):
    """The `Samples` of arguments of ``fit``; None if the arguments are invalid."""
    samples = training_samples(estimator, X, y, sample_weight, reset=True)
    return with_held_out(samples, estimator, X_val, y_val, sample_weight_val)


# These return None if there are too few rows to divide, or if a start cannot be made.
_divided = none_on_error(ValueError)(Samples.divided)
_new_request = none_on_error(ValueError, TypeError)(FitRequest.new)


def _groups(estimator, samples, streams):
    """Groups of estimators that may share a step, as lists of their indices.

    Estimators of different seeds share a step if the rows do not depend on the seed.
    They share it also if only the order of the rows does: each then reads mini-batches
    of its own. This is impossible with weights, because the batches would differ in
    weight, and with sparse rows, which cannot be stacked. Many estimators of one seed
    are faster as a separate group, which reads the same rows.
    """
    n_rows, weight = len(samples.labels), samples.weight
    holds_out_rows = estimator.early_stopping and samples.held_out is None
    orders_rows = estimator.shuffle and batch_size(estimator, n_rows) < n_rows
    if not (holds_out_rows or orders_rows):
        return [range(len(streams))]
    is_weighted = weight is not None or estimator.class_weight is not None
    are_apart = holds_out_rows or is_weighted or issparse(samples.X)
    few = 1 if are_apart else FEW_OF_A_SEED
    groups, n_lanes = defaultdict(list), Counter(s.row_seed for s in streams)
    for i, stream in enumerate(streams):
        seed = stream.row_seed
        groups[seed if n_lanes[seed] >= few else None].append(i)
    return groups.values()
