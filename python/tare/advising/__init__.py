"""What to try: rules on the syntax tree that speak where the profile is hot, and where it pays."""
