"""The desk: where findings are reviewed, confirmed and notified, step by step under the declared workflow."""
