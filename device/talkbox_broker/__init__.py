"""The broker: it holds the API key, and gives signed URLs to the device beside it."""
