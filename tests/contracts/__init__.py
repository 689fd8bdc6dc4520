"""What every implementation of a service must do; each of them runs the same tests."""
