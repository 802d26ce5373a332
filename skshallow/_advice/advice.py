"""What to do about a problem of a network, in sentences, and parts of the causes.

These functions of the measurements of one network serve the table in
``warning_rules``. For a choice by cross-validation they name its own parameters. They
do not advise a value that is already set.
"""

from skshallow._core.optimizers import OPTIMIZERS

# With fewer hidden units than this, more of them may be what is missing: on two moons 3
# logistic units have an accuracy of 0.87 with any penalty, and 30 units 0.93.
FEW_UNITS = 10

# ---------------------------------------------------------------------------
# Parts of causes


def identical_units(m):
    """How many units are identical, and since when."""
    how_many = f"only {m.n_distinct} of {m.n_hidden} hidden units differ"
    if m.n_distinct == 1:
        how_many = f"all {m.n_hidden} hidden units are identical"
    if m.n_distinct_start == m.n_hidden:
        return f"{how_many}, although all were different at the start"
    why = f"they started so ({m.init}) and identical units get identical gradients"
    return f"{how_many}, because {why}"


def scales(m):
    """Which scales the features have."""
    if m.are_unlike:
        return f"the largest is {m.scale_ratio:.0f} times the smallest"
    size = f"root mean square of the largest: {m.feature_scale:.3g}"
    return f"{size}, where about 1 is wanted"


# ---------------------------------------------------------------------------
# Names of parameters


def alpha_name(m):
    """The parameter that sets the penalty."""
    return "alphas" if m.is_chosen else "alpha"


def default_start(m):
    """The parameters of the default start."""
    scale = "init_scales" if m.is_chosen else "init_scale"
    return f"init='randn' with {scale}='auto'"


def has_default_start(m):
    """Whether the network already had the default start."""
    return m.is_auto_start and m.init == "init='randn'"


def more_starts(m):
    """How to try more starts."""
    return "n_init=10" if m.n_init < 10 else f"n_init={10 * m.n_init}"


# ---------------------------------------------------------------------------
# Whole sentences


def use_another_start(m):
    """Which start to use instead."""
    if has_default_start(m):
        return f"Draw other starts with {more_starts(m)}."
    return f"Use {default_start(m)}."


def make_units_differ(m):
    """What to do about identical units."""
    if m.n_distinct_start < m.n_hidden:
        return use_another_start(m)
    if m.may_have_weaker_penalty:
        return f"Lower {alpha_name(m)} (now {m.alpha:.3g}), or n_hidden."
    return "Lower n_hidden."


def leave_flat_parts(m):
    """What to do about units on flat parts."""
    return use_another_start(m) if m.starts_saturated else shorten_long_steps(m)


def revive_units(m):
    """What to do about dead units."""
    if m.inactive_start >= 0.5 or not (m.is_auto_start or m.has_high_rate):
        return use_another_start(m)
    return shorten_long_steps(m)


def shorten_long_steps(m):
    """What to do if not the start but a step is to blame."""
    return f"A step was too long. {shorten_steps(m)}"


def shorten_steps(m):
    """How to make steps shorter."""
    if m.solver == "lbfgs":  # has no learning rate
        return use_another_start(m)
    now = f"(now {m.learning_rate_init:.3g})"
    if m.learning_rate_init > m.auto_rate and not m.is_auto_rate:
        return f"Use learning_rate_init='auto' {now}."
    return f"Lower learning_rate_init tenfold {now}."


def train_more(m):
    """How to train for longer or faster."""
    longer = "call partial_fit more often" if m.is_partial else "raise max_iter"
    if m.stopping_off:
        longer = f"pass {m.stopping_off}"
    elif m.has_few_updates:
        longer = f"use max_iter='auto' (now {m.max_iter})"
    if m.has_low_rate:
        rate = f"use learning_rate_init='auto' (now {m.learning_rate_init:.3g})"
        # Without the stopping rule, the iterations that are left would be too few.
        return f"To get on, {rate if m.stopping_off else f'{rate} or {longer}'}."
    is_plain = m.solver != "lbfgs" and not OPTIMIZERS[m.solver].is_adaptive
    adam = " or use solver='adam'" if is_plain else ""
    return f"To get on, {longer}{adam}."


