"""From the parameters of estimators to the arrays of the core, and back.

One call trains the nets of one estimator, or of several estimators that take the same
steps on the same samples. This module reads only attributes of estimators.
"""

from functools import partial
from math import inf
from typing import NamedTuple

import numpy as np

import skshallow._fit.defaults as defaults
from skshallow._core.activations import ACTIVATIONS
from skshallow._core.batches import Batches, consecutive, slices
from skshallow._core.evaluation import Validation
from skshallow._core.lane_settings import LaneSettings
from skshallow._core.losses import constant_predictor_loss, loss_for
from skshallow._core.network import Architecture
from skshallow._core.optimizers import OptimizerState
from skshallow._core.training import train
from skshallow._core.workspace import block_size
from skshallow._fit.logits import rows_error
from skshallow._fit.random_streams import RandomStreams
from skshallow._fit.result import FitResult, has_all_units, n_nets_of, packed
from skshallow._fit.sample_weights import NO_ROWS
from skshallow._fit.starts import draw_starts, layer_scales

# Maximum number of bytes of parameters, optimizer states and work buffers of lanes that
# are trained together. More lanes are not faster.
COHORT_BYTES = 2**25


class FitRequest(NamedTuple):
    """The nets of one estimator that are to be trained.

    Parameters
    ----------
    estimator : estimator
        Only its parameters are used.
    architecture : Architecture
        The same for all requests that are trained together.
    streams : RandomStreams
    starts : ndarray of shape (n_starts, p)
    resumes : bool, default=False
        Whether training resumes from the weights in ``starts``.
    optimizer_state : OptimizerState or None
        The state in which training resumes.
    """

    estimator: object
    architecture: Architecture
    streams: RandomStreams
    starts: np.ndarray
    resumes: bool = False
    optimizer_state: OptimizerState | None = None

    @classmethod
    def new(cls, estimator, streams, samples):
        """A request with starts drawn from the streams; one if all would be equal."""
        architecture = _architecture(estimator, samples, samples.X.dtype)
        starts = draw_starts(estimator, streams.starts, architecture)
        return cls(estimator, architecture, streams, starts)

    @classmethod
    def resumed(cls, estimator, streams, samples):
        """A request that resumes from the weights of a fitted estimator."""
        architecture = _architecture(estimator, samples, estimator.coefs_[0].dtype)
        n_units = len(estimator.intercepts_[0]) // n_nets_of(estimator)
        if estimator.n_hidden != n_units:
            raise ValueError(
                f"n_hidden={estimator.n_hidden} does not fit the {n_units} hidden "
                f"units trained so far: set n_hidden={n_units}, or fit with "
                "warm_start=False."
            )
        return cls(
            estimator,
            architecture,
            streams,
            starts=packed(architecture, estimator),
            resumes=True,
            optimizer_state=_optimizer_state(estimator),
        )


def _optimizer_state(net):
    """The state in which the last fit ended; None if it cannot continue.

    It belongs to another solver, or to units some of which were removed since.
    """
    state = net._training_state
    if state is None or state["solver"] != net.solver or not has_all_units(net):
        return None
    # In version 0.1.0 the arrays of a single net were vectors.
    arrays = {name: np.atleast_2d(P) for name, P in state["moments"].items()}
    return OptimizerState(arrays, state["count"])


def _architecture(estimator, samples, dtype):
    return Architecture(
        samples.X.shape[1],
        int(estimator.n_hidden),  # a NumPy integer of few bits would overflow
        ACTIVATIONS[estimator.activation],
        loss_for(len(samples.classes)),
        dtype,
    )


