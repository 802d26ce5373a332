"""
Saving a net, and whom to trust
===============================

A trained net is saved with joblib in one line and loaded in another. But a pickle, and
joblib's files are pickles, is not a list of numbers: it is a small program, and loading
runs it. Here a file does something that nobody asked for, a second format refuses to,
and broken files are noticed.
"""

# %%
# There and back
# --------------
# Everything happens in a temporary folder.

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
# The file holds the weights of start and end, the curves, the settings, a checksum and
# the version of the package. The training rows are not in it. Unit by unit and shade by
# shade, what was loaded is what was saved: lines are hidden units, where their
# pre-activation is 0, in the scaled features that the net sees.

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
# Going on
# --------
# A fit may take longer than the machine is yours. With ``warm_start`` a net goes on
# where the last call ended, and everything it needs for that is in the file: weights,
# the optimizer's moments, the order of the rows. Here one net trains in one go. Another
# is saved on the way, loaded, and trains for as many iterations as are left: its curve
# is that of the first to the last bit, and so are its weights. The rate is constant for
# that: along a cosine every call would begin with the full rate and end with none.

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
curves = {"in one go": whole_fit, "loaded and gone on": resumed, "saved": first_part}
LossCurveDisplay.from_estimator(curves, ax=ax, log_loss=False)
plt.show()

# %%
# A pickle is a program
# ---------------------
# An object may tell pickle how to make it again: call this function with these
# arguments. Any function, any arguments. This one writes a harmless line into a file;
# it could as well delete your home folder or send your keys away.


class Innocent:
    """An object whose loading writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        """What loading is to call: ``Path.write_text(path, text)``."""
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
# Nothing was called but ``load``. The harm is done before anybody can look at what was
# loaded: here it is not even a net, but a number, the count of letters written.
# Looking at the type afterwards, or trying it on a few rows, comes too late. Load files
# of joblib and pickle only if you or people you trust have written them.
#
# A format that asks first
# ------------------------
# Files of skops are not programs. They name types and hold arrays, and whoever loads
# one says which types to trust. A net needs trust in one class; without it, skops
# refuses.

TRUSTED = ["skshallow.classifier.ShallowNetClassifier"]
skops.io.dump(model, here / "flower.skops")


def outcome(load, name):
    """What loading a file leads to: "loaded", or the name of the error."""
    try:
        load(here / name)
    except Exception as error:  # of a stranger's file any error may come
        return type(error).__name__
    return "loaded"


def load_trusting(path):
    """Load with trust in the net alone."""
    return skops.io.load(path, trusted=TRUSTED)


needed = skops.io.get_untrusted_types(file=here / "flower.skops")
print("types in it to be trusted:", needed)
refused = outcome(skops.io.load, "flower.skops")
accepted = outcome(load_trusting, "flower.skops")
print("without trust:", refused)
print("with trust:   ", accepted)

# %%
# A stranger's file that wants more is found out before anything runs. Here a pipeline
# brings a function of its own, which removes whole folders, to apply it to its input.
# And a pickle is no skops file to begin with.

stranger = make_pipeline(FunctionTransformer(shutil.rmtree), model[-1])
skops.io.dump(stranger, here / "stranger.skops")

wanted = skops.io.get_untrusted_types(file=here / "stranger.skops")
print("types in it to be trusted:", wanted)
refused_stranger = outcome(load_trusting, "stranger.skops")
refused_pickle = outcome(load_trusting, "net-of-a-stranger.joblib")
print("with trust in the net alone:", refused_stranger)
print("a pickle:", refused_pickle)

# %%
# The list of trusted types is yours to write. Copying ``get_untrusted_types`` into it
# unread is a pickle again.
#
# Broken files
# ------------
# A copy that ends early is an error, in either format. And where a disk has turned over
# one bit of one weight, the file still loads as far as the format can tell, and the net
# would predict something else. Its own checksum finds out.

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
# A checksum finds accidents, and no malice: who can write the file can write its
# checksum too.
