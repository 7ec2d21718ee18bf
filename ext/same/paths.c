/* paths.c - where in a value: result[3]['x'].
 *
 * A path is spelled from the stack when a difference is found, so the usual walk pays nothing for
 * it. Of more than 2 * MOST_STEPS steps the first and the last ones are shown: a path is for a
 * person to read, and a million steps are as many look-ups.
 * A key of the program's own may raise when it is asked for its text, and may be of any length. */
#include "same/walk.h"

#include <stdarg.h>

enum { MOST_STEPS = 8, MOST_KEY_CHARACTERS = 60 };

static const char ellipsis[] = "\xe2\x80\xa6";

/* A new reference: text, shortened. Takes text, which may be NULL with an exception set. */
static PyObject *shorten(PyObject *text)
{
    if (text == NULL || PyUnicode_GET_LENGTH(text) <= MOST_KEY_CHARACTERS)
        return text;
    PyObject *head = PyUnicode_Substring(text, 0, MOST_KEY_CHARACTERS - 1);
    PyObject *shown = head == NULL ? NULL : PyUnicode_FromFormat("%U%s", head, ellipsis);
    Py_XDECREF(head);
    Py_DECREF(text);
    return shown;
}

static PyObject *spell_key(PyObject *key)
{
    PyObject *text = PyObject_Repr(key);
    if (text == NULL && PyErr_ExceptionMatches(PyExc_Exception)) {
        PyErr_Clear();
        text = PyUnicode_FromFormat("<%s>", Py_TYPE(key)->tp_name);
    }
    return shorten(text);
}

static PyObject *spell_step(tare_style style, PyObject *key, Py_ssize_t index)
{
    if (key == NULL)
        return PyUnicode_FromFormat("[%zd]", index);
    if (style == TARE_STYLE_WORDS && PyUnicode_Check(key))
        return Py_NewRef(key);
    if (style == TARE_STYLE_ATTRIBUTES && PyUnicode_Check(key))
        return PyUnicode_FromFormat(".%U", key);
    PyObject *text = spell_key(key);
    PyObject *step = text == NULL ? NULL : PyUnicode_FromFormat("[%U]", text);
    Py_XDECREF(text);
    return step;
}

/* Takes path and step, each of which may be NULL with an exception set. */
static PyObject *append(PyObject *path, PyObject *step)
{
    PyObject *longer = path == NULL || step == NULL ? NULL : PyUnicode_Concat(path, step);
    Py_XDECREF(path);
    Py_XDECREF(step);
    return longer;
}

/* A frame's own place: a list has gone on to the next item already. */
static PyObject *step_of(const tare_frame *frame)
{
    return spell_step(frame->style, frame->key, frame->index - 1);
}

/* Down to the place of the frame before `depth`, not that of the one on top. */
static PyObject *spell_above(const tare_walk *walk, uint32_t depth)
{
    PyObject *path = Py_NewRef(walk->root);
    for (uint32_t i = 0; i + 1 < depth && path != NULL; i++) {
        if (depth > 2 * MOST_STEPS && i == MOST_STEPS) {
            uint32_t left_out = depth - 2 * MOST_STEPS;
            path = append(path,
                          PyUnicode_FromFormat("%s(%u more)%s", ellipsis, left_out, ellipsis));
            i += left_out;
        }
        path = append(path, step_of(&walk->frames[i]));
    }
    return path;
}

static PyObject *spell_here(const tare_walk *walk, const char *suffix)
{
    PyObject *path = spell_above(walk, walk->depth);
    if (walk->depth > 0 && path != NULL)
        path = append(path, step_of(&walk->frames[walk->depth - 1]));
    return suffix == NULL || path == NULL ? path : append(path, PyUnicode_FromString(suffix));
}

/* Items that were taken out or put in move all that follow. */
static PyObject *add_lengths(const tare_walk *walk, PyObject *why)
{
    const tare_frame *top = walk->depth > 0 ? &walk->frames[walk->depth - 1] : NULL;
    if (top == NULL || PyDict_Check(top->left))
        return Py_NewRef(why);
    Py_ssize_t left = PySequence_Fast_GET_SIZE(top->left);
    Py_ssize_t right = PySequence_Fast_GET_SIZE(top->right);
    if (left == right)
        return Py_NewRef(why);
    const char *comma = why != Py_None ? "; " : "";
    PyObject   *text = why != Py_None ? Py_NewRef(why) : PyUnicode_FromString("");
    PyObject   *all = text == NULL ? NULL
                                   : PyUnicode_FromFormat("%U%slength %zd against %zd", text, comma,
                                                          left, right);
    Py_XDECREF(text);
    return all;
}

int tare_walk_keep_first(tare_walk *walk, PyObject *left, PyObject *right, const char *suffix,
                         PyObject *why)
{
    if (walk->first != NULL)
        return 0;
    PyObject *path = spell_here(walk, suffix);
    PyObject *words = path == NULL ? NULL : add_lengths(walk, why != NULL ? why : Py_None);
    walk->first = words == NULL ? NULL : Py_BuildValue("(OOOO)", path, left, right, words);
    Py_XDECREF(words);
    Py_XDECREF(path);
    return walk->first != NULL ? 0 : -1;
}

int tare_walk_differ(tare_walk *walk, PyObject *left, PyObject *right, const char *suffix,
                     const char *why, ...)
{
    va_list   arguments;
    PyObject *words = NULL;
    walk->tally.compared++;
    walk->tally.differing++;
    if (walk->first != NULL)
        return 0;
    if (why != NULL) {
        va_start(arguments, why);
        words = PyUnicode_FromFormatV(why, arguments);
        va_end(arguments);
        if (words == NULL)
            return -1;
    }
    int result = tare_walk_keep_first(walk, left, right, suffix, words);
    Py_XDECREF(words);
    return result;
}

int tare_walk_mark_worst(tare_walk *walk)
{
    if (walk->depth == 0)
        return tare_walk_spell_worst(walk, NULL);
    const tare_frame *top = &walk->frames[walk->depth - 1];
    Py_XSETREF(walk->worst_key, Py_XNewRef(top->key));
    walk->worst_index = top->index - 1;
    walk->worst_depth = walk->depth;
    return 0;
}

int tare_walk_spell_worst(tare_walk *walk, const char *suffix)
{
    Py_CLEAR(walk->worst_key);
    walk->worst_depth = 0;
    Py_XSETREF(walk->worst_path, spell_here(walk, suffix));
    return walk->worst_path != NULL ? 0 : -1;
}

int tare_walk_settle_worst(tare_walk *walk)
{
    if (walk->worst_depth == 0 || walk->worst_depth != walk->depth)
        return 0;
    tare_style style = walk->frames[walk->depth - 1].style;
    PyObject  *step = spell_step(style, walk->worst_key, walk->worst_index);
    PyObject  *path = append(spell_above(walk, walk->depth), step);
    Py_CLEAR(walk->worst_key);
    walk->worst_depth = 0;
    Py_XSETREF(walk->worst_path, path);
    return path != NULL ? 0 : -1;
}
