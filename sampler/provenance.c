/* provenance.c - see provenance.h. */
#include "sampler/provenance.h"

#include <string.h>

/* What a read may cost the target: a lock on its address space for part of a microsecond and
 * cache lines that move to another core and back. Measured as slowdown per read of a
 * program that does nothing but call, sampled at 50 kHz (make bench). */
enum { DISTURBANCE_NS_PER_READ = 150 };

static void append_quoted(tare_buffer *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-./=:,+@%";
    if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
        tare_buffer_append(out, word, strlen(word));
        return;
    }
    tare_buffer_u8(out, '\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            tare_buffer_append(out, "'\\''", 4);
        else
            tare_buffer_u8(out, (uint8_t)*word);
    }
    tare_buffer_u8(out, '\'');
}

static tare_status set_buffer(tare_session *session, const char *key, tare_buffer *text,
                              tare_error *err)
{
    tare_status status = text->failed
                             ? tare_fail(err, TARE_NO_MEMORY, "note %s: out of memory", key)
                             : tare_profile_set_meta(&session->profile, key,
                                                     text->size > 0 ? (const char *)text->bytes
                                                                    : "",
                                                     text->size, err);
    tare_buffer_deinit(text);
    return status;
}

static tare_status set_spawned_command(tare_session *session, tare_error *err)
{
    tare_buffer text = {.alloc = session->alloc};
    for (char *const *word = session->options->command; *word != NULL; word++) {
        if (text.size > 0)
            tare_buffer_u8(&text, ' ');
        append_quoted(&text, *word);
    }
    return set_buffer(session, "target.command", &text, err);
}

static tare_status set_found_command(tare_session *session, tare_error *err)
{
    tare_buffer text = {.alloc = session->alloc};
    char        command[TARE_OS_PATH_BYTES] = "";
    size_t      size = 0;
    if (tare_os_process_command(&session->targets[0]->process, command, sizeof command, &size,
                                NULL) != TARE_OK)
        size = 0;
    for (size_t at = 0; at < size; at += strlen(command + at) + 1) {
        if (text.size > 0)
            tare_buffer_u8(&text, ' ');
        append_quoted(&text, command + at);
    }
    return set_buffer(session, "target.command", &text, err);
}

static tare_status set_text(tare_session *session, const char *key, const char *text,
                            tare_error *err)
{
    return tare_profile_set_meta(&session->profile, key, text, strlen(text), err);
}

static tare_status set_number(tare_session *session, const char *key, uint64_t number,
                              tare_error *err)
{
    return tare_profile_format_meta(&session->profile, err, key, "%llu",
                                    (unsigned long long)number);
}

tare_status tare_provenance_begin(tare_session *session, tare_error *err)
{
    tare_machine machine;
    tare_os_machine(&machine);
    TARE_TRY(set_text(session, "engine", "sample", err));
    TARE_TRY(set_text(session, "clock", "monotonic", err));
    TARE_TRY(set_text(session, "tare.version", TARE_VERSION, err));
    TARE_TRY(set_number(session, "created_unix_ns", tare_os_unix_ns(), err));
    TARE_TRY(set_text(session, "host.name", machine.host, err));
    TARE_TRY(set_text(session, "host.system", machine.system, err));
    TARE_TRY(set_text(session, "host.processor", machine.processor, err));
    TARE_TRY(set_number(session, "host.cpu_count", machine.cpu_count, err));
    TARE_TRY(set_number(session, "host.memory_bytes", machine.memory_bytes, err));
    TARE_TRY(set_number(session, "host.memory_limit_bytes", machine.memory_limit_bytes, err));
    TARE_TRY(set_text(session, "target.mode", session->options->mode_name, err));
    TARE_TRY(tare_profile_format_meta(&session->profile, err, "sampler.rate_hz", "%.10g",
                                      session->options->rate_hz));
    TARE_TRY(set_number(session, "sampler.hold_ns", 0, err));
    return session->options->mode == TARE_MODE_RUN ? set_spawned_command(session, err) : TARE_OK;
}

tare_status tare_provenance_target(tare_session *session, tare_error *err)
{
    TARE_TRY(set_number(session, "target.pid", (uint64_t)session->targets[0]->process.pid, err));
    return session->options->mode == TARE_MODE_RUN ? TARE_OK : set_found_command(session, err);
}

static tare_status set_runtime(tare_session *session, const tare_target *target, tare_error *err)
{
    uint32_t version = target->python.runtime.version_hex;
    TARE_TRY(set_text(session, "target.executable", target->python.runtime.path, err));
    return tare_profile_format_meta(&session->profile, err, "target.python", "%u.%u.%u",
                                    version >> 24, version >> 16 & 0xff, version >> 8 & 0xff);
}