def train_together(
    requests,
    samples,
    totals_before=NO_ROWS,
    n_epochs=None,
    watch=None,
    on_iteration_begin=None,
):
    """Train the nets of several estimators in lock-step.

    Parameters
    ----------
    requests : list of FitRequest
        Their estimators agree in the parameters ``_search.cohorts.MUST_MATCH``.
    samples : Samples
    totals_before : RowTotals
        Totals of the rows of earlier calls of ``partial_fit``.
    n_epochs : int, default=None
        Overrides ``max_iter``, for ``partial_fit``.
    watch : Watch, default=None
        Its hooks are called at every iteration of a single request.
    on_iteration_begin : callable, default=None
        ``on_iteration_begin(n_nets)`` is called when ``n_nets`` nets begin an
        iteration, if there is no watch.

    Returns
    -------
    list of FitResult
    """
    estimator, architecture = requests[0].estimator, requests[0].architecture
    batches = _batches(estimator, architecture, samples)
    totals_now, held_out = samples.totals(), samples.held_out
    validation = held_out and Validation(
        architecture, held_out.X, held_out.labels, held_out.weight
    )
    totals = totals_before.plus(totals_now)
    settings = _lane_settings(
        requests,
        samples,
        totals,
        weight_of_call=totals_now.weight if n_epochs else inf,
        n_batches=batches.n_batches,
        n_epochs=n_epochs,
    )
    results_of = partial(_results, requests, samples, totals, settings)
    starts = np.concatenate([request.starts for request in requests])
    ended = train(
        architecture,
        estimator.solver,
        batches,
        starts,
        settings,
        row_streams=_row_streams(requests),
        validation=validation,
        optimizer_state=requests[0].optimizer_state,
        on_iteration_begin=watch.begin if watch else on_iteration_begin,
        on_iteration_end=_on_iteration_end(requests[0], results_of, watch),
    )
    return results_of(*ended)


def _results(requests, samples, totals, settings, outcomes, interrupted=False):
    """The `FitResult` of each request, from the outcomes of all lanes."""
    results = []
    lanes_of = consecutive(len(request.starts) for request in requests)
    for request, lanes in zip(requests, lanes_of, strict=True):
        result = FitResult(
            architecture=request.architecture,
            classes=samples.classes,
            starts=request.starts,
            resumes=request.resumes,
            outcomes=outcomes[lanes],
            interrupted=interrupted,
            settings=settings.keep([lanes.start]),
            totals=totals,
            n_rows=len(samples.labels),
            combine=request.estimator.combine,
        )
        if {outcome.status for outcome in result.outcomes if outcome} == {"diverged"}:
            error = _why_diverged(request.estimator, samples, result)
            result = result._replace(error=error)
        results.append(result)
    return results


def _why_diverged(net, samples, result):
    """The likely cause of a loss that is not finite, and what to do."""
    for rows, name in ((samples, "X"), (samples.held_out, "X or X_val")):
        if rows is not None and (error := rows_error(rows.X, name)):
            return error
    used = result.used()
    alpha, n, rate = used["alpha"], used["row_weight"], used["learning_rate_init"]
    scales = layer_scales(net.init, net.init_scale, result.architecture)
    numbers = " and ".join(f"{scale:.4g}" for scale in dict.fromkeys(scales))
    cause, to_lower = "too large a step", f"init_scale (now {numbers})"
    if net.solver != "lbfgs" and rate > 0:  # L-BFGS has none; with huge rows it is 0
        to_lower = f"learning_rate_init (now {rate:.4g}) or {to_lower}"
    # Steps by more than the weight itself: gradient descent then overshoots ever more.
    is_overshot = alpha / n * min(1, rate) > 1
    # The default alpha also exceeds the weights if features are huge, and is no cause.
    if is_overshot and alpha > 3 * used["auto_alpha"]:
        penalty = f"a penalty of {alpha / n:.2g} on the mean loss"
        cause = f"alpha={alpha:.4g} over {n:g} rows, {penalty}, {cause}"
        to_lower = f"alpha or {to_lower}"
    return (
        f"training diverged: the loss or the weights overflowed. The likely cause is "
        f"{cause} or start, or unscaled features: lower {to_lower}, or put a "
        "StandardScaler in front."
    )


