"""Silos: departments alone, coordinated and pooled, and what integration is worth to whom."""
