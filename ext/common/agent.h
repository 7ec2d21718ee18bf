/* agent.h - how tare-agent and an extension module find each other.
 *
 *     tare --(environment)--> tare-agent --(dlopen)--> the extension's tare_agent_entry
 *
 * tare-agent is loaded into the interpreter's process before its main() and knows nothing of
 * Python. It loads the extension that TARE_AGENT names and hands main() over to it, so that the
 * extension can begin between the interpreter's start and the program's. */
#ifndef TARE_EXT_AGENT_H
#define TARE_EXT_AGENT_H

typedef struct tare_agent_entry_points {
    /* Does what the interpreter's main() does, and measures. */
    int (*run)(int argc, char **argv);
    /* The process is about to end without further notice (last), or to become another program if
     * that can be started. */
    void (*leave)(int last);
} tare_agent_entry_points;

#define TARE_AGENT_SYMBOL "tare_agent_entry"

#endif
