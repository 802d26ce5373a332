"""The sweep in JAX: the same nets by ``vmap`` and ``jit``, for a comparison of times.

It is as fast as we could make it without writing kernels:

- One compiled program trains all lanes for all iterations. Nothing returns to Python in
  between, and the memory of the starts is donated to the result.
- Samples are on the last axis, which is the faster layout, and the log-loss is the
  formula that XLA fuses best.
- The rows of an epoch are gathered at once. Their orders are drawn before and not
  timed.
- The last, smaller batch of an epoch is a separate step without padding.

Like the package it keeps a loss curve. XLA uses one thread. Import this module before
anything else imports jax, in a process bound to one core.
"""

import os

os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false "
    "intra_op_parallelism_threads=1"
)
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

jax.config.update("jax_enable_x64", True)

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8  # adam's, as in the paper


def logits(P, X_T):
    """Logits (m,) of one net (W1, b1, w2, b2) for samples (d, m)."""
    W1, b1, w2, b2 = P
    return w2 @ jnp.tanh(W1 @ X_T + b1[:, None]) + b2


def objective(P, X_T, y, penalty):
    """Mean log-loss of one net, and half of ``penalty`` times its squared weights."""
    Z = logits(P, X_T)
    losses = jnp.maximum(Z, 0) - y * Z + jnp.log1p(jnp.exp(-jnp.abs(Z)))
    squares = jnp.sum(P[0] ** 2) + jnp.sum(P[2] ** 2)
    return losses.mean() + penalty / 2 * squares


def gd_step(state, X_T, y, rate, penalty):
    """One update of one net by gradient descent, and the objective before it."""
    P, *moments = state
    value, G = jax.value_and_grad(objective)(P, X_T, y, penalty)
    return (jax.tree.map(lambda p, g: p - rate * g, P, G), *moments), value


def adam_step(state, X_T, y, rate, penalty):
    """One update of one net by adam, and the objective before it."""
    P, M, V, count = state
    value, G = jax.value_and_grad(objective)(P, X_T, y, penalty)
    count = count + 1
    M = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, M, G)
    V = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g**2, V, G)
    size = rate * jnp.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)
    P = jax.tree.map(lambda p, m, v: p - size * m / (jnp.sqrt(v) + EPSILON), P, M, V)
    return (P, M, V, count), value


def program(solver, batch_size, max_iter, rate, penalty, own_orders):
    """The training of all lanes, ready for ``jit``.

    Parameters
    ----------
    solver : {"gd", "adam"}
    batch_size, max_iter : int
        ``"gd"`` ignores the batch size and takes all rows.
    rate, penalty : float
    own_orders : bool
        Whether every lane has its own order of the rows.

    Returns
    -------
    run : callable
        ``run(P, X, y, orders) -> P, curve``: nets (W1, b1, w2, b2) with a leading axis
        of K lanes, samples (n, d), labels (n,), and orders (max_iter, n) or
        (max_iter, K, n), to nets and losses (max_iter, K).
    """
    step = gd_step if solver == "gd" else adam_step
    lanes, axis = (0, 0, 0, None), 0 if own_orders else None
    steps = jax.vmap(
        lambda state, X_T, y: step(state, X_T, y, rate, penalty),
        in_axes=(lanes, axis, axis),
        out_axes=(lanes, 0),
    )

    def whole_batch(X, y):
        X_T = X.T
        return lambda state, _: steps(state, X_T, y)

    def epoch_of_batches(X, y):
        def epoch(state, order):
            n_rows = order.shape[-1]
            last = n_rows - n_rows % batch_size
            full = jnp.moveaxis(
                order[..., :last].reshape(*order.shape[:-1], -1, batch_size), -2, 0
            )
            state, values = lax.scan(
                lambda state, batch: steps(state, *batch),
                state,
                (X[full].swapaxes(-1, -2), y[full]),
            )
            total = values.sum(axis=0) * batch_size
            if last < n_rows:
                rest = order[..., last:]
                state, value = steps(state, X[rest].swapaxes(-1, -2), y[rest])
                total += value * (n_rows - last)
            return state, total / n_rows

        return epoch

    def run(P, X, y, orders):
        iteration = (whole_batch if solver == "gd" else epoch_of_batches)(X, y)
        zeros = jax.tree.map(jnp.zeros_like, P)
        state = P, zeros, zeros, jnp.zeros((), X.dtype)
        state, curve = lax.scan(iteration, state, orders, length=max_iter)
        return state[0], curve

    return run


class Trainer:
    """The compiled training of the lanes of a sweep on some rows.

    Parameters
    ----------
    starts : (W1, b1, w2, b2), ndarrays of shapes (K, h, d), (K, h), (K, h), (K,)
    X : ndarray of shape (n, d)
    y : ndarray of shape (n,), 0 or 1
    seeds : array of ints, shape (K,), or None
        Seeds of the row orders of the lanes. None for one order for all lanes, or for
        "gd".
    **settings
        As in `program`.
    """

    def __init__(self, starts, X, y, seeds=None, **settings):
        self.starts = starts
        self._rows = jnp.asarray(X), jnp.asarray(y, X.dtype)
        self._orders = None
        if settings["solver"] != "gd":
            self._orders = _orders(len(X), settings["max_iter"], seeds)
        run = program(**settings, own_orders=seeds is not None)
        arguments = self._fresh_starts(), *self._rows, self._orders
        self._run = jax.jit(run, donate_argnums=0).lower(*arguments).compile()

    def _fresh_starts(self):
        return tuple(jnp.array(part) for part in self.starts)

    def train(self, rows=None):
        """Train from the starts, if given on other ``rows`` (X, y) of the same shape.

        Returns
        -------
        P : tuple of arrays
        curve : array of shape (max_iter, K)
        """
        X, y = self._rows if rows is None else rows
        rows = jnp.asarray(X), jnp.asarray(y, X.dtype)
        return jax.block_until_ready(
            self._run(self._fresh_starts(), *rows, self._orders)
        )


@jax.jit
def accuracies(P, X, y):
    """Accuracy (K,) of all lanes on samples (n, d)."""
    Z = jax.vmap(logits, in_axes=(0, None))(P, X.T)
    return ((Z > 0) == y).mean(axis=1)


def _orders(n_rows, max_iter, seeds):
    """Orders (max_iter, n_rows), or (max_iter, K, n_rows) if lanes have seeds."""
    if seeds is None:
        return _one_order(n_rows, max_iter, 0)
    lanes = [_one_order(n_rows, max_iter, seed) for seed in seeds]
    return jnp.stack(lanes, axis=1)


def _one_order(n_rows, max_iter, seed):
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(n_rows) for _ in range(max_iter)]
    return jnp.asarray(np.array(orders), jnp.int32)
