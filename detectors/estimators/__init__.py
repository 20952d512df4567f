"""Our detectors as scikit-learn's outlier estimators, for pipelines and comparisons in a notebook."""
