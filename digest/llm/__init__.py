"""Summaries by a model behind any OpenAI-compatible endpoint."""
