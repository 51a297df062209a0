"""Money back: demands, a double-entry book per fund account, refusal, repayment, write-off, instalments, statements."""
