/* main.c - tare-sample: measures a Python program from outside.
 *
 * An executable of its own, without libpython: it reads any version of Python whatever
 * Python Tare itself runs on, and nothing of it is ever loaded into the target. Its
 * command line and status lines are for the tare command, not for people.
 *
 * Signals are handled, never ignored: what is ignored would stay ignored in the target.
 *     SIGCHLD         ends the sleep, so that the end of the target is seen at once
 *     SIGTERM SIGHUP  passed on to the target that was started; the second one stops
 *                     the measurement whatever the target does
 *     SIGINT          the terminal sends it to the target too: only an attached
 *                     measurement stops
 *     SIGPIPE SIGXFSZ the write that caused them fails with an error instead */
#include "sampler/options.h"
#include "sampler/report.h"
#include "sampler/session.h"

#include <stdio.h>
#include <string.h>

static tare_requests requests;

static void note_child(int signal_number)
{
    (void)signal_number;
    requests.child_changed = 1;
}

static void note_stop(int signal_number)
{
    requests.stop_signal = signal_number;
    requests.stop_count++;
}

static void note_nothing(int signal_number)
{
    (void)signal_number;
}

static void handle(int signal_number, void (*handler)(int))
{
    struct sigaction old;
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_NOCLDSTOP};
    sigemptyset(&action.sa_mask);
    /* Was it ignored when we were started (nohup, a background job)? Then it stays so. */
    if (sigaction(signal_number, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
        return;
    sigaction(signal_number, &action, NULL);
}

static void handle_signals(tare_mode mode)
{
    handle(SIGCHLD, note_child);
    handle(SIGTERM, note_stop);
    handle(SIGHUP, note_stop);
    handle(SIGINT, mode == TARE_MODE_RUN ? note_nothing : note_stop);
    handle(SIGQUIT, mode == TARE_MODE_RUN ? note_nothing : note_stop);
    handle(SIGPIPE, note_nothing);
    handle(SIGXFSZ, note_nothing);
}

int main(int argc, char **argv)
{
    static tare_session session;
    tare_options        options;
    tare_error          error;
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("tare-sample " TARE_VERSION);
        return 0;
    }
    if (tare_options_parse(&options, argc, argv, &error) != TARE_OK) {
        fprintf(stderr, "tare-sample: %s\n", error.message);
        return 2;
    }
    handle_signals(options.mode);
    return tare_session_run(&session, &options, &requests);
}
