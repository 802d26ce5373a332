"""What the features of a table have to say of its labels, without training a network.

Two plain models predict each row from all the others. They set a mark: a network that
does worse on the rows it was trained on was trained badly, and where they find nothing
there may be nothing to find. Knows nothing of networks.
"""

from typing import NamedTuple

import numpy as np

# Enough to smooth over label noise, few enough to follow a curved border.
N_NEIGHBOURS = 15


class Reference(NamedTuple):
    """What two plain models make of some rows, each row left out in turn.

    Parameters
    ----------
    accuracy : float
        Of the better model.
    loss : float
        Mean cross-entropy in nats of the neighbours' shares.
    rank_evidence : float
        The larger `rank_evidence` of the two. Below about 3 nothing was found.
    rank_error : float
        Standard error, where there is nothing to find, of the share of pairs that are
        ranked rightly (the area under the ROC curve); of the class known best.

    Examples
    --------
    >>> from skshallow._advice.references import Reference
    >>> Reference(0.9, 0.3, 12.0, 0.02).accuracy
    0.9
    """

    accuracy: float
    loss: float
    rank_evidence: float
    rank_error: float


def reference(X, labels, n_classes):
    """Leave-one-out predictions of nearest neighbours and of ridge regression.

    Features are standardised. The first model takes the class shares among the
    ``N_NEIGHBOURS`` nearest other rows: with few rows and many, its error rate comes
    near the best possible (Cover and Hart, 1967; Stone, 1977). The second is linear
    least squares on the class indicators with a penalty of as many pseudo-rows as
    features (Hoerl and Kennard, 1970), whose leave-one-out residuals have a closed
    form (Allen's PRESS, 1974).

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Finite. n of about a thousand: the cost is n^2 d + n^3.
    labels : ndarray of int of shape (n,)
        Class indices below ``n_classes``.
    n_classes : int

    Returns
    -------
    Reference

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._advice.references import reference
    >>> X = np.linspace(-1, 1, 100)[:, None]
    >>> found = reference(X, np.repeat([0, 1], 50), 2)
    >>> bool(found.accuracy > 0.95), bool(found.rank_evidence > 8)
    (True, True)
    """
    onehot = np.eye(n_classes)[labels]  # (n, c)
    gram = _gram(X)
    models = [_neighbours(gram, onehot), _ridge(gram, onehot, X.shape[1])]
    accuracies = [np.mean(scores.argmax(axis=1) == labels) for scores in models]
    n_near, shares = min(N_NEIGHBOURS, len(X) - 1), models[0]
    smooth = (n_near * shares + 1 / n_classes) / (n_near + 1)  # no share is 0
    return Reference(
        float(max(accuracies)),
        float(-np.mean(np.log(smooth[np.arange(len(X)), labels]))),
        max(rank_evidence(scores, onehot) for scores in models),
        min(_rank_error(inside, len(X)) for inside in onehot.sum(axis=0)),
    )


def neighbours_labels(X, labels, n_classes):
    """The class that most of each row's nearest other rows have.

    The first model of `reference`, by itself.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Finite. n of about a thousand.
    labels : ndarray of int of shape (n,)
        Class indices below ``n_classes``.
    n_classes : int

    Returns
    -------
    labels : ndarray of int of shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._advice.references import neighbours_labels
    >>> X = np.repeat([[0.0], [1.0]], 50, axis=0)
    >>> labels = np.repeat([0, 1], 50)
    >>> bool((neighbours_labels(X, labels, 2) == labels).all())
    True
    """
    shares = _neighbours(_gram(X.astype(np.float64)), np.eye(n_classes)[labels])
    return shares.argmax(axis=1)


def _gram(X):
    """Inner products (n, n) of the standardised rows."""
    X = X - X.mean(axis=0)
    spread = X.std(axis=0)
    X = X / np.where(spread > 0, spread, 1)
    return X @ X.T


def _neighbours(gram, onehot):
    """Class shares (n, c) among the nearest other rows."""
    squares = np.diag(gram)
    distance = squares[:, None] + squares - 2 * gram
    np.fill_diagonal(distance, np.inf)
    k = min(N_NEIGHBOURS, len(gram) - 1)
    nearest = np.argpartition(distance, k - 1, axis=1)[:, :k]
    return onehot[nearest].mean(axis=1)


def _ridge(gram, onehot, penalty):
    """Leave-one-out predictions (n, c) of ridge regression with an intercept."""
    n = len(gram)
    hat = np.linalg.solve(gram + penalty * np.eye(n), gram).T + 1 / n
    share = np.minimum(np.diag(hat), 1 - 1e-9)[:, None]
    return onehot - (onehot - hat @ onehot) / (1 - share)


def rank_evidence(scores, onehot):
    """By how many standard errors scores rank the rows of a class above the others.

    The standardised rank sum of Mann and Whitney (1947), the largest over classes.

    Parameters
    ----------
    scores, onehot : ndarrays of shape (n, c)
        A score for every class, and an indicator of the true one.

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> from skshallow._advice.references import rank_evidence
    >>> onehot = np.repeat(np.eye(2), 50, axis=0)
    >>> round(rank_evidence(onehot, onehot), 1), rank_evidence(0 * onehot, onehot)
    (8.6, 0.0)
    """
    n = len(scores)
    evidence = [0.0]
    for column, is_class in zip(scores.T, onehot.T.astype(bool), strict=True):
        inside = int(is_class.sum())
        if 0 < inside < n:
            rank = _midranks(column)
            excess = rank[is_class].sum() - inside * (n + 1) / 2
            pairs = inside * (n - inside)
            evidence.append(excess / pairs / _rank_error(inside, n))
    return float(max(evidence))


def _rank_error(inside, n):
    """Standard error of a share of pairs, ``inside`` of n rows with all others."""
    pairs = inside * (n - inside)
    return float(np.sqrt((n + 1) / (12 * pairs))) if pairs else np.inf


def _midranks(values):
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[place]
