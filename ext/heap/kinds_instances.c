/* kinds_instances.c - the attributes of objects of classes that have no dictionary of them yet.
 *
 * From 3.13 on the array of values is part of the object's block. Before, it is a block apart:
 *
 *     prefix | value | value | ...          array
 *            ^ where the pointer leads      the prefix's last byte is its length
 *
 * Its length is that of the class's keys when it was made, which no field keeps: a class foresees
 * thirty attributes for its first object and one less for each further one, down to those it has.
 * So the length follows from the keys now, within the eight lengths that the prefix leaves open:
 * it is right for the first object and for all after the thirtieth or so, and up to 56 bytes off
 * for some between.
 *
 * A dictionary that is made later takes the array over, or the keys' and the array's content. */
#include "heap/rules.h"

#include "common/pyobjects.h"

#if !TARE_HAS_INLINE_VALUES

void tare_tell_values_of_keys(const tare_dict_keys *keys, const void *values,
                              tare_block_visitor visitor, void *context)
{
    if (values == NULL)
        return;
    const size_t prefix = ((const uint8_t *)values)[-1];
    const size_t most = prefix - 2, least = prefix > 9 ? prefix - 9 : 0;
    size_t       length = (size_t)(keys->usable_count + keys->entry_count);
    if (length < least)
        length = least;
    if (length > most)
        length = most;
    tare_tell_block(visitor, context, (const char *)values - prefix,
                    prefix + length * TARE_WORD_BYTES);
}

static const void *find_values(PyObject *object)
{
    const uintptr_t *words = (const uintptr_t *)(const void *)object;
#if TARE_HAS_TAGGED_VALUES
    return words[-3] & 1 ? (const void *)(words[-3] + 1) : NULL;
#else
    return (const void *)words[-4];
#endif
}

#endif

void tare_tell_values(const tare_kind *kind, PyObject *object, tare_block_visitor visitor,
                      void *context)
{
#if TARE_HAS_INLINE_VALUES
    (void)kind, (void)object, (void)visitor, (void)context;
#else
    if (!(kind->type->tp_flags & Py_TPFLAGS_MANAGED_DICT))
        return;
    const void *keys = ((PyHeapTypeObject *)kind->type)->ht_cached_keys;
    if (keys != NULL)
        tare_tell_values_of_keys(keys, find_values(object), visitor, context);
#endif
}
