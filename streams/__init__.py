"""The verbs: sources, engines and the wiring of all parts."""
