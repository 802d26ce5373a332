"""Attributes that are computed when they are first read."""


class lazy:
    """A method as an attribute, which is computed once for each instance.

    ``functools.cached_property`` of Python 3.11 holds a lock while it computes. A child
    that is forked meanwhile by another thread would wait for it for ever.

    Parameters
    ----------
    compute : callable
        ``compute(instance)`` returns the value.
    """

    def __init__(self, compute):
        self.compute = compute

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        value = vars(instance)[self.name] = self.compute(instance)
        return value
