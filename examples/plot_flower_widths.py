"""
A flower, and 1 to 50 hidden units
==================================

How many hidden units does a task need? With the planar flower of the course we can see
it: each tanh unit has one line across the plane, and the decision boundary of the net
can bend only at such a line. We train nets of several widths, look at their boundaries,
and test the nets on flowers that they have not seen.
"""

# %%
# One flower to train on, others to test on
# -----------------------------------------
# The flower has two equally frequent classes on its petals, which no straight line
# separates. Another seed draws another flower of the same shape with other noise. The
# test points are from several such flowers.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.inspection import DecisionBoundaryDisplay

from skshallow import ShallowNetClassifier
from skshallow.datasets import make_flower
from skshallow.diagnostics import effective_rank, n_distinct_units
from skshallow.displays import HiddenUnitsDisplay, SymmetryDisplay

X, y = make_flower(random_state=1)
fresh_flowers = [make_flower(random_state=seed) for seed in range(2, 12)]
X_fresh = np.concatenate([X_other for X_other, _ in fresh_flowers])
y_fresh = np.concatenate([y_other for _, y_other in fresh_flowers])
print(f"{len(X)} points to train on, {len(X_fresh)} to test on")

# %%
# The setting is the course's: plain gradient descent from a start at 0.01.

WIDTHS = [1, 2, 3, 4, 5, 20, 50]
N_ITERATIONS = 5000


def train(n_hidden):
    """A trained net with this number of hidden units."""
    net = ShallowNetClassifier(
        n_hidden,
        activation="tanh",
        init="randn",
        init_scale=0.01,
        solver="gd",
        learning_rate_init=1.2,
        alpha=0,
        max_iter=N_ITERATIONS,
        tol=None,
        random_state=3,
    )
    return net.fit(X, y)


nets = {n_hidden: train(n_hidden) for n_hidden in WIDTHS}
own = {n_hidden: net.score(X, y) for n_hidden, net in nets.items()}
fresh = {n_hidden: net.score(X_fresh, y_fresh) for n_hidden, net in nets.items()}

for n_hidden in WIDTHS:
    print(f"{n_hidden:2d} units: {own[n_hidden]:.1%} of its own flower, ", end="")
    print(f"{fresh[n_hidden]:.1%} of fresh ones")

# %%
# One line does not separate the petals, and two lines do not either. Three lines are
# enough. More units gain little.
#
# Fresh flowers give the same result. From three units on, their accuracies are even a
# little higher, because the noise of the first flower happens to be difficult. And the
# widest net has not overfitted to this noise, although there is no penalty and no early
# stopping.
#
# The boundaries
# --------------
# The net predicts class 1 (the white squares) in the shaded regions. Every unit has a
# line on which its pre-activation is 0. Ticks point to the positive side. The larger
# the output weight of a unit, the thicker is its line.

figure, axes = plt.subplots(2, 4, figsize=(11, 5.6), layout="constrained")

for ax, (n_hidden, net) in zip(axes.flat, nets.items(), strict=False):
    DecisionBoundaryDisplay.from_estimator(
        net,
        X,
        response_method="predict_proba",
        class_of_interest=1,
        grid_resolution=150,
        ax=ax,
        levels=[0, 0.5, 1],
        colors=["white", "#B3CDE3"],
    )
    HiddenUnitsDisplay.from_estimator(net, X, y, ax=ax)
    ax.get_legend().remove()
    ax.set(xlabel="", ylabel="", xticks=[], yticks=[])
    units = "unit" if n_hidden == 1 else "units"
    ax.set_title(f"{n_hidden} {units}: {own[n_hidden]:.1%}")

score_ax = axes[1, 3]
places = range(len(WIDTHS))
score_ax.plot(places, list(own.values()), "o-", color="black", label="its own")
score_ax.plot(places, list(fresh.values()), "s--", color="#D55E00", label="fresh ones")
score_ax.set_xticks(places, WIDTHS)
score_ax.set(title="accuracy by flower", xlabel="hidden units", ylim=(0.6, 1))
score_ax.yaxis.tick_right()
score_ax.legend(frameon=False, loc="lower right")
plt.show()

# %%
# Three lines through the centre cut the plane into six sectors. That is enough: each
# sector is given to the class that has more points in it. Two lines would make only
# four sectors.
#
# Fifty units that are worth fewer
# --------------------------------
# Many of the 50 lines are thin, and many coincide. From a small start, units gather in
# a few directions while they grow. Let two units count as one if they differ by less
# than 5% of the largest unit. Then the net of 50 units has no more different units than
# the net of 20. The effective rank of the hidden layer says in how many directions its
# outputs vary. It is about the same for both nets, and even smaller.


def weights_of(net):
    """Weights and biases of a net, as the diagnostics take them."""
    return net.coefs_, net.intercepts_, net.activation


n_different, ranks = {}, {}
for n_hidden in (20, 50):
    trained = weights_of(nets[n_hidden])
    n_different[n_hidden] = int(n_distinct_units(*trained, tolerance=0.05))
    ranks[n_hidden] = float(effective_rank(*trained, X))
    print(f"{n_hidden} units: {n_different[n_hidden]} different within 5%, ", end="")
    print(f"effective rank {ranks[n_hidden]:.1f}")

figure, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
for ax, at in zip(axes, ("start", "end"), strict=True):
    SymmetryDisplay.from_estimator(nets[50], at=at, ax=ax)
    ax.set_title(f"50 units at the {at}")
plt.show()

# %%
# At the start, neighbours in the picture are similar by chance, because a unit has only
# three numbers. At the end there are blocks of similar units, which compute nearly the
# same.
#
# Because its units gather, the wide net does not learn the noise. This is an effect of
# the small start and of small steps, and not reliable. With Adam and many epochs, 50
# units are right on more points of their own flower than five units, and on fewer
# points of fresh flowers. A penalty prevents this: the two shares are the same again.
# (The default, ``alpha="auto"``, was measured on real tables. The best penalty differs
# from table to table, so tune it first.)


def train_with_adam(alpha):
    """A net of 50 units, with the same init_scale and a constant learning rate."""
    net = ShallowNetClassifier(
        50,
        activation="tanh",
        init="randn",
        init_scale=0.01,
        solver="adam",
        learning_rate="constant",
        alpha=alpha,
        max_iter=3000,
        tol=None,
        random_state=0,
    )
    return net.fit(X, y)


learnt_by_heart, penalised = train_with_adam(0), train_with_adam(0.1)
own_by_heart, own_with_penalty = learnt_by_heart.score(X, y), penalised.score(X, y)
fresh_by_heart = learnt_by_heart.score(X_fresh, y_fresh)
fresh_with_penalty = penalised.score(X_fresh, y_fresh)

print(f"Adam: {own_by_heart:.1%} of its own flower, {fresh_by_heart:.1%} of fresh ones")
print(f"with a penalty: {own_with_penalty:.1%} and {fresh_with_penalty:.1%}")
