"""What it means that two fitted nets are the same."""

from searches import assert_same


def fitted_attributes(net, without=()):
    """The fitted attributes of a net by name, some of them left out."""
    names = sorted(n for n in vars(net) if n.endswith("_") and not n.startswith("_"))
    return {name: getattr(net, name) for name in names if name not in without}


def assert_same_net(one, other, without=()):
    """Every fitted attribute is the same to the last bit, save for some."""
    assert_same(fitted_attributes(one, without), fitted_attributes(other, without))
