"""Load on a schedule that never waits for the system under test."""
