"""Findings on the site: what each run told, the queue, the page of an encounter."""
