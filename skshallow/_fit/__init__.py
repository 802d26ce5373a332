"""What stands between an estimator and the core."""
