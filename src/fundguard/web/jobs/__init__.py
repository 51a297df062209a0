"""Work in the background: progress, cancel, four-part errors."""
