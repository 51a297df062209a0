"""Saved filters: a list's filter under a name, one's own or shared in the region, one of them the default."""
