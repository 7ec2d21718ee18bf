/* imported.c - from names and numbers to the model.
 *
 *     (~, <built-in method time.sleep>)  ->  native function time.sleep, name sleep
 *     (/srv/a.py, Reader.parse)          ->  Python function Reader.parse, name parse
 *     "process 41 app, thread 7 x"       ->  labels process = 41 app, thread = 7 x
 *
 * The root gets the sum of each state, which reports of sampled profiles divide by. Threads that
 * overlap are added up there: a file of another tool seldom says when which of them ran.
 * Cost: O(length) per name, O(1) per number. */
#include "io/imported.h"

#include <string.h>

enum { MAX_METRIC_NAME_BYTES = 100 };

tare_text tare_text_of(const char *words)
{
    return (tare_text){.bytes = words, .size = strlen(words)};
}

bool tare_text_begins(tare_text text, const char *words)
{
    size_t size = strlen(words);
    return text.size >= size && memcmp(text.bytes, words, size) == 0;
}

bool tare_text_is(tare_text text, const char *words)
{
    return text.size == strlen(words) && tare_text_begins(text, words);
}

static tare_text skip_bytes(tare_text text, size_t count)
{
    return (tare_text){.bytes = text.bytes + count, .size = text.size - count};
}

bool tare_text_line(tare_text *rest, tare_text *line)
{
    if (rest->size == 0)
        return false;
    const char *end = memchr(rest->bytes, '\n', rest->size);
    size_t      size = end == NULL ? rest->size : (size_t)(end - rest->bytes);
    *line = (tare_text){.bytes = rest->bytes, .size = size};
    *rest = skip_bytes(*rest, end == NULL ? size : size + 1);
    if (line->size > 0 && line->bytes[line->size - 1] == '\r')
        line->size--;
    return true;
}

bool tare_text_skip(tare_text *text, const char *words)
{
    if (!tare_text_begins(*text, words))
        return false;
    *text = skip_bytes(*text, strlen(words));
    return true;
}

void tare_text_skip_blanks(tare_text *text)
{
    while (text->size > 0 && (text->bytes[0] == ' ' || text->bytes[0] == '\t'))
        *text = skip_bytes(*text, 1);
}

/* ---- functions ---- */

static bool ends_with(tare_text text, char last)
{
    return text.size > 0 && text.bytes[text.size - 1] == last;
}

/* What stands behind the last dot; of "f.<locals>.<lambda>" the last part, of "<a.b>" all. */
static tare_text last_part(tare_text name)
{
    size_t begin = name.size;
    while (begin > 0 && name.bytes[begin - 1] != '.')
        begin--;
    bool is_whole = ends_with(name, '>') && begin < name.size && name.bytes[begin] != '<';
    return is_whole || begin == name.size ? name : skip_bytes(name, begin);
}

static tare_function_kind find_kind(const tare_imported *im, const tare_import_name *name)
{
    if (tare_text_is(name->file, "~") || tare_text_begins(name->name, "<built-in ") ||
        tare_text_begins(name->name, "<method '"))
        return TARE_FUNCTION_NATIVE;
    if (name->file.size > 0)
        return TARE_FUNCTION_PYTHON;
    if (tare_text_begins(name->name, "(") && ends_with(name->name, ')'))
        return TARE_FUNCTION_SYNTHETIC;
    return im->named_files ? TARE_FUNCTION_NATIVE : TARE_FUNCTION_PYTHON;
}

tare_status tare_imported_function(tare_imported *im, const tare_import_name *name,
                                   uint32_t *id_out)
{
    static const char built_in[] = "<built-in method ";
    tare_function     function = {.first_line = name->first_line, .kind = find_kind(im, name)};
    tare_text         said = name->name;
    if (name->name.size > TARE_IMPORTED_MAX_NAME_BYTES ||
        name->file.size > TARE_IMPORTED_MAX_NAME_BYTES)
        return tare_fail(im->err, TARE_CORRUPT, "read a name: it has %zu bytes, more than any",
                         name->name.size > name->file.size ? name->name.size : name->file.size);
    if (tare_text_begins(said, built_in) && ends_with(said, '>')) {
        said = skip_bytes(said, sizeof built_in - 1);
        said.size--;
    }
    tare_text last = last_part(said);
    tare_text file = function.kind == TARE_FUNCTION_PYTHON ? name->file : tare_text_of("");
    TARE_TRY(tare_profile_string(im->profile, last.bytes, last.size, &function.name, im->err));
    TARE_TRY(tare_profile_string(im->profile, said.bytes, said.size, &function.qualname, im->err));
    TARE_TRY(tare_profile_string(im->profile, file.bytes, file.size, &function.file, im->err));
    return tare_profile_function(im->profile, &function, id_out, im->err);
}

