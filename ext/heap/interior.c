/* interior.c - see interior.h.
 *
 * The only file that is compiled with the interpreter's internal headers. They are those of the
 * minor version it runs on, so that layouts are the compiler's business; of 3.14, which changed
 * the collector's within a minor version, nothing but frames is looked at. */
#include "heap/interior.h"

#include "common/pyframes.h"
#include "common/pyobjects.h"

#include <stddef.h>

#undef _PyGC_FINALIZED /* 3.12 has it twice: once for the outside, once for itself */
#define Py_BUILD_CORE 1
#if TARE_HAS_STACK_REFS
#include <internal/pycore_debug_offsets.h>
#include <internal/pycore_interpframe_structs.h>
#else
#include <internal/pycore_interp.h>
#endif
#include <internal/pycore_frame.h>

/* ---- tables of the interpreter ---- */

#if TARE_HAS_OPEN_INTERPRETER

static void visit_imports(const PyInterpreterState *interpreter, tare_table_visitor visitor,
                          void *context)
{
#if TARE_HAS_IMPORT_STATE
    const struct _import_state *imports = &interpreter->imports;
    visitor(context, "the copy of vars(sys)", interpreter->sysdict_copy);
    visitor(context, "interned strings", interpreter->cached_objects.interned_strings);
#else
    const PyInterpreterState *imports = interpreter;
#endif
    visitor(context, "modules by index", imports->modules_by_index);
    visitor(context, "importlib", imports->importlib);
    visitor(context, "__import__", imports->import_func);
    visitor(context, "the copy of vars(builtins)", interpreter->builtins_copy);
}

static void visit_codecs(const PyInterpreterState *interpreter, tare_table_visitor visitor,
                         void *context)
{
#if TARE_HAS_CODEC_STATE
    visitor(context, "codec search functions", interpreter->codecs.search_path);
    visitor(context, "codecs", interpreter->codecs.search_cache);
    visitor(context, "codec error handlers", interpreter->codecs.error_registry);
#else
    visitor(context, "codec search functions", interpreter->codec_search_path);
    visitor(context, "codecs", interpreter->codec_search_cache);
    visitor(context, "codec error handlers", interpreter->codec_error_registry);
#endif
}

static void visit_handlers(const PyInterpreterState *interpreter, tare_table_visitor visitor,
                           void *context)
{
    visitor(context, "functions to call before a fork", interpreter->before_forkers);
    visitor(context, "functions to call in a parent", interpreter->after_forkers_parent);
    visitor(context, "functions to call in a child", interpreter->after_forkers_child);
    visitor(context, "audit hooks", interpreter->audit_hooks);
    visitor(context, "gc.callbacks", interpreter->gc.callbacks);
    visitor(context, "gc.garbage", interpreter->gc.garbage);
    visitor(context, "warnings.filters", interpreter->warnings.filters);
    visitor(context, "warnings.onceregistry", interpreter->warnings.once_registry);
    for (int i = 0; i < interpreter->atexit.ncallbacks; i++) {
        if (interpreter->atexit.callbacks[i] == NULL)
            continue;
        visitor(context, "an atexit function", interpreter->atexit.callbacks[i]->func);
        visitor(context, "an atexit function's arguments", interpreter->atexit.callbacks[i]->args);
        visitor(context, "an atexit function's keywords", interpreter->atexit.callbacks[i]->kwargs);
    }
}

/* Classes of the compiler's trees and their singletons: the first is AST, and after it there is
 * nothing else. */
static void visit_trees(const PyInterpreterState *interpreter, tare_table_visitor visitor,
                        void *context)
{
    const struct ast_state *trees = &interpreter->ast;
    PyObject *const        *end = (PyObject *const *)(trees + 1);
    for (PyObject *const *at = &trees->AST_type; at < end; at++)
        visitor(context, "classes of ast", *at);
}

void tare_interior_tables(tare_table_visitor visitor, void *context)
{
    const PyInterpreterState *interpreter = PyInterpreterState_Get();
    visitor(context, "vars(builtins)", interpreter->builtins);
    visitor(context, "vars(sys)", interpreter->sysdict);
    visitor(context, "the interpreter's dict", interpreter->dict);
    visit_imports(interpreter, visitor, context);
    visit_codecs(interpreter, visitor, context);
    visit_handlers(interpreter, visitor, context);
    visit_trees(interpreter, visitor, context);
}

#if TARE_HAS_STATIC_TYPE_STATE
/* Objects/typeobject.c, managed_static_type_state_get: a static type that the interpreter knows
 * has its place there where others have the dict. */
