"""What would the program gain? From a profile (predicting), and by experiment (experiment)."""
