"""The appliance: what the device does, from the press of the button to the dark light."""
