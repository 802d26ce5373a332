"""Figures of starts and of trained nets, in the manner of scikit-learn's displays.

Each display holds arrays, which a class method makes from fitted estimators or from
searches. ``plot`` draws them on given axes or on new ones, sets ``ax_``, ``figure_``
and the drawn artists as attributes with a trailing underscore, and returns the display.
Only ``plot`` imports matplotlib. Curves differ in line style and marker as well as in
colour, and colour maps in lightness, so that the figures can be printed in black and
white. All measures come from ``diagnostics``. To add a display, write a class here,
the allowed values of its options in ``drawing.OPTIONS``, and its name in `docs/api`.
"""

from dataclasses import KW_ONLY, dataclass

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

import skshallow._plot.drawing as drawing
import skshallow._search.results as results
from skshallow import diagnostics
from skshallow._advice.take_measurements import weights_at
from skshallow._core.activations import ACTIVATIONS
from skshallow._fit.labels import CHECKING, labels_of_rows
from skshallow._fit.pipelines import steps_and_net
from skshallow._fit.samples import float_types
from skshallow._fit.starts import init_name
from skshallow._plot.sweep import draw_sweep

FACES = ("0.7", "white", "0.4")
THIN = {"linewidth": 0.8, "markerfacecolor": "white"}
SHADE = "0.88"
MOST_NAMES, MOST_UNITS = 30, 20  # labels that fit beside each other
MOST_LETTERS = 40  # of the name of a column or a class
# Dark for small values, light for large ones, without red and green.
COLOUR_MAP = "cividis"


