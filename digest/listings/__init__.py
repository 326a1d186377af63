"""What arXiv announced and what is stored of it."""
