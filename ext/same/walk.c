/* walk.c - the loop over frames.
 *
 *     top frame, a list    next item of both          ->  tare_walk_value, which may enter a frame
 *     top frame, a dict    next key of both           ->  likewise
 *     at its end           what is left over differs  ->  the frame goes
 *
 * Two dicts are walked in step as long as their keys come in the same order, which costs no
 * look-up. At the first key that does not, the right one's keys are put into a dict of their own,
 * by which the rest is looked up: so a key's type is seen too (1 and True are one key).
 *
 * A pair of containers is noted as met when the first container in it is entered: those that hold
 * leaves alone, most of all there are, cannot be part of a cycle.
 * Cost: O(values), and one frame a level. */
#include "same/walk.h"

enum { TURNS_BETWEEN_SIGNALS = 1 << 14 };

static void drop_frame(tare_frame *frame)
{
    Py_XDECREF(frame->left);
    Py_XDECREF(frame->right);
    Py_XDECREF(frame->key);
    Py_XDECREF(frame->known);
}

void tare_walk_deinit(tare_walk *walk)
{
    while (walk->depth > 0)
        drop_frame(&walk->frames[--walk->depth]);
    tare_release(walk->alloc, walk->frames, walk->capacity, sizeof *walk->frames);
    tare_pairs_deinit(&walk->met);
    Py_CLEAR(walk->first);
    Py_CLEAR(walk->worst_path);
    Py_CLEAR(walk->worst_key);
}

static int raise_no_memory(void)
{
    PyErr_NoMemory();
    return -1;
}

static int note_top(tare_walk *walk)
{
    tare_frame *top = walk->depth > 0 ? &walk->frames[walk->depth - 1] : NULL;
    if (top == NULL || top->noted)
        return 0;
    top->noted = true;
    return tare_pairs_add(&walk->met, top->left, top->right, NULL) == TARE_OK ? 0
                                                                              : raise_no_memory();
}

int tare_walk_enter(tare_walk *walk, PyObject *left, PyObject *right, tare_style style)
{
    if (note_top(walk) < 0)
        return -1;
    if (tare_pairs_has(&walk->met, left, right))
        return 0;
    if (walk->depth == walk->capacity &&
        tare_grow(walk->alloc, (void **)&walk->frames, &walk->capacity, (size_t)walk->depth + 1,
                  sizeof *walk->frames, NULL) != TARE_OK)
        return raise_no_memory();
    walk->frames[walk->depth++] = (tare_frame){
        .left = Py_NewRef(left), .right = Py_NewRef(right), .style = style};
    return 0;
}

static int leave(tare_walk *walk)
{
    if (tare_walk_settle_worst(walk) < 0)
        return -1;
    tare_frame frame = walk->frames[--walk->depth];
    drop_frame(&frame); /* last: it may run code */
    return 0;
}

/* What user code raised where a key was looked for is a difference, unless it ends everything. */
static int tell_raised(tare_walk *walk, PyObject *left, PyObject *right)
{
    if (!PyErr_ExceptionMatches(PyExc_Exception))
        return -1;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    const char *name = PyType_Check(type) ? ((PyTypeObject *)type)->tp_name : "an exception";
    int result = tare_walk_differ(walk, left, right, NULL, "looking for a key raised %s", name);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return result;
}

/* ---- lists and tuples ---- */

static int tell_lengths(tare_walk *walk, Py_ssize_t left_count, Py_ssize_t right_count)
{
    tare_frame top = walk->frames[--walk->depth]; /* the pair itself is where this differs */
    int        result = tare_walk_differ(walk, top.left, top.right, NULL,
                                         "length %zd against %zd; the first %zd agree", left_count,
                                         right_count, Py_MIN(left_count, right_count));
    walk->frames[walk->depth++] = top;
    return result;
}

/* Numbers in a row run no code of anybody's, so that nothing need be held. */
static void pass_floats(tare_walk *walk, tare_frame *top, Py_ssize_t count)
{
    PyObject **left = PySequence_Fast_ITEMS(top->left), **right = PySequence_Fast_ITEMS(top->right);
    for (; top->index < count; top->index++) {
        PyObject *a = left[top->index], *b = right[top->index];
        if (!PyFloat_CheckExact(a) || !PyFloat_CheckExact(b))
            break;
        double x = PyFloat_AS_DOUBLE(a), y = PyFloat_AS_DOUBLE(b);
        if (!(x == y && x != 0)) /* zeros may have a sign */
            break;
        walk->tally.compared++;
    }
}

static int walk_sequence(tare_walk *walk, tare_frame *top)
{
    Py_ssize_t left_count = PySequence_Fast_GET_SIZE(top->left);
    Py_ssize_t right_count = PySequence_Fast_GET_SIZE(top->right);
    Py_ssize_t count = Py_MIN(left_count, right_count);
    pass_floats(walk, top, count);
    if (top->index >= count) {
        if (left_count != right_count && tell_lengths(walk, left_count, right_count) < 0)
            return -1;
        return leave(walk);
    }
    PyObject *left = Py_NewRef(PySequence_Fast_GET_ITEM(top->left, top->index));
    PyObject *right = Py_NewRef(PySequence_Fast_GET_ITEM(top->right, top->index));
    top->index++;
    int result = tare_walk_value(walk, left, right);
    Py_DECREF(left);
    Py_DECREF(right);
    return result;
}

