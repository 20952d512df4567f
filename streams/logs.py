"""Logs go to standard error, one line an event, so that standard output carries answers only."""

import logging
import sys

import structlog


def configure_logs(level: str) -> None:
    """Set up structlog for this process; ``level`` is DEBUG, INFO, WARNING or ERROR."""
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
    )
