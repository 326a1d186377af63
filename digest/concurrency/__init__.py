"""Many who ask at a time: the same work once, and fair turns."""
