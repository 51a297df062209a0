"""Layer 6. Runs: where rules, engines, findings and the store meet."""
