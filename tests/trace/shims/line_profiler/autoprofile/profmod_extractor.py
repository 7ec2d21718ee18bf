ProfmodExtractor = None  # reads source, for that
