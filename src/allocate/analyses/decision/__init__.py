"""What a council asks last: how sure each change is, which plan looks better, what would turn the proposal."""
