"""Silences: for a stated time, alarms whose labels match are not announced; they stay open and visible."""
