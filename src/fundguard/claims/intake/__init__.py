"""Import of claims: files, folders, zips and databases into the store, with quarantine, marks and a quality report."""
