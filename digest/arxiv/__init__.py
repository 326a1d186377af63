"""arXiv's own facts, pure: identifiers, taxonomy, announcement schedule."""
