"""The numerical core: NumPy and SciPy only, no estimator and no scikit-learn."""
