"""Any sequence of calls leaves a consistent net; a failed call changes nothing."""

import pickle
import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from scipy import sparse
from searches import atoms
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skshallow import ShallowNetClassifier
from skshallow._core.stopping import STATUSES

attacked = settings.get_profile("attack")
RNG = np.random.RandomState(0)
N = 24
WIDTHS = {d: RNG.standard_normal((N, d)) for d in (1, 3)}
KINDS = {
    "two": np.arange(N) % 2,
    "three": np.arange(N) % 3,
    "words": np.array(["a", "b"])[np.arange(N) % 2],
}
STORED = [np.asarray, sparse.csr_matrix, partial(np.asarray, dtype=np.float32)]
ANY_WIDTH, ANY_KIND, ANY_STORAGE = map(
    st.sampled_from, (sorted(WIDTHS), sorted(KINDS), STORED)
)
VALUES = {
    "n_hidden": [3, 4],
    "activation": ["tanh", "relu"],
    "init": ["randn", "zeros"],
    "solver": ["gd", "sgd", "adam", "lbfgs"],
    "n_init": [1, 2, 3],
    "combine": ["best", "average"],
    "batch_size": ["auto", 7],
    "max_iter": [1, 3],
    "tol": ["auto", None, 1e-2],
    "alpha": ["auto", 0.1],
    "learning_rate": ["cosine", "constant"],
    "n_iter_no_change": [1, 50],
    "shuffle": [False, True],
    "early_stopping": [False, True],
    "class_weight": [None, "balanced"],
    "random_state": [0, 1],
    "warm_start": [False, True],
}
# What makes a fit fail: bad parameters, and bad data in place of sound ones.
BAD = [{"n_hidden": 0}, {"alpha": -1}, {"init": "nothing"}, {"tol": np.nan}]
BAD += [{"init_scale": (1, 2, 3)}, {"max_iter": 1.5}, {"solver": "newton"}]
BAD += [{"X": np.full((N, 1), np.nan)}, {"X": np.full((N, 3), np.inf)}]
BAD += [{"y": None}, {"sample_weight": np.full(N, -1.0)}]
HUGE = np.full((1, 3), 1e300), np.full((3, 1), 1e300)


def traces(net, but=()):
    """Everything that a net holds, as atoms."""
    names = vars(net).keys() - but
    return list(atoms({name: vars(net)[name] for name in sorted(names)}))


def results(net):
    """Everything that fits have set, including what later calls resume from."""
    return traces(net, but=net.get_params().keys())


def accepted(net):
    """The classes, columns and width that later calls must have, or None."""
    if not hasattr(net, "coefs_"):
        return None
    width = len(net.intercepts_[0]) // net._n_nets
    return net.classes_.tolist(), net.n_features_in_, width


