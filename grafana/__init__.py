"""Walls and rules as code for Grafana and Prometheus."""
