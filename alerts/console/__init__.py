"""What a person sees of the alerts: the words, the levels' look, templates and static files of the pages."""
