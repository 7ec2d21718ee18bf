/* import_callgrind.c - the text format of Valgrind's callgrind and what writes it for Python.
 *
 *     events: Instructions ns
 *     fl=(1) work.py            file of the function
 *     fn=(1) main               names are written once and then stand as (1)
 *     12 100 2000               line, costs
 *     cfi=(2) other.py          of the call that follows: file, function
 *     cfn=(2) f
 *     calls=3 40                how many, and the line where the callee begins
 *     12 900 8000               line of the call, inclusive costs
 *
 * Lines may be relative: "+3", "-2", "*". Source: valgrind.org/docs/manual/cl-format.html. Who
 * called whom is all that it knows of calls, so the tree is that of io/edges.h. An event in a unit
 * of time is the time; else the first event is what the tree is made by. Lines, objects and jumps
 * are read past.
 *
 * Cost: O(bytes), then that of io/edges.h. */
#include "base/bytes.h"
#include "io/decimal.h"
#include "io/edges.h"
#include "io/import.h"

#include <string.h>

enum {
    MAX_EVENTS = TARE_EDGES_MAX_AMOUNTS - 2, /* one of them is the own cost */
    MAX_POSITIONS = 3,
    NAME_KINDS = 3 /* objects, files and functions are numbered each for themselves */
};

typedef enum name_kind { NAME_OBJECT, NAME_FILE, NAME_FUNCTION } name_kind;

/* The named thing in each role; strings of the profile. */
typedef struct callgrind_place {
    uint32_t file, function;
} callgrind_place;

typedef struct callgrind_reader {
    tare_imported   im;
    tare_error     *err;
    tare_edges      edges;
    tare_map        names[NAME_KINDS]; /* number -> string */
    tare_map        functions;         /* place -> function of the edges */
    callgrind_place here, callee;
    uint32_t        current; /* function of the edges, TARE_NONE = none yet */
    bool            in_call; /* the next costs are a call's */
    uint64_t        call_count;
    uint32_t        position_count;
    uint32_t        event_count;
    uint32_t        amount_of[MAX_EVENTS]; /* which amount an event is */
    uint32_t        metrics[TARE_EDGES_MAX_AMOUNTS];
    bool            is_time;
    double          own_ns;    /* nanoseconds in a unit of the own event */
    bool            has_costs; /* any line of them */
} callgrind_reader;

static tare_status fail_shape(const callgrind_reader *r, const char *reason)
{
    return tare_fail(r->err, TARE_CORRUPT, "read a callgrind file: %s", reason);
}

bool tare_sniff_callgrind(const uint8_t *bytes, size_t size)
{
    enum { SNIFFED_LINES = 100 };

    tare_text rest = {.bytes = (const char *)bytes, .size = size};
    tare_text line;
    for (int i = 0; i < SNIFFED_LINES && tare_text_line(&rest, &line); i++) {
        if (tare_text_begins(line, "# callgrind format") || tare_text_begins(line, "events:"))
            return true;
        if (memchr(line.bytes, 0, line.size) != NULL)
            return false;
    }
    return false;
}

/* ---- header ---- */

/* How many nanoseconds one unit of the event is; 0 for what is no time. */
static double find_event_ns(tare_text name)
{
    static const struct {
        const char *name;
        double      ns;
    } units[] = {
        {"ns", 1},
        {"us", 1e3},
        {"ms", 1e6},
        {"Time_(ns)", 1},
        {"Time_(10ns)", 10},
        {"Time_(us)", 1e3},
        {"Time_(\xC2\xB5s)", 1e3},
        {"Time_(ms)", 1e6},
        {"Nanoseconds", 1},
        {"Microseconds", 1e3},
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (tare_text_is(name, units[i].name))
            return units[i].ns;
    }
    return 0;
}

static bool take_word(tare_text *text, tare_text *word)
{
    tare_text_skip_blanks(text);
    size_t size = 0;
    while (size < text->size && text->bytes[size] != ' ' && text->bytes[size] != '\t')
        size++;
    *word = (tare_text){.bytes = text->bytes, .size = size};
    *text = (tare_text){.bytes = text->bytes + size, .size = text->size - size};
    return size > 0;
}

