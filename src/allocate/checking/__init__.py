"""What is wrong in a town's tables: the checks of the tables, and those that every rule brings along."""
