AstTreeProfiler = None  # rewrites source
