"""What it means that two fitted nets are the same."""

import numpy as np


def assert_same_net(one, other, without=()):
    """Every fitted attribute is the same to the last bit, save for some."""
    one, other = (
        {k: v for k, v in vars(net).items() if k.endswith("_") and k not in without}
        for net in (one, other)
    )
    np.testing.assert_equal(one, other)
    for name in ("coefs_", "intercepts_", "init_coefs_", "init_intercepts_"):
        assert [W.dtype for W in one[name]] == [W.dtype for W in other[name]]
