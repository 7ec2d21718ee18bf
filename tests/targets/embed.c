/* embed.c - a program that loads libpython while it runs and becomes a Python program.
 *
 * usage: embed LIBPYTHON [PYTHON_ARGUMENT...] */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: embed LIBPYTHON [PYTHON_ARGUMENT...]\n");
        return 2;
    }
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "embed: %s\n", dlerror());
        return 2;
    }
    int (*run)(int, char **) = (int (*)(int, char **))dlsym(library, "Py_BytesMain");
    return run == NULL ? 2 : run(argc - 1, argv + 1);
}
