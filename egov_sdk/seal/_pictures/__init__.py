"""What the picture formats of GB/T 38540-2020 look like from outside."""
