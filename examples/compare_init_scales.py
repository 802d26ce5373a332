"""
Which start should a shallow net get?
=====================================

A hidden layer may not start at zero: all its units would stay the same for ever. It
starts at small random numbers instead, and *how small* is a hyperparameter. This script
compares ``init="zeros"`` and ``init="randn"`` with ``init_scale`` from 0.001 to 10 and
three seeds, by cross-validation, on three binary tasks: breast cancer, the handwritten
digits 1 and 8, and the planar flower. Logistic regression, which has no hidden layer
and may start at zero, is measured on the same folds.

Every net gets the same number of iterations (``tol=None``) and no penalty on its
weights (``alpha=0``), so that the tables show the effect of the start, and not of a
stopping rule or of a penalty. For each start a table gives the accuracy on held-out
folds (mean and standard deviation over seeds and folds), the final training loss
(mean), and the number of iterations until a stated loss (median, and smallest to
largest). Starts that end with the same accuracy can need very different numbers of
iterations. The recommendation below each table says which start to use.

Run it from any directory::

    python compare_init_scales.py

The script writes compare_init_scales.png, and compare_init_scales.joblib, a dictionary
with the pipeline to use for each task::

    model = joblib.load("compare_init_scales.joblib")["breast cancer"]
    model.predict(X)

Load such a file only if you trust its origin, because loading a pickle runs code.
"""

import joblib
from matplotlib.figure import Figure
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skshallow import ShallowNetClassifier
from skshallow.datasets import make_flower
from skshallow.sweeps import compare_starts

NAME = "compare_init_scales"
SCALES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]
SEEDS = [0, 1, 2]
N_ITERATIONS = 300


def tasks():
    """Samples and labels of three binary tasks that need no download, by name."""
    X, y = load_digits(return_X_y=True)
    is_1_or_8 = (y == 1) | (y == 8)
    return {
        "breast cancer": load_breast_cancer(return_X_y=True),
        "digits 1 and 8": (X[is_1_or_8], y[is_1_or_8]),
        "flower": make_flower(random_state=1),
    }


def make_pipeline_with_net():
    """A scaler and a net that is trained as in the lecture."""
    net = ShallowNetClassifier(
        n_hidden=8,
        activation="tanh",
        solver="gd",  # full-batch gradient descent
        learning_rate_init=1.2,
        max_iter=N_ITERATIONS,
        alpha=0,  # a penalty would slow down large starts
        tol=None,  # the same number of iterations for every start
    )
    return make_pipeline(StandardScaler(), net)


def compare(X, y):
    """The comparison of all starts on one task."""
    return compare_starts(
        make_pipeline_with_net(),
        X,
        y,
        inits=["zeros", "randn"],
        init_scales=SCALES,
        seeds=SEEDS,
        iterations_to="auto",
        verbose=1,  # prints a line for every fold
    )


def draw(comparisons):
    """The figure: a column for each task, with accuracy above iterations."""
    n = len(comparisons)
    figure = Figure(figsize=(1.7 + 2.5 * n, 5), layout="constrained")
    axes = figure.subplots(2, n, sharex=True, sharey="row", squeeze=False)
    for (top, bottom), (task, comparison) in zip(
        axes.T, comparisons.items(), strict=True
    ):
        comparison.plot([top, bottom], legend=False)
        top.set_title(task)
        bottom.set_title(f"until loss {comparison.stated_loss:g}", fontsize="medium")
        bottom.set_ylabel("Iterations,\nmedian and range")
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
    figure.align_ylabels()
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=5, frameon=False)
    return figure


def main():
    """Compare, print, and write the models and the figure."""
    comparisons = {}
    for task, (X, y) in tasks().items():
        print(task)
        comparisons[task] = compare(X, y)
        print(f"\n{comparisons[task]}\n", flush=True)
    models = {task: comparison.model for task, comparison in comparisons.items()}
    joblib.dump(models, f"{NAME}.joblib")
    draw(comparisons).savefig(f"{NAME}.png", dpi=200)
    print(f"Models: {NAME}.joblib\nFigure: {NAME}.png")


if __name__ == "__main__":
    main()
