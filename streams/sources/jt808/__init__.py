"""JT/T 808: what terminals of vehicles send over TCP. Numbers of messages and fields are those of the 2011, 2013 and
2019 editions, from memory and not held against the standard's text; ``docs/jt808.md`` says what is read.
"""
