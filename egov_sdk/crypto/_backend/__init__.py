"""Arithmetic of SM2 beneath the shared checks: one narrow interface, several backends."""
