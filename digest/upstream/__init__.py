"""How arXiv is asked: one client, one pace, sources in their order, and the parsers of what they answer."""
