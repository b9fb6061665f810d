"""allocate: integrated municipal social planning, from needs to a verified plan."""

__version__ = "0.1.0"
