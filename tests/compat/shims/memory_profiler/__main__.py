from tare.compat.memory_profiler.__main__ import main

main()