@dataclass(eq=False, repr=False)
class InitSweepDisplay:
    """Scores by start, or by the penalty of a `ShallowNetClassifierCV`.

    The scores of a search are drawn over ``init_scale``, with a line for every
    ``init``. A scale of 0, and ``init="zeros"``, have no place on a logarithmic axis:
    they are drawn to the left of it, and pairs of scales to its right. If the search
    varied only ``init``, the axis shows the inits.

    Other parameters that the search varied, such as seeds, ``alpha`` or the learning
    rate, have no axis. Candidates with the same start are one point. The point shows
    the mean and the standard deviation of all their scores, or of the scores of the
    best of them. The label of the score axis says how many scores a point stands for.

    The scores of a `ShallowNetClassifierCV` are drawn over ``alpha``. If it chose among
    several starts as well, the axis shows starts or penalties, whichever are more, and
    there is a line for each of the others. A ring marks the chosen point.

    Parameters
    ----------
    points : list of SweepPoint
        The points, as `from_cv_results` and `from_estimator` make them.
    score_name : str, default="Score"
        Name of the score, for the label of the score axis.
    scores_of : str, default=None
        What the mean and the standard deviation of a point are taken over, such as
        "3 candidates × 5 splits", for the same label. None leaves it out.
    chosen : int, default=None
        Index of the chosen point, which is marked by a ring. None marks no point.
    baselines : dict of str -> float, default=None
        Scores to draw as horizontal lines, by name.
    budget : int, default=None
        Maximum number of iterations, if the scores are numbers of iterations. Then
        medians are drawn on a logarithmic axis, with the range as their band. Numbers
        above ``budget``, such as inf, are drawn in a grey band at the top.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
    lines_ : list of Line2D
        Mean scores.
    bands_ : list of PolyCollection
        One standard deviation to either side, or the range.
    off_axis_ : list of ErrorbarContainer
        Mean and band of points that have no place on the axis.
    failures_ : list of Line2D
        Crosses at the bottom, for points whose mean is nan because a score is nan.
    ring_ : Line2D or None
        The ring around the chosen point.
    baselines_ : list of Line2D
        The horizontal lines.

    Examples
    --------
    >>> import warnings
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.displays import InitSweepDisplay
    >>> from skshallow.exceptions import SymmetryWarning
    >>> net = ShallowNetClassifier(4, solver="gd", tol=None, max_iter=20)
    >>> grid = {"init_scale": [0, 0.01, 0.1, 1], "random_state": [0, 1]}
    >>> search = GridSearchCV(net, grid, cv=2)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", SymmetryWarning)  # from the scale 0
    ...     search = search.fit(*make_flower(random_state=1))
    >>> display = InitSweepDisplay.from_search(search)
    >>> display.ax_.get_xlabel()
    'init_scale'
    """

    points: list
    _: KW_ONLY
    score_name: str = "Score"
    scores_of: str = None
    chosen: int = None
    baselines: dict = None
    budget: int = None

    @classmethod
    def from_estimator(cls, estimator, *, score_name=None, **plot_kw):
        """Draw the values among which a fitted `ShallowNetClassifierCV` chose.

        Parameters
        ----------
        estimator : ShallowNetClassifierCV or Pipeline that ends in one
            A fitted search over such an estimator is possible, too: its
            ``best_estimator_`` is drawn.
        score_name : str, default=None
            Name of the score, for the label of the score axis. None derives it from
            ``scoring``.
        **plot_kw : dict
            Passed to `plot`: ``ax`` and more.

        Returns
        -------
        display : InitSweepDisplay

        Raises
        ------
        TypeError
            If the estimator does not end in a ``ShallowNetClassifierCV``.
        """
        network, _ = _network_and_rows(estimator)
        points, chosen = results.read_choice(network)
        if score_name is None:
            score_name = results.score_label(network._scoring)
        text = {"score_name": score_name, "scores_of": f"{len(points[0].scores)} folds"}
        return cls(points, chosen=chosen, **text).plot(**plot_kw)

    @classmethod
    @drawing.with_checked_options
    def from_search(
        cls, search, *, score=None, others="pool", score_name=None, **plot_kw
    ):
        """Draw the scores of a fitted search.

        Parameters
        ----------
        search : fitted search
            A grid, randomised or halving search of scikit-learn or of this package,
            over a ``ShallowNetClassifier`` or a Pipeline that ends in one. Candidates
            that end in another classifier are left out. For a halving search, the
            scores of a start are those of the last round that it has reached. Starts
            that were eliminated were trained with less of the resource than the winner.
        score : str, default=None
            The metric, if the search has several. None stands for the one that
            ``refit`` names.
        others : {"pool", "best"}, default="pool"
            What to do with candidates that have the same start. "pool" pools their
            scores, which suits seeds. "best" keeps the candidate with the best mean,
            which suits learning rates. The label of the score axis says which of the
            two was done, and with how many candidates.
        score_name : str, default=None
            Name of the score, for the label of the score axis. None derives it from the
            search.
        **plot_kw : dict
            Passed to `plot`: ``ax`` and more.

        Returns
        -------
        display : InitSweepDisplay

        Raises
        ------
        NotFittedError
            If the search is not fitted.
        ValueError
            If the search varied neither ``init`` nor ``init_scale``, if it does not
            have the score, or if no candidate ends in a net whose start is known.
        """
        message = "this %(name)s has no cv_results_: pass a fitted search."
        check_is_fitted(search, "cv_results_", msg=message)
        is_multimetric = getattr(search, "multimetric_", False)
        if score is None:
            is_named = is_multimetric and isinstance(search.refit, str)
            score = search.refit if is_named else "score"
        if score_name is None:
            scoring = score if is_multimetric else search.scoring
            score_name = drawing.escaped(results.score_label(scoring))
        starts, cv_results = results.starts_of_search(search), search.cv_results_
        points, scores_of = results.read_sweep(cv_results, score, starts, others)
        return cls(points, score_name=score_name, scores_of=scores_of).plot(**plot_kw)

    @classmethod
    @drawing.with_checked_options
    def from_cv_results(
        cls,
        cv_results,
        *,
        score="score",
        init="randn",
        init_scale="auto",
        others="pool",
        score_name="Score",
        **plot_kw,
    ):
        """Draw the scores in ``cv_results_``.

        Parameters
        ----------
        cv_results : dict
            ``cv_results_`` of a search; see `from_search`.
        score : str, default="score"
            The metric.
        init, init_scale : object, default="randn", "auto"
            The values of the estimator, for candidates that set only one of the two.
            Candidates that set neither are left out. If they set those of several
            steps, the points are those of the first.
        others : {"pool", "best"}, default="pool"
            As in `from_search`.
        score_name : str, default="Score"
            Name of the score, for the label of the score axis.
        **plot_kw : dict
            Passed to `plot`: ``ax`` and more.

        Returns
        -------
        display : InitSweepDisplay

        Raises
        ------
        TypeError
            If ``cv_results`` is something else.
        ValueError
            If the search varied neither ``init`` nor ``init_scale``, or if it does not
            have the score.
        """
        if not hasattr(cv_results, "keys") or "params" not in cv_results:
            raise TypeError(
                "cv_results must be the cv_results_ of a fitted search, got "
                f"{type(cv_results).__name__}: from_search takes the search itself."
            )
        starts = results.starts_in(cv_results["params"], init, init_scale)
        points, scores_of = results.read_sweep(cv_results, score, starts, others)
        return cls(points, score_name=score_name, scores_of=scores_of).plot(**plot_kw)

    @drawing.with_checked_options
    def plot(self, ax=None, *, negate_score="auto", legend=True):
        """Draw the sweep.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes new ones.
        negate_score : bool or "auto", default="auto"
            Whether to draw the scores with the opposite sign. "auto" does so if
            ``score_name`` begins with "Negative": the scores of ``neg_log_loss`` are
            drawn as "Log-loss", of which lower values are better.
        legend : bool, default=True
            Whether to add a legend, with the names of the lines and of the ring.

        Returns
        -------
        self : InitSweepDisplay
        """
        ax = drawing.new_axes(self, ax)
        if negate_score == "auto":
            negate_score = self.score_name.startswith("Negative ")
        in_lines = draw_sweep(self, -1 if negate_score else 1)
        if legend and (in_lines or self.ring_ or self.baselines_):
            drawing.add_legend(ax, in_lines)
        return self


