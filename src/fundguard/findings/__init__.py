"""Layer 5. From hits to findings: subject, evidence, money, the accusation gate, publication of a run."""
