"""Questions: what a session can be asked, one method each, with the names and options of the commands."""
