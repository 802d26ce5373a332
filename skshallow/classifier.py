"""The two estimators, with scikit-learn's conventions.

A fit validates the samples, trains, sets the fitted attributes and warns of problems.
This module has no mathematics of the network.
"""

from contextlib import suppress
from functools import partial

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call
from sklearn.utils.validation import _num_samples

import skshallow._fit.parameters as parameters
import skshallow._search.cross_validation as cross_validation
from skshallow._advice.warn_after_fit import warn, warnings_of, warnings_of_starts
from skshallow._core.optimizers import OPTIMIZERS
from skshallow._core.threads import single_blas_thread
from skshallow._fit.callbacks import Watch
from skshallow._fit.defaults import n_iterations
from skshallow._fit.fitted_net import FittedNet, unchanged_on_error
from skshallow._fit.labels import (
    CHECKING,
    check_same_classes,
    check_several,
    checked_labels,
)
from skshallow._fit.random_streams import RandomStreams, seed_of
from skshallow._fit.sample_weights import NO_ROWS, RowTotals, weigh_classes
from skshallow._fit.samples import training_samples, with_held_out
from skshallow._fit.starts import given_scales, init_name
from skshallow._fit.train_together import FitRequest, train_together
from skshallow._search.folds import splits_of
from skshallow._search.routing import routed_params, routing_of, score_of

# n_hidden and activation were measured together with the values of "auto", as described
# in ``defaults``. relu is better than tanh in log-loss (by 0.004), and much better on
# long spirals. 32, 48 and 64 units score alike on the tables. But 32 units are too few
# for classes that surround each other in four or more dimensions (accuracy .944, .954
# and .959 on 2000 rows of three classes), and the time grows with the units (0.16, 0.21
# and 0.25 of MLPClassifier's). For five nets that are averaged, 24 units score like 32
# (log-loss .2685), in less time. The patience of 50 is that of version 0.1.0; small
# starts with a constant rate need it. The other defaults are conventions: momentum,
# Nesterov's look-ahead, shuffling and the share of validation rows are those of
# MLPClassifier, and a single start is common.


