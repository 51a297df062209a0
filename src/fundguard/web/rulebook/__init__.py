"""The rulebook on the site: what each rule says, its SQL, knowledge, article and examples."""
