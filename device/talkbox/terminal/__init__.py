"""Views of a device, fed by its control socket: `monitor`, `simulate` and `demo`."""
