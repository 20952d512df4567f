"""Statistics of safety production by day, month and year: as JSON, CSV, plots and a page."""
