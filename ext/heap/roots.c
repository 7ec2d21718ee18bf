/* roots.c - see roots.h.
 *
 *     modules | variables of frames, by thread | thread states | tables of the interpreter, types
 *
 * Cost: O(threads + variables of their frames + types). */
#include "heap/roots.h"

#include "heap/interior.h"
#include "heap/words.h"

#include "common/thread_name.h"

#include <stdio.h>
#include <string.h>

static const char OWN_PREFIX[] = "tare.";

/* What the root that comes next is called, and of whom. */
typedef struct collector {
    tare_roots    *roots;
    tare_root_kind kind;
    uint32_t       where; /* string */
    bool           asking;
    tare_buffer    words;
    char           thread[100];
    tare_status    status;
    tare_error    *err;
} collector;

void tare_roots_deinit(tare_roots *roots)
{
    if (roots->alloc != NULL) {
        tare_release(roots->alloc, roots->roots, roots->capacity, sizeof *roots->roots);
        tare_intern_deinit(&roots->strings, roots->alloc);
    }
    *roots = (tare_roots){.alloc = roots->alloc};
}

/* The string with what is in words. */
static tare_status intern_words(collector *c, uint32_t *id_out)
{
    if (c->words.failed)
        return tare_fail(c->err, TARE_NO_MEMORY, "name a root: out of memory");
    return tare_intern_add(&c->roots->strings, (const char *)c->words.bytes, c->words.size,
                           c->roots->alloc, id_out, c->err);
}

static tare_status add_root(collector *c, PyObject *object, bool own)
{
    tare_roots *roots = c->roots;
    tare_root   root = {.object = object, .kind = c->kind, .where = c->where, .own = own};
    root.asking = c->asking;
    TARE_TRY(intern_words(c, &root.name));
    TARE_TRY(tare_grow(roots->alloc, (void **)&roots->roots, &roots->capacity,
                       (size_t)roots->count + 1, sizeof *roots->roots, c->err));
    roots->roots[roots->count++] = root;
    return TARE_OK;
}

static void say(tare_buffer *words, const char *text)
{
    tare_buffer_clear(words);
    tare_buffer_append(words, text, strlen(text));
}

/* For the tables of an interpreter or a thread. */
static void add_named(void *context, const char *name, PyObject *object)
{
    collector *c = context;
    if (object == NULL || c->status != TARE_OK)
        return;
    say(&c->words, name);
    c->status = add_root(c, object, false);
}

/* ---- frames ---- */

/* The first key of a module's variables is its name, put there when it was made. */
static bool is_ours(const tare_running_frame *frame)
{
    PyObject  *key, *value;
    Py_ssize_t at = 0;
    if (frame->globals == NULL || !PyDict_CheckExact(frame->globals) ||
        !PyDict_Next(frame->globals, &at, &key, &value) || !PyUnicode_CheckExact(value) ||
        !PyUnicode_IS_COMPACT_ASCII(value))
        return false;
    return strncmp(PyUnicode_DATA(value), OWN_PREFIX, sizeof OWN_PREFIX - 1) == 0;
}

static tare_status set_where(collector *c, const tare_running_frame *frame)
{
    say(&c->words, c->thread);
    tare_words_text(&c->words, frame->code->co_qualname);
    tare_buffer_format(&c->words, ":%d, ", frame->line);
    return intern_words(c, &c->where);
}

static tare_status add_values(collector *c, const tare_running_frame *frame, bool own)
{
    PyObject *names = frame->code->co_localsplusnames;
    for (int i = 0; i < frame->local_count + frame->stack_count; i++) {
        PyObject *value = tare_interior_value(frame, i);
        if (value == NULL)
            continue;
        bool is_local = i < frame->local_count;
        c->kind = is_local ? TARE_ROOT_LOCAL : TARE_ROOT_STACK;
        say(&c->words, is_local ? "" : "a value being computed");
        if (is_local)
            tare_words_text(&c->words, PyTuple_GET_ITEM(names, i));
        TARE_TRY(add_root(c, value, own));
    }
    return TARE_OK;
}

static tare_status add_parts(collector *c, const tare_running_frame *frame, bool own)
{
    const struct {
        const char *name;
        PyObject   *object;
    } parts[] = {
        {"its function", frame->function},
        {"locals()", frame->locals},
        {"its frame", frame->frame_object},
        {"its code", (PyObject *)frame->code},
    };
    c->kind = TARE_ROOT_FRAME;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].object == NULL)
            continue;
        say(&c->words, parts[i].name);
        TARE_TRY(add_root(c, parts[i].object, own));
    }
    return TARE_OK;
}

