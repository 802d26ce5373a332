"""
Saving a net, and whom to trust
===============================

A trained net is saved with joblib in one line and loaded in another. But joblib's files
are pickles, and a pickle is a small program that is run when it is loaded. In this
example, loading such a file does something unexpected, a second format refuses to do
it, and broken files are detected.
"""

# %%
# Saving and loading
# ------------------
# All files are in a temporary folder.

import shutil
import tempfile
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import numpy as np
import skops.io
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skshallow import ShallowNetClassifier
from skshallow.datasets import make_flower
from skshallow.displays import HiddenUnitsDisplay, LossCurveDisplay

folder = tempfile.TemporaryDirectory()
here = Path(folder.name)

X, y = make_flower(random_state=1)
net = ShallowNetClassifier(5, activation="tanh", alpha=0.2, random_state=0)
model = make_pipeline(StandardScaler(), net).fit(X, y)

joblib.dump(model, here / "flower.joblib")
loaded = joblib.load(here / "flower.joblib")

same_probabilities = np.array_equal(loaded.predict_proba(X), model.predict_proba(X))
print(f"the same probabilities to the last bit: {same_probabilities}")

# %%
# The file holds the weights at the start and at the end, the curves, the settings, a
# checksum and the version of the package. The training rows are not in it. The loaded
# net is the same as the saved one: the figure shows its regions, and for each hidden
# unit the line on which the pre-activation is 0, in the scaled features.

figure, axes = plt.subplots(1, 2, figsize=(9, 4.6), layout="constrained")
for ax, (name, each) in zip(
    axes, {"before saving": model, "after loading": loaded}.items(), strict=True
):
    DecisionBoundaryDisplay.from_estimator(
        each[-1],
        each[:-1].transform(X),
        response_method="predict_proba",
        class_of_interest=1,
        ax=ax,
        levels=[0, 0.5, 1],
        colors=["white", "#B3CDE3"],
    )
    HiddenUnitsDisplay.from_estimator(each, X, y, ax=ax)
    ax.set(xlabel=name, ylabel="", xticks=[], yticks=[])
axes[0].get_legend().remove()
plt.show()

# %%
# Resuming
# --------
# A fit may take longer than the machine is available. With ``warm_start`` a net resumes
# training where the last call ended. The file has everything that this needs: weights,
# the optimizer's state, and the state of the row order. Here one net trains in a
# single call. Another net is saved before the end, loaded, and trained for the
# remaining iterations. Its curve and its weights are those of the first net to the last
# bit. The learning rate must be constant: with a cosine rate, every call would begin
# with the full rate and end with rate 0.

rows = model[:-1].transform(X)
settings = {
    "activation": "tanh",
    "learning_rate": "constant",
    "alpha": 0.2,
    "tol": None,
    "warm_start": True,
    "random_state": 0,
}
whole_fit = ShallowNetClassifier(5, max_iter=300, **settings).fit(rows, y)
first_part = ShallowNetClassifier(5, max_iter=100, **settings).fit(rows, y)

joblib.dump(first_part, here / "first-part.joblib")
resumed = joblib.load(here / "first-part.joblib")
resumed.set_params(max_iter=200).fit(rows, y)

same_curve = resumed.loss_curve_ == whole_fit.loss_curve_
same_weights = all(map(np.array_equal, resumed.coefs_, whole_fit.coefs_))
print(f"the same curve: {same_curve}, and the same weights: {same_weights}")

_, ax = plt.subplots(figsize=(6.4, 4), layout="constrained")
curves = {"in one call": whole_fit, "resumed": resumed, "until saved": first_part}
LossCurveDisplay.from_estimator(curves, ax=ax, log_loss=False)
plt.show()

# %%
# A pickle is a program
# ---------------------
# An object may tell pickle how to make it again: call this function with these
# arguments. Every function and all arguments are possible. This object writes a
# harmless line into a file. It could just as well delete your home folder or send your
# keys to somebody.