PyObject *tare_interior_subclasses(PyTypeObject *type)
{
    const struct types_state *types = &PyInterpreterState_Get()->types;
    size_t                    index = (size_t)type->tp_subclasses - 1;
    if (!(type->tp_flags & _Py_TPFLAGS_STATIC_BUILTIN))
        return type->tp_subclasses;
#if TARE_HAS_EXTENSION_TYPE_STATE
    if (index < Py_ARRAY_LENGTH(types->for_extensions.initialized) &&
        types->for_extensions.initialized[index].type == type)
        return types->for_extensions.initialized[index].tp_subclasses;
    if (index < Py_ARRAY_LENGTH(types->builtins.initialized) &&
        types->builtins.initialized[index].type == type)
        return types->builtins.initialized[index].tp_subclasses;
#else
    if (index < Py_ARRAY_LENGTH(types->builtins) && types->builtins[index].type == type)
        return types->builtins[index].tp_subclasses;
#endif
    return NULL;
}
#else
PyObject *tare_interior_subclasses(PyTypeObject *type)
{
    return type->tp_subclasses;
}
#endif

#else

void tare_interior_tables(tare_table_visitor visitor, void *context)
{
    visitor(context, "vars(builtins)", PyEval_GetBuiltins());
}

PyObject *tare_interior_subclasses(PyTypeObject *type)
{
    (void)type;
    return NULL;
}

#endif

void tare_interior_thread(PyThreadState *thread, tare_table_visitor visitor, void *context)
{
#if TARE_HAS_ONE_EXCEPTION
    visitor(context, "exception being raised", thread->current_exception);
#else
    visitor(context, "type of the exception being raised", thread->curexc_type);
    visitor(context, "exception being raised", thread->curexc_value);
    visitor(context, "traceback of the exception being raised", thread->curexc_traceback);
#endif
    for (const _PyErr_StackItem *item = thread->exc_info; item != NULL; item = item->previous_item)
        visitor(context, "exception being handled", item->exc_value);
    visitor(context, "context", thread->context);
    visitor(context, "thread-local values", thread->dict);
    visitor(context, "profile function's argument", thread->c_profileobj);
    visitor(context, "trace function's argument", thread->c_traceobj);
    visitor(context, "exception to raise", thread->async_exc);
    visitor(context, "first hook of asynchronous generators", thread->async_gen_firstiter);
    visitor(context, "last hook of asynchronous generators", thread->async_gen_finalizer);
}

/* ---- what the collector tracks ---- */

#if TARE_HAS_OPEN_INTERPRETER

static int visit_list(PyGC_Head *list, unsigned age, tare_tracked_visitor visitor, void *context)
{
    int stopped = 0;
    for (PyGC_Head *head = (PyGC_Head *)list->_gc_next; head != list && !stopped;
         head = (PyGC_Head *)head->_gc_next)
        stopped = visitor((PyObject *)(head + 1), age, context);
    return stopped;
}

void tare_interior_tracked(tare_tracked_visitor visitor, void *context)
{
    struct _gc_runtime_state *gc = &PyInterpreterState_Get()->gc;
    int                       stopped = 0;
    for (unsigned i = 0; i < TARE_GENERATIONS && !stopped; i++)
        stopped = visit_list(&gc->generations[i].head, i, visitor, context);
    if (!stopped)
        visit_list(&gc->permanent_generation.head, TARE_GENERATIONS, visitor, context);
}

bool tare_interior_knows_ages(void)
{
    return true;
}

bool tare_interior_tells_frozen(void)
{
    return true;
}

bool tare_interior_collecting(void)
{
    return PyInterpreterState_Get()->gc.collecting != 0;
}

#else

typedef struct told {
    tare_tracked_visitor visitor;
    void                *context;
} told;

static int tell(PyObject *object, void *context)
{
    const told *to = context;
    return !to->visitor(object, TARE_GENERATIONS + 1, to->context);
}

void tare_interior_tracked(tare_tracked_visitor visitor, void *context)
{
    told to = {.visitor = visitor, .context = context};
    PyUnstable_GC_VisitObjects(tell, &to);
}

bool tare_interior_knows_ages(void)
{
    return false;
}

bool tare_interior_tells_frozen(void)
{
    return true;
}

/* Where the interpreter itself says that its fields are: the first thing in the runtime. */
extern const char _PyRuntime[];

