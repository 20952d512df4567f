"""JT/T 808: what terminals of vehicles send over TCP. Numbers of messages and fields are those of the 2011, 2013 and
2019 editions as public documents of three projects give them; ``docs/jt808.md`` names these and says what is read.
"""
