"""The version of the package, where every module can read it."""

VERSION = "0.1.0"
