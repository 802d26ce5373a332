"""What users are told of a net, and why."""
