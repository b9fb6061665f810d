"""Reports: what a council reads and a planner opens in Excel; every figure comes from results and analyses."""
