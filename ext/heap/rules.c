/* rules.c - finds the rule for a type: see rules.h.
 *
 *     type -> base -> base -> object        tp_base: whose shape the objects have
 *
 * Types made by a class statement are passed over, whatever they are called. Of the others, those
 * that CPython has a symbol for are known by it; the rest by name and size, and only where the
 * name stands in a type of C's. Cost: some dozens of comparisons for each base, once a walk. */
#include "heap/rules.h"

#include <string.h>

static const tare_rule_table *const tables[] = {
    &tare_rules_text,    &tare_rules_containers, &tare_rules_code,
    &tare_rules_library, &tare_rules_numpy,
};

/* A type from a PyType_Spec keeps its name for itself; Objects/typeobject.c. */
bool tare_type_is_made_in_python(const PyTypeObject *type)
{
    return type->tp_flags & Py_TPFLAGS_HEAPTYPE &&
           ((const PyHeapTypeObject *)type)->_ht_tpname == NULL;
}

static bool fits(const tare_kind_rule *rule, const PyTypeObject *type)
{
    if (rule->type != NULL ? rule->type != type
                           : type->tp_name == NULL || strcmp(rule->name, type->tp_name) != 0)
        return false;
    return rule->basic_bytes == 0 || rule->basic_bytes == (size_t)type->tp_basicsize;
}

static const tare_kind_rule *find_for(const PyTypeObject *type)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (size_t j = 0; j < tables[i]->count; j++)
            if (fits(&tables[i]->rules[j], type))
                return &tables[i]->rules[j];
    return NULL;
}

const tare_kind_rule *tare_rules_find(PyTypeObject *type, bool *exact_out)
{
    const tare_kind_rule *rule = NULL;
    for (PyTypeObject *base = type; base != NULL && rule == NULL; base = base->tp_base) {
        *exact_out = base == type;
        if (!tare_type_is_made_in_python(base))
            rule = find_for(base);
    }
    *exact_out = *exact_out && rule != NULL;
    return rule;
}