bool tare_interior_collecting(void)
{
    const _Py_DebugOffsets *offsets = (const void *)_PyRuntime;
    const char             *interpreter = (const char *)PyInterpreterState_Get();
    return *(const int *)(interpreter + offsets->interpreter_state.gc + offsets->gc.collecting) !=
           0;
}

#endif

/* ---- frames ---- */

/* What pyframes.h says of them, held against the interpreter's own words. */
#if TARE_HAS_FRAMES
#define SAME_PLACE(ours, theirs)                                                                 \
    _Static_assert(offsetof(tare_pyframe, ours) == offsetof(struct _PyInterpreterFrame, theirs), \
                   "frames are laid out otherwise")
SAME_PLACE(previous, previous);
SAME_PLACE(globals, f_globals);
SAME_PLACE(locals, f_locals);
SAME_PLACE(object, frame_obj);
SAME_PLACE(owner, owner);
_Static_assert(sizeof(tare_pyframe) == offsetof(struct _PyInterpreterFrame, localsplus),
               "values begin elsewhere in frames");
#endif

const void *tare_interior_frame(PyThreadState *thread)
{
    return TARE_HAS_FRAMES ? tare_state_frame(thread) : NULL;
}

#if TARE_HAS_STACK_REFS
enum { TAG_BITS = 3, INTEGER_TAG = 3 };

static PyObject *untag(uintptr_t bits)
{
    return (bits & TAG_BITS) == INTEGER_TAG ? NULL : (PyObject *)(bits & ~(uintptr_t)TAG_BITS);
}

static int count_stack(const tare_pyframe *frame, int local_count)
{
    const uintptr_t *values = tare_pyframe_values(frame), *top = frame->stack_pointer;
    return top != NULL ? (int)(top - values) - local_count : 0;
}
#else
static PyObject *untag(uintptr_t bits)
{
    return (PyObject *)bits;
}

static int count_stack(const tare_pyframe *frame, int local_count)
{
    return frame->stack_top - local_count;
}
#endif

static int find_line(const tare_pyframe *frame, PyCodeObject *code)
{
    ptrdiff_t offset = frame->instruction - (const char *)code->co_code_adaptive;
    if (offset < 0 || offset >= (ptrdiff_t)(Py_SIZE(code) * (Py_ssize_t)sizeof(_Py_CODEUNIT)))
        return code->co_firstlineno;
    return PyCode_Addr2Line(code, (int)offset);
}

void tare_interior_read_frame(const void *address, tare_running_frame *out)
{
    const tare_pyframe *frame = address;
    PyObject           *code = (PyObject *)tare_pyframe_code(frame);
    *out = (tare_running_frame){.previous = frame->previous};
    if (!tare_pyframe_is_python(frame) || code == NULL || !PyCode_Check(code))
        return;
    out->code = (PyCodeObject *)code;
    out->globals = frame->globals;
    out->locals = frame->locals;
    out->frame_object = (PyObject *)frame->object;
    out->function = untag((uintptr_t)frame->function);
    out->values = tare_pyframe_values(frame);
    out->local_count = out->code->co_nlocalsplus;
    out->stack_count = Py_MAX(count_stack(frame, out->local_count), 0);
    out->line = find_line(frame, out->code);
}

/* The three kinds begin alike. */
static PyGenObject *as_generator(PyObject *object)
{
    bool is_one = PyGen_Check(object) || PyCoro_CheckExact(object) || PyAsyncGen_CheckExact(object);
    return is_one ? (PyGenObject *)object : NULL;
}

const void *tare_interior_frame_in(PyObject *object)
{
    PyGenObject *generator = as_generator(object);
    if (!TARE_HAS_FRAMES)
        return NULL;
    if (PyFrame_Check(object))
        return ((PyFrameObject *)object)->f_frame;
    bool has_frame = generator != NULL && generator->gi_frame_state < FRAME_CLEARED;
    return has_frame ? (const void *)&generator->gi_iframe : NULL;
}

void tare_interior_generator(PyObject *object, PyObject **name_out, PyObject **qualname_out)
{
    PyGenObject *generator = as_generator(object);
    *name_out = generator != NULL ? generator->gi_name : NULL;
    *qualname_out = generator != NULL ? generator->gi_qualname : NULL;
}

PyObject *tare_interior_frame_back(PyObject *frame)
{
    return (PyObject *)((PyFrameObject *)frame)->f_back;
}

PyObject *tare_interior_value(const tare_running_frame *frame, int index)
{
    return untag(((const uintptr_t *)frame->values)[index]);
}
