"""How detection is judged against labels: rows, rankings, episodes, lead time. Never point-adjusted F1."""
