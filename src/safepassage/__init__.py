"""Safe Passage: plan, stress-test, run and account for negotiated evacuations."""
