/* naming.c - see naming.h.
 *
 *     python3.11 -X dev -Im pkg.tool --flag     -> pkg.tool
 *     python3.11 -W error lib/worker.py 7       -> worker.py
 *     python3.11 -c 'import x'                  -> python3.11
 *     uwsgi --ini app.ini                       -> uwsgi
 *
 * The command line is the process's own to write (many do, as a title) and is not believed
 * beyond its bytes: what does not look like options and a script leaves the executable's name.
 * Source of the options: CPython, Python/getopt.c, 3.11 - 3.15. */
#include "sampler/naming.h"

#include <stdbool.h>
#include <string.h>

/* The words of a command line, parted by NUL; the text ends in NUL too. */
typedef struct words {
    const char *next;
    const char *end;
} words;

static const char *take_word(words *from)
{
    const char *word = from->next;
    if (word >= from->end)
        return NULL;
    from->next = word + strlen(word) + 1;
    return word;
}

/* Without the folders before it and a slash behind it; *size_out is its length. */
static const char *base_of(const char *path, size_t *size_out)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    *size_out = end - begin;
    return path + begin;
}

/* A word of short options. True when it names what is run: *name_out is the module, or NULL for
 * code on the command line. */
static bool ends_options(const char *letters, words *rest, const char **name_out)
{
    for (; *letters != '\0'; letters++) {
        const char *value = letters[1] != '\0' ? letters + 1 : NULL;
        switch (*letters) {
        case 'm':
            *name_out = value != NULL ? value : take_word(rest);
            return true;
        case 'c':
            *name_out = NULL;
            return true;
        case 'W':
        case 'X':
            if (value == NULL)
                (void)take_word(rest);
            return false;
        default:
            break;
        }
    }
    return false;
}

/* The script or module that a Python runs; NULL: none on its command line. */
static const char *find_program(words rest)
{
    const char *name = NULL;
    (void)take_word(&rest); /* how the interpreter was called */
    for (const char *word = take_word(&rest); word != NULL; word = take_word(&rest)) {
        if (word[0] != '-')
            return word[0] != '\0' ? word : NULL;
        if (word[1] == '\0')
            return NULL; /* standard input */
        if (strcmp(word, "--check-hash-based-pycs") == 0)
            (void)take_word(&rest);
        else if (word[1] != '-' && ends_options(word + 1, &rest, &name))
            return name;
    }
    return NULL;
}

static bool is_python(const char *base)
{
    return strncmp(base, "python", 6) == 0;
}

void tare_name_program(const char *executable, const char *command, size_t size,
                       char name[TARE_OS_NAME_BYTES])
{
    const char *found = NULL;
    size_t      length = 0;
    const char *base = base_of(executable, &length);
    if (is_python(base))
        found = find_program((words){.next = command, .end = command + size});
    if (found != NULL) {
        size_t      found_length = 0;
        const char *found_base = base_of(found, &found_length);
        base = found_length > 0 ? found_base : base;
        length = found_length > 0 ? found_length : length;
    }
    if (length == 0) {
        base = "?";
        length = 1;
    }
    if (length >= TARE_OS_NAME_BYTES) {
        length = TARE_OS_NAME_BYTES - 1;
        while (length > 0 && ((unsigned char)base[length] & 0xc0) == 0x80)
            length--; /* not within a character */
    }
    memcpy(name, base, length);
    name[length] = '\0';
}
