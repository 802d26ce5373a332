"""Searches by successive halving that train all candidates of a round at once.

This is a separate module because its import has an effect: scikit-learn's halving
searches are experimental, and the import makes them public for the whole process. So
the package imports it only when one of its names is used.
"""

from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV, HalvingRandomSearchCV

from skshallow.model_selection import _Lockstep


class LockstepHalvingGridSearchCV(_Lockstep, HalvingGridSearchCV):
    """``HalvingGridSearchCV`` that trains all candidates of a round at once.

    Candidates are eliminated in rounds. In each round the remaining candidates are
    trained with more of the resource than before, and the best ``1 / factor`` of them
    remain. The results are those of scikit-learn's ``HalvingGridSearchCV`` to the last
    bit, apart from timings, if its own ``random_state`` and that of the estimator are
    fixed. scikit-learn's class is experimental and may change without notice, and so
    may this one. Importing it also makes scikit-learn's halving searches public, as
    ``enable_halving_search_cv`` does.

    Parameters
    ----------
    estimator : estimator
        As in `LockstepGridSearchCV`.
    param_grid : dict or list of dicts
        Values to try for each parameter, by parameter name.
    factor : int or float, default=3
        One of ``factor`` candidates remains after a round, and each round has
        ``factor`` times the resource of the round before.
    resource : str, default="n_samples"
        What grows from round to round: "n_samples", or a parameter such as "max_iter"
        (in a pipeline "shallownetclassifier__max_iter"). A parameter needs
        ``max_resources``.
    max_resources : int or "auto", default="auto"
        Maximum amount of the resource for a candidate. "auto" stands for all samples.
    min_resources : int, "exhaust" or "smallest", default="exhaust"
        Amount of the resource for a candidate in the first round. "exhaust" stands for
        the amount with which the last round uses ``max_resources``.
    aggressive_elimination : bool, default=False
        Whether the first round is repeated until so few candidates remain that the
        later rounds need no more than ``max_resources``.
    cv : int, splitter or iterable, default=5
        How the data are split. The splits must be the same whenever they are made.
    scoring : str, callable or None, default=None
        How predictions are scored, with a single score. None stands for the estimator's
        ``score``.
    refit : bool or callable, default=True
        Whether the best candidate of the last round is fitted on all the data.
    error_score : "raise" or number, default=np.nan
        Score of a candidate whose fit fails, for example because it diverged.
    return_train_score : bool, default=True
        Whether ``cv_results_`` has scores on the training rows.
    random_state : int, RandomState instance or None, default=None
        Seed of the samples that are taken if the resource is "n_samples".
    n_jobs : int, default=None
        Number of jobs that run in parallel. A job trains a group of candidates, or
        scores one candidate.
    verbose : int, default=0
        If not 0, the search prints lines about every round, cohort and split.

    Attributes
    ----------
    n_resources_, n_candidates_ : list of int
        Amount of the resource and number of candidates in every round.
    n_iterations_, n_required_iterations_, n_possible_iterations_, \
    n_remaining_candidates_, min_resources_, max_resources_
        As in scikit-learn.
    cv_results_, best_estimator_, best_score_, best_params_, best_index_, scorer_, \
    n_splits_, refit_time_, multimetric_, classes_, n_features_in_, feature_names_in_
        As in `LockstepGridSearchCV`. ``cv_results_`` has a row for every candidate in
        every round, and columns "iter" and "n_resources".

    See Also
    --------
    LockstepGridSearchCV : All candidates with all samples; its notes say which
        candidates are trained together.
    LockstepHalvingRandomSearchCV : The same for parameters drawn at random.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.preprocessing import scale
    >>> from skshallow import LockstepHalvingGridSearchCV, ShallowNetClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> search = LockstepHalvingGridSearchCV(
    ...     ShallowNetClassifier(8, random_state=0),
    ...     {"init_scale": [1e-3, 1e-2, 1e-1, 1, 10, 100]},
    ...     resource="max_iter",
    ...     max_resources=45,
    ...     random_state=0,
    ... )
    >>> search.fit(scale(X), y).n_candidates_, search.n_resources_
    ([6, 2], [15, 45])
    """


class LockstepHalvingRandomSearchCV(_Lockstep, HalvingRandomSearchCV):
    """``HalvingRandomSearchCV`` that trains all candidates of a round at once.

    Its results are those of scikit-learn's ``HalvingRandomSearchCV`` to the last bit,
    apart from timings, if its own ``random_state`` and that of the estimator are fixed.

    Parameters
    ----------
    estimator : estimator
        As in `LockstepHalvingGridSearchCV`, like all parameters that are not described
        here.
    param_distributions : dict or list of dicts
        Lists of values, or distributions to draw from, by parameter name.
    n_candidates : int or "exhaust", default="exhaust"
        Number of candidates to draw. "exhaust" stands for the number with which the
        last round uses ``max_resources``.
    factor : int or float, default=3
    resource : str, default="n_samples"
    max_resources : int or "auto", default="auto"
    min_resources : int, "exhaust" or "smallest", default="smallest"
    aggressive_elimination : bool, default=False
    cv : int, splitter or iterable, default=5
    scoring : str, callable or None, default=None
    refit : bool or callable, default=True
    error_score : "raise" or number, default=np.nan
    return_train_score : bool, default=True
    random_state : int, RandomState instance or None, default=None
        Seed of the candidates that are drawn, and of the samples that are taken.
    n_jobs : int, default=None
    verbose : int, default=0

    Attributes
    ----------
    n_resources_, n_candidates_, n_iterations_, n_required_iterations_, \
    n_possible_iterations_, n_remaining_candidates_, min_resources_, max_resources_, \
    cv_results_, best_estimator_, best_score_, best_params_, best_index_, scorer_, \
    n_splits_, refit_time_, multimetric_, classes_, n_features_in_, feature_names_in_
        As in `LockstepHalvingGridSearchCV`.

    See Also
    --------
    LockstepHalvingGridSearchCV : The same for a grid.
    LockstepRandomizedSearchCV : All candidates with all samples.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn.datasets import load_iris
    >>> from skshallow import LockstepHalvingRandomSearchCV, ShallowNetClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = ShallowNetClassifier(8, max_iter=20, random_state=0)
    >>> search = LockstepHalvingRandomSearchCV(
    ...     net, {"init_scale": loguniform(1e-2, 1)}, n_candidates=4, random_state=0
    ... )
    >>> search.fit(X, y).n_candidates_
    [4, 2]
    """