tare_status tare_imported_child(tare_imported *im, uint32_t parent, uint32_t function,
                                uint32_t line, uint32_t *node_out)
{
    uint32_t frame;
    TARE_TRY(tare_profile_frame(im->profile, function, line, &frame, im->err));
    return tare_profile_child(im->profile, parent, frame, node_out, im->err);
}

/* ---- numbers ---- */

tare_status tare_imported_add(tare_imported *im, uint32_t node, uint32_t label_set,
                              tare_metric_id metric, uint64_t amount)
{
    if (amount == 0)
        return TARE_OK;
    if (im->metrics[metric] == 0) {
        const tare_metric_info *info = tare_metric_get(metric);
        uint32_t                id;
        TARE_TRY(tare_profile_metric(im->profile, info->name, info->unit, &id, im->err));
        im->metrics[metric] = id + 1;
    }
    return tare_profile_add(im->profile, node, label_set, im->metrics[metric] - 1, amount, im->err);
}

static void add_capped(uint64_t *sum, uint64_t amount)
{
    *sum = amount <= UINT64_MAX - *sum ? *sum + amount : UINT64_MAX;
}

tare_status tare_imported_time(tare_imported *im, uint32_t node, uint32_t label_set, uint64_t ns)
{
    const tare_profile *profile = im->profile;
    uint32_t            function = profile->frames[profile->nodes[node].frame].function;
    bool                native = profile->functions[function].kind == TARE_FUNCTION_NATIVE;
    add_capped(native ? &im->native_ns : &im->python_ns, ns);
    TARE_TRY(tare_imported_add(im, node, label_set, TARE_METRIC_wall_ns, ns));
    return tare_imported_add(im, node, label_set,
                             native ? TARE_METRIC_native_ns : TARE_METRIC_python_ns, ns);
}

tare_status tare_imported_sample(tare_imported *im, uint32_t node, uint32_t label_set,
                                 uint64_t count, double weight)
{
    add_capped(&im->sample_count, count);
    im->weight += weight;
    if (count > 0)
        im->weight_squared += weight * weight / (double)count;
    return tare_imported_add(im, node, label_set, TARE_METRIC_samples, count);
}

tare_status tare_imported_no_stack(tare_imported *im, uint32_t *node_out)
{
    uint32_t frame;
    TARE_TRY(tare_profile_synthetic(im->profile, "(no stack)", &frame, im->err));
    return tare_profile_child(im->profile, 0, frame, node_out, im->err);
}

tare_status tare_imported_metric(tare_imported *im, tare_text name, const char *unit,
                                 uint32_t *id_out)
{
    static const char prefix[] = "file.";
    char              plain[sizeof prefix + MAX_METRIC_NAME_BYTES] = "file.";
    char             *clean = plain + sizeof prefix - 1;
    size_t            size = name.size < MAX_METRIC_NAME_BYTES ? name.size : MAX_METRIC_NAME_BYTES;
    for (size_t i = 0; i < size; i++)
        clean[i] = name.bytes[i] > ' ' && name.bytes[i] < 0x7F ? name.bytes[i] : '_';
    clean[size] = '\0';
    bool is_ours = size == 0 || tare_metric_find(clean) != NULL ||
                   strncmp(clean, "duration_log2_", strlen("duration_log2_")) == 0;
    return tare_profile_metric(im->profile, is_ours ? plain : clean, unit, id_out, im->err);
}

/* ---- labels ---- */

bool tare_imported_is_label(tare_text text)
{
    bool named = tare_text_begins(text, "process ") || tare_text_begins(text, "thread ");
    return named && !ends_with(text, ')');
}

static tare_status add_label(tare_imported *im, tare_label *labels, uint32_t *count,
                             const char *key, tare_text value)
{
    tare_label *label = &labels[(*count)++];
    TARE_TRY(tare_profile_string(im->profile, key, strlen(key), &label->key, im->err));
    return tare_profile_string(im->profile, value.bytes, value.size, &label->value, im->err);
}

