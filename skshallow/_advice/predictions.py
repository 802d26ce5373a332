"""Measurements of the predictions of a network, compared with the labels."""

import numpy as np

from skshallow._advice.baselines import rank_evidence
from skshallow._advice.measurements import NEARLY_ALL, ONE_SIDED
from skshallow._core.losses import constant_predictor_loss, log_loss, loss_for
from skshallow._fit.samples import Samples
from skshallow._fit.weights import given_factors, weigh_classes


@np.errstate(all="ignore")  # logits may be infinite, and weights may be none
def loss_and_evidence(logits, labels, weight=None):
    """Loss and ranking of rows by logits (n,) or (n, c)."""
    logits = logits.reshape(len(logits), -1).astype(np.float64)
    loss = loss_for(max(2, logits.shape[1]))
    log_p = loss.log_probabilities(logits.T[None])[0]
    return {
        "loss": log_loss(loss, logits, labels, weight),
        "evidence": rank_evidence(log_p.T, np.eye(len(log_p))[labels]),
    }


def label_measurements(network, predicted, labels):
    """Measurements of the predictions, and of predicting always the same."""
    count = np.bincount(labels, minlength=len(network.classes_))
    # With fewer than ten rows of a class, a good network may miss all of them.
    missed = (count >= 10) & ~np.isin(np.arange(len(count)), predicted)
    samples = Samples(None, labels, None, network.classes_)
    weight = weigh_classes(samples, network.class_weight).weight
    return {
        "accuracy": np.mean(predicted == labels),
        "chance_accuracy": count.max() / len(labels),
        "chance_loss": constant_predictor_loss(labels, weight),
        "missed": ", ".join(map(str, network.classes_[missed])),
        "missed_share": count[missed].sum() / len(labels),
    }


@np.errstate(all="ignore")  # weights may be huge
def favoured_class(net, labels, predicted, chance_loss):
    """The class that weights favour, if nearly every row gets its label.

    Parameters
    ----------
    labels : ndarray of int of shape (n,)
    predicted : ndarray of int of shape (m,)
        Labels that the network predicts for these rows, or for some of them.
    chance_loss : float
        Loss of a constant prediction with the weights of training. If it shows a share
        that the rows do not have, sample weights gave it to the class.
    """
    k = np.bincount(predicted).argmax()
    count = np.bincount(labels, minlength=len(net.classes_))
    share, given = count[k] / len(labels), ""
    if chance_loss < ONE_SIDED < constant_predictor_loss(labels, None):
        given = "sample_weight gives it nearly all weight"
    if isinstance(net.class_weight, dict):
        by_class = count * given_factors(net.class_weight, net.classes_)
        by_class = by_class[k] / by_class.sum()
        if by_class > NEARLY_ALL:
            given = f"class_weight gives it {by_class:.1%} of all weight"
    is_favoured = given and share <= 0.75 and np.mean(predicted == k) >= 0.9
    if not is_favoured:
        return {"favoured": "", "favoured_by": "", "favoured_share": np.nan}
    favoured = str(net.classes_[k])
    return {"favoured": favoured, "favoured_by": given, "favoured_share": share}


def out_of_fold(estimator, samples):
    """Loss and ranking of rows by nets not trained on them, if these are known."""
    logits = getattr(estimator, "oof_decision_function_", None)
    if logits is None:
        return {"loss": np.nan, "evidence": np.nan}
    is_known = ~np.isnan(logits.reshape(len(logits), -1)[:, 0])
    if samples.weight is not None:
        is_known &= samples.weight > 0
    known = samples.take(is_known)
    return loss_and_evidence(logits[is_known], known.labels, known.weight)
