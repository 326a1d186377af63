"""HTML pages, through Jinja2 with escaping on. Pure: content and addresses in, text out."""
