"""Towns of three sizes and what each phase of the work costs on them."""
