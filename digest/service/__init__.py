"""The use cases: what a reader, the JSON API and the command line ask for."""
