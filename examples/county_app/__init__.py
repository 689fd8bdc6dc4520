"""A county's app for food permits, on any platform: ``python -m county_app``."""
