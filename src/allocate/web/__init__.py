"""The page: parse, call, show. It computes nothing, and the library knows nothing of it."""
