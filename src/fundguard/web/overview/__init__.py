"""The first page: what the money and the rules say, in the viewer's regions."""
