"""The version of the package and the address of its documentation, for every module."""

VERSION = "0.3.0"
DOCUMENTATION = "https://skshallow.readthedocs.io/en/stable/"
PAGE = DOCUMENTATION + "generated/skshallow.{estimator_name}.html"  # of a class