def train_in_parts(requests, samples, on_iteration_begin=None):
    """Train the nets of several estimators, as many together as fit into memory.

    Parameters
    ----------
    requests, samples, on_iteration_begin
        As in `train_together`.

    Returns
    -------
    list of FitResult
        Without optimizer states.
    """
    results = []
    n_rows = len(samples.labels)
    largest = max((_n_bytes(request, n_rows) for request in requests), default=1)
    for run in slices(len(requests), max(1, COHORT_BYTES // largest)):
        run_results = train_together(
            requests[run], samples, on_iteration_begin=on_iteration_begin
        )
        if run_results[0].interrupted:
            raise KeyboardInterrupt
        results += [result.without_optimizer_states() for result in run_results]
    return results


def _n_bytes(request, n_rows):
    """Bytes of memory that the lanes of a request take, as measured."""
    architecture = request.architecture
    (h, d), (c, _) = architecture.weight_shapes
    n_rows = min(block_size(architecture), n_rows)
    # Starts, parameters, gradients, optimizer state, checkpoints and results; and
    # activations, slopes, logits, parts of losses, and rows.
    numbers = 18 * architecture.n_parameters + (2 * h + 4 * c + 2 * (d + 1)) * n_rows
    return len(request.starts) * numbers * architecture.dtype.itemsize


def _on_iteration_end(request, results_of, watch):
    """The function to call after each iteration of a single request, or None."""
    every = int(request.estimator.verbose)
    n_starts = len(request.starts)
    if not every and watch is None:
        return None

    def on_iteration_end(n_iter, losses, scores, outcomes):
        if every and n_iter % every == 0:
            note = f" (lowest of {len(losses)} starts)" if n_starts > 1 else ""
            print(f"Iteration {n_iter}, loss = {np.fmin.reduce(losses):.8f}{note}")
            if scores is not None:
                print(f"Validation score: {scores.max():f}")
        return watch is not None and watch.end(lambda: results_of(outcomes())[0])

    return on_iteration_end


def _row_streams(requests):
    """The stream of row orders of every lane; equal streams are the same object."""
    streams = {}
    return [
        streams.setdefault(request.streams.row_seed, request.streams).rows
        for request in requests
        for _ in request.starts
    ]


def _batches(estimator, architecture, samples):
    n_rows = len(samples.labels)
    return Batches(
        samples.X,
        architecture.loss.encode(samples.labels, architecture.dtype),
        samples.weight,
        batch_size=defaults.batch_size(estimator, n_rows),
        is_even=isinstance(estimator.batch_size, str),
        block_size=block_size(architecture),
        shuffle=estimator.shuffle,
        dtype=architecture.dtype,
    )


def _lane_settings(requests, samples, totals, **call):
    """Settings of every lane; other arguments are those of `_settings_of`."""
    first, d = requests[0].estimator, samples.X.shape[1]
    settings = [_settings_of(r.estimator, totals, d, **call) for r in requests]
    n_lanes = [len(request.starts) for request in requests]
    values = {name: [net[name] for net in settings] for name in settings[0]}
    return LaneSettings(
        **{name: np.repeat(values[name], n_lanes) for name in values},
        nesterov=first.nesterovs_momentum,
        plateau_loss=constant_predictor_loss(samples.labels, samples.weight),
        early_stopping=first.early_stopping,
    )


def _settings_of(net, totals, d, *, weight_of_call, n_batches, n_epochs):
    """The settings of one net that may differ from lane to lane, with their names.

    Numbers are in the place of ``"auto"``.
    """
    weight, mean_square = totals.weight, totals.mean_square
    penalty = float(defaults.alpha(net.alpha, weight, mean_square, d)) / weight
    is_cosine = defaults.is_cosine(net)
    rate, hidden_factor = net.learning_rate_init, 1.0
    is_auto_rate = rate == "auto"
    if is_auto_rate:
        rate = defaults.learning_rate(net, penalty, weight_of_call)
        hidden_factor = defaults.hidden_factor(net.solver, mean_square, d)
    return {
        "learning_rate": float(rate),
        "hidden_factor": hidden_factor,
        "weighs_batches": is_auto_rate,
        "penalty": penalty,
        "momentum": defaults.momentum(net),
        "is_cosine": is_cosine and not n_epochs,
        "tol": float(defaults.tol(net.tol, is_cosine)),
        "n_iter_no_change": float(net.n_iter_no_change),
        "max_iter": float(n_epochs or defaults.max_iter(net, n_batches)),
    }
