"""What becomes of a message of a terminal, as the metric names it."""

#: Those that are reasons of dead letters.
REFUSED = ("bad_frame", "bad_credentials", "event_refused")
VERDICTS = ("accepted", *REFUSED, "unsupported", "not_kept")
