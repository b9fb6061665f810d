"""Trade-offs: one aim against another, aims in an order, targets at least cost, budgets in steps."""
