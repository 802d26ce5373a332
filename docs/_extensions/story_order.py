"""The order of the gallery: the lecture as it is told, then what it leads to."""

STORY = [
    "plot_zero_start.py",
    "plot_init_scale.py",
    "plot_saturation.py",
    "plot_flower_widths.py",
    "plot_choose_init.py",
    "plot_restarts.py",
    "plot_choose_penalty.py",
    "plot_thresholds.py",
    "plot_imbalance.py",
    "plot_saving.py",
    "plot_phase_diagram.py",
]


class StoryOrder:
    """Sort key of the scripts of a gallery; those without a place come last."""

    def __init__(self, src_dir):
        pass

    def __call__(self, filename):
        """Place and name of a script."""
        place = STORY.index(filename) if filename in STORY else len(STORY)
        return place, filename

    def __repr__(self):
        return "<StoryOrder>"
