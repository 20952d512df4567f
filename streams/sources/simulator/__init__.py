"""The simulated city: healthy signals of a model Tianjin, the stories of one day, and a player that sends
them through the real gateway, the real intake and the real broker. Everything it makes says so.
"""
