"""The two estimators: scikit-learn's conventions around training and choosing.

A fit checks the samples, trains, makes fitted attributes of the outcome and warns of
what is wrong. No mathematics of the network is here.
"""

from functools import partial

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call

from skshallow._advice.fit_warnings import (
    warn,
    warnings_of,
    warnings_of_choice,
    warnings_of_starts,
)
from skshallow._core.initializers import given_scales, init_name
from skshallow._core.threads import single_blas_thread
from skshallow._fit.callbacks import Watch
from skshallow._fit.constraints import OF_A_NET, check_sees_parts
from skshallow._fit.fitted_net import FittedNet, unchanged_on_error
from skshallow._fit.labels import (
    CHECKING,
    check_labels,
    check_same_classes,
    check_several,
)
from skshallow._fit.random_streams import RandomStreams, seed_of
from skshallow._fit.request import FitData, FitRequest, n_iterations, train_together
from skshallow._fit.samples import held_out_samples, training_samples
from skshallow._fit.weights import RowTotals, weigh_classes
from skshallow._search.cross_validation import choose, train_folds
from skshallow._search.folds import splits_of
from skshallow._search.progress import FoldLines, Silent
from skshallow._search.routing import named, routed_params, routing_of, score_of
from skshallow._search.values import (
    OF_A_CHOICE,
    Values,
    check_alphas,
    check_scales,
    names_of,
)

# n_hidden and activation were measured together with all that "auto" stands for, as
# ``defaults`` tells: relu is ahead of tanh in log-loss (by 0.004) and far ahead on long
# spirals. 32, 48 and 64 units score alike on the tables, but 32 are too few for
# classes within each other in four dimensions and more (accuracy .944, .954 and .959 on
# 2000 rows of three), and time grows with them (0.16, 0.21, 0.25 of MLPClassifier's).
# Of five nets that are averaged 24 units score as 32 do (log-loss .2685), in less time.
# The patience of 50 is that of version 0.1.0, which small starts under a constant
# rate need. The others are conventions: momentum, Nesterov's look-ahead, shuffling and
# the share of validation rows are MLPClassifier's, one start everybody's.


