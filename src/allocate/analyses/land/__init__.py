"""Land: many towns side by side, and pots of money that they share."""