/* ---- dicts ---- */

/* The right one's keys, to be looked up with what is there. */
static int know_keys(tare_frame *top)
{
    PyObject  *key;
    Py_ssize_t at = 0;
    if (top->known != NULL)
        return 0;
    top->known = PyDict_New();
    while (top->known != NULL && PyDict_Next(top->right, &at, &key, NULL)) {
        Py_INCREF(key);
        int result = PyDict_SetItem(top->known, key, key);
        Py_DECREF(key);
        if (result < 0)
            return -1;
    }
    return top->known != NULL ? 0 : -1;
}

/* Keys in step: 1 and the right one's value, 0 when it has another key there, -1. */
static int next_in_step(tare_frame *top, PyObject **value_out)
{
    PyObject *key, *value;
    if (top->known != NULL || !PyDict_Next(top->right, &top->other, &key, &value))
        return 0;
    Py_INCREF(key);
    Py_INCREF(value);
    int same = key == top->key;
    if (!same && Py_TYPE(key) == Py_TYPE(top->key))
        same = PyObject_RichCompareBool(key, top->key, Py_EQ);
    Py_DECREF(key);
    if (same == 1)
        *value_out = value;
    else
        Py_DECREF(value);
    return same;
}

/* The right one's value for the key, a new reference; NULL without an exception: it has none, and
 * that is told. */
static PyObject *look_up(tare_walk *walk, tare_frame *top, PyObject *left)
{
    if (know_keys(top) < 0)
        return NULL;
    PyObject *key = Py_XNewRef(PyDict_GetItemWithError(top->known, top->key));
    PyObject *value = key == NULL ? NULL
                                  : Py_XNewRef(PyDict_GetItemWithError(top->right, top->key));
    if (PyErr_Occurred()) {
        Py_XDECREF(key);
        Py_XDECREF(value);
        return NULL;
    }
    bool same_type = key != NULL && Py_TYPE(key) == Py_TYPE(top->key);
    int  told = 0;
    if (value == NULL)
        told = tare_walk_differ(walk, left, Py_None, NULL, TARE_SAME_LEFT_ONLY);
    else if (walk->strict && !same_type)
        told = tare_walk_differ(walk, top->key, key, NULL, "keys of different types");
    Py_XDECREF(key);
    if (told < 0)
        Py_CLEAR(value);
    return value;
}

/* Keys that only the right dict has. */
static int tell_left_over(tare_walk *walk, tare_frame *top)
{
    PyObject  *key, *value;
    Py_ssize_t at = 0;
    int        result = 0;
    if (top->known == NULL && PyDict_GET_SIZE(top->left) == PyDict_GET_SIZE(top->right))
        return 0;
    while (result == 0 && PyDict_Next(top->right, &at, &key, &value)) {
        Py_INCREF(value);
        Py_XSETREF(top->key, Py_NewRef(key));
        int has = PyDict_Contains(top->left, top->key);
        if (has < 0)
            result = tell_raised(walk, top->left, top->right);
        else if (has == 0)
            result = tare_walk_differ(walk, Py_None, value, NULL, TARE_SAME_RIGHT_ONLY);
        Py_DECREF(value);
    }
    return result;
}

static int tell_order(tare_walk *walk, tare_frame *top, int in_step)
{
    if (!walk->ordered || in_step != 0 || top->known != NULL)
        return 0;
    return tare_walk_differ(walk, top->left, top->right, NULL, "keys come in another order");
}

static int walk_dict(tare_walk *walk, tare_frame *top)
{
    PyObject *key, *left, *right = NULL;
    if (!PyDict_Next(top->left, &top->index, &key, &left))
        return tell_left_over(walk, top) < 0 ? -1 : leave(walk);
    Py_INCREF(left);
    Py_XSETREF(top->key, Py_NewRef(key));
    int in_step = next_in_step(top, &right);
    if (in_step == 0 && tell_order(walk, top, in_step) == 0)
        right = look_up(walk, top, left);
    int result = 0;
    if (right != NULL)
        result = tare_walk_value(walk, left, right);
    else if (PyErr_Occurred())
        result = tell_raised(walk, top->left, top->right);
    Py_XDECREF(right);
    Py_DECREF(left);
    return result;
}

int tare_walk_pair(tare_walk *walk, PyObject *left, PyObject *right)
{
    if (tare_walk_value(walk, left, right) < 0)
        return -1;
    while (walk->depth > 0) {
        tare_frame *top = &walk->frames[walk->depth - 1];
        if (++walk->turn_count % TURNS_BETWEEN_SIGNALS == 0 && PyErr_CheckSignals() < 0)
            return -1;
        int result = PyDict_Check(top->left) ? walk_dict(walk, top) : walk_sequence(walk, top);
        if (result < 0)
            return -1;
    }
    return 0;
}
