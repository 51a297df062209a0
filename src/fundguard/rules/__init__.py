"""Layer 4. What is checked: the catalogue of rules, the shapes they share, and the compiler."""
