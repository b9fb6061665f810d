"""Comparison: plans side by side, who gains and who loses, and which change caused what."""
