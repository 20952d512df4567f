"""The integrity watch: each outlet's day looked at from the history, hour by hour and when it is over."""