static tare_status add_frames(collector *c, PyThreadState *thread, bool asking)
{
    tare_running_frame frame;
    bool               own = asking;
    for (const void *at = tare_interior_frame(thread); at != NULL; at = frame.previous) {
        tare_interior_read_frame(at, &frame);
        if (frame.code == NULL)
            continue;
        own = own && is_ours(&frame);
        c->asking = asking && !own;
        asking = own;
        TARE_TRY(set_where(c, &frame));
        TARE_TRY(add_values(c, &frame, own));
        TARE_TRY(add_parts(c, &frame, own));
    }
    c->asking = false;
    return TARE_OK;
}

/* ---- threads ---- */

static PyThreadState *first_thread(void)
{
    return PyInterpreterState_ThreadHead(PyInterpreterState_Get());
}

/* "thread MainThread, ". Names are asked before anything is walked: asking makes a number. */
static void set_thread(collector *c, const PyThreadState *thread)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    tare_buffer_clear(&c->words);
    tare_words_text(&c->words, tare_thread_name(thread->thread_id));
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    if (c->words.size > 0 && !c->words.failed)
        snprintf(c->thread, sizeof c->thread, "thread %.*s, ", (int)Py_MIN(c->words.size, 64),
                 (const char *)c->words.bytes);
    else
        snprintf(c->thread, sizeof c->thread, "thread %lu, ",
                 (unsigned long)thread->native_thread_id);
}

static tare_status add_threads(collector *c)
{
    PyThreadState *own = PyThreadState_Get();
    for (PyThreadState *thread = first_thread(); thread != NULL;
         thread = PyThreadState_Next(thread)) {
        set_thread(c, thread);
        TARE_TRY(add_frames(c, thread, thread == own));
        c->kind = TARE_ROOT_THREAD;
        say(&c->words, c->thread);
        TARE_TRY(intern_words(c, &c->where));
        tare_interior_thread(thread, add_named, c);
        TARE_TRY(c->status);
    }
    return TARE_OK;
}

/* ---- static types ---- */

/* A new list of them, or NULL with an exception that is not worth a word. What type itself does,
 * whatever the class's own class says. */
static PyObject *list_subclasses(PyTypeObject *type)
{
    PyObject *method = PyObject_GetAttrString((PyObject *)&PyType_Type, "__subclasses__");
    PyObject *list = method != NULL ? PyObject_CallOneArg(method, (PyObject *)type) : NULL;
    Py_XDECREF(method);
    return list;
}

static tare_status add_type(collector *c, PyTypeObject *type)
{
    PyObject *subclasses = tare_interior_subclasses(type);
    say(&c->words, "the type ");
    tare_words_type(&c->words, type);
    TARE_TRY(add_root(c, (PyObject *)type, false));
    if (subclasses == NULL)
        return TARE_OK;
    say(&c->words, "the subclasses of ");
    tare_words_type(&c->words, type);
    return add_root(c, subclasses, false);
}

/* Types of the interpreter and of libraries are never freed, and nobody may refer to them but by
 * weak references of their bases. The lists are gone before anything is counted. */
static tare_status add_static_types(collector *c, PyTypeObject *type)
{
    TARE_TRY(add_type(c, type));
    tare_status status = TARE_OK;
    PyObject   *types = list_subclasses(type);
    Py_ssize_t  count = types != NULL && PyList_CheckExact(types) ? PyList_GET_SIZE(types) : 0;
    for (Py_ssize_t i = 0; i < count && status == TARE_OK; i++) {
        PyTypeObject *derived = (PyTypeObject *)PyList_GET_ITEM(types, i);
        if (!(derived->tp_flags & Py_TPFLAGS_HEAPTYPE))
            status = add_static_types(c, derived);
    }
    PyErr_Clear();
    Py_XDECREF(types);
    return status;
}

static tare_status add_types(collector *c)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    tare_status status = add_static_types(c, &PyBaseObject_Type);
    PyErr_Restore(type, value, traceback);
    return status;
}

static tare_status collect(collector *c)
{
    say(&c->words, "");
    TARE_TRY(intern_words(c, &c->where));
    c->kind = TARE_ROOT_MODULES;
    add_named(c, "sys.modules", PyImport_GetModuleDict());
    TARE_TRY(c->status);
    TARE_TRY(add_threads(c));
    say(&c->words, "the interpreter: ");
    TARE_TRY(intern_words(c, &c->where));
    c->kind = TARE_ROOT_INTERPRETER;
    tare_interior_tables(add_named, c);
    TARE_TRY(c->status);
    return add_types(c);
}

tare_status tare_roots_collect(tare_roots *roots, tare_error *err)
{
    collector   c = {.roots = roots, .words.alloc = roots->alloc, .err = err};
    tare_status status = collect(&c);
    tare_buffer_deinit(&c.words);
    return status;
}
