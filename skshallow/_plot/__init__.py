"""What the displays share."""
