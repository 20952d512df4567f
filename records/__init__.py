"""What the city knows: sites, devices, yards, declarations. Imports topics alone."""
