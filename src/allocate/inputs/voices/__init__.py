"""What people hand in beside the case: ballots and suggestions."""