@dataclass(eq=False, repr=False)
class LossCurveDisplay:
    """Loss curves of one or several networks, on training and on validation data.

    The two kinds of curves are different measures. ``loss_curve_`` is the objective of
    training: the weighted mean cross-entropy plus the penalty of ``alpha``. In training
    by mini-batches it is the mean over an epoch, during which the weights change.
    ``validation_loss_curve_`` is the cross-entropy without penalty and without
    ``class_weight``. A gap between the two can therefore have other reasons than
    overfitting. The labels and the legend say which curves contain a penalty.

    Parameters
    ----------
    curves : dict of str -> ndarray
        ``loss_curve_`` of each network, by name.
    validation_curves : dict of str -> ndarray, default=None
        ``validation_loss_curve_`` by name, for the networks that have one.
    penalised : bool, default=False
        Whether ``curves`` contain a penalty, for the labels.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
    lines_ : list of Line2D
        Curves on training data.
    validation_lines_ : list of Line2D
        Curves on validation data, thinner and with open markers.

    Examples
    --------
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.displays import LossCurveDisplay
    >>> X, y = make_flower(random_state=1)
    >>> nets = {
    ...     scale: ShallowNetClassifier(init_scale=scale, random_state=0)
    ...     for scale in (0.01, 1)
    ... }
    >>> nets = {scale: net.fit(X, y) for scale, net in nets.items()}
    >>> display = LossCurveDisplay.from_estimator(nets)
    >>> len(display.lines_)
    2
    """

    curves: dict
    _: KW_ONLY
    validation_curves: dict = None
    penalised: bool = False

    @classmethod
    def from_estimator(cls, estimator, **plot_kw):
        """Draw the curves of fitted estimators.

        Parameters
        ----------
        estimator : estimator, or list or dict of estimators
            Each is a ``ShallowNetClassifier``, a ``ShallowNetClassifierCV`` or a
            pipeline that ends in one. The keys of a dict are the names of the curves.
            Without a dict, a curve is named by init and scale.
        **plot_kw : dict
            Passed to `plot`: ``ax`` and more.

        Returns
        -------
        display : LossCurveDisplay
        """
        if isinstance(estimator, dict):
            networks = {str(k): _network_and_rows(e)[0] for k, e in estimator.items()}
        else:
            several = estimator if isinstance(estimator, list | tuple) else [estimator]
            networks = _named([_network_and_rows(e)[0] for e in several])
        curves = {name: np.array(net.loss_curve_) for name, net in networks.items()}
        validation = {
            name: np.array(net.validation_loss_curve_)
            for name, net in networks.items()
            if len(net.validation_loss_curve_)
        }
        penalised = any(net._used["alpha"] != 0 for net in networks.values())
        display = cls(curves, validation_curves=validation, penalised=penalised)
        return display.plot(**plot_kw)

    @classmethod
    def from_search(cls, search, **plot_kw):
        """Draw the curves that a search has kept.

        There is a curve for every set of parameters apart from the seed
        (``random_state``): the mean over folds and seeds. For a net that ended earlier
        than others, its last loss counts for the later iterations. Failed fits are left
        out.

        Parameters
        ----------
        search : LockstepGridSearchCV or LockstepRandomizedSearchCV
            A search that was fitted with ``return_curves=True``.
        **plot_kw : dict
            Passed to `plot`: ``ax`` and more.

        Returns
        -------
        display : LossCurveDisplay

        Raises
        ------
        ValueError
            If the search has kept no curves.
        """
        loss, validation = results.read_curves(search)
        display = cls(loss, validation_curves=validation, penalised=True)
        return display.plot(**plot_kw)

    def plot(self, ax=None, *, title=None, log_iterations=False, log_loss=True):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes new ones.
        title : str, default=None
            Heading of the legend, such as the name of the parameter that differs.
        log_iterations, log_loss : bool, default=False, True
            Whether the axes are logarithmic.

        Returns
        -------
        self : LossCurveDisplay
        """
        if not self.curves:
            raise ValueError("there are no curves: give at least one fitted net.")
        ax = drawing.new_axes(self, ax)
        self.lines_, self.validation_lines_ = [], []
        penalty = " + penalty" if self.penalised else ""
        validation = self.validation_curves or {}
        training = f", training{penalty}" if validation else ""
        _, names_before = ax.get_legend_handles_labels()  # of curves on the same axes
        for k, (name, curve) in enumerate(self.curves.items(), len(names_before)):
            shown = drawing.escaped(name)
            label = f"{shown}{training}"
            self.lines_ += drawing.plot_curve(ax, k, curve, label=label)
            if name in validation:
                look = {"label": f"{shown}, validation", **THIN}
                lines = drawing.plot_curve(ax, k, validation[name], **look)
                self.validation_lines_ += lines
        in_axis = "" if validation else penalty
        ax.set(xlabel="Iteration", ylabel=f"Loss{in_axis} (nats)")
        if len(ax.get_legend_handles_labels()[1]) > 1 or title:
            drawing.add_legend(ax, title)
        if log_iterations:
            drawing.make_logarithmic(ax, "x")
        if log_loss:
            drawing.make_logarithmic(ax, "y")
        return self


def _named(networks):
    """Networks by name: init, scale and, if these are the same, a number."""
    named = {}
    for k, network in enumerate(networks, 1):
        is_chosen = hasattr(network, "init_scale_")
        scale = network.init_scale_ if is_chosen else network.init_scale
        name = f"{init_name(network.init)}, {scale}"
        named[f"{name} ({k})" if name in named else name] = network
    return named


@dataclass(eq=False, repr=False)
class HiddenUnitsDisplay:
    """Hidden units as half-planes over the data, or their weights as a heat map.

    With two features, each unit is drawn as the line on which its pre-activation is 0.
    The larger the output weights of the unit, the thicker is its line. Ticks point to
    the side on which the pre-activation is positive. With another number of features,
    the rows of the heat map are the units, and the columns their weights.

    Parameters
    ----------
    coefs, intercepts : lists of two ndarrays
        In the layout of ``coefs_`` and ``intercepts_``.
    X : {ndarray, sparse matrix} of shape (n_samples, n_features), default=None
        Samples, as the network takes them; needed for half-planes.
    y : array-like of shape (n_samples,), default=None
        Classes of the samples.
    feature_names : sequence of str, default=None
        Names of the features. None numbers them.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
    lines_ : list of Line2D
        The lines of the half-planes, with their ticks.
    points_ : list of PathCollection
        Samples; one collection for each class.
    im_, colorbar_ : AxesImage and Colorbar
        The heat map.

    Examples
    --------
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.displays import HiddenUnitsDisplay
    >>> X, y = make_flower(random_state=1)
    >>> net = ShallowNetClassifier(10, random_state=0).fit(X, y)
    >>> display = HiddenUnitsDisplay.from_estimator(net, X, y)
    >>> len(display.lines_)
    10
    """

    coefs: list
    intercepts: list
    _: KW_ONLY
    X: np.ndarray = None
    y: np.ndarray = None
    feature_names: list = None

    def __post_init__(self):
        if self.y is not None:
            if self.X is None:
                raise ValueError("y was given without X: give the samples of y.")
            self.y = labels_of_rows(self.y, self.X.shape[0])
        names, d = self.feature_names, len(self.coefs[0])
        if names is not None and len(names) != d:
            raise ValueError(f"feature_names must be {d} names, got {len(names)}.")

    @classmethod
    @drawing.with_checked_options
    def from_estimator(cls, estimator, X=None, y=None, *, at="end", **plot_kw):
        """Draw the hidden units of a fitted estimator.

        Parameters
        ----------
        estimator : ShallowNetClassifier, ShallowNetClassifierCV or a Pipeline of one
            The estimator. The features of a pipeline have the names that its
            ``get_feature_names_out`` gives.
        X : {array-like, sparse matrix} of shape (n_samples, n_features), default=None
            Samples, as the estimator takes them. If the network itself has two
            features, half-planes and samples are drawn.
        y : array-like of shape (n_samples,), default=None
            Labels of the samples, which may be others than those of `fit`.
        at : {"end", "start"}, default="end"
            Whether to draw the trained units or the units at the start.
        **plot_kw : dict
            Passed to `plot`: ``ax`` and more.

        Returns
        -------
        display : HiddenUnitsDisplay
        """
        network, X = _network_and_rows(estimator, X)
        names = drawing.feature_names(*steps_and_net(estimator))
        display = cls(*weights_at(network, at), X=X, y=y, feature_names=names)
        return display.plot(**plot_kw)

    def plot(self, ax=None, *, cmap=COLOUR_MAP):
        """Draw the units.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes new ones.
        cmap : str or Colormap, default="cividis"
            Colour map of the heat map.

        Returns
        -------
        self : HiddenUnitsDisplay
        """
        ax = drawing.new_axes(self, ax)
        d = len(self.coefs[0])
        names = self.feature_names
        if names is None:
            names = [f"Feature {j}" for j in range(1, d + 1)]
        names = [drawing.escaped(name, MOST_LETTERS) for name in names]
        if self.X is not None and d == 2:
            X = self.X.toarray() if issparse(self.X) else self.X
            X = np.asarray(X, dtype=np.float64)
            self._draw_samples(ax, X)
            self.lines_ = drawing.draw_half_planes(ax, self.coefs, self.intercepts, X)
            ax.set(xlabel=names[0], ylabel=names[1])
        else:
            self._draw_weights(ax, cmap, names)
        return self

    def _draw_samples(self, ax, X):
        y = np.zeros(len(X)) if self.y is None else self.y
        look = {"s": 14, "edgecolors": "0.25", "linewidths": 0.7}
        self.points_ = []
        for j, label in enumerate(np.unique(y)):
            look["marker"] = drawing.MARKERS[j % len(drawing.MARKERS)]
            look["facecolors"] = FACES[j % len(FACES)]
            look["label"] = drawing.escaped(label, MOST_LETTERS)
            self.points_.append(ax.scatter(*X[y == label].T, **look))
        if self.y is not None:
            drawing.add_legend(ax, "class")

    def _draw_weights(self, ax, cmap, names):
        (d, h), c = self.coefs[0].shape, self.coefs[1].shape[1]
        U = diagnostics.unit_vectors(self.coefs, self.intercepts)  # (h, d + 1 + c)
        # Columns of nan separate input weights, bias and output weights. The colours
        # cover the range of the input weights; of larger weights they show the sign.
        largest = max(np.abs(U[:, :d]).max(), np.finfo(U.dtype).tiny)
        U = np.insert(U, [d, d + 1], np.nan, axis=1)
        extent = (-0.5, U.shape[1] - 0.5, h + 0.5, 0.5)  # units are counted from 1
        scale = {"cmap": cmap, "vmin": -largest, "vmax": largest, "extent": extent}
        self.im_ = ax.imshow(U, aspect="auto", interpolation="none", **scale)
        bar = {"label": "Weight", "extend": "both"}
        self.colorbar_ = ax.figure.colorbar(self.im_, ax=ax, **bar)
        ax.set(ylabel="Hidden unit", xlabel="Weights in, bias, weights out")
        ax.yaxis.get_major_locator().set_params(integer=True)
        places = [*range(d), d + 1, d + 2.5 + c / 2]
        if d > MOST_NAMES:  # they would overlap
            ax.set_xticks([d / 2, places[-1]], [f"{d} features", "bias, output"])
        else:
            names = [*names, "bias", "output"]
            ax.set_xticks(places, names, rotation=90, size="small")


@dataclass(eq=False, repr=False)
class SymmetryDisplay:
    """The similarity of all pairs of hidden units, as a matrix.

    Units are ordered so that similar units are next to each other. Identical units are
    a block of ones. Nets from small starts end with blocks of values near one, which is
    no problem.

    Parameters
    ----------
    similarity : ndarray of shape (n_hidden, n_hidden)
        See `skshallow.diagnostics.unit_similarity`.
    n_distinct : int
        Number of units, where units that are equal to the last bit count once.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
    im_, colorbar_ : AxesImage and Colorbar
    order_ : ndarray of int of shape (n_hidden,)
        Indices of the units from top to bottom.

    Examples
    --------
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.displays import SymmetryDisplay
    >>> net = ShallowNetClassifier(16, random_state=0).fit(*make_flower(random_state=1))
    >>> display = SymmetryDisplay.from_estimator(net)
    >>> display.ax_.get_title()
    '16 hidden units, 16 distinct'
    """

    similarity: np.ndarray
    _: KW_ONLY
    n_distinct: int

    @classmethod
    @drawing.with_checked_options
    def from_estimator(cls, estimator, *, at="end", **plot_kw):
        """Draw the similarity of the units of a fitted estimator.

        Parameters
        ----------
        estimator : ShallowNetClassifier, ShallowNetClassifierCV or a Pipeline of one
        at : {"end", "start"}, default="end"
            Whether to compare the trained units or the units at the start.
        **plot_kw : dict
            Passed to `plot`: ``ax`` and more.

        Returns
        -------
        display : SymmetryDisplay
        """
        network, _ = _network_and_rows(estimator)
        net = *weights_at(network, at), network._activation
        similarity = diagnostics.unit_similarity(*net)
        n_distinct = int(diagnostics.n_distinct_units(*net))
        return cls(similarity, n_distinct=n_distinct).plot(**plot_kw)

    @drawing.with_checked_options
    def plot(self, ax=None, *, cmap=COLOUR_MAP, colorbar=True, order="similarity"):
        """Draw the matrix.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes new ones.
        cmap : str or Colormap, default="cividis"
        colorbar : bool, default=True
            Whether to add a colour bar.
        order : {"similarity", "unit"}, default="similarity"
            Whether to order the units by similarity or by index.

        Returns
        -------
        self : SymmetryDisplay
        """
        ax = drawing.new_axes(self, ax)
        S, h = self.similarity, len(self.similarity)
        self.order_ = np.arange(h) if order == "unit" else drawing.chain(S)
        lowest = -1 if (S < 0).any() else 0
        S = S[np.ix_(self.order_, self.order_)]
        self.im_ = ax.imshow(S, cmap=cmap, vmin=lowest, vmax=1, interpolation="none")
        self.colorbar_ = None
        if colorbar:
            self.colorbar_ = ax.figure.colorbar(self.im_, ax=ax, label="Similarity")
        title = f"{h} hidden units, {self.n_distinct} distinct"
        ax.set(title=title, xlabel="Hidden unit", ylabel="Hidden unit")
        shown = range(h if h <= MOST_UNITS else 0)
        numbers = self.order_[: len(shown)] + 1
        ax.set_xticks(shown, numbers, size="small")
        ax.set_yticks(shown, numbers, size="small")
        return self


@dataclass(eq=False, repr=False)
class SaturationDisplay:
    """The distribution of the pre-activations over the curve of the activation.

    Bars show the distribution of the pre-activations of all units and samples, relative
    to the highest bar. The outermost bars contain all values beyond the axis. The line
    is the output of the activation, scaled to the height of the axes. Its flat parts
    are shaded.

    Parameters
    ----------
    pre_activations : ndarray of shape (n_samples, n_hidden)
    activation : str
        Name of the activation.
    threshold : float, default=0.01
        A part is flat if its slope is less than this share of the largest slope (see
        `skshallow.diagnostics.saturation`).

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
    bars_ : StepPatch
        The distribution.
    curve_ : Line2D
        The activation.
    flat_ : PolyCollection
        The shaded flat parts.
    text_ : Annotation
        The share of pairs of a unit and a sample on flat parts.

    Examples
    --------
    >>> from skshallow import ShallowNetClassifier
    >>> from skshallow.datasets import make_flower
    >>> from skshallow.displays import SaturationDisplay
    >>> X, y = make_flower(random_state=1)
    >>> net = ShallowNetClassifier(16, random_state=0).fit(X, y)
    >>> display = SaturationDisplay.from_estimator(net, X)
    >>> display.ax_.get_xlabel()
    'Pre-activation'
    """

    pre_activations: np.ndarray
    activation: str
    _: KW_ONLY
    threshold: float = 0.01

    def __post_init__(self):
        drawing.check_options(self)

    @classmethod
    @drawing.with_checked_options
    def from_estimator(cls, estimator, X, *, at="end", threshold=0.01, **plot_kw):
        """Draw the pre-activations of a fitted estimator.

        Parameters
        ----------
        estimator : ShallowNetClassifier, ShallowNetClassifierCV or a Pipeline of one
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as the estimator takes them.
        at : {"end", "start"}, default="end"
            Whether to draw the trained units or the units at the start.
        threshold : float, default=0.01
            A part is flat if its slope is less than this share of the largest slope.
        **plot_kw : dict
            Passed to `plot`: ``ax`` and more.

        Returns
        -------
        display : SaturationDisplay
        """
        if X is None:
            raise ValueError("X is None: give the samples to be drawn.")
        network, X = _network_and_rows(estimator, X)
        Z = diagnostics.pre_activations(*weights_at(network, at), X)
        display = cls(Z, network._activation, threshold=threshold)
        return display.plot(**plot_kw)

    @drawing.with_checked_options
    def plot(self, ax=None, *, edge="auto", n_bins=41):
        """Draw the bars, the curve and the shaded parts.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes new ones.
        edge : float or "auto", default="auto"
            Half the width of the axis. "auto" makes it as wide as 99% of the
            pre-activations need, but between 5 and 20, so that the curves of tanh and
            logistic can be recognised.
        n_bins : int, default=41
            Number of bars.

        Returns
        -------
        self : SaturationDisplay
        """
        ax = drawing.new_axes(self, ax)
        Z = self.pre_activations.astype(np.float64).ravel()
        if edge == "auto":
            edge = np.ceil(np.clip(np.quantile(np.abs(Z), 0.99), 5, 20))
        counts, bins = np.histogram(np.clip(Z, -edge, edge), n_bins, (-edge, edge))
        heights = counts / max(counts.max(), 1)
        self.bars_ = ax.stairs(heights, bins, fill=True, color="#56B4E9", label="units")
        z = np.linspace(-edge, edge, 1001)
        output = z.copy()
        ACTIVATIONS[self.activation].apply(output)
        height = (output - output.min()) / np.ptp(output)
        (self.curve_,) = ax.plot(z, height, color="black", linewidth=1.5)
        is_flat = diagnostics.relative_slope(self.activation, z) < self.threshold
        self.flat_ = ax.fill_between(z, 0, 1.25, where=is_flat, color=SHADE, zorder=0)
        share = np.mean(diagnostics.relative_slope(self.activation, Z) < self.threshold)
        at_top = {"xycoords": "axes fraction", "ha": "center", "va": "top"}
        self.text_ = ax.annotate(f"{share:.0%} on flat parts", (0.5, 0.97), **at_top)
        ax.set(xlim=(-edge, edge), ylim=(0, 1.25), yticks=[], xlabel="Pre-activation")
        ax.set_ylabel(f"Distribution (bars), {self.activation} (line)")
        return self


@np.errstate(**CHECKING)
def _network_and_rows(estimator, X=None):
    """The network that a fitted estimator ends in, and the rows that it is given."""
    network, X = diagnostics.network_and_rows(estimator, X)
    check_is_fitted(network)
    if X is not None:
        network.decision_function(X)  # checks the rows as a prediction does
        X = check_array(X, accept_sparse="csr", dtype=float_types(X))
    return network, X
