"""One file format per file: read(path) -> (value, problems), write(value, path)."""
