"""The results of the nets of a fit, and which nets are kept."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

import skshallow._fit.defaults as defaults
from skshallow._core.history import Outcome
from skshallow._core.lane_settings import LaneSettings
from skshallow._core.network import Architecture
from skshallow._core.optimizers import OptimizerState
from skshallow._core.stopping import STATUSES
from skshallow._fit.sample_weights import RowTotals


class FitResult(NamedTuple):
    """The results of the nets of one estimator.

    Parameters
    ----------
    architecture : Architecture
    classes : ndarray of shape (n_classes,)
    starts : ndarray of shape (n_starts, p)
        The parameters at the beginning of this call.
    resumes : bool
        Whether training resumed in this call. All its networks are then kept.
    outcomes : list of Outcome or None
        One for each start; None if training was interrupted or stopped before the first
        iteration of a start had ended.
    interrupted : bool
    settings : LaneSettings
        Settings of one lane; all starts have the same.
    totals : RowTotals
        Totals of the training rows of this call and of earlier calls.
    n_rows : int
        Number of training rows.
    combine : {"best", "average"}
        Which starts to keep, unless training resumed.
    n_nets : int
        Number of networks of which a single start is the average.
    output_layers : ndarray of shape (n_nets, c, h + 1) or None
        Output layers of these networks, if there are several and training may resume.
        The average has all the other parameters.
    error : str
        Why training diverged, and what to do, if all starts that had begun diverged;
        empty otherwise.
    """

    architecture: Architecture
    classes: np.ndarray
    starts: np.ndarray
    resumes: bool
    outcomes: list
    interrupted: bool
    settings: LaneSettings
    totals: RowTotals
    n_rows: int
    combine: str
    n_nets: int = 1
    output_layers: np.ndarray | None = None
    error: str = ""

    def used(self):
        """The values used for parameters, and values that a diagnosis compares with.

        Their names are those of the measurements of a diagnosis.
        """
        weight, mean_square = self.totals.weight, self.totals.mean_square
        d = self.architecture.n_features
        return {
            "alpha": float(self.settings.penalty[0]) * weight,
            "auto_alpha": defaults.alpha("auto", weight, mean_square, d),
            "row_weight": float(weight),
            "learning_rate_init": float(self.settings.learning_rate[0]),
            "is_cosine": bool(self.settings.is_cosine[0]),
            "chance_loss": float(self.settings.plateau_loss),
        }

    def starts_to_keep(self):
        """Indices of the starts to keep: the best, or all sound ones for an average.

        A start is sound if it has an outcome and did not diverge.

        Raises
        ------
        ValueError
            If all starts diverged.
        KeyboardInterrupt
            If training was interrupted and there is no start to keep, or if one of the
            networks to resume has not begun, because L-BFGS trains one after another.
        """
        sound = [k for k, o in enumerate(self.outcomes) if o and o.status != "diverged"]
        is_incomplete = self.resumes and None in self.outcomes
        if self.interrupted and (is_incomplete or not sound):
            raise KeyboardInterrupt
        if self.error:
            raise ValueError(self.error)
        keeps_all = self.resumes or self.combine == "average"
        return sound if keeps_all else [min(sound, key=self._cost)]

    def _cost(self, k):
        """The loss of a start, or minus its validation score if it has one."""
        outcome = self.outcomes[k]
        return outcome.loss if outcome.best_score is None else -outcome.best_score

    def kept(self):
        """The network to keep, as the result of a fit with a single start."""
        starts = self.starts_to_keep()
        average = averaged([self._of_start(k) for k in starts])
        if len(starts) == 1:
            return average
        ends = np.array([self.outcomes[k].p for k in starts])
        _, output_layers = self.architecture.layers(ends)
        return average._replace(output_layers=output_layers.copy())

    def _of_start(self, k):
        """The result of one of the starts."""
        return self._replace(
            starts=self.starts[k : k + 1],
            outcomes=self.outcomes[k : k + 1],
        )

    def training_state(self, solver, streams):
        """Everything that training needs to resume, as arrays, numbers and strings.

        Its optimizer state is that of all kept networks.
        """
        states = [self.outcomes[k].optimizer_state for k in self.starts_to_keep()]
        state = OptimizerState.together(states) or OptimizerState({})
        return {
            "solver": solver if state.count else None,
            "moments": state.arrays,
            "count": state.count,
            **streams.state(),
        }

    def without_optimizer_states(self):
        """The same result without the optimizer states, which only resuming needs."""
        outcomes = [o and replace(o, optimizer_state=None) for o in self.outcomes]
        return self._replace(outcomes=outcomes)


def averaged(results):
    """The average of some networks, as the result of a fit with a single start.

    Parameters
    ----------
    results : list of FitResult
        Results of one start each. Everything that is not averaged is that of the first.
    """
    first = results[0]
    if len(results) == 1:
        return first
    architecture, start = mean_network([(r.architecture, r.starts[0]) for r in results])
    _, p = mean_network([(r.architecture, r.outcomes[0].p) for r in results])
    return first._replace(
        architecture=architecture,
        starts=start[None],
        outcomes=[_average_outcome(p, [r.outcomes[0] for r in results])],
        n_nets=sum(r.n_nets for r in results),
        output_layers=None,
    )


def mean_network(networks):
    """One network whose logits are the mean of the logits of several networks.

    It has the hidden units of all of them. Its output weights are divided by the number
    of networks, because its logits sum over the units of all.

    Parameters
    ----------
    networks : list of (Architecture, ndarray of shape (p,))
        The architectures may differ in ``n_hidden`` only.

    Returns
    -------
    architecture : Architecture
    p : ndarray
    """
    n = len(networks)
    layers = [architecture.layers(p) for architecture, p in networks]
    hidden, output = zip(*layers, strict=True)
    hidden = np.concatenate(hidden)  # (h, d + 1) each -> (sum of h, d + 1)
    W2 = [layer[:, :-1] / n for layer in output]
    b2 = sum(layer[:, -1:] / n for layer in output)
    output = np.concatenate([*W2, b2], axis=1)  # (c, sum of h + 1)
    architecture = networks[0][0]._replace(n_hidden=len(hidden))
    return architecture, np.concatenate([hidden.ravel(), output.ravel()])


def tempered(result, temperature):
    """The result of a single start whose logits are divided by a temperature."""
    outcome = result.outcomes[0]
    architecture = result.architecture
    p = outcome.p.copy()
    _, output = architecture.layers(p[None])
    output /= temperature
    return result._replace(outcomes=[replace(outcome, p=p)], output_layers=None)


def _average_outcome(p, outcomes):
    """The outcome of the average of several networks.

    Its loss and accuracy are the means of those of the networks. The loss of the
    average is not above this mean, because cross-entropy is convex in the logits
    (Jensen's inequality).
    """
    statuses = {outcome.status for outcome in outcomes}
    scores = [outcome.best_score for outcome in outcomes]
    curves = [
        mean_curve([getattr(outcome, name) for outcome in outcomes])
        for name in ("loss_curve", "validation_scores", "validation_losses")
    ]
    return Outcome(
        p,
        next(status for status in STATUSES if status in statuses),
        max(outcome.n_iter for outcome in outcomes),
        *curves,
        best_score=None if scores[0] is None else float(np.mean(scores)),
        message=next((o.message for o in outcomes if o.message), ""),
    )


def mean_curve(curves):
    """The mean of curves; a shorter curve is extended by its last value."""
    longest = max(map(len, curves))
    if longest == 0:
        return curves[0]
    rows = [np.pad(curve, (0, longest - len(curve)), mode="edge") for curve in curves]
    return np.mean(rows, axis=0)


def has_all_units(net):
    """Whether a fitted net has as many units as at its start."""
    return len(net.intercepts_[0]) == len(net.init_intercepts_[0])


def n_nets_of(net):
    """Number of networks of which a fitted net is the average.

    1 if units were removed, because it is not known from which networks.
    """
    return net._n_nets if has_all_units(net) else 1


def packed(architecture, net):
    """Parameters (n, p) of the n networks of which a fitted net is the average.

    This is the inverse of `averaged`, exactly if nobody has changed the average since.
    A changed weight is that of one network, and a changed bias changes those of all.
    """
    n_nets, (W1, W2), (b1, b2) = n_nets_of(net), net.coefs_, net.intercepts_
    W1 = W1.T.reshape(n_nets, -1, len(W1))  # (n h, d) -> (n, h, d)
    shares = W2.T.reshape(len(b2), n_nets, -1)  # (c, n h) -> (c, n, h)
    shares = shares.swapaxes(0, 1)  # (n, c, h): weights over n
    W2 = n_nets * shares
    if n_nets > 1:
        layers = net._output_layers
        W2_each, b2_each = layers[:, :, :-1], layers[:, :, -1]
        is_unchanged = W2_each / n_nets == shares  # n * (W / n) may not be W
        W2 = np.where(is_unchanged, W2_each, W2)
        b2 = b2_each + (b2 - sum(b2_each / n_nets))
    return architecture.pack((W1, W2), (b1.reshape(n_nets, -1), b2))


def unpacked(architecture, p):
    """``coefs_`` and ``intercepts_`` from parameters (p,)."""
    weights, biases = architecture.unpack(p)
    return [np.ascontiguousarray(W.T) for W in weights], biases
