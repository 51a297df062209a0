"""Issued papers: numbers without gaps, revocation, Word and PDF, a public page that tells whether one is valid."""
