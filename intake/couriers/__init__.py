"""What carries the ids of waiting work: one module a carrier."""
