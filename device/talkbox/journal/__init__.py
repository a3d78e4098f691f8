"""The device's journal, read: `talkbox logs`."""
