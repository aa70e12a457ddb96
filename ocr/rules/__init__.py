"""Pure arithmetic of the paper."""
