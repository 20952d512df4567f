"""Alertmanager's API v2: our alarms for amtool and Grafana, and Prometheus' alerts as alarms of ours."""
