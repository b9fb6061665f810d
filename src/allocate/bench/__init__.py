"""The bench: a scenario's program asked once more, with a change, from the last basis or cold, and proven."""
