"""Models in, bytes out: one module a format. Equal documents give equal bytes."""