class ShallowNetClassifier(FittedNet):
    """A neural network with one hidden layer whose start is a hyperparameter.

    The network is ``softmax(W2 activation(W1 x + b1) + b2)``, with one sigmoid unit in
    place of the softmax for two classes, trained on cross-entropy with an L2 penalty.
    Parameters that ``MLPClassifier`` has, too, have the same meaning but for ``alpha``.

    Parameters
    ----------
    n_hidden : int, default=48
        Number of hidden units.
    activation : {"tanh", "logistic", "relu", "identity"}, default="relu"
        Activation of the hidden units.
    init : str, callable or tuple, default="randn"
        The starting weights; biases start at zero. ``"randn"`` draws standard normals,
        ``"glorot"``, ``"he"`` and ``"lecun"`` normals of variance 2 / (in + out),
        2 / in and 1 / in, ``"orthogonal"`` a random orthogonal matrix. With
        ``"zeros"`` all hidden units stay identical for ever. A callable
        ``init(rng, shape) -> array`` is called with a ``RandomState`` for W1
        ``(n_hidden, n_features)``, then for W2 ``(n_outputs, n_hidden)``. A pair
        ``(coefs, intercepts)`` in the layout of ``coefs_`` and ``intercepts_`` is used
        as it is.
    init_scale : float, pair of floats or "auto", default="auto"
        Multiplies the starting weights of both layers, or of the hidden and of the
        output layer; never the intercepts. ``"auto"`` is 1 for all but ``"randn"``, and
        there gain / sqrt(inputs) for each layer: the hidden gain is 1 for tanh and the
        identity, 2 for logistic and sqrt(2) for relu units, the output's is 1. The
        lecture's constant is 0.01. For one ``random_state`` the start at scale s is s
        times the start at scale 1.
    n_init : int, default=1
        Random starts trained side by side. A start that diverges is dropped.
    combine : {"best", "average"}, default="best"
        What becomes of several starts. ``"best"`` keeps one: that with the lowest final
        loss, or with early stopping the highest ``best_validation_score_``.
        ``"average"`` keeps all, as one net of ``n_init * n_hidden`` units whose logits
        are the mean of theirs. Its predictions depend less on the seed, and where the
        penalty is weak they are better than those of the start with the lowest loss.
        ``loss_curve_`` is then the mean of the curves of all starts, where a start that
        has ended counts with its last value. On the same rows and weights the log-loss
        of the net is never above the mean of theirs (Jensen's inequality). Accuracies
        on validation data are means, too.
        With ``warm_start`` and `partial_fit` the starts go on one by one, whatever
        ``n_init`` and ``combine`` are by then.
    solver : {"gd", "sgd", "adam", "lbfgs"}, default="adam"
        ``"gd"`` is full-batch gradient descent, one update an iteration; it ignores
        ``batch_size``, ``momentum`` and ``shuffle``. ``"sgd"`` and ``"adam"`` go over
        all mini-batches once an iteration; ``"lbfgs"`` is scipy's L-BFGS-B.
    learning_rate : {"cosine", "constant"}, default="cosine"
        How the step size of ``"sgd"`` and ``"adam"`` changes. ``"cosine"``: from
        ``learning_rate_init`` to 0 along half a cosine wave, over the updates that
        ``max_iter`` allows. Every call of `fit` runs through a wave of its own, with
        ``warm_start`` too. Where a callback or an interruption stops it early, the rate
        has not fallen to 0, and the weights are noisier. ``"gd"``, ``"lbfgs"`` and
        `partial_fit` ignore this parameter.
    learning_rate_init : float or "auto", default="auto"
        Step size. A number is used as it is. ``"auto"`` is 1 for ``"gd"``, 0.02 for
        ``"adam"``, and for ``"sgd"`` 0.3 in proportion to the batch: ``0.3 * min(1,
        batch_size / 200)``, where ``batch_size="auto"`` counts as 200 however few the
        rows are. For the hidden weights it falls in proportion where the mean squared
        norm of the rows (for standardised features, their number) is above 10, 20 and
        200 for these three, and with ``"gd"`` and ``"sgd"`` where the penalty is so
        strong that it would carry weights past zero; and the gradients of mini-batches
        that weigh less than their share of the rows are scaled down to their weight,
        so that light ones count little. ``"lbfgs"`` takes none.
    alpha : float or "auto", default="auto"
        L2 penalty: ``alpha / (2 W)`` times the squared weights is added to the mean
        loss. W is the weight of all training rows (in `partial_fit`, of all given so
        far), and at least their number; so it is the same for every solver and batch
        size. ``"auto"`` is ``0.1 * W**0.35 * sqrt(s)`` with the mean squared norm s of
        the rows: the more rows, the less it acts, and the more features, the more. The
        best penalty differs from table to table by a factor of 300: tune it first, or
        take `ShallowNetClassifierCV`, which chooses it. The penalty is a part of
        ``loss_curve_``; to compare how fast starts of different scale learn, set
        ``alpha=0``.
    momentum : float in [0, 1], default=0.9
        Momentum of ``"sgd"``.
    nesterovs_momentum : bool, default=True
        Whether ``"sgd"`` looks ahead.
    batch_size : int or "auto", default="auto"
        Rows of a mini-batch of ``"sgd"`` and ``"adam"``; the last one has what is left.
        ``"auto"`` cuts the rows into as many batches as batches of 200 would be, of
        sizes that differ by one at most.
    max_iter : int or "auto", default="auto"
        The largest number of iterations. ``"auto"`` is 60 with a cosine and 500
        without, and more where these would make fewer than 1000 updates.
    tol : float, "auto" or None, default="auto"
        Training stops when the loss (or, with early stopping, the validation score)
        has not improved by ``tol`` for more than ``n_iter_no_change`` iterations.
        Iterations in which the loss is within 1% of the constant predictor's do not
        count, because every small start begins on that plateau. For ``"lbfgs"`` this
        is scipy's ``gtol``. With None training never stops early, and no warning says
        that it has not converged. ``"auto"`` is None with a cosine, because the loss
        falls again with the rate, and 1e-3 otherwise.
    n_iter_no_change : int, default=50
        How many iterations ``tol`` waits for an improvement; with ``np.inf``, for ever.
    shuffle : bool, default=True
        Whether every epoch takes a new order of the rows.
    early_stopping : bool, default=False
        Whether the accuracy on validation data decides which weights to keep, and when
        to stop (by ``tol``, which has to be given under a cosine). The data are the
        ``X_val`` and ``y_val`` of `fit` if they are given, and else a stratified split.
    validation_fraction : float in (0, 1), default=0.1
        Share of the training rows that early stopping sets aside.
    warm_start : bool, default=False
        Whether `fit` goes on from where the last call ended: weights, optimizer state,
        row order and ``loss_curve_``.
    class_weight : dict, "balanced" or None, default=None
        Factor on the sample weights by class, as in ``LogisticRegression``. Keys that
        are not among the classes are ignored.
    random_state : int, RandomState instance or None, default=None
        Two streams of random numbers come from it: one for the starts, and one for the
        row order and the validation split. So the latter do not depend on ``init``.
    verbose : bool or int, default=False
        Whether to print the loss after each iteration; a number above 1 prints it each
        time that so many have passed.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, sorted.
    n_features_in_ : int
        Number of features seen by `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where all are strings.
    coefs_ : list of two ndarrays
        Weights of shapes (n_features, n_hidden) and (n_hidden, n_outputs); of an
        average, n_hidden counts the units of all starts.
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
        empty without such data. Rows of a class that the training rows lack count as
        wrong in the accuracy and are left out of the cross-entropy, which is nan if
        there are no others.
    best_validation_score_ : float or None
        With early stopping, the validation accuracy of the weights that were kept.
    init_losses_ : ndarray of shape (n_starts,)
        Final loss of every start, nan if it diverged; of the call that drew the
        starts. There is only one where all starts would be the same.
    n_iter_ : int
        Iterations of the last `fit`, or all epochs so far after `partial_fit`. Of an
        average, those of the start that took longest.
    n_layers_ : int
        3: input, hidden and output layer.
    n_outputs_ : int
        Output units: 1 for two classes, else the number of classes.
    out_activation_ : {"logistic", "softmax"}
        Activation of the output layer.
    status_ : str
        How training ended: ``"converged"``, ``"plateau"`` (the loss never left the
        constant predictor's), ``"max_iter"``, ``"early_stopped"``, ``"stopped"`` (by a
        callback), ``"interrupted"``, or ``"abnormal"`` (L-BFGS's line search failed).
        Of an average, that of the start that ended worst.

    See Also
    --------
    ShallowNetClassifierCV : Chooses the penalty, and averages the nets of the folds.
    sklearn.neural_network.MLPClassifier : Several hidden layers; its start is fixed.

    Notes
    -----
    Hidden units that start identical (``init="zeros"``, constant weights) stay
    identical to the last bit. Their gradients are tied, because rounding in the matrix
    products of a BLAS library would make them differ.

    A fit warns of what is plainly wrong with its net, in categories of
    ``skshallow.exceptions``: a penalty that outweighs the data, identical units, units
    saturated from the start, a dead relu layer, a net at rest where a linear model
    would be, constant predictions. ``skshallow.diagnostics.diagnose`` says more.

    Starts are trained as lanes of one array, and each gives exactly the numbers that it
    would give alone. BLAS runs on one thread inside `fit` and the predictions.

    With scikit-learn 1.9 or later callbacks may be set (``set_callbacks``). `fit` calls
    them when it begins and ends and for every iteration, and stops if one asks for it.
    `partial_fit` calls none.

    Files of joblib and pickle are code: load only those of people you trust. Files of
    skops are not code, and of this package they need trust in this class only.

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

    _parameter_constraints = OF_A_NET

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
            Training data. float32 is kept, everything else becomes float64.
        y : array-like of shape (n_samples,)
            Class labels, at least two kinds.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, not negative and not all zero.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Validation data. With ``early_stopping`` the accuracy on them decides, in
            place of a split; without, they are only recorded. Two traps:
            ``GridSearchCV`` slices an ``X_val`` that has as many rows as ``X``, and a
            ``Pipeline`` passes it on untransformed unless it is given
            ``transform_input=["X_val"]`` under metadata routing.
        y_val : array-like of shape (n_val,), default=None
            Labels of ``X_val``. Rows of a class that ``y`` lacks count as wrong.
        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the validation samples. ``class_weight`` does not apply to them.

        Returns
        -------
        self : ShallowNetClassifier

        Raises
        ------
        ValueError, TypeError
            For data or parameters that are unfit, and if training diverges. The
            estimator is then as it was before the call.
        KeyboardInterrupt
            Raised again after the last completed iteration has been stored.
        """
        given_scales(self.init_scale)  # complains before any work
        resumes = self.warm_start and hasattr(self, "coefs_")
        n_tasks = partial(self._n_tasks, X, has_own_split=X_val is None)
        watch = Watch.over(self, X, y, sample_weight, resumes, n_tasks)
        with unchanged_on_error(self), single_blas_thread():
            samples, classes = training_samples(
                self, X, y, sample_weight, reset=not resumes
            )
            if resumes:
                check_same_classes(classes, self.classes_)
            held_out = held_out_samples(self, X_val, y_val, sample_weight_val, classes)
            data = FitData(samples, held_out, classes)
            result, samples, streams = self._train(data, resumes, watch=watch)
            self._set_fitted(result, resumes)
            if self.warm_start:
                self._training_state = streams.state(
                    self.solver, result.optimizer_state()
                )
            interrupted = result.interrupted or self._conclude(result, samples, watch)
        if interrupted:
            raise KeyboardInterrupt
        return self

    @available_if(lambda self: self._has_partial_fit())
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Train for one pass over the given rows, from where the last call ended.

        Weights, moments, row stream and ``loss_curve_`` go on from call to call, and
        ``n_iter_`` counts all epochs. After ``fit`` the weights go on and the optimizer
        starts anew (unless ``warm_start`` kept its state). Not available with
        ``solver="lbfgs"``.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
            Class labels, all of them among ``classes``.
        sample_weight : array-like of shape (n_samples,), default=None
        classes : array-like of shape (n_classes,), default=None
            All labels that will ever occur: needed in the first call.

        Returns
        -------
        self : ShallowNetClassifier

        Raises
        ------
        ValueError, TypeError
            As `fit`, and with ``early_stopping``, ``class_weight="balanced"`` or
            ``n_init > 1`` of which the best is kept, which need all the data at once.
        """
        check_sees_parts(self)
        given_scales(self.init_scale)  # complains before any work
        resumes = hasattr(self, "coefs_")
        if resumes:
            self._validate_params()  # scikit-learn does so before the first call only
        if resumes and sample_weight is not None and not np.any(sample_weight):
            training_samples(self, X, y, None, reset=False, classes=self.classes_)
            return self  # rows without weight make no update
        with unchanged_on_error(self), single_blas_thread():
            if classes is not None:
                check_labels(classes, "classes")
            with np.errstate(**CHECKING):
                if _check_partial_fit_first_call(self, classes):
                    check_several(self.classes_, "classes")
            samples, classes = training_samples(
                self, X, y, sample_weight, reset=not resumes, classes=self.classes_
            )
            totals_before = RowTotals(*self._row_totals) if resumes else RowTotals()
            data = FitData(samples, None, classes, totals_before)
            result, _, streams = self._train(data, resumes, n_epochs=1)
            self._set_fitted(result, resumes)
            self.n_iter_ = len(self.loss_curve_)
            self._training_state = streams.state(self.solver, result.optimizer_state())
            warn(warnings_of_starts(self, result), stacklevel=3)
        if result.interrupted:
            raise KeyboardInterrupt
        return self

    def _has_partial_fit(self):
        if self.solver == "lbfgs":
            raise AttributeError(
                "partial_fit needs a solver that makes one pass at a time, got "
                "solver='lbfgs': use 'gd', 'sgd' or 'adam'."
            )
        return True

    def _n_tasks(self, X, has_own_split):
        """Most iterations: L-BFGS trains a start after another, others side by side."""
        in_turn = self.n_init if self.solver == "lbfgs" else 1
        return in_turn * n_iterations(self, X, has_own_split)

    def _train(self, data, resumes, n_epochs=None, watch=None):
        """Train on ``data``: a `FitResult`, the samples it saw, and the streams."""
        streams = RandomStreams(self.random_state)
        if resumes and self._training_state is not None:
            streams.resume(self._training_state)
        data = data.divided(self, streams.split_seed)
        architecture = data.architecture(
            self, self.coefs_[0].dtype if resumes else None
        )
        request_of = FitRequest.resumed if resumes else FitRequest.new
        request = request_of(self, streams, architecture)
        (result,) = train_together([request], data, architecture, n_epochs, watch)
        return result, data.samples, streams

    def _set_fitted(self, result, resumes):
        """Set the attributes of a fit."""
        self._store(result.kept(), resumes)
        if not resumes:
            self.init_losses_ = np.array(
                [np.nan if lane is None else lane.loss for lane in result.outcomes]
            )

    def _conclude(self, result, samples, watch):
        """Warn the user, and tell the callbacks; whether that was interrupted.

        The net is whole by now, and an interruption leaves it so.
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

    def _adopt(self, result, columns):
        """Be as `fit` would have left this estimator, trained in a cohort."""
        for name, value in columns.items():
            setattr(self, name, value)
        self._set_fitted(result, resumes=False)


