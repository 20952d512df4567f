"""Scenarios as data: the model city, its day, the port night. Each line says its source and whether that is
published or assumed; ``streams/sources/simulator`` plays them.
"""
