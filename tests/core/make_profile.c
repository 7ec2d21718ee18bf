/* make_profile.c - known .tare files and exports, for the tests written in Python.
 *
 *     make_profile write FOLDER      NAME.tare and NAME.EXTENSION for each known profile and
 *                                    each export; steps.tare, written in three flushes
 *     make_profile read FILE...      what the C reader makes of each file, beside it:
 *                                    FILE.state, and FILE.json where it could be read
 *
 * A state is one line: status, complete, blocks, lost bytes, their offset, unknown blocks. */
#include "io/export.h"
#include "io/tare_file.h"
#include "known_trace.h"

enum { PATH_BYTES = 4096 };

static void write_file(const char *path, const tare_buffer *out)
{
    FILE *stream = fopen(path, "wb");
    if (stream == NULL || fwrite(out->bytes, 1, out->size, stream) != out->size ||
        fclose(stream) != 0) {
        fprintf(stderr, "cannot write %s\n", path);
        exit(1);
    }
}

static uint32_t find_wall(const tare_profile *profile)
{
    for (uint32_t id = 0; id < profile->metric_count; id++) {
        if (strcmp(tare_profile_text(profile, profile->metrics[id].name).bytes, "wall_ns") == 0)
            return id;
    }
    return 0;
}

static void write_exports(const tare_profile *profile, const char *folder, const char *name)
{
    char path[PATH_BYTES];
    for (const tare_export_format *format = tare_export_formats(); format->name; format++) {
        tare_buffer out = {.alloc = tare_alloc_system()};
        tare_status status = format->write(profile, find_wall(profile), &out, NULL);
        snprintf(path, sizeof path, "%s/%s.%s", folder, name, format->extension);
        if (status == TARE_OK)
            write_file(path, &out);
        tare_buffer_deinit(&out);
    }
}

static void build_trace(tare_profile *profile, const tare_alloc *alloc)
{
    trace_profile(profile, alloc);
}

static void write_known(const char *folder)
{
    static const struct {
        const char *name;
        void (*build)(tare_profile *profile, const tare_alloc *alloc);
    } profiles[] = {
        {"known", known_profile}, {"hostile", hostile_profile}, {"tangled", tangled_profile},
        {"empty", empty_profile}, {"trace", build_trace},
    };
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        char         path[PATH_BYTES];
        tare_profile profile = {0};
        tare_buffer  out = {.alloc = tare_alloc_system()};
        profiles[i].build(&profile, tare_alloc_system());
        must(tare_file_encode(&profile, &out, NULL));
        snprintf(path, sizeof path, "%s/%s.tare", folder, profiles[i].name);
        write_file(path, &out);
        write_exports(&profile, folder, profiles[i].name);
        tare_buffer_deinit(&out);
        tare_profile_deinit(&profile);
    }
}

static void write_steps(const char *folder)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/steps.tare", folder);
    tare_writer *writer;
    tare_profile profile = {0};
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    must(tare_writer_open(&writer, path, true, tare_alloc_system(), NULL));
    known_flushes(writer, &profile);
    must(tare_writer_close(writer, &profile, NULL));
    tare_profile_deinit(&profile);
}

static void read_file(const char *path)
{
    char            beside[PATH_BYTES];
    tare_profile    profile = {0};
    tare_file_state state;
    tare_status     status = tare_file_load(path, tare_alloc_system(), &profile, &state, NULL);
    tare_buffer     out = {.alloc = tare_alloc_system()};
    tare_buffer_format(&out, "%s %d %u %llu %llu %u\n", tare_status_name(status), state.complete,
                       state.block_count, (unsigned long long)state.lost_bytes,
                       (unsigned long long)state.lost_offset, state.unknown_count);
    snprintf(beside, sizeof beside, "%s.state", path);
    write_file(beside, &out);
    if (status == TARE_OK) {
        tare_buffer_clear(&out);
        must(tare_export_json(&profile, 0, &out, NULL));
        snprintf(beside, sizeof beside, "%s.json", path);
        write_file(beside, &out);
    }
    tare_buffer_deinit(&out);
    tare_profile_deinit(&profile);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        write_known(argv[2]);
        write_steps(argv[2]);
        return 0;
    }
    if (argc >= 3 && strcmp(argv[1], "read") == 0) {
        for (int i = 2; i < argc; i++)
            read_file(argv[i]);
        return 0;
    }
    fprintf(stderr, "usage: make_profile write FOLDER | read FILE...\n");
    return 2;
}
