/* restlessness.h - does a thread often call or return while its stack is read?
 *
 * A restless thread is sampled while it is held, as often as a budget allows, a calm one at each
 * tick. So a sample stands for longer in restless stretches, and the switch between the two must
 * not follow what the program does from one moment to the next: if it became calm whenever a calm
 * function runs, that function's samples would be the short ones. Therefore it is judged at the
 * ends of windows alone:
 *
 *     |8 |16  |32      |64              |128 ...           |256 ...             notes
 *
 * one note in INTERVAL_NS at most, whatever the rate. */
#ifndef TARE_REMOTE_RESTLESSNESS_H
#define TARE_REMOTE_RESTLESSNESS_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed is valid: calm. */
typedef struct tare_restlessness {
    bool     high;
    uint32_t window, notes, moves; /* moves: notes in which the thread moved */
    uint64_t noted_ns;
} tare_restlessness;

bool tare_restlessness_is_due(const tare_restlessness *restlessness, uint64_t now_ns);

/* Call when due. */
void tare_restlessness_note(tare_restlessness *restlessness, uint64_t now_ns, bool moved);

#endif
