"""Futures: a timetable driven through many courses of what may go wrong."""
