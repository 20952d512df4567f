"""The responder's card: what stands near a point at a minute, for whoever goes there."""