/* Where ", thread " begins, or the size of the text. */
static size_t find_thread(tare_text text)
{
    static const char word[] = ", thread ";
    for (size_t at = 0; at + sizeof word - 1 <= text.size; at++) {
        if (memcmp(text.bytes + at, word, sizeof word - 1) == 0)
            return at;
    }
    return text.size;
}

tare_status tare_imported_labels(tare_imported *im, tare_text text, uint32_t *label_set_out)
{
    static const char process[] = "process ", thread[] = "thread ";
    tare_label        labels[2];
    uint32_t          count = 0;
    if (tare_text_begins(text, process) && tare_imported_is_label(text)) {
        size_t    end = find_thread(text);
        tare_text name = {text.bytes + sizeof process - 1, end - (sizeof process - 1)};
        TARE_TRY(add_label(im, labels, &count, "process", name));
        text = skip_bytes(text, end < text.size ? end + strlen(", ") : end);
    }
    if (tare_text_begins(text, thread) && tare_imported_is_label(text))
        text = skip_bytes(text, sizeof thread - 1);
    if (text.size > 0)
        TARE_TRY(add_label(im, labels, &count, "thread", text));
    return tare_profile_label_set(im->profile, labels, count, label_set_out, im->err);
}

/* ---- the end ---- */

/* The value of a label of the set, a string; TARE_NONE where it has none. */
static uint32_t find_label(const tare_profile *profile, const tare_label_set *set, const char *key)
{
    for (uint32_t i = set->first; i < set->first + set->count; i++) {
        if (tare_text_is(tare_profile_text(profile, profile->labels[i].key), key))
            return profile->labels[i].value;
    }
    return TARE_NONE;
}

/* Threads by the names that the file gives them, each process's for themselves: other labels than
 * these tell no threads apart. */
static tare_status count_threads(const tare_imported *im, uint32_t *count_out)
{
    const tare_profile *profile = im->profile;
    tare_map            threads = {0};
    tare_status         status = TARE_OK;
    for (uint32_t id = 0; id < profile->label_set_count && status == TARE_OK; id++) {
        const tare_label_set *set = &profile->label_sets[id];
        uint32_t              thread = find_label(profile, set, "thread");
        if (thread != TARE_NONE)
            status = tare_map_put(&threads, tare_pack(find_label(profile, set, "process"), thread),
                                  0, profile->alloc, im->err);
    }
    *count_out = threads.count;
    tare_map_deinit(&threads, profile->alloc);
    return status;
}

static tare_status set_number(tare_imported *im, const char *key, uint64_t number)
{
    return tare_profile_format_meta(im->profile, im->err, key, "%llu", (unsigned long long)number);
}

/* Of a sampled profile: what its intervals rest on. */
static tare_status end_samples(tare_imported *im)
{
    if (im->sample_count == 0)
        return TARE_OK;
    TARE_TRY(tare_imported_add(im, 0, 0, TARE_METRIC_samples, im->sample_count));
    TARE_TRY(tare_profile_format_meta(im->profile, im->err, "sampler.weight", "%.0f", im->weight));
    return tare_profile_format_meta(im->profile, im->err, "sampler.weight_squared", "%.0f",
                                    im->weight_squared);
}

tare_status tare_imported_end(tare_imported *im, const char *note)
{
    uint64_t wall_ns = im->python_ns;
    uint32_t thread_count;
    add_capped(&wall_ns, im->native_ns);
    TARE_TRY(end_samples(im));
    TARE_TRY(tare_imported_add(im, 0, 0, TARE_METRIC_wall_ns, wall_ns));
    TARE_TRY(tare_imported_add(im, 0, 0, TARE_METRIC_python_ns, im->python_ns));
    TARE_TRY(tare_imported_add(im, 0, 0, TARE_METRIC_native_ns, im->native_ns));
    if (wall_ns > 0)
        TARE_TRY(set_number(im, "wall_ns", wall_ns));
    TARE_TRY(count_threads(im, &thread_count));
    if (thread_count > 0)
        TARE_TRY(set_number(im, "thread_count", thread_count));
    return tare_profile_set_meta(im->profile, "import.note", note, strlen(note), im->err);
}