class AnySequence(RuleBasedStateMachine):
    """One estimator, whose state tells which calls must fail."""

    def __init__(self):
        super().__init__()
        self.net = ShallowNetClassifier(3, max_iter=2, random_state=0, init_scale=0.5)

    def call(self, method, succeeds, *args, **kwargs):
        """Call a method, and assert that it succeeds, or fails and changes nothing."""
        before = traces(self.net)
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            # NumPy 1.23, where scikit-learn compares words with numbers
            warnings.filterwarnings("ignore", "elementwise comparison", FutureWarning)
            if succeeds:
                return getattr(self.net, method)(*args, **kwargs)
            with pytest.raises((ValueError, AttributeError)):
                getattr(self.net, method)(*args, **kwargs)
        assert traces(self.net) == before

    def suits(self, d, kind):
        """Whether the net would resume training on such rows."""
        classes = np.unique(KINDS[kind]).tolist()
        return accepted(self.net) in (None, (classes, d, self.net.n_hidden))

    # Calls

    @rule(name=st.sampled_from(sorted(VALUES)), i=st.integers(0, 3))
    def set_a_parameter(self, name, i):
        before = results(self.net)
        self.net.set_params(**{name: VALUES[name][i % len(VALUES[name])]})
        assert results(self.net) == before

    @rule(d=ANY_WIDTH, kind=ANY_KIND, store=ANY_STORAGE, held_out=st.booleans())
    def fit(self, d, kind, store, held_out):
        X, y = store(WIDTHS[d]), KINDS[kind]
        more = {"X_val": X[:9], "y_val": y[:9]} if held_out else {}
        goes_on = self.net.warm_start and accepted(self.net) is not None
        fresh, succeeds = clone(self.net), not goes_on or self.suits(d, kind)
        past = self.net.loss_curve_ if goes_on else []
        self.call("fit", succeeds, X, y, **more)
        if succeeds and not goes_on:
            with warnings.catch_warnings(action="ignore", category=UserWarning):
                fresh.fit(X, y, **more)
            assert traces(self.net) == traces(fresh)
        elif succeeds:
            assert self.net.loss_curve_[: len(past)] == past
            assert len(self.net.loss_curve_) == len(past) + self.net.n_iter_

    @rule(d=ANY_WIDTH, kind=ANY_KIND, store=ANY_STORAGE)
    def partial_fit(self, d, kind, store):
        net, n_passes = self.net, len(getattr(self.net, "loss_curve_", []))
        selects = net.n_init > 1 and net.combine == "best"
        sees_all = net.early_stopping or selects or net.class_weight
        succeeds = net.solver != "lbfgs" and not sees_all and self.suits(d, kind)
        X, y = store(WIDTHS[d]), KINDS[kind]
        self.call("partial_fit", succeeds, X, y, classes=np.unique(y))
        if succeeds:
            assert net.n_iter_ == len(net.loss_curve_) == n_passes + 1

    @rule(bad=st.sampled_from(BAD), method=st.sampled_from(["fit", "partial_fit"]))
    def fail(self, bad, method):
        given = {"X": WIDTHS[1], "y": KINDS["two"], "sample_weight": np.ones(N)}
        self.fail_with(bad, given, method)

    def fail_with(self, bad, given, method="fit"):
        """Call with a bad parameter or bad data, and then restore the parameters."""
        params = self.net.get_params()
        own = {name: value for name, value in bad.items() if name in params}
        self.net.set_params(**own)
        classes = {"classes": [0, 1]} if method == "partial_fit" else {}
        others = {name: value for name, value in bad.items() if name not in params}
        self.call(method, False, **{**given, **others, **classes})
        self.net.set_params(**{name: params[name] for name in own})

    @precondition(lambda self: not self.net.warm_start)  # or it takes no new start
    @rule()
    def fail_by_diverging(self):
        start = {"init": (HUGE, [[0] * 3, [0]]), "init_scale": 1.0}
        self.fail_with(start, {"X": WIDTHS[1] * 1e100, "y": KINDS["two"]})

    @rule(d=ANY_WIDTH, store=ANY_STORAGE)
    def predict(self, d, store):
        before, known = traces(self.net), accepted(self.net)
        if known is None:
            with pytest.raises(NotFittedError):
                self.net.predict(store(WIDTHS[d]))
        elif known[1] != d:
            self.call("predict_proba", False, store(WIDTHS[d]))
        else:
            P, again = (self.net.predict_proba(store(WIDTHS[d])) for _ in range(2))
            np.testing.assert_array_equal(P, again)
            np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-6)
            assert set(self.net.predict(store(WIDTHS[d]))) <= set(known[0])
        assert traces(self.net) == before

    # Copies

    @precondition(lambda self: accepted(self.net) is not None)
    @rule(go_on_with_copy=st.booleans(), passes=st.booleans())
    def pickle(self, go_on_with_copy, passes):
        """A pickled copy is the same, trains on in the same way, and shares nothing."""
        twin = pickle.loads(pickle.dumps(self.net))
        assert traces(twin) == traces(self.net)
        classes, d, n_hidden = accepted(self.net)
        (kind, *_) = [k for k, y in KINDS.items() if np.unique(y).tolist() == classes]
        pair = (self.net, twin) if go_on_with_copy else (twin, self.net)
        for self.net, other in (pair, pair[::-1]):
            self.net.set_params(n_hidden=n_hidden)
            before = traces(other)
            if passes:
                self.partial_fit(d, kind, np.asarray)
            else:
                self.call("fit", True, WIDTHS[d], KINDS[kind])
            assert traces(other) == before
        assert traces(pair[0]) == traces(pair[1])

    # What holds after every call

    @invariant()
    def attributes_agree(self):
        net, known = self.net, accepted(self.net)
        fitted = {k for k in vars(net) if k.endswith("_") and not k.startswith("_")}
        if known is None:
            assert fitted == set()
            return
        classes, d, h = known
        h *= net._n_nets
        c = 1 if len(classes) == 2 else len(classes)
        for coefs in (net.coefs_, net.init_coefs_):
            assert [W.shape for W in coefs] == [(d, h), (h, c)]
        for intercepts in (net.intercepts_, net.init_intercepts_):
            assert [b.shape for b in intercepts] == [(h,), (c,)]
        assert len({W.dtype for W in net.coefs_ + net.intercepts_}) == 1
        assert all(np.isfinite(W).all() for W in net.coefs_ + net.intercepts_)
        assert (net.n_outputs_, net.n_layers_) == (c, 3)
        assert net.out_activation_ == ("logistic" if c == 1 else "softmax")
        assert net.loss_ == net.loss_curve_[-1]
        assert net.best_loss_ == min(net.loss_curve_)
        assert 1 <= net.n_iter_ <= len(net.loss_curve_)
        assert net.status_ in set(STATUSES) - {"diverged", "interrupted", "stopped"}
        n_scores = len(net.validation_scores_)
        assert n_scores == len(net.validation_loss_curve_) <= len(net.loss_curve_)
        if net.best_validation_score_ is not None and net._n_nets == 1:
            assert net.best_validation_score_ in net.validation_scores_


# A warning of hypothesis 6.90 itself, in the first test of a process that uses it.
@pytest.mark.filterwarnings(
    "ignore:.*register_random:hypothesis.errors.HypothesisWarning"
)
def test_any_sequence():
    n_sequences = attacked.max_examples // 5
    steps = settings(attacked, max_examples=n_sequences, stateful_step_count=20)
    run_state_machine_as_test(AnySequence, settings=steps)
