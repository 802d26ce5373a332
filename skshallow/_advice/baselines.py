"""How well the features of a table predict its labels, without training a network.

Two plain models, the baselines, predict each row from all other rows. A network that is
worse on its training rows was trained badly. If the baselines find nothing, there may
be nothing to learn. This module knows nothing of networks.
"""

import numpy as np
from scipy.sparse import issparse
from scipy.stats import rankdata

from skshallow._advice.features import spread_of_most
from skshallow._advice.measurements import FAR, NO_EVIDENCE
from skshallow._core.batches import slices

# Enough neighbours to average over wrong labels, and few enough for a curved border; or
# one, where classes are thin, such as rings and spirals of a few hundred rows. With
# more numbers to choose from, the best on labels without a pattern would look better.
N_NEIGHBOURS = 15, 1
ROUNDING = 1e-9  # of a squared distance, relative to the squared norm of a row
ROWS_IN_CACHE = 64  # rows whose distances to all others fit the cache
GOLDEN = (5**0.5 - 1) / 2  # its multiples, modulo 1, fill [0, 1] most evenly
# In a diagnosis the baselines get at most this number of rows, evenly spread. The
# standard error of a share is then 0.016. If rows are wide, there are fewer of them, so
# that there are at most this number of entries (80 MB), but not fewer than FEWEST_ROWS.
MOST_ROWS, MOST_ENTRIES, FEWEST_ROWS = 1000, 10**7, 50


