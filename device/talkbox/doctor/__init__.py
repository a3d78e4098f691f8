"""What is wrong with a device, check by check, and what to do about it."""
