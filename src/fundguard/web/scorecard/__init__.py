"""Layer 7. How good each rule is: hits, what people made of them, hours, yuan; drafts of narrower rules."""
