"""Workers: who does many pieces of work, on this machine or on many."""
