/* driver.c - runs a fuzz target once over every file of the folders and files given.
 *
 *     fuzz_tare_file_corpus fuzz/corpus/tare_file more_inputs/one
 *
 * This is what keeps a corpus alive in ordinary test runs, with any compiler: an input
 * that once broke the target is run for ever after. Prints how many inputs it ran; a
 * folder that cannot be read, or no input at all, is a failure. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_INPUT_BYTES = 1 << 26, PATH_BYTES = 4096 };

static int fail(const char *path, const char *what)
{
    fprintf(stderr, "%s: %s\n", path, what);
    return -1;
}

/* 1, or -1. The copy has exactly the size of the input, so a sanitizer sees a read past it. */
static int run_file(const char *path, size_t size)
{
    if (size > MAX_INPUT_BYTES)
        return fail(path, "too large for an input");
    FILE    *stream = fopen(path, "rb");
    uint8_t *data = malloc(size > 0 ? size : 1);
    int      result = -1;
    if (stream == NULL || data == NULL || fread(data, 1, size, stream) != size) {
        fail(path, "cannot be read");
    } else {
        LLVMFuzzerTestOneInput(data, size);
        result = 1;
    }
    free(data);
    if (stream != NULL)
        fclose(stream);
    return result;
}

static int run_path(const char *path);

static int run_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return fail(path, "cannot be opened");
    int count = 0;
    for (struct dirent *entry; count >= 0 && (entry = readdir(folder)) != NULL;) {
        char inner[PATH_BYTES];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        int ran = run_path(inner);
        count = ran < 0 ? ran : count + ran;
    }
    closedir(folder);
    return count;
}

/* How many inputs ran, or -1. */
static int run_path(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return fail(path, "is not there");
    return S_ISDIR(status.st_mode) ? run_folder(path) : run_file(path, (size_t)status.st_size);
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        int ran = run_path(argv[i]);
        if (ran < 0)
            return 1;
        count += ran;
    }
    printf("%d inputs ran\n", count);
    return count > 0 ? 0 : 1;
}
