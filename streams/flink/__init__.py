"""The same judging as a PyFlink job: a city that has outgrown one group of workers runs it on a Flink cluster."""