def train_longer(m):
    """How to give a fit the iterations that it needs, or not to be warned of them."""
    fixed = "To train for a fixed number of iterations, pass tol=None."
    has_rule = m.has_rule and not m.is_partial
    return f"{train_more(m)} {fixed}" if has_rule else train_more(m)


def get_on(m):
    """What to do about a network that could do more: first what helps most.

    If the rate has fallen to 0, another solver helps most: on 7 problems in one and two
    dimensions (checkerboards, spirals, rings, a sine) the accuracy on unseen rows is
    higher by 0.20 with L-BFGS, by 0.11 with four times the iterations and a tenth of
    the penalty, and by 0.07 and 0.01 with one of these two. If the network is linear, a
    weaker penalty comes first, because the penalty keeps its units in one direction.
    """
    if m.starts_small:
        return f"Use {default_start(m)}."
    if m.has_high_rate and m.final_loss > 1:
        return shorten_steps(m)
    may_go_on = m.stopping_off or m.is_unfinished
    if may_go_on or m.has_low_rate or m.is_partial:
        return train_more(m)
    alpha = f"lower {alpha_name(m)} (now {m.alpha:.3g}) tenfold"
    weaker = [alpha] if m.may_have_weaker_penalty else []
    wider = []
    if m.n_hidden < FEW_UNITS:
        wider = ["raise n_hidden", f"try {more_starts(m)}"]
    ways = [*weaker, *wider]
    if m.is_at_end and m.is_linear:
        ways = [*ways, "use solver='lbfgs'"]
    elif m.is_at_end:
        longer = f"raise max_iter (now {m.n_iter}) fourfold"
        longer = " and ".join([longer, *weaker])
        ways = ["use solver='lbfgs'", longer, *wider]
    return f"To get on, {_either(ways or [f'try {more_starts(m)}'])}."


def get_below_guessing(m):
    """What may help a network to a loss below that of guessing."""
    longer, lower = m.stopping_off or "more max_iter", f"lower {alpha_name(m)}"
    has_settled = m.is_at_end and not m.has_few_updates
    # With the same penalty L-BFGS often ends at the same loss.
    with_lower = f" with {lower}" if m.may_have_weaker_penalty else ""
    ways = (
        ("activation='relu'", m.activation == "identity"),
        ("max_iter='auto'", m.has_few_updates),
        (default_start(m), not has_default_start(m)),
        ("learning_rate_init='auto'", not (m.is_auto_rate or m.solver == "lbfgs")),
        (longer, not (m.is_at_end or m.has_few_updates)),
        (f"solver='lbfgs'{with_lower}", has_settled),
        (f"{lower} alone" if has_settled else lower, m.may_have_weaker_penalty),
        (longer, has_settled),
        ("more n_hidden", m.n_hidden < FEW_UNITS),
        (more_starts(m), m.solver == "lbfgs"),
        ("scaled features", True),
    )
    tried = _either([way for way, may_help in ways if may_help])
    return (
        f"Try {tried}. If all this is so, there may be nothing to learn, or too little "
        "of a rare class."
    )


def _either(ways):
    """Several ways in words: "a or b", "a, b, or c"."""
    *others, last = ways
    if len(others) == 1:
        return f"{others[0]} or {last}"
    return ", ".join([*others, f"or {last}"]) if others else last


def learn_a_rare_class(m):
    """How to get a rare class predicted."""
    if m.class_weight is None:
        return "Use class_weight='balanced', or choose a threshold on predict_proba."
    return "Choose a threshold on predict_proba."


def predict_unseen_rows(m):
    """What to do about nets of folds that have learnt nothing."""
    may_go_on = m.is_unfinished or m.has_low_rate
    if may_go_on and m.guesses:  # nor have they learnt their own rows
        return train_more(m)
    return (
        "Either the columns tell nothing of the labels, or the folds leave out whole "
        "classes or groups: then give cv=StratifiedKFold(5, shuffle=True)."
    )


def predict_more_labels(m):
    """What to do about a single predicted label."""
    if m.has_few_updates or m.is_partial:
        return train_more(m)
    if m.final_loss < 1.05:
        use = "use class_weight='balanced', and " if m.class_weight is None else ""
        return (
            f"If the other classes are rare and matter, {use}judge by recall or the "
            "ranking. If they are not, check that rows and labels belong together."
        )
    if isinstance(m.class_weight, dict):
        return f"Use class_weight='balanced' (now {m.class_weight})."
    return get_below_guessing(m)
