import types


def _extend_line_profiler_for_profiling_imports(profiler):
    """What the tests call with objects of every kind."""
    def add(item, **named):
        if isinstance(item, types.ModuleType):
            profiler.add_module(item, **named)
        elif isinstance(item, type):
            profiler.add_class(item, **named)
        else:
            profiler.add_callable(item)
        profiler.enable_by_count()

    profiler.add_imported_function_or_module = add
