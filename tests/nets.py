"""What it means that two fitted nets are the same."""

import numpy as np


def fitted_attributes(net, without=()):
    """The fitted attributes of a net by name, some of them left out."""
    names = {name for name in vars(net) if name.endswith("_")} - {*without}
    return {name: vars(net)[name] for name in names}


def assert_same_net(one, other, without=()):
    """Every fitted attribute is the same to the last bit, save for some."""
    one, other = fitted_attributes(one, without), fitted_attributes(other, without)
    assert one.keys() == other.keys()
    np.testing.assert_equal(one, other)
    for name in ("coefs_", "intercepts_", "init_coefs_", "init_intercepts_"):
        assert [W.dtype for W in one[name]] == [W.dtype for W in other[name]]