static tare_status read_events(callgrind_reader *r, tare_text text)
{
    tare_text names[MAX_EVENTS], name;
    uint32_t  own = 0, count = 0;
    if (r->event_count > 0 || r->has_costs)
        return fail_shape(r, "its events are named twice, or behind costs");
    for (; take_word(&text, &name); names[count++] = name) {
        if (count == MAX_EVENTS)
            return fail_shape(r, "it has more events than any machine");
        double ns = find_event_ns(name);
        if (ns > 0 && !r->is_time) {
            own = count;
            r->own_ns = ns;
            r->is_time = true;
        }
    }
    if (count == 0)
        return fail_shape(r, "it has no events");
    r->event_count = count;
    r->edges.amount_count = TARE_EDGES_MORE + count - 1;
    uint32_t next = TARE_EDGES_MORE;
    for (uint32_t i = 0; i < count; i++) {
        r->amount_of[i] = i == own ? TARE_EDGES_OWN : next++;
        if (i != own || !r->is_time)
            TARE_TRY(tare_imported_metric(&r->im, names[i], "count", &r->metrics[r->amount_of[i]]));
    }
    return TARE_OK;
}

static tare_status read_header(callgrind_reader *r, tare_text line)
{
    tare_text word;
    if (tare_text_skip(&line, "events:"))
        return read_events(r, line);
    if (tare_text_skip(&line, "positions:")) {
        r->position_count = 0;
        while (r->position_count < MAX_POSITIONS && take_word(&line, &word))
            r->position_count++;
    } else if (tare_text_skip(&line, "cmd:")) {
        tare_text_skip_blanks(&line);
        return tare_profile_set_meta(r->im.profile, "target.command", line.bytes, line.size,
                                     r->err);
    }
    return TARE_OK;
}

/* ---- names ---- */

/* "(12) name", "(12)" or "name" as a string of the profile. */
static tare_status read_name(callgrind_reader *r, name_kind kind, tare_text text, uint32_t *out)
{
    tare_decimal number;
    uint64_t     id = 0;
    tare_text    digits = text;
    size_t       size = 0;
    if (tare_text_skip(&digits, "("))
        size = tare_decimal_read(digits.bytes, digits.size, &number);
    bool is_numbered = size > 0 && size < digits.size && digits.bytes[size] == ')' &&
                       tare_decimal_scale(&number, 0, &id) && number.is_whole;
    if (!is_numbered)
        return tare_profile_string(r->im.profile, text.bytes, text.size, out, r->err);
    text = (tare_text){.bytes = digits.bytes + size + 1, .size = digits.size - size - 1};
    tare_text_skip_blanks(&text);
    if (text.size == 0) {
        *out = tare_map_get(&r->names[kind], id);
        return *out != TARE_MAP_ABSENT ? TARE_OK : fail_shape(r, "a number stands for no name");
    }
    TARE_TRY(tare_profile_string(r->im.profile, text.bytes, text.size, out, r->err));
    return tare_map_put(&r->names[kind], id, *out, r->im.profile->alloc, r->err);
}

/* A copy: text in the profile's table moves when more is added. */
static tare_status copy_text(const callgrind_reader *r, uint32_t string, tare_buffer *out)
{
    tare_text text = tare_profile_text(r->im.profile, string);
    tare_buffer_append(out, text.bytes, text.size);
    return out->failed ? tare_fail(r->err, TARE_NO_MEMORY, "read a callgrind file: out of memory")
                       : TARE_OK;
}

static tare_status find_copied(callgrind_reader *r, const tare_buffer *name,
                               const tare_buffer *file, uint32_t *index_out)
{
    tare_import_name said = {
        .name = {.bytes = (const char *)name->bytes, .size = name->size},
        .file = {.bytes = (const char *)file->bytes, .size = file->size},
    };
    uint32_t function;
    if (tare_text_is(said.file, "???"))
        said.file.size = 0;
    TARE_TRY(tare_imported_function(&r->im, &said, &function));
    return tare_edges_function(&r->edges, function, index_out, r->err);
}

/* Names are long, and the numbers that stand for them short: each is looked at once. */
static tare_status find_function(callgrind_reader *r, const callgrind_place *place,
                                 uint32_t *index_out)
{
    uint64_t key = tare_pack(place->function, place->file);
    *index_out = tare_map_get(&r->functions, key);
    if (*index_out != TARE_MAP_ABSENT)
        return TARE_OK;
    tare_buffer name = {.alloc = r->im.profile->alloc};
    tare_buffer file = {.alloc = r->im.profile->alloc};
    tare_status status = copy_text(r, place->function, &name);
    if (status == TARE_OK)
        status = copy_text(r, place->file, &file);
    if (status == TARE_OK)
        status = find_copied(r, &name, &file, index_out);
    tare_buffer_deinit(&name);
    tare_buffer_deinit(&file);
    TARE_TRY(status);
    return tare_map_put(&r->functions, key, *index_out, r->im.profile->alloc, r->err);
}