class ShallowNetClassifierCV(FittedNet):
    """A network with one hidden layer whose penalty is chosen by cross-validation.

    For every fold of the rows, a net is trained for every penalty on the rows outside
    the fold, all penalties side by side. The penalty whose nets score best on the rows
    left out is chosen, and its nets are averaged into one net of ``cv * n_hidden``
    units, whose logits are the mean of theirs. The logits are divided by a temperature
    for which the log-loss on the rows left out is lowest. On most tables the result
    predicts better than `ShallowNetClassifier`, and in all else it is a net like that.

    Parameters
    ----------
    n_hidden : int, default=24
        Number of hidden units of the net of each fold.
    alphas : array-like of floats or "auto", default="auto"
        The penalties to choose from, each as ``alpha`` of `ShallowNetClassifier`;
        ``"auto"`` stands for 0.15, 0.8 and 4 times what ``alpha="auto"`` is for all the
        rows.
    init_scales : list or "auto", default="auto"
        The scales of the start to choose from, together with the penalties; each as
        ``init_scale`` of `ShallowNetClassifier`: a float, a pair of floats or
        ``"auto"``.
    cv : int, splitter or iterable, default=5
        The folds. Each gives one net to the average. A number stands for
        ``StratifiedKFold(cv, shuffle=True, random_state=random_state)`` on the rows
        that have a weight; the others are left out in turn. If a class has fewer rows
        than that, there are fewer folds, and a class of one row is trained on in all
        folds, with a warning. Or a splitter of scikit-learn, or an iterable of pairs of
        training and test rows, of which no row may be both.
    scoring : str, callable or None, default="neg_log_loss"
        The score to choose by, higher is better: a name of a scorer of scikit-learn, a
        callable ``scoring(estimator, X, y)``, or None for the accuracy. The default
        gives rows the weights that they have in training. A fold on which all scores
        are nan does not count.
    n_jobs : int, default=None
        Number of parallel jobs, as in ``GridSearchCV``. It does not change the result.
    activation, init : as in `ShallowNetClassifier`
        For each of the nets, with the same defaults. This is true of all parameters
        below of which nothing else is said.
    n_init : int, default=1
        Random starts of each net.
    combine : {"best", "average"}, default="best"
        What becomes of the starts of each net. The nets of the folds are averaged
        whatever it is.
    solver, learning_rate, learning_rate_init : as in `ShallowNetClassifier`
    momentum, nesterovs_momentum, batch_size : as in `ShallowNetClassifier`
    max_iter : int or "auto", default="auto"
        The largest number of iterations. ``"auto"`` is 45 with a cosine and 500
        without, and more where these would make fewer than 470 updates: nets that are
        averaged need less training.
    tol, n_iter_no_change, shuffle : as in `ShallowNetClassifier`
    early_stopping : bool, default=False
        Whether validation data, which are split off the training rows of each fold,
        decide which weights to keep.
    validation_fraction, class_weight : as in `ShallowNetClassifier`
    random_state : int, RandomState instance or None, default=None
        Shuffles the rows before they are cut into folds, and is the seed of all nets.
        The net of a fold and a penalty is what ``ShallowNetClassifier`` would be after
        `fit` on the same rows, with the same parameters, this ``alpha`` and, if none
        stops early, ``max_iter=n_iter_``.
    verbose : bool or int, default=False
        Whether to print a line for each fold, with its scores and the time.

    Attributes
    ----------
    alpha_ : float
        The penalty that was chosen.
    init_scale_ : float, pair of floats or "auto"
        The scale of the start that was chosen.
    alphas_ : ndarray of shape (n_alphas,)
        The penalties that it was chosen from, as numbers.
    init_scales_ : list
        The scales that it was chosen from; ``["auto"]`` if there was no choice.
    scores_ : ndarray of shape (n_folds, n_alphas) or (n_folds, n_scales, n_alphas)
        Scores of all nets on the rows that they have not seen; nan where a net
        diverged. It has three dimensions if ``init_scales`` is a list.
    temperature_ : float
        The number by which the logits of the averaged net are divided. It is above 1 if
        the nets were too sure of their predictions.
    oof_decision_function_ : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Logits of every training row, in the order of ``y``, by the net of the chosen
        penalty that has not seen it ("out of fold"; the mean if there are several),
        divided by the temperature as those of `decision_function` are. A row that no
        fold has left out is nan. They serve to estimate any score, to draw a
        calibration curve or to choose a threshold without another fit.
    classes_, n_features_in_, feature_names_in_, n_layers_, n_outputs_, out_activation_
        As in `ShallowNetClassifier`.
    coefs_, intercepts_, init_coefs_, init_intercepts_
        As in `ShallowNetClassifier`, of the averaged net: the units of all folds stand
        side by side.
    loss_, loss_curve_, best_loss_
        Means over the nets that were averaged.
    validation_scores_, validation_loss_curve_, best_validation_score_
        Likewise.
    init_losses_ : ndarray of shape (n_folds,)
        Final losses of these nets.
    n_iter_ : int
        Iterations of the net that took longest.
    status_ : str
        How the training of these nets ended; if they differ, that of the net that ended
        worst.

    See Also
    --------
    ShallowNetClassifier : A single net, whose penalty is given.
    sklearn.linear_model.LogisticRegressionCV : The same for a linear model.

    Notes
    -----
    `score` is the accuracy, whatever ``scoring`` is. Scores of
    ``oof_decision_function_`` are a little too good, because the penalty and the
    temperature were chosen by it, and a little too bad, because they are those of the
    nets of single folds, and the average is better. Where rows belong to groups or
    have an order in time, give ``cv`` a splitter that knows of it: else they are far
    too good.

    If a net diverges, its penalty is left out of the choice, with a warning. `fit`
    warns of what is plainly wrong with the averaged net, in the categories of
    ``skshallow.exceptions``. An interruption leaves the estimator as it was.

    With metadata routing enabled, ``groups`` go to the splitter and ``sample_weight``
    to a scorer that requests it. Without it, ``groups`` may be given to `fit`, and
    ``sample_weight`` goes to every scorer of scikit-learn. Callbacks are called for
    every fold, and cannot stop the fit.

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

    _parameter_constraints = OF_A_CHOICE

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
        """Choose the penalty, and train and average a net for every fold.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data. float32 is kept, everything else becomes float64.
        y : array-like of shape (n_samples,)
            Class labels, at least two kinds.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, not negative and not all zero.
        **params : dict
            ``groups`` of the samples, for the splitter; with metadata routing, what
            splitter and scorer request.

        Returns
        -------
        self : ShallowNetClassifierCV

        Raises
        ------
        ValueError, TypeError
            For data or parameters that are unfit, and if training diverges. The
            estimator is then as it was before the call.
        """
        check_alphas(self.alphas)
        check_scales(self.init_scales)
        watch = Watch.over(self, X, y, sample_weight, False, lambda: None)
        with unchanged_on_error(self):
            split_params, score_params = routed_params(self, sample_weight, params)
            samples, classes = training_samples(self, X, y, sample_weight, reset=True)
            weighed = weigh_classes(samples, classes, self.class_weight)
            seed = seed_of(self.random_state)
            splits = splits_of(self.cv, X, y, weighed, classes, split_params, seed)
            values = Values.of(self, weighed)
            settings = values.settings(self, splits, seed)
            nets = [ShallowNetClassifier(**setting) for setting in settings]
            score = score_of(self, X, y, weighed, score_params)
            data = FitData(samples, None, classes)
            folds = self._train_folds(nets, data, splits, score, watch)
            choice = choose(nets, weighed, classes, splits, folds)
            self._set_chosen(choice, values)
            (fit_warnings,) = warnings_of([self], [choice.average], weighed)
            warn([*warnings_of_choice(self, choice), *fit_warnings], stacklevel=3)
            if watch is not None:
                watch.close()
        return self

    def _train_folds(self, nets, data, splits, score, watch):
        """All folds, of each of which is told when it has ended."""
        lines = Silent()
        if self.verbose:
            lines = FoldLines(nets, names_of(nets), len(splits))
        folds = []
        for fold in train_folds(nets, data, splits, score, self.n_jobs, lines.step):
            folds.append(fold)
            lines.end_fold(fold.scores)
            if watch is not None:
                watch.tell("fold")
        return folds

    def _set_chosen(self, choice, values):
        """Set the attributes of a fit."""
        self._store(choice.average)
        self.init_losses_ = np.array([r.outcomes[0].loss for r in choice.results])
        self.alphas_, self.init_scales_ = np.array(values.alphas), values.init_scales
        # What is told of parameters that may be set anew.
        self._init_name, self._scoring = init_name(self.init), named(self.scoring)
        self.init_scale_, self.alpha_ = values.pairs()[choice.value]
        self.temperature_, self.scores_ = choice.temperature, choice.scores
        if not isinstance(self.init_scales, str):
            shape = len(choice.scores), len(self.init_scales_), -1
            self.scores_ = choice.scores.reshape(shape)
        logits = choice.logits
        self.oof_decision_function_ = logits[:, 0] if self.n_outputs_ == 1 else logits

    def get_metadata_routing(self):
        """Which metadata `fit` passes on, and to whom.

        Returns
        -------
        routing : MetadataRouter
        """
        return routing_of(self)
