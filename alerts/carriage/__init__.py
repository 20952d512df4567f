"""Carriers as the alert server knows them: their tracks, waybills and the hands goods passed through."""
