"""The operations room: routes, the live stream and pages; says only what control says."""
