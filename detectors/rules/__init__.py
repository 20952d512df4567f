"""Pure rules over what the city knows: plain data in, a judgement out. No memory, no clock, no files."""
