"""What the jobs of a search do before scikit-learn evaluates the candidates.

One job trains a cohort, or a part of it, on one split. The steps before the nets are
fitted once for each group and split. With curves to be kept, a job may also fit one
candidate by itself.

A fit that raises an error here is left to the search, whose ordinary fit raises its own
error. So an error is kept as the text of its traceback (`FittedCandidate`).
"""

import time
from collections import Counter, defaultdict
from traceback import format_exc

from scipy.sparse import issparse
from sklearn.base import clone

from skshallow._core.threads import single_blas_thread
from skshallow._fit.defaults import batch_size
from skshallow._fit.pipelines import last_step, with_parameters
from skshallow._fit.random_streams import RandomStreams
from skshallow._fit.samples import columns_of, training_samples, with_held_out
from skshallow._fit.train_together import FitRequest, train_in_parts
from skshallow._search.fitted_candidate import FittedCandidate

# If a seed has this number of nets or more, they are trained without those of
# other seeds. With so many lanes the fixed cost of a step is small for each of them,
# and to gather other rows for every lane would cost more.
MANY_OF_A_SEED = 16


def prepare(estimator, n_nets, arguments, rows):
    """Fit the steps before the net to the training rows of a split.

    Parameters
    ----------
    estimator : ShallowNetClassifier or Pipeline
    n_nets : int
        Number of nets that share these steps.
    arguments : callable
        ``arguments(estimator, rows) -> args, kwargs`` returns the arguments of ``fit``
        for some rows.
    rows : ndarray of indices

    Returns
    -------
    prepared : tuple of (estimator, args, kwargs, seconds), or str
        The estimator with fitted steps, the arguments of the net's ``fit``, and the
        time for each net. The traceback if the steps cannot be fitted.
    """
    began, calls = time.time(), []
    try:
        args, kwargs = arguments(estimator, rows)
        estimator = clone(estimator)
        *_, net = last_step(estimator)
        # Only the pipeline knows what it passes on to ``fit`` of its last step.
        net.fit = lambda *args, **kwargs: calls.append((args, kwargs))
        estimator.fit(*args, **kwargs)
        del net.fit
    except Exception:
        return format_exc()
    return estimator, *calls[0], (time.time() - began) / n_nets


def train_part(on_iteration_begin, part, prepared):
    """Train the nets of a cohort, or of a part of it, on one split.

    Parameters
    ----------
    on_iteration_begin : callable or None
        ``on_iteration_begin(n_nets)`` is called when ``n_nets`` nets begin an
        iteration.
    part : list of (number, net)
    prepared : tuple or str
        As `prepare` returns it.

    Returns
    -------
    list of FittedCandidate
        One for each net, without the parameters of the candidate.
    """
    began = time.time()
    try:
        if isinstance(prepared, str):
            raise ValueError(prepared)
        estimator, args, kwargs, seconds = prepared
        nets = [clone(net) for _, net in part]
        with single_blas_thread():
            fits = fit_cohort(nets, on_iteration_begin, *args, **kwargs)
    except Exception:
        return [FittedCandidate(error=format_exc())] * len(part)
    seconds += (time.time() - began) / len(nets)
    return [fit._replace(estimator=estimator, seconds=seconds) for fit in fits]


def fit_cohort(
    nets,
    on_iteration_begin,
    X,
    y,
    sample_weight=None,
    X_val=None,
    y_val=None,
    sample_weight_val=None,
):
    """Train nets with one ``cohort_key`` on the same samples.

    Parameters
    ----------
    nets : list of ShallowNetClassifier
        Their parameters must be valid. They get the attributes that describe the
        columns of ``X``, and a ``RandomState`` among their parameters is advanced.
    on_iteration_begin : callable or None
        As in `train_part`.
    X, y, sample_weight, X_val, y_val, sample_weight_val
        Arguments of ``ShallowNetClassifier.fit``.

    Returns
    -------
    list of FittedCandidate
        With a net, a result and warnings; or with an error for a net whose starts
        cannot be made.
    """
    first, fits = nets[0], {}
    samples = training_samples(first, X, y, sample_weight, reset=True)
    samples = with_held_out(samples, first, X_val, y_val, sample_weight_val)
    for net in nets:
        vars(net).update(columns_of(first))
    streams = [RandomStreams(net.random_state) for net in nets]
    for group in by_seed(first, samples, streams):
        divided = samples.divided(first, streams[group[0]].split_seed)
        requests = {}
        for i in group:
            try:
                requests[i] = FitRequest.new(nets[i], streams[i], divided)
            except Exception:
                fits[i] = FittedCandidate(error=format_exc())
        results = train_in_parts([*requests.values()], divided, on_iteration_begin)
        warnings = first._warnings_of([nets[i] for i in requests], results, divided)
        for i, result, said in zip(requests, results, warnings, strict=True):
            fits[i] = FittedCandidate(net=nets[i], result=result, warnings=said)
    return [fits[i] for i in range(len(nets))]


def by_seed(net, samples, streams):
    """The nets of a cohort that share their steps on given rows, lists of indices.

    Nets of different seeds share a step if the rows do not depend on the seed. If only
    the order of the rows depends on the seed, such nets share a step as well, and each
    net reads mini-batches of its own. They cannot with weights, because the batches
    would differ in weight, or with sparse rows, which cannot be stacked. Many nets of
    one seed are faster by themselves, because they read the same rows.

    Parameters
    ----------
    net : ShallowNetClassifier
        One of the nets.
    samples : Samples
    streams : list of RandomStreams
        The streams of each net.
    """
    n_rows, weight = len(samples.labels), samples.weight
    holds_out_rows = net.early_stopping and samples.held_out is None
    orders_rows = net.shuffle and batch_size(net, n_rows) < n_rows
    if not (holds_out_rows or orders_rows):
        return [range(len(streams))]
    is_weighted = weight is not None or net.class_weight is not None
    are_apart = holds_out_rows or is_weighted or issparse(samples.X)
    many = 1 if are_apart else MANY_OF_A_SEED
    groups, n_nets = defaultdict(list), Counter(s.row_seed for s in streams)
    for i, stream in enumerate(streams):
        seed = stream.row_seed
        groups[seed if n_nets[seed] >= many else None].append(i)
    return groups.values()


def fit_one(estimator, arguments, parameters, rows):
    """Fit a candidate by itself; return a `FittedCandidate`."""
    began = time.time()
    try:
        candidate = with_parameters(estimator, parameters)
        args, kwargs = arguments(candidate, rows)
        candidate.fit(*args, **kwargs)
    except Exception:
        return FittedCandidate(error=format_exc())
    return FittedCandidate(net=candidate, seconds=time.time() - began)
