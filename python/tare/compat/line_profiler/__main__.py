from tare.compat.line_profiler.cli import main

if __name__ == "__main__":
    main()
