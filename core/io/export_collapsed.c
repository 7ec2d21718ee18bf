/* export_collapsed.c - one line per stack.
 *
 *     process 41 app.py, thread 42 MainThread;main (app.py:9);parse (app.py:3) 12000000
 *
 * Root first, frames divided by ';', then a space and the amount in the metric's unit.
 * The first frame names the thread; stacks without labels begin with their root. A frame
 * is "qualname (file:line)", or the name alone where there is no file.
 *
 * Names are escaped so that a line is a stack and a ';' a border whatever they contain:
 * ';', controls and line separators become \uNNNN, a backslash is doubled. Spaces stay:
 * the amount is what follows the last one.
 *
 * Cost: O(sum of the depths of all stacks), in time and in bytes. */
#include "io/export.h"
#include "io/json_text.h"
#include "io/stacks.h"

static void append_escaped(tare_buffer *out, uint32_t character)
{
    if (character == ';' || tare_text_is_control(character))
        tare_buffer_format(out, "\\u%04x", character);
    else if (character == '\\')
        tare_buffer_append(out, "\\\\", 2);
    else
        tare_utf8_append(out, character);
}

static void append_name(tare_buffer *out, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t plain = tare_text_plain(bytes + at, size - at);
        tare_buffer_append(out, bytes + at, plain);
        at += plain;
        if (at < size) {
            uint32_t character;
            at += tare_utf8_next(bytes + at, size - at, &character);
            append_escaped(out, character);
        }
    }
}

static void append_frame(const tare_profile *profile, uint32_t frame, tare_buffer *out)
{
    const tare_function *function = &profile->functions[profile->frames[frame].function];
    tare_text            name = tare_profile_text(profile, function->qualname);
    tare_text            file = tare_profile_text(profile, function->file);
    append_name(out, name.bytes, name.size);
    if (file.size == 0)
        return;
    tare_buffer_append(out, " (", 2);
    append_name(out, file.bytes, file.size);
    tare_buffer_u8(out, ':');
    tare_text_number(out, profile->frames[frame].line);
    tare_buffer_u8(out, ')');
}

static void append_stack(tare_stacks *stacks, const tare_stack *stack, const tare_buffer *label,
                         tare_buffer *out)
{
    append_name(out, (const char *)label->bytes, label->size);
    size_t          border_size = label->size > 0;
    uint32_t        depth;
    const uint32_t *frames = tare_stacks_frames(stacks, stack->node, &depth);
    for (uint32_t i = 0; i < depth; i++) {
        tare_buffer_append(out, ";", border_size);
        append_frame(stacks->profile, frames[i], out);
        border_size = 1;
    }
    tare_buffer_u8(out, ' ');
    tare_text_number(out, stack->amount);
    tare_buffer_u8(out, '\n');
}

static tare_status append_label_set(tare_stacks *stacks, uint32_t set, tare_buffer *out,
                                    tare_error *err)
{
    tare_buffer label = {.alloc = out->alloc};
    tare_stacks_label(stacks->profile, set, &label);
    tare_status status = tare_export_result(&label, "collapsed", err);
    for (uint32_t i = stacks->first[set]; i < stacks->first[set + 1] && status == TARE_OK; i++) {
        append_stack(stacks, &stacks->stacks[i], &label, out);
        status = tare_export_result(out, "collapsed", err);
    }
    tare_buffer_deinit(&label);
    return status;
}

tare_status tare_export_collapsed(const tare_profile *profile, uint32_t metric, tare_buffer *out,
                                  tare_error *err)
{
    tare_stacks stacks;
    TARE_TRY(tare_stacks_init(&stacks, profile, metric, err));
    tare_status status = TARE_OK;
    for (uint32_t set = 0; set < profile->label_set_count && status == TARE_OK; set++)
        status = append_label_set(&stacks, set, out, err);
    tare_stacks_deinit(&stacks);
    return status;
}
