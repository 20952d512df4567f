"""Rules over sensors at one container or tank: how its temperature goes on, and which sensors were lost together."""
