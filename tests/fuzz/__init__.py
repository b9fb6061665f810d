"""The fuzzer: damaged towns and random command lines for every command; see ``python -m tests.fuzz --help``."""