/* fn=: the file of the function is the one that fl= named. */
static tare_status enter_function(callgrind_reader *r, tare_text name)
{
    TARE_TRY(read_name(r, NAME_FUNCTION, name, &r->here.function));
    if (r->event_count == 0)
        return fail_shape(r, "a function comes before the events are named");
    return find_function(r, &r->here, &r->current);
}

static tare_status read_calls(callgrind_reader *r, tare_text text)
{
    tare_decimal number;
    if (r->current == TARE_NONE || r->in_call)
        return fail_shape(r, "a call is in no function");
    if (tare_decimal_read(text.bytes, text.size, &number) == 0 ||
        !tare_decimal_scale(&number, 0, &r->call_count))
        return fail_shape(r, "a number of calls is not one");
    r->in_call = true;
    return TARE_OK;
}

/* A line "key=value" of the body; *known says whether it is one. */
static tare_status read_key(callgrind_reader *r, tare_text line, bool *known)
{
    uint32_t unused;
    *known = true;
    if (tare_text_skip(&line, "fn="))
        return enter_function(r, line);
    if (tare_text_skip(&line, "fl=")) {
        TARE_TRY(read_name(r, NAME_FILE, line, &r->here.file));
        r->callee.file = r->here.file;
        return TARE_OK;
    }
    if (tare_text_skip(&line, "fi=") || tare_text_skip(&line, "fe="))
        return read_name(r, NAME_FILE, line, &unused);
    if (tare_text_skip(&line, "ob=") || tare_text_skip(&line, "cob="))
        return read_name(r, NAME_OBJECT, line, &unused);
    if (tare_text_skip(&line, "cfi=") || tare_text_skip(&line, "cfl="))
        return read_name(r, NAME_FILE, line, &r->callee.file);
    if (tare_text_skip(&line, "cfn="))
        return read_name(r, NAME_FUNCTION, line, &r->callee.function);
    if (tare_text_skip(&line, "calls="))
        return read_calls(r, line);
    *known = tare_text_begins(line, "jump=") || tare_text_begins(line, "jcnd=") ||
             tare_text_begins(line, "jfi=") || tare_text_begins(line, "jfn=");
    return TARE_OK;
}

/* ---- costs ---- */

static bool is_position(tare_text word)
{
    char first = word.size > 0 ? word.bytes[0] : 0;
    return first == '+' || first == '-' || first == '*' || (first >= '0' && first <= '9');
}

static tare_status read_cost(callgrind_reader *r, tare_text word, uint32_t event, uint64_t *out)
{
    tare_decimal number;
    if (tare_decimal_read(word.bytes, word.size, &number) != word.size ||
        !tare_decimal_scale(&number, 0, out))
        return fail_shape(r, "a cost is no number");
    bool is_own_time = r->is_time && r->amount_of[event] == TARE_EDGES_OWN;
    if (is_own_time && !tare_round_scaled((double)*out, r->own_ns, out))
        return fail_shape(r, "a time is too long");
    return TARE_OK;
}

/* Inclusive costs of what the function here called. */
static tare_status end_call(callgrind_reader *r, const uint64_t *costs)
{
    uint32_t        callee, pair;
    callgrind_place place = r->callee;
    r->in_call = false;
    TARE_TRY(find_function(r, &place, &callee));
    TARE_TRY(tare_edges_pair(&r->edges, r->current, callee, &pair, r->err));
    tare_call_edge *edge = &r->edges.edges[pair];
    edge->inclusive_known = true;
    for (uint32_t i = 0; i < r->event_count; i++) {
        if (r->amount_of[i] == TARE_EDGES_OWN)
            tare_edges_raise(&edge->inclusive, costs[i]);
    }
    tare_edges_raise(&tare_edges_pair_amounts(&r->edges, pair)[TARE_EDGES_CALLS], r->call_count);
    tare_edges_raise(&tare_edges_function_amounts(&r->edges, callee)[TARE_EDGES_CALLS],
                     r->call_count);
    r->callee.file = r->here.file; /* the next call is to the same file unless it says so */
    return TARE_OK;
}