class ShallowNetClassifier(FittedNet):
    """A neural network with one hidden layer whose start is a hyperparameter.

    The network is ``softmax(W2 activation(W1 x + b1) + b2)``; for two classes a single
    sigmoid unit takes the place of the softmax. It minimises the cross-entropy with an
    L2 penalty. Parameters that ``MLPClassifier`` also has have the same meaning, except
    for ``alpha``.

    Parameters
    ----------
    n_hidden : int, default=48
        Number of hidden units.
    activation : {"tanh", "logistic", "relu", "identity"}, default="relu"
        Activation of the hidden units.
    init : str, callable or tuple, default="randn"
        The starting weights; biases start at zero. ``"randn"`` draws standard normals.
        ``"glorot"``, ``"he"`` and ``"lecun"`` draw normals of variance 2 / (in + out),
        2 / in and 1 / in, where in and out are the numbers of inputs and outputs of the
        layer. ``"orthogonal"`` draws a random orthogonal matrix. With ``"zeros"`` all
        hidden units stay identical for ever. A callable ``init(rng, shape) -> array``
        is called with a ``RandomState``, first for W1 ``(n_hidden, n_features)``, then
        for W2 ``(n_outputs, n_hidden)``. A pair ``(coefs, intercepts)`` has explicit
        weights in the layout of ``coefs_`` and ``intercepts_``.
    init_scale : float, pair of floats or "auto", default="auto"
        Factor of the starting weights of both layers, or a pair of factors for the
        hidden and for the output layer. It never multiplies the intercepts. ``"auto"``
        stands for 1, except for ``"randn"``: there it stands for gain / sqrt(inputs) in
        each layer. The gain of the hidden layer is 1 for tanh and the identity, 2 for
        logistic and sqrt(2) for relu; the gain of the output layer is 1. The lecture's
        constant is 0.01. For one ``random_state`` the start at scale s is s times the
        start at scale 1.
    n_init : int, default=1
        Number of random starts, which are trained together. A start that diverges is
        dropped.
    combine : {"best", "average"}, default="best"
        What to do with the nets of several starts. ``"best"`` keeps the net with the
        lowest final loss, or with early stopping the net with the highest
        ``best_validation_score_``. ``"average"`` keeps all nets as one net, which has
        ``n_init * n_hidden`` units and whose logits are the mean of their logits. The
        predictions of the average depend less on the seed. With a weak penalty they are
        better than those of the net with the lowest loss. ``loss_curve_`` is then the
        mean of the curves of all starts; for a start that has ended, its last value
        counts.
        Accuracies on validation data are means, too. On the same rows and weights, the
        log-loss of the average is never above the mean log-loss of the nets (Jensen's
        inequality). With ``warm_start`` and `partial_fit` each of the averaged nets
        continues training, also if ``n_init`` and ``combine`` were changed.
    solver : {"gd", "sgd", "adam", "lbfgs"}, default="adam"
        How the net is trained. ``"gd"`` is full-batch gradient descent with one update
        for each iteration; it ignores ``batch_size``, ``momentum`` and ``shuffle``. For
        ``"sgd"`` and ``"adam"`` an iteration is an epoch, in which every mini-batch
        is used once. ``"lbfgs"`` is scipy's L-BFGS-B.
    learning_rate : {"cosine", "constant"}, default="cosine"
        How the learning rate of ``"sgd"`` and ``"adam"`` changes. With ``"cosine"`` it
        falls from ``learning_rate_init`` to 0 along half a cosine wave, over the
        updates that ``max_iter`` allows. Every call of `fit` begins a new wave, also
        with ``warm_start``. If a callback or an interruption stops training early, the
        rate has not fallen to 0, and the weights are noisier. ``"gd"``, ``"lbfgs"`` and
        `partial_fit` ignore this parameter.
    learning_rate_init : float or "auto", default="auto"
        Learning rate, or its first value with ``"cosine"``. A number is used as it is.
        ``"auto"`` stands for 1 with ``"gd"``, for 0.02 with ``"adam"``, and with
        ``"sgd"`` for ``0.3 * min(1, batch_size / 200)``, where ``batch_size="auto"``
        counts as 200, also if there are fewer rows. It is lower in some cases. The rate
        of the hidden weights is lower if the mean squared norm of the rows (for
        standardised features, the number of features) is above 10 for ``"gd"``, 20 for
        ``"sgd"`` or 200 for ``"adam"``. The rate of ``"gd"`` and ``"sgd"`` is lower if
        a strong penalty would otherwise change the signs of weights. In calls of
        `partial_fit` with fewer than 20 rows the rate is lower in proportion to the
        rows (for ``"sgd"``, with ``batch_size="auto"``), and for ``"adam"`` to their
        square root. With ``"auto"`` the gradient of a mini-batch is also scaled down if
        the batch has a smaller weight than an average batch of as many rows, or, as the
        last batch of an epoch may, fewer rows than the others. ``"lbfgs"`` ignores this
        parameter.
    alpha : float or "auto", default="auto"
        L2 penalty: ``alpha / (2 W)`` times the squared weights is added to the mean
        loss. W is the weight of all training rows (in `partial_fit`, of all rows so
        far), and at least their number. So the penalty is the same for every solver and
        batch size. ``"auto"`` stands for ``0.1 * min(W, 30 * d)**0.35 * sqrt(s)``,
        where d is the number of features and s the mean squared norm of the rows (for
        standardised features, d). The penalty on the mean loss is then weaker for more
        rows, and stronger for more features. The best penalty differs from table to
        table by a factor of 300: tune it first, or use `ShallowNetClassifierCV`, which
        chooses it. The penalty is a part of ``loss_curve_``. To compare how fast nets
        learn from starts of different scales, set ``alpha=0``.
    momentum : float in [0, 1], default=0.9
        Momentum of ``"sgd"``.
    nesterovs_momentum : bool, default=True
        Whether ``"sgd"`` uses Nesterov's momentum.
    batch_size : int or "auto", default="auto"
        Number of rows of a mini-batch of ``"sgd"`` and ``"adam"``; the last batch may
        have fewer. ``"auto"`` divides the rows into batches of at most 200 rows, as few
        as possible, whose sizes differ by at most one.
    max_iter : int or "auto", default="auto"
        Maximum number of iterations. ``"auto"`` stands for 60 with a cosine rate and
        for 500 with others, and for more if these would make fewer than 1000 updates.
    tol : float, "auto" or None, default="auto"
        Training stops when the loss (or, with early stopping, the validation score)
        has not improved by ``tol`` for more than ``n_iter_no_change`` iterations in a
        row. Iterations do not count if their loss is within 1% of the constant
        predictor's loss, because every small start begins on this plateau, nor if it is
        above that loss and above the first loss, up to twice both, because long steps
        may lead there before the loss falls. For ``"lbfgs"`` it is scipy's ``gtol``.
        With None training never stops early, and no warning says that it has not
        converged. ``"auto"`` stands for None with a cosine rate, because the loss falls
        again with the rate, and for 1e-3 with others.
    n_iter_no_change : int, default=50
        Maximum number of iterations in a row without an improvement by ``tol``. With
        ``np.inf`` training never stops by ``tol``.
    shuffle : bool, default=True
        Whether every epoch uses a new order of the rows.
    early_stopping : bool, default=False
        Whether the accuracy on validation data decides which weights are kept, and when
        training stops. It stops by ``tol``, which must be set if the rate is a cosine.
        Of equal scores the first counts, and the last if the rate is a cosine. The
        validation data are ``X_val`` and ``y_val`` of `fit` if they are given, and
        otherwise a stratified part of the training rows.
    validation_fraction : float in (0, 1), default=0.1
        Share of the training rows that early stopping uses as validation data.
    warm_start : bool, default=False
        Whether `fit` continues the training of the last call: its weights, optimizer
        state, row order and ``loss_curve_``.
    class_weight : dict, "balanced" or None, default=None
        Factors of the sample weights, by class, as in ``LogisticRegression``. Keys that
        are not among the classes are ignored.
    random_state : int, RandomState instance or None, default=None
        Seed of two streams of random numbers: one for the starts, and one for the row
        order and the validation split, which therefore do not depend on ``init``.
    verbose : bool or int, default=False
        Whether to print the loss after each iteration. A number k above 1 prints it
        after every k iterations.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, sorted.
    n_features_in_ : int
        Number of features seen by `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if all are strings.
    coefs_ : list of two ndarrays
        Weights of shapes (n_features, n_hidden) and (n_hidden, n_outputs). For an
        average, n_hidden is the number of the units of all starts.
    intercepts_ : list of two ndarrays
        Biases of shapes (n_hidden,) and (n_outputs,).
    init_coefs_, init_intercepts_ : lists of two ndarrays
        The starting weights and biases, in the same layout.
    loss_ : float
        The last entry of ``loss_curve_``.
    loss_curve_ : list of float
        For ``"gd"`` the objective before each update; for ``"sgd"`` and ``"adam"`` its
        mean over the batches of each epoch; for ``"lbfgs"`` the objective after each
        iteration.
    best_loss_ : float
        The lowest entry of ``loss_curve_``.
    validation_scores_, validation_loss_curve_ : lists of float
        Accuracy and mean cross-entropy on the validation data after each iteration;
        empty without validation data. Rows of a class that the training rows lack count
        as wrong in the accuracy, and are left out of the cross-entropy, which is nan if
        there are no other rows.
    best_validation_score_ : float or None
        With early stopping, the validation accuracy of the weights that were kept.
    init_losses_ : ndarray of shape (n_starts,)
        Final loss of every start in the call that drew the starts; nan if it diverged.
        There is only one entry if all starts would be the same.
    n_iter_ : int
        Number of iterations of the last `fit`; after `partial_fit`, number of all
        epochs so far. For an average, the largest number of its starts.
    n_layers_ : int
        Number of layers: 3 (input, hidden and output layer).
    n_outputs_ : int
        Number of output units: 1 for two classes, otherwise the number of classes.
    out_activation_ : {"logistic", "softmax"}
        Activation of the output layer.
    status_ : str
        How training ended: ``"converged"``, ``"plateau"`` (the loss ended at the
        constant predictor's), ``"max_iter"``, ``"early_stopped"``, ``"stopped"`` (by a
        callback), ``"interrupted"``, or ``"abnormal"`` (L-BFGS's line search failed).
        For an average, the worst status of its starts.

    See Also
    --------
    ShallowNetClassifierCV : Chooses the penalty, and averages the nets of the folds.
    sklearn.neural_network.MLPClassifier : Several hidden layers; its start is fixed.

    Notes
    -----
    Hidden units that start identical (``init="zeros"``, constant weights) stay
    identical to the last bit. Their gradients are tied, because rounding in the matrix
    products of a BLAS library would make them differ.

    A fit warns of clear problems of its net, in categories of ``skshallow.exceptions``:
    a penalty that outweighs the data, identical units, a start that is too large,
    saturated units, a dead relu layer, a learning rate that is far too low or too high,
    a net that does no more than a linear model or that nearest neighbours surpass,
    constant predictions. ``skshallow.diagnostics.diagnose`` says more.

    Starts are trained as lanes of one array. Each start gives exactly the same numbers
    as when it is trained alone. BLAS runs on one thread inside `fit` and the prediction
    methods.

    With scikit-learn 1.9 or later, callbacks may be set (``set_callbacks``). `fit`
    calls them when it begins, for every iteration and when it ends, and stops if a
    callback asks for it. `partial_fit` does not call them.

    Loading a file of joblib or pickle runs code: load only files of people you trust.
    Files of skops are not code. From this package they need trust in this class only.

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010. He, Zhang, Ren and Sun, "Delving deep into rectifiers",
    ICCV 2015. LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998. Saxe,
    McClelland and Ganguli, arXiv:1312.6120. Kingma and Ba, arXiv:1412.6980. Loshchilov
    and Hutter, arXiv:1608.03983.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skshallow import ShallowNetClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> model = make_pipeline(StandardScaler(), ShallowNetClassifier(random_state=0))
    >>> bool(model.fit(X_train, y_train).score(X_test, y_test) > 0.95)
    True
    """

    _parameter_constraints = parameters.OF_A_NET
    _warnings_of = staticmethod(warnings_of)  # for searches, which are on a lower floor

    def __init__(
        self,
        n_hidden=48,
        *,
        activation="relu",
        init="randn",
        init_scale="auto",
        n_init=1,
        combine="best",
        solver="adam",
        learning_rate="cosine",
        learning_rate_init="auto",
        alpha="auto",
        momentum=0.9,
        nesterovs_momentum=True,
        batch_size="auto",
        max_iter="auto",
        tol="auto",
        n_iter_no_change=50,
        shuffle=True,
        early_stopping=False,
        validation_fraction=0.1,
        warm_start=False,
        class_weight=None,
        random_state=None,
        verbose=False,
    ):
        self.n_hidden = n_hidden
        self.activation = activation
        self.init = init
        self.init_scale = init_scale
        self.n_init = n_init
        self.combine = combine
        self.solver = solver
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.alpha = alpha
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.shuffle = shuffle
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.class_weight = class_weight
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X,
        y,
        sample_weight=None,
        *,
        X_val=None,
        y_val=None,
        sample_weight_val=None,
    ):
        """Train from a new start, or from the present weights with ``warm_start``.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data. float32 is kept; other types are converted to float64.
        y : array-like of shape (n_samples,)
            Class labels of at least two classes.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, not negative and not all zero.
            A weight counts as so many equal rows, for the penalty too: divide weights
            far above one, such as those of surveys, by their mean.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Validation data. With ``early_stopping`` the accuracy on them decides when
            to stop, and no training rows are set aside. Otherwise scores on them are
            only recorded. Two cautions: ``GridSearchCV`` splits an ``X_val`` that has
            as many rows as ``X``. And a ``Pipeline`` passes ``X_val`` untransformed,
            unless metadata routing is enabled and the pipeline has
            ``transform_input=["X_val"]``.
        y_val : array-like of shape (n_val,), default=None
            Labels of ``X_val``. Rows of a class that ``y`` lacks count as wrong.
        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the validation samples. ``class_weight`` does not apply to them.

        Returns
        -------
        self : ShallowNetClassifier
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If data or parameters are invalid, or if training diverges. The estimator is
            then as it was before the call.
        KeyboardInterrupt
            Raised again after the last completed iteration has been stored.
        """
        resumes = self.warm_start and hasattr(self, "coefs_")
        n_tasks = partial(self._n_tasks, X, holds_out_rows=X_val is None)
        watch = Watch.over(self, X, y, sample_weight, n_tasks)
        with unchanged_on_error(self), single_blas_thread():
            samples = training_samples(self, X, y, sample_weight, reset=not resumes)
            if resumes:
                check_same_classes(samples.classes, self.classes_)
            samples = with_held_out(samples, self, X_val, y_val, sample_weight_val)
            result, samples, streams = self._train(samples, resumes, watch=watch)
            self._set_fitted(result)
            if self.warm_start:
                self._training_state = result.training_state(self.solver, streams)
            interrupted = result.interrupted or self._conclude(result, samples, watch)
        if interrupted:
            raise KeyboardInterrupt
        return self

    @available_if(lambda self: self._has_partial_fit())
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Continue training from the last call, for one epoch on the given rows.

        Weights, optimizer state, row stream and ``loss_curve_`` continue from call to
        call, and ``n_iter_`` counts all epochs. After ``fit`` the weights continue and
        the optimizer starts anew (unless ``warm_start`` kept its state). Not available
        with ``solver="lbfgs"``.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,)
            Class labels, all of them among ``classes``.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.
        classes : array-like of shape (n_classes,), default=None
            All labels that may occur in any call. The first call needs them.

        Returns
        -------
        self : ShallowNetClassifier
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            As `fit`. Also with ``early_stopping``, with ``class_weight="balanced"`` and
            with ``n_init > 1`` and ``combine="best"``, which need all the data at once.
        """
        parameters.check_sees_parts(self)
        resumes = hasattr(self, "coefs_")
        if resumes:
            self._validate_params()  # scikit-learn does so before the first call only
        if resumes and sample_weight is not None and not np.any(sample_weight):
            training_samples(self, X, y, None, reset=False, classes=self.classes_)
            return self  # rows of weight 0 make no update
        with unchanged_on_error(self), single_blas_thread():
            with np.errstate(**CHECKING):
                if classes is not None:
                    checked_labels(classes, "classes")
                if _check_partial_fit_first_call(self, classes):
                    check_several(self.classes_, "classes")
            samples = training_samples(
                self, X, y, sample_weight, reset=not resumes, classes=self.classes_
            )
            before = RowTotals(*self._row_totals) if resumes else NO_ROWS
            result, _, streams = self._train(samples, resumes, before, n_epochs=1)
            self._set_fitted(result)
            self.n_iter_ = len(self.loss_curve_)
            self._training_state = result.training_state(self.solver, streams)
            warn(warnings_of_starts(self, [result]), stacklevel=3)
        if result.interrupted:
            raise KeyboardInterrupt
        return self

    def _validate_params(self):
        super()._validate_params()
        given_scales(self.init_scale)  # raises an error

    def _has_partial_fit(self):
        if self.solver == "lbfgs":
            raise AttributeError(
                "partial_fit needs a solver that trains by epochs, got "
                f"solver='lbfgs': use one of {[*OPTIMIZERS]}."
            )
        return True

    def _n_tasks(self, X, holds_out_rows):
        """Maximum number of iterations, for L-BFGS of all starts; None if not known."""
        in_turn = self.n_init if self.solver == "lbfgs" else 1
        with suppress(TypeError):  # the validation of X raises the error later
            return in_turn * n_iterations(self, _num_samples(X), holds_out_rows)

    def _train(self, samples, resumes, *args, **kwargs):
        """Train; return a `FitResult`, the training samples and the random streams.

        Further arguments are those of `train_together`.
        """
        streams = RandomStreams(self.random_state)
        if resumes and self._training_state is not None:
            streams.resume(self._training_state)
        samples = samples.divided(self, streams.split_seed)
        request_of = FitRequest.resumed if resumes else FitRequest.new
        request = request_of(self, streams, samples)
        (result,) = train_together([request], samples, *args, **kwargs)
        return result, samples, streams

    def _set_fitted(self, result):
        """Set the attributes of a fit."""
        self._store(result.kept())
        if not result.resumes:
            self.init_losses_ = np.array(
                [np.nan if o is None else o.loss for o in result.outcomes]
            )

    def _conclude(self, result, samples, watch):
        """Warn of problems and end the callbacks; return whether this was interrupted.

        The net is complete before this call, and an interruption does not change it.
        """
        try:
            (fit_warnings,) = warnings_of([self], [result], samples)
            warn(fit_warnings, stacklevel=4)
            if watch is not None:
                watch.close()
        except KeyboardInterrupt:
            self.status_ = "interrupted"
            return True
        return False


class ShallowNetClassifierCV(FittedNet):
    """A network with one hidden layer whose penalty is chosen by cross-validation.

    For every fold, a net is trained for every penalty on the rows outside the fold; the
    nets of all penalties are trained together. The estimator chooses the penalty whose
    nets score best on the folds left out. It averages the nets of this penalty into one
    net of ``cv * n_hidden`` units, whose logits are the mean of their logits. The
    logits are divided by the temperature for which the log-loss on the folds left out
    is lowest. On most tables the result predicts better than `ShallowNetClassifier`.
    Otherwise it is a net like that of `ShallowNetClassifier`.

    Parameters
    ----------
    n_hidden : int, default=24
        Number of hidden units of the net of each fold.
    alphas : array-like of floats or "auto", default="auto"
        The penalties among which the estimator chooses, each as ``alpha`` of
        `ShallowNetClassifier`. ``"auto"`` stands for 0.15, 0.8 and 4 times the value of
        ``alpha="auto"`` for all the rows.
    init_scales : list or "auto", default="auto"
        The scales of the start among which the estimator chooses, together with the
        penalties. Each is as ``init_scale`` of `ShallowNetClassifier`: a float, a pair
        of floats or ``"auto"``.
    cv : int, splitter or iterable, default=5
        The folds. Each fold gives one net to the average. A number stands for
        ``StratifiedKFold(cv, shuffle=True, random_state=random_state)`` on the rows of
        positive weight; the rows of weight 0 are divided among the folds as well. A
        class of one row is a training row in all folds, and if no class has ``cv``
        rows, there are fewer folds, both with a warning. A splitter of scikit-learn or
        an iterable of pairs of training and test rows is possible, too; no row may be
        both in a pair.
    scoring : str, callable or None, default="neg_log_loss"
        The score by which the estimator chooses; higher scores are better. It is the
        name of a scorer of scikit-learn, a callable ``scoring(estimator, X, y)``, or
        None for the accuracy. The default gives rows the weights that they have in
        training. A fold on which all scores are nan does not count.
    n_jobs : int, default=None
        Number of parallel jobs, as in ``GridSearchCV``. It does not change the result.
    activation, init : as in `ShallowNetClassifier`
        Parameters of each net, with the same defaults. This holds for all parameters
        below without a description.
    n_init : int, default=1
        Number of random starts of each net.
    combine : {"best", "average"}, default="best"
        What to do with the starts of each net. It does not change that the nets of the
        folds are averaged.
    solver, learning_rate, learning_rate_init : as in `ShallowNetClassifier`
    momentum, nesterovs_momentum, batch_size : as in `ShallowNetClassifier`
    max_iter : int or "auto", default="auto"
        Maximum number of iterations. ``"auto"`` stands for 45 with a cosine rate and
        for 500 with others, and for more if these would make fewer than 470 updates
        (1000 with at most three features). Nets that are averaged need less training.
    tol, n_iter_no_change, shuffle : as in `ShallowNetClassifier`
    early_stopping : bool, default=False
        Whether validation data decide which weights are kept. They are a part of the
        training rows of each fold.
    validation_fraction, class_weight : as in `ShallowNetClassifier`
    random_state : int, RandomState instance or None, default=None
        Seed of the folds and of all nets. The net of a fold and a penalty is the same
        as a ``ShallowNetClassifier`` after `fit` on the same rows, with the same
        parameters, this ``alpha`` and, if no net stops early, ``max_iter=n_iter_``.
    verbose : bool or int, default=False
        Whether to print a line for each fold, with its scores and the time.

    Attributes
    ----------
    alpha_ : float
        The chosen penalty.
    init_scale_ : float, pair of floats or "auto"
        The chosen scale of the start.
    alphas_ : ndarray of shape (n_alphas,)
        The penalties among which it was chosen, as numbers.
    init_scales_ : list
        The scales among which it was chosen; ``["auto"]`` if there was no choice.
    scores_ : ndarray of shape (n_folds, n_alphas) or (n_folds, n_scales, n_alphas)
        Scores of all nets on the folds that they were not trained on; nan if a net
        diverged. It has three dimensions if ``init_scales`` is a list.
    temperature_ : float
        The number by which the logits of the averaged net are divided. It is above 1 if
        the nets were too confident.
    oof_decision_function_ : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Logits of every training row, in the order of ``y``, by the net of the chosen
        penalty that was not trained on this row ("out of fold"; the mean if there are
        several such nets). They are divided by the temperature, like those of
        `decision_function`. The entry of a row that is in no test fold is nan. With
        these logits any score can be estimated, a calibration curve drawn or a
        threshold chosen, without another fit.
    classes_, n_features_in_, feature_names_in_, n_layers_, n_outputs_, out_activation_
        As in `ShallowNetClassifier`.
    coefs_, intercepts_, init_coefs_, init_intercepts_
        As in `ShallowNetClassifier`, for the averaged net, which has the hidden units
        of the nets of all folds.
    loss_, loss_curve_, best_loss_
        Means over the averaged nets.
    validation_scores_, validation_loss_curve_, best_validation_score_
        Means over the averaged nets.
    init_losses_ : ndarray of shape (n_folds,)
        Final losses of the averaged nets.
    n_iter_ : int
        Largest number of iterations of the averaged nets.
    status_ : str
        How the training of the averaged nets ended; if this differs, the worst status.

    See Also
    --------
    ShallowNetClassifier : A single net, whose penalty is given.
    sklearn.linear_model.LogisticRegressionCV : The same for a linear model.

    Notes
    -----
    `score` is the accuracy, whatever ``scoring`` is. Scores of
    ``oof_decision_function_`` are a little too good, because the penalty and the
    temperature were chosen with these rows. They are also a little too bad, because
    they are scores of the nets of single folds, and the average is better. If rows
    belong to groups or have an order in time, set ``cv`` to a splitter that respects
    this. Otherwise the scores are much too good.

    If a net diverges, its penalty is left out of the choice, with a warning. `fit`
    warns of clear problems of the averaged net, in the categories of
    ``skshallow.exceptions``. An interruption leaves the estimator as it was.

    With metadata routing, ``groups`` are passed to the splitter, and ``sample_weight``
    to a scorer that requests it. Without metadata routing, ``groups`` may be given to
    `fit`, and ``sample_weight`` is passed to every scorer of scikit-learn. Callbacks
    are called for every fold, and cannot stop the fit.

    Files of skops need trust in this class only.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks",
    arXiv:1706.04599. Krogh and Vedelsby, "Neural network ensembles, cross validation,
    and active learning", NeurIPS 1994.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skshallow import ShallowNetClassifierCV
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), ShallowNetClassifierCV(random_state=0))
    >>> model.fit(X, y)[-1].scores_.shape
    (5, 3)
    """

    _parameter_constraints = parameters.OF_A_CHOICE

    def __init__(
        self,
        n_hidden=24,
        *,
        alphas="auto",
        init_scales="auto",
        cv=5,
        scoring="neg_log_loss",
        n_jobs=None,
        activation="relu",
        init="randn",
        n_init=1,
        combine="best",
        solver="adam",
        learning_rate="cosine",
        learning_rate_init="auto",
        momentum=0.9,
        nesterovs_momentum=True,
        batch_size="auto",
        max_iter="auto",
        tol="auto",
        n_iter_no_change=50,
        shuffle=True,
        early_stopping=False,
        validation_fraction=0.1,
        class_weight=None,
        random_state=None,
        verbose=False,
    ):
        self.n_hidden = n_hidden
        self.alphas = alphas
        self.init_scales = init_scales
        self.cv = cv
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.activation = activation
        self.init = init
        self.n_init = n_init
        self.combine = combine
        self.solver = solver
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.shuffle = shuffle
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.class_weight = class_weight
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None, **params):
        """Choose the penalty, and average its nets of all folds.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data. float32 is kept; other types are converted to float64.
        y : array-like of shape (n_samples,)
            Class labels of at least two classes.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, not negative and not all zero.
            A weight counts as so many equal rows, for the penalty too: divide weights
            far above one, such as those of surveys, by their mean.
        **params : dict
            ``groups`` of the samples, for the splitter. With metadata routing, the
            metadata that splitter and scorer request.

        Returns
        -------
        self : ShallowNetClassifierCV
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If data or parameters are invalid, or if training diverges. The estimator is
            then as it was before the call.
        """
        watch = Watch.over(self, X, y, sample_weight, lambda: None)
        with unchanged_on_error(self):
            split_params, score_params = routed_params(self, sample_weight, params)
            samples = training_samples(self, X, y, sample_weight, reset=True)
            weighed = weigh_classes(samples, self.class_weight)
            seed = seed_of(self.random_state)
            splits = splits_of(self.cv, X, y, weighed, split_params, seed)
            alphas, scales = cross_validation.values_of(self, weighed)
            grid = cross_validation.params_of(self, alphas, scales, splits, seed)
            nets = [ShallowNetClassifier(**values) for values in grid]
            score = score_of(self, X, y, weighed, score_params)
            folds = cross_validation.train_folds(
                nets, samples, splits, score, self.n_jobs, self.verbose, watch
            )
            fits, result, choice = cross_validation.choose(nets, weighed, splits, folds)
            self._set_chosen(result, choice, alphas, scales)
            (fit_warnings,) = warnings_of([self], [result], weighed)
            of_starts = warnings_of_starts(self, [fit.result for fit in fits])
            warn([*of_starts, *fit_warnings], stacklevel=3)
            if watch is not None:
                watch.close()
        return self

    def _validate_params(self):
        super()._validate_params()
        parameters.check_values(self.alphas, self.init_scales)

    def _set_chosen(self, result, choice, alphas, init_scales):
        """Set the attributes of a fit, given those that ``choose`` returns."""
        self._store(result)
        vars(self).update(choice)
        self.alphas_, self.init_scales_ = np.array(alphas), init_scales
        # Parameters as they were in this fit, in case they are set anew.
        self._init_name = init_name(self.init)
        self._scoring = "score" if callable(self.scoring) else self.scoring
        if not isinstance(self.init_scales, str):
            shape = len(self.scores_), len(init_scales), -1
            self.scores_ = self.scores_.reshape(shape)
        if self.n_outputs_ == 1:
            self.oof_decision_function_ = self.oof_decision_function_[:, 0]

    def get_metadata_routing(self):
        """The metadata that `fit` passes to splitter and scorer.

        Returns
        -------
        routing : MetadataRouter
        """
        return routing_of(self)