class Innocent:
    """An object whose loading writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        """Let loading call ``Path.write_text(path, text)``."""
        return Path.write_text, (self.path, "I was here.")


note = here / "note.txt"
joblib.dump(Innocent(note), here / "net-of-a-stranger.joblib")
there_before_loading = note.exists()

gift = joblib.load(here / "net-of-a-stranger.joblib")
message = note.read_text()

print(f"the file is there before loading: {there_before_loading}")
print(f"after loading it says: {message}")
print(f"and what was loaded is {gift!r}")

# %%
# We only called ``load``. The harm is done before anybody can look at the loaded
# object: here it is not even a net, but a number, the count of letters written. To
# check the type afterwards, or to try the object on a few rows, is too late. Load files
# of joblib and pickle only if you, or people you trust, have written them.
#
# A format that needs your trust
# ------------------------------
# Files of skops are not programs. They name types and hold arrays, and the person who
# loads a file says which types to trust. A net needs trust in one class. Without it,
# skops refuses to load the net.

TRUSTED = ["skshallow.classifier.ShallowNetClassifier"]
skops.io.dump(model, here / "flower.skops")


def outcome(load, name):
    """The result of loading a file: "loaded", or the name of the error."""
    try:
        load(here / name)
    except Exception as error:  # a file of unknown origin may cause any error
        return type(error).__name__
    return "loaded"


def load_trusting(path):
    """Load a file, with trust in the class of the net only."""
    return skops.io.load(path, trusted=TRUSTED)


needed = skops.io.get_untrusted_types(file=here / "flower.skops")
print("types in it to be trusted:", needed)
refused = outcome(skops.io.load, "flower.skops")
accepted = outcome(load_trusting, "flower.skops")
print("without trust:", refused)
print("with trust:   ", accepted)

# %%
# If a file of unknown origin needs more trust, skops finds this out before anything
# runs. Here a pipeline would apply a function to its input that removes whole folders.
# A pickle is not a skops file, and skops refuses it as well.

stranger = make_pipeline(FunctionTransformer(shutil.rmtree), model[-1])
skops.io.dump(stranger, here / "stranger.skops")

wanted = skops.io.get_untrusted_types(file=here / "stranger.skops")
print("types in it to be trusted:", wanted)
refused_stranger = outcome(load_trusting, "stranger.skops")
refused_pickle = outcome(load_trusting, "net-of-a-stranger.joblib")
print("with trust in the net alone:", refused_stranger)
print("a pickle:", refused_pickle)

# %%
# Write the list of trusted types yourself. To use the result of
# ``get_untrusted_types`` without reading it is as dangerous as loading a pickle.
#
# Broken files
# ------------
# A copy that ends early is an error in both formats. If a disk has changed a single bit
# of a weight, the formats do not detect it, and the net would give other predictions.
# The checksum of the net detects it.

whole = (here / "flower.joblib").read_bytes()
(here / "half.joblib").write_bytes(whole[: len(whole) // 2])

whole_skops = (here / "flower.skops").read_bytes()
(here / "half.skops").write_bytes(whole_skops[: len(whole_skops) // 2])

place = whole.index(model[-1].coefs_[0].tobytes())
flipped = bytearray(whole)
flipped[place + 6] ^= 0b00010000
(here / "flipped.joblib").write_bytes(flipped)

outcomes = {
    name: outcome(joblib.load if name.endswith("joblib") else load_trusting, name)
    for name in ("half.joblib", "half.skops", "flipped.joblib")
}
try:
    joblib.load(here / "flipped.joblib")
except ValueError as error:
    complaint = str(error)

for name, found in outcomes.items():
    print(f"{name:16s}{found}")
print(complaint)

folder.cleanup()

# %%
# A checksum detects accidents, but not attacks: a person who can write the file can
# write its checksum, too.
