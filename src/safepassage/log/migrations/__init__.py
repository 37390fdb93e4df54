"""The steps that bring a log's tables from any earlier version to this one."""
