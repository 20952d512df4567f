"""The integrity watch: each outlet's day looked at once, from the history, when city time has passed its end."""
