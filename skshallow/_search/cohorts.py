"""Groups estimators into cohorts that are trained together, and trains them.

The nets of a *cohort* take the same steps on the same samples. Its estimators may
differ in their starts and seeds, and in every setting that an update reads lane by
lane; `MUST_MATCH` names what they agree in. Knows estimators by their attributes only.
"""

from collections import Counter, defaultdict
from contextlib import suppress

from scipy.sparse import issparse
from sklearn.base import clone

from skshallow._advice.fit_warnings import warnings_of
from skshallow._core.workspace import block_size
from skshallow._fit.random_streams import RandomStreams
from skshallow._fit.request import FitData, FitRequest, batch_size, train_together
from skshallow._fit.samples import held_out_samples, training_samples

# Parameters in which the estimators of a cohort agree, ...
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
# ... those in which they may differ, ...
PER_LANE = (
    "init",
    "init_scale",
    "n_init",
    "learning_rate",
    "learning_rate_init",
    "alpha",
    "momentum",
    "max_iter",
    "tol",
    "n_iter_no_change",
    "random_state",
)
# ... and those that keep an estimator out of every cohort, if they are set.
EXCLUDED = ("warm_start", "verbose")
COLUMNS = ("n_features_in_", "feature_names_in_")
# Lanes are trained together up to this size of parameters, moments and work buffers:
# more of them gain no speed. Bytes.
COHORT_BYTES = 2**25
# Lanes of one seed that are faster by themselves: with so many the fixed cost of a step
# is spread already, and gathering rows for each lane costs more.
FEW_LANES = 16


def cohort_key(estimator):
    """What the requests of a cohort have in common, hashable; None fits alone.

    A parameter whose effect on a neighbour is unknown, whoever may have added it, is a
    reason to fit alone, as are L-BFGS, continued training and printed progress.
    """
    values = estimator.get_params(deep=False)
    is_known = values.keys() <= {*MUST_MATCH, *PER_LANE, *EXCLUDED}
    if not is_known or values["solver"] == "lbfgs" or any(map(values.get, EXCLUDED)):
        return None
    if isinstance(values["class_weight"], dict):
        values["class_weight"] = frozenset(values["class_weight"].items())
    return tuple(values[name] for name in MUST_MATCH)


def fit_cohort(
    estimators,
    X,
    y,
    sample_weight=None,
    *,
    X_val=None,
    y_val=None,
    sample_weight_val=None,
):
    """Train the nets of estimators with one `cohort_key` on the same samples.

    Parameters
    ----------
    estimators : list of ShallowNetClassifier
        With valid parameters; a ``RandomState`` among these is advanced.
    X, y, sample_weight, X_val, y_val, sample_weight_val
        As in ``ShallowNetClassifier.fit``.

    Returns
    -------
    columns : dict
        The fitted attributes that describe the columns of ``X``.
    results : list of (FitResult, list of FitWarning) or None
        None where no start could be made: whoever fits it alone is told why.
    """
    first = clone(estimators[0])
    samples, classes = training_samples(first, X, y, sample_weight, reset=True)
    held_out = held_out_samples(first, X_val, y_val, sample_weight_val, classes)
    data = FitData(samples, held_out, classes)
    streams = [RandomStreams(e.random_state) for e in estimators]
    trained = [None] * len(estimators)
    for group in _alike(first, data, streams):
        divided = data.divided(first, streams[group[0]].split_seed)
        architecture = divided.architecture(first)
        requests = {}
        for i in group:
            with suppress(Exception):
                requests[i] = FitRequest.new(estimators[i], streams[i], architecture)
        for part in _parts(requests, divided, architecture):
            results = train_together([requests[i] for i in part], divided, architecture)
            if results[0].interrupted:
                raise KeyboardInterrupt
            nets = [estimators[i] for i in part]
            warnings = warnings_of(nets, results, divided.samples)
            for i, result, of_net in zip(part, results, warnings, strict=True):
                trained[i] = result.without_optimizer_states(), of_net
    columns = {name: vars(first)[name] for name in COLUMNS if name in vars(first)}
    return columns, trained


def _alike(estimator, data, streams):
    """Groups of indices whose streams have what must be the same in common.

    Lanes whose row orders differ may share a step, each with rows of its own. With
    weights their batches would differ in weight, too; sparse rows cannot be stacked;
    and many lanes of one seed are faster by themselves, on the rows they share.
    """
    n_rows, weight = len(data.samples.labels), data.samples.weight
    if estimator.early_stopping and data.held_out is None:
        seeds, few = [stream.split_seed for stream in streams], 1
    elif batch_size(estimator, n_rows) >= n_rows or not estimator.shuffle:
        return [range(len(streams))]
    else:
        seeds, few = [stream.row_seed for stream in streams], FEW_LANES
        is_weighted = weight is not None or estimator.class_weight is not None
        if is_weighted or issparse(data.samples.X):
            few = 1
    groups, n_lanes = defaultdict(list), Counter(seeds)
    for i, seed in enumerate(seeds):
        groups[seed if n_lanes[seed] >= few else None].append(i)
    return groups.values()


def _parts(requests, data, architecture):
    """Cut the indices of ``requests`` into parts that fit into memory together."""
    (h, d), (c, _) = architecture.weight_shapes
    n_rows = min(block_size(architecture), len(data.samples.labels))
    # As measured: starts, parameters, gradients, moments, checkpoints and results; and
    # activations, slopes, logits with notes, and rows.
    lane = 18 * architecture.n_parameters + (2 * h + 4 * c + 2 * (d + 1)) * n_rows
    most = COHORT_BYTES // (lane * architecture.dtype.itemsize)
    part, n_lanes = [], 0
    for i, request in requests.items():
        if part and n_lanes + len(request.starts) > most:
            yield part
            part, n_lanes = [], 0
        part.append(i)
        n_lanes += len(request.starts)
    if part:
        yield part