/* A target that was attached to had used something before. */
static uint64_t since(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

static tare_status set_usage(tare_session *session, tare_error *err)
{
    tare_usage        sum = session->total;
    const tare_usage *begin = &session->begin;
    for (uint32_t i = 0; i < session->target_count; i++)
        tare_usage_add(&sum, &session->targets[i]->usage);
    uint64_t user_ns = since(sum.user_ns, begin->user_ns);
    uint64_t system_ns = since(sum.system_ns, begin->system_ns);
    if (sum.peak_rss_bytes > session->peak_rss_bytes)
        session->peak_rss_bytes = sum.peak_rss_bytes;
    TARE_TRY(set_number(session, "cpu_ns", since(sum.cpu_ns, begin->cpu_ns), err));
    TARE_TRY(set_number(session, "cpu.user_ns", user_ns, err));
    TARE_TRY(set_number(session, "cpu.system_ns", system_ns, err));
    TARE_TRY(set_number(session, "memory.peak_rss_bytes", session->peak_rss_bytes, err));
    TARE_TRY(set_number(session, "memory.peak_swap_bytes", session->peak_swap_bytes, err));
    TARE_TRY(
        set_number(session, "faults.major", since(sum.major_faults, begin->major_faults), err));
    TARE_TRY(
        set_number(session, "faults.minor", since(sum.minor_faults, begin->minor_faults), err));
    TARE_TRY(set_number(session, "switches.voluntary",
                        since(sum.voluntary_switches, begin->voluntary_switches), err));
    return set_number(session, "switches.involuntary",
                      since(sum.involuntary_switches, begin->involuntary_switches), err);
}

/* Reads disturb a little. Where the CPUs had less idle time than the sampler used, the rest was
 * taken from everybody who ran, from the target by its share of the work done. */
static double slowdown_ratio(const tare_session *session, uint64_t wall_ns, uint64_t own_cpu_ns)
{
    const tare_machine_load *now = &session->counters.load;
    const tare_machine_load *begin = &session->counters.load_at_start;
    double                   busy_ns = (double)since(now->busy_ns, begin->busy_ns);
    double displaced_ns = (double)since(own_cpu_ns, since(now->idle_ns, begin->idle_ns));
    double target_ns = tare_profile_meta_number(&session->profile, "cpu_ns", 0);
    double taken_ns = (double)session->tally.read_count * DISTURBANCE_NS_PER_READ +
                      (double)session->tally.hold_ns;
    if (busy_ns > 0)
        taken_ns += displaced_ns * (target_ns < busy_ns ? target_ns / busy_ns : 1);
    double clean_ns = (double)wall_ns - taken_ns;
    return clean_ns > 0 ? (double)wall_ns / clean_ns : 1;
}

/* What the machine slept through. A millisecond is nothing: clocks are not read at one instant. */
static uint64_t measure_sleep_ns(const tare_session *session)
{
    int64_t slept_ns = tare_os_slept_ns() - session->slept_before_ns;
    return slept_ns > 1000000 ? (uint64_t)slept_ns : 0;
}

static uint64_t count_threads(const tare_session *session)
{
    uint64_t count = session->thread_count;
    for (uint32_t i = 0; i < session->target_count; i++)
        count += session->targets[i]->threads_seen;
    return count;
}

static tare_status set_sampling(tare_session *session, uint64_t wall_ns, tare_error *err)
{
    const tare_tally    *tally = &session->tally;
    const tare_schedule *schedule = &session->schedule;
    uint64_t             slept_ns = measure_sleep_ns(session);
    const struct {
        const char *key;
        uint64_t    number;
    } numbers[] = {
        {"sampler.tick_count", session->tick_count},
        {"sampler.weight", session->weight},
        {"sampler.weight_squared", session->weight_squared},
        {"sampler.late_count", schedule->late_count},
        {"sampler.gap_count", schedule->gap_count + (slept_ns > 0)},
        {"sampler.gap_ns", schedule->gap_ns + slept_ns},
        {"sampler.sample_count", tally->sample_count},
        {"sampler.proven_count", tally->proven_count},
        {"sampler.prefix_count", tally->prefix_count},
        {"sampler.lost_count", tally->lost_count},
        {"sampler.truncated_count", tally->truncated_count},
        {"sampler.overflow_count", tally->overflow_count},
        {"sampler.retry_count", tally->retry_count},
        {"sampler.read_count", tally->read_count},
        {"sampler.skipped_count", tally->skipped_count},
        {"sampler.hold_count", tally->hold_count},
        {"sampler.hold_ns", tally->hold_ns},
        {"process_count", session->process_count},
        {"thread_count", count_threads(session)},
        {"machine.idle_ns",
         since(session->counters.load.idle_ns, session->counters.load_at_start.idle_ns)},
        {"machine.steal_ns",
         since(session->counters.load.steal_ns, session->counters.load_at_start.steal_ns)},
    };
    uint64_t own_cpu_ns = tare_os_own_cpu_ns();
    uint64_t timeline_ns = tare_timeline_period_ns(&session->timeline);
    if (timeline_ns > 0)
        TARE_TRY(set_number(session, "timeline.period_ns", timeline_ns, err));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        TARE_TRY(set_number(session, numbers[i].key, numbers[i].number, err));
    TARE_TRY(set_number(session, "sampler.cpu_ns", own_cpu_ns, err));
    return tare_profile_format_meta(&session->profile, err, "sampler.slowdown_ratio", "%.4f",
                                    slowdown_ratio(session, wall_ns, own_cpu_ns));
}

static tare_status set_ending(tare_session *session, tare_error *err)
{
    if (!session->exit.ended)
        return TARE_OK;
    if (session->exit.signal != 0)
        return set_number(session, "target.signal", (uint64_t)session->exit.signal, err);
    if (session->exit.code < 0)
        return TARE_OK; /* not our child: its code is its parent's to know */
    return set_number(session, "target.exit_code", (uint64_t)session->exit.code, err);
}

tare_status tare_provenance_update(tare_session *session, uint64_t now_ns, tare_error *err)
{
    uint64_t wall_ns = now_ns - session->start_ns;
    TARE_TRY(set_number(session, "wall_ns", wall_ns, err));
    for (uint32_t i = 0; i < session->target_count; i++) {
        if (!session->targets[i]->has_python)
            continue;
        TARE_TRY(set_runtime(session, session->targets[i], err));
        break;
    }
    TARE_TRY(set_usage(session, err));
    TARE_TRY(set_sampling(session, wall_ns, err));
    return set_ending(session, err);
}
