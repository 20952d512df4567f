"""A package, so that the browser of its conftest ends with it and its loop is in no later test's way."""
