"""Who may see and do what: region tree, roles as data, viewers, sign-in."""