static tare_status read_costs(callgrind_reader *r, tare_text line)
{
    uint64_t  costs[MAX_EVENTS] = {0};
    tare_text word;
    if (r->current == TARE_NONE)
        return fail_shape(r, "costs are in no function");
    for (uint32_t i = 0; i < r->position_count; i++) {
        if (!take_word(&line, &word) || !is_position(word))
            return fail_shape(r, "a line is neither a name nor costs");
    }
    for (uint32_t i = 0; i < r->event_count && take_word(&line, &word); i++)
        TARE_TRY(read_cost(r, word, i, &costs[i]));
    r->has_costs = true;
    if (r->in_call)
        return end_call(r, costs);
    uint64_t *amounts = tare_edges_function_amounts(&r->edges, r->current);
    for (uint32_t i = 0; i < r->event_count; i++)
        tare_edges_raise(&amounts[r->amount_of[i]], costs[i]);
    return TARE_OK;
}

/* ---- the file ---- */

/* What a function took with all it called: as its callers say, or else the sum of what is in it. */
static void find_inclusive(callgrind_reader *r)
{
    tare_edges *edges = &r->edges;
    for (uint32_t id = 0; id < edges->edge_count; id++) {
        const tare_call_edge *edge = &edges->edges[id];
        if (edge->caller != edge->callee)
            tare_edges_raise(&edges->functions[edge->callee].inclusive, edge->inclusive);
        tare_edges_raise(&edges->functions[edge->callee].primitive_calls,
                         edge->caller == edge->callee
                             ? 0
                             : tare_edges_pair_amounts(edges, id)[TARE_EDGES_CALLS]);
    }
    for (uint32_t id = 0; id < edges->edge_count; id++) {
        const tare_call_edge *edge = &edges->edges[id];
        if (tare_edges_function_amounts(edges, edge->caller)[TARE_EDGES_CALLS] == 0)
            tare_edges_raise(&edges->functions[edge->caller].inclusive, edge->inclusive);
    }
    for (uint32_t index = 0; index < edges->function_count; index++) {
        const uint64_t *amounts = tare_edges_function_amounts(edges, index);
        if (amounts[TARE_EDGES_CALLS] == 0)
            tare_edges_raise(&edges->functions[index].inclusive, amounts[TARE_EDGES_OWN]);
    }
}

static tare_status read_line(callgrind_reader *r, tare_text line)
{
    bool known;
    tare_text_skip_blanks(&line);
    if (line.size == 0 || line.bytes[0] == '#')
        return TARE_OK;
    if (is_position(line))
        return read_costs(r, line);
    TARE_TRY(read_key(r, line, &known));
    if (known)
        return TARE_OK;
    bool is_header = memchr(line.bytes, ':', line.size) != NULL;
    return is_header ? read_header(r, line) : fail_shape(r, "a line is of no known kind");
}

static tare_status read_file(callgrind_reader *r, const uint8_t *bytes, size_t size)
{
    tare_text rest = {.bytes = (const char *)bytes, .size = size};
    tare_text line;
    while (tare_text_line(&rest, &line))
        TARE_TRY(read_line(r, line));
    if (!r->has_costs || r->in_call)
        return fail_shape(r, "it has no costs, or ends within a call");
    find_inclusive(r);
    TARE_TRY(tare_edges_build(&r->edges, &r->im, r->is_time, r->metrics));
    return tare_imported_end(&r->im,
                             "A callgrind file has sums for each pair of caller and callee, no "
                             "paths: longer paths in the tree are estimated, and so is what a "
                             "function itself took for each of its callers.");
}

tare_status tare_import_callgrind(const uint8_t *bytes, size_t size, tare_profile *into,
                                  tare_error *err)
{
    callgrind_reader r = {
        .im = {.profile = into, .err = err, .named_files = true},
        .err = err,
        .edges = {.alloc = into->alloc, .amount_count = TARE_EDGES_MORE},
        .current = TARE_NONE,
        .position_count = 1,
    };
    tare_status status = read_file(&r, bytes, size);
    for (int kind = 0; kind < NAME_KINDS; kind++)
        tare_map_deinit(&r.names[kind], into->alloc);
    tare_map_deinit(&r.functions, into->alloc);
    tare_edges_deinit(&r.edges);
    return status;
}
