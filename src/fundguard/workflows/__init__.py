"""Layer 4. Workflows as pages: who may take which step, until when, and what is wrong with a declaration. No Django."""
