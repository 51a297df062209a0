"""Reminders: what a person is told of work that came, came back, was answered, or is due. Read by that person alone."""