def baselines_on_some(X, labels, n_classes, is_right):
    """`baselines` on some of the rows, fewer if they are wide.

    If they find nothing, they are tried again on equal numbers of rows of each class.

    Parameters
    ----------
    X : {ndarray, CSR} of shape (n, d)
    labels : ndarray of int of shape (n,)
    n_classes : int
    is_right : ndarray of bool of shape (n,)
        For which rows the network predicts the right label.

    Returns
    -------
    dict of str -> float

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._advice.baselines import baselines_on_some
    >>> X = np.linspace(-1, 1, 3000)[:, None]
    >>> is_right = np.arange(3000) % 2 == 0
    >>> found = baselines_on_some(X, np.repeat([0, 1], 1500), 2, is_right)
    >>> found["baseline_accuracy"] > 0.95, round(found["lag"], 1)
    (True, 0.5)
    """
    n = len(labels)
    most = min(n, MOST_ROWS, max(FEWEST_ROWS, MOST_ENTRIES // X.shape[1]))

    def found_in(rows):
        some_X = X[rows].toarray() if issparse(X) else X[rows]
        some_X = some_X.astype(np.float64)
        return baselines(some_X, labels[rows], n_classes, is_right[rows])

    found = found_in(scattered(n, most))
    if found["baseline_evidence"] < NO_EVIDENCE and most < n:
        again = found_in(_in_equal_parts(labels, most))
        decisive = ("baseline_evidence", "baseline_error")
        found |= {name: again[name] for name in decisive}
    return found


def scattered(n, most):
    """At most ``most`` of n rows, evenly spread, but not periodic in their order.

    No row is there twice, because it would be its own neighbour.
    """
    if n <= most:
        return slice(None)
    is_chosen = np.zeros(n, dtype=bool)  # faster than np.unique
    is_chosen[(np.arange(most) * GOLDEN % 1 * n).astype(int)] = True
    return np.flatnonzero(is_chosen)


def _in_equal_parts(labels, most):
    """Equal numbers of rows of each class, or all rows of a rare class.

    The number of rows of a rare class limits what can be found.
    """
    n_free, chosen = most, []
    count = np.bincount(labels)
    for n_left, k in zip(range(len(count), 0, -1), np.argsort(count), strict=True):
        rows = np.flatnonzero(labels == k)
        chosen.append(rows[scattered(len(rows), n_free // n_left)])
        n_free -= len(chosen[-1])
    return np.sort(np.concatenate(chosen))


def baselines(X, labels, n_classes, is_right):
    """Leave-one-out predictions of nearest neighbours and of ridge regression.

    Features are standardised. The first model predicts the class shares among the
    nearest other rows. Its error rate is near the best possible (Cover and Hart, 1967;
    Stone, 1977). The number of these rows is that of ``N_NEIGHBOURS`` with the lower
    loss. The second model is linear least squares on the class indicators, with a
    penalty of as many pseudo-rows as features (Hoerl and Kennard, 1970). Its
    leave-one-out residuals have a closed form (Allen's PRESS, 1974).

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Finite features of about a thousand rows: the cost is n^2 d + n^3.
    labels : ndarray of int of shape (n,)
        Class indices below ``n_classes``.
    n_classes : int
    is_right : ndarray of bool of shape (n,)
        For which rows the network predicts the right label.

    Returns
    -------
    dict of str -> float
        Six values with names of ``Measurements``. ``baseline_accuracy`` is the accuracy
        of the better model, and ``lag`` and ``lag_error`` are those of `lag_behind` it.
        ``baseline_loss`` is the mean cross-entropy in nats of the neighbours' shares.
        ``baseline_evidence`` is the larger `rank_evidence` of the two models; below
        about 3 they found nothing. ``baseline_error`` is the standard error of the area
        under the ROC curve of a random ranking, for the class with the smallest one.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._advice.baselines import baselines
    >>> X = np.linspace(-1, 1, 100)[:, None]
    >>> found = baselines(X, np.repeat([0, 1], 50), 2, np.ones(100, dtype=bool))
    >>> found["baseline_accuracy"] > 0.95, found["baseline_evidence"] > 8
    (True, True)
    """
    onehot = np.eye(n_classes)[labels]  # (n, c)
    X = _standardised(X)
    models = [_neighbours(X, onehot), _ridge(X @ X.T, onehot, X.shape[1])]
    are_right = [scores.argmax(axis=1) == labels for scores in models]
    best = max(are_right, key=np.mean)
    return {
        "baseline_accuracy": float(best.mean()),
        **lag_behind(best, is_right),
        "baseline_loss": _cross_entropy(models[0], onehot),
        "baseline_evidence": max(rank_evidence(scores, onehot) for scores in models),
        "baseline_error": float(_rank_errors(onehot).min()),
    }


def lag_behind(baseline_is_right, is_right, weight=None):
    """By how much a baseline is more accurate than a network on the same rows.

    The standard error follows from the rows that only one of the two gets wrong
    (McNemar, 1947).

    Parameters
    ----------
    baseline_is_right, is_right : ndarrays of bool of shape (n,)
        For which rows each of the two predicts the right label.
    weight : ndarray of shape (n,), default=None
        Weights of the rows. None stands for equal weights.

    Returns
    -------
    dict of str -> float
        ``lag`` and its standard error ``lag_error``.

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._advice.baselines import lag_behind
    >>> lag_behind(np.array([True, True]), np.array([True, False]))
    {'lag': 0.5, 'lag_error': 0.5}
    """
    ahead = baseline_is_right - is_right.astype(float)
    weight = np.ones(len(ahead)) if weight is None else weight
    return {
        "lag": float(np.average(ahead, weights=weight)),
        "lag_error": float(np.linalg.norm(weight * ahead) / weight.sum()),
    }


def neighbours_labels(X, labels, n_classes, rows=slice(None)):
    """The most frequent class among the nearest other rows of some rows.

    This is the first model of `baselines`.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Finite features of about a thousand rows.
    labels : ndarray of int of shape (n,)
        Class indices below ``n_classes``.
    n_classes : int
    rows : slice, default=slice(None)
        The m rows whose labels are predicted.

    Returns
    -------
    labels : ndarray of int of shape (m,)

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._advice.baselines import neighbours_labels
    >>> X = np.repeat([[0.0], [1.0]], 50, axis=0)
    >>> labels = np.repeat([0, 1], 50)
    >>> bool((neighbours_labels(X, labels, 2) == labels).all())
    True
    """
    X = _standardised(X.astype(np.float64))
    return _neighbours(X, np.eye(n_classes)[labels], rows).argmax(axis=1)


def _standardised(X):
    """Features with the mean 0 and the standard deviation 1.

    If a few rows, or a code such as -9999, make most of a standard deviation, the
    feature is divided by the spread of most rows. So the neighbours of a row do not
    depend on these few rows or on the code.
    """
    X = X - X.mean(axis=0)
    deviation, spread = X.std(axis=0), spread_of_most(X)
    is_inflated = (spread > 0) & (deviation > FAR * spread)
    scale = np.where(is_inflated, spread, deviation)
    return X / np.where(scale > 0, scale, 1)


def _neighbours(X, onehot, rows=slice(None)):
    """Class shares (m, c) among the nearest other rows, of the better number of these.

    The loss decides, and not the accuracy: it is high for a single neighbour that is
    often wrong, so that this is not chosen for labels without a pattern.
    """
    nearest = _nearest(X, np.arange(len(X))[rows])
    models = [_shares(nearest[:, :k], onehot) for k in N_NEIGHBOURS]
    return min(models, key=lambda shares: _cross_entropy(shares, onehot[rows]))


def _shares(nearest, onehot):
    """Class shares (m, c) with one more neighbour, evenly of all classes: none is 0."""
    counts = sum(onehot[rows] for rows in nearest.T)
    return (counts + 1 / onehot.shape[1]) / (nearest.shape[1] + 1)


def _cross_entropy(shares, onehot):
    return float(-np.mean(np.log(shares[onehot == 1])))


def _nearest(X, rows):
    """Indices (m, k) of the nearest other rows of m rows (indices), nearest first.

    Copies of a row come last among its neighbours, because their labels tell nothing of
    other rows. Bootstrap samples and oversampling make copies.
    """
    squares, k = np.square(X).sum(axis=1), min(max(N_NEIGHBOURS), len(X) - 1)
    nearest = np.empty((len(rows), k), dtype=int)
    for part in slices(len(rows), ROWS_IN_CACHE):
        some_rows = rows[part]
        distance = squares[some_rows, None] + squares
        distance -= 2 * X[some_rows] @ X.T
        distance[np.arange(len(some_rows)), some_rows] = np.inf
        some = np.argpartition(distance, k - 1, axis=1)[:, :k]
        distance = np.take_along_axis(distance, some, axis=1)
        differs = distance > ROUNDING * squares[some_rows, None]
        order = np.lexsort((distance, ~differs), axis=1)
        nearest[part] = np.take_along_axis(some, order, axis=1)
    return nearest


def _ridge(gram, onehot, penalty):
    """Leave-one-out predictions (n, c) of ridge regression with an intercept."""
    n = len(gram)
    hat = np.linalg.solve(gram + penalty * np.eye(n), gram).T + 1 / n
    share = np.minimum(np.diag(hat), 1 - 1e-9)[:, None]
    return onehot - (onehot - hat @ onehot) / (1 - share)


def rank_evidence(scores, onehot):
    """How many standard errors scores rank the rows of a class above other rows.

    This is the standardised rank sum of Mann and Whitney (1947), the largest of all
    classes.

    Parameters
    ----------
    scores, onehot : ndarrays of shape (n, c)
        A score for every class, and an indicator of the true class.

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._advice.baselines import rank_evidence
    >>> onehot = np.repeat(np.eye(2), 50, axis=0)
    >>> round(rank_evidence(onehot, onehot), 1), rank_evidence(0 * onehot, onehot)
    (8.6, 0.0)
    """
    n, inside = len(onehot), onehot.sum(axis=0)
    excess = (rankdata(scores, axis=0) * onehot).sum(axis=0) - inside * (n + 1) / 2
    pairs = np.maximum(inside * (n - inside), 1)  # without a pair the excess is 0
    return float(np.fmax.reduce(excess / pairs / _rank_errors(onehot), initial=0))


@np.errstate(divide="ignore")
def _rank_errors(onehot):
    """Standard errors (c,) of the share of pairs that random scores rank rightly.

    A pair is a row of a class and a row of another class.
    """
    n, inside = len(onehot), onehot.sum(axis=0)
    return np.sqrt((n + 1) / (12 * inside * (n - inside)))
