/* stack.h - the Python stack of one running thread, proven.
 *
 * The thread goes on, so what is read may be a mixture of moments. A stack counts only
 * when it cannot be one:
 *
 *   one piece    Frames of a thread lie end to end in a chunk, each as long as its code
 *                object says. The live part is copied as one piece, and the chain is
 *                rebuilt from the bottom by that length; no pointer is followed to
 *                another page. Each frame must link to the one below it.
 *   its top      3.11 - 3.13 mark the executing frame (stacktop == -1). Where the mark
 *                is absent or ambiguous, the interpreter's current frame, read in the
 *                same call before and after the chunk, must name the same frame twice, or
 *                two that are a step apart in a chain whose every edge is known.
 *   its time     A mixture of far apart moments needs a pause in the middle of the copy: an
 *                interrupt, another thread on our CPU. A read that took noticeably longer
 *                than they do for this thread is not used.
 *   each edge    (caller, instruction, callee) must be known. It becomes so when two reads
 *                one after the other show it (a mixture that has passed the tests so far does
 *                not repeat), or when one shows it of a thread that stands still.
 *   each code    object is still the one that was resolved (code.h).
 *
 * The first consistent stack is the sample. Once its edges are known that is all: one read. Else
 * it is read again for them, and what remains unknown after that, in code that calls faster
 * than it can be read, is worth holding the thread still (tare_os_hold): some twenty microseconds
 * each time, and a share of its time (memory.h) at most. That proves every edge of the stack it
 * shows, and each edge needs it once. What then still has an unknown edge is cut
 * below it, what moves too fast is cut at the frame that stood still; both are kept as a PREFIX.
 * What has nothing proven is UNREADABLE. Neither is dropped, so code that calls much does not
 * vanish.
 *
 * Waiting for a stack that can be read favours the code in which it can, and reading slows down
 * the code that writes what is read. A thread that often calls or returns during a read is
 * restless: it is sampled while it is held, each of its samples alike, and as often as the budget
 * allows. The samples between are SKIPPED, and those for which it could not be held.
 *
 * Frames outside the chunks (generators live in their own object, the interpreter's
 * entry frames on the C stack) are read in the same call at the addresses where the
 * last samples found them; a few small calls find those that are new.
 *
 * Cost in the common case: one system call, then O(frames) compares; frames that did not
 * change since the thread's last sample need no look-up. */
#ifndef TARE_REMOTE_STACK_H
#define TARE_REMOTE_STACK_H

#include "remote/code.h"
#include "remote/restlessness.h"

enum {
    TARE_STACK_MAX_READS = 6,
    TARE_STACK_MAX_CONFIRMS = 3, /* further reads, for edges seen for the first time */
    TARE_STACK_MAX_MISSED = 16,  /* holds, before a thread is read without */
    TARE_STACK_MAX_CHUNKS = 896, /* of 16 KiB: some 100,000 frames */
    TARE_STACK_MAX_OUTSIDE = 48, /* frames outside the chunks */
    TARE_STACK_MAX_EXTRA = 8,    /* pieces of the caller's; all together < 1024 */
    TARE_STACK_MAX_IDLE = 8,     /* samples that a frame outside is read in vain */
    TARE_STACK_LOOKS = 8,        /* to say that a thread stands still */
    TARE_STACK_MAX_DOUBTS = 64,  /* new edges under test in one sample */
    TARE_STACK_MAX_RESOLVES = 64 /* new code objects in one sample */
};

typedef enum tare_stack_proof {
    TARE_STACK_PROVEN,
    TARE_STACK_PREFIX,     /* the callers are proven, what they called is not */
    TARE_STACK_EMPTY,      /* no Python frame: before, between or after Python code */
    TARE_STACK_UNREADABLE, /* never twice the same, or freed while it was read */
    TARE_STACK_SKIPPED,    /* not looked at: the last sample with a probe stands for this too */
    TARE_STACK_GONE        /* the memory is not there any more */
} tare_stack_proof;

typedef struct tare_stack_frame {
    tare_raddr address;
    uint32_t   code; /* id in tare_codes */
    uint32_t   unit; /* code unit of the instruction */
    uint32_t   node; /* caller's: cleared to TARE_NONE when anything up to here changed */
} tare_stack_frame;

typedef struct tare_stack_chunk {
    tare_raddr address;
    uint32_t   size_bytes; /* copied, from the chunk's header on */
    uint32_t   at;         /* in the copy */
} tare_stack_chunk;

typedef struct tare_stack_outside {
    tare_raddr address;
    uint32_t   at;   /* in the copy */
    uint32_t   idle; /* samples in a row that had no use for it */
} tare_stack_outside;

typedef struct tare_stack_walked {
    tare_raddr address;
    uint32_t   code;
    uint32_t   unit;
    bool       marked;  /* stacktop == -1 */
    bool       entered; /* by a call from C */
    bool       shown;   /* a frame of the user's */
} tare_stack_walked;

/* What the stacks of all threads of one process share. */
typedef struct tare_stack_reader {
    const tare_layout *layout; /* borrowed */
    tare_memory       *memory; /* borrowed */
    tare_codes        *codes;  /* borrowed */
    const tare_alloc  *alloc;  /* borrowed */
    tare_map           edges;  /* known ones: hash of caller, unit, callee -> 1 */
    uint64_t           retry_count;
    uint64_t           hold_count, hold_ns;
    uint64_t           typical_hold_ns;
    uint64_t           tick_ns, tick_length_ns; /* of the last two different times of samples */
} tare_stack_reader;

/* One thread's, kept from sample to sample. Zeroed with .state set is valid. */
typedef struct tare_stack {
    tare_raddr               state;  /* address of the PyThreadState */
    const tare_thread_probe *probe;  /* borrowed; NULL = the thread must not be held */
    tare_raddr               record; /* 3.11, 3.12: the _PyCFrame, 0 = not known yet */
    uint8_t                 *copy;   /* owned */
    uint32_t                 copy_capacity;
    tare_stack_chunk        *chunks; /* owned; bottom first */
    uint32_t                 chunk_count, chunk_capacity;
    tare_stack_outside       outside[TARE_STACK_MAX_OUTSIDE];
    uint32_t                 outside_count;
    tare_stack_walked       *walked; /* owned; bottom first */
    uint32_t                 walked_count, walked_capacity;
    tare_stack_frame        *frames; /* owned; the result, bottom first */
    uint32_t                 frame_count, frame_capacity;
    bool                     truncated; /* more chunks than TARE_STACK_MAX_CHUNKS: bottom missing */
    uint64_t                 typical_ns;    /* of a read that nothing disturbed; 0 = none yet */
    uint64_t                 typical_bytes; /* that it copied */
    uint64_t                 witness;       /* of code objects, from the last read */
    tare_raddr               next;          /* thread state behind this one, from the last read */
    uint64_t                 tid;           /* the thread's own number, from the last read */
    tare_restlessness        restlessness;  /* high: sampled by holds alone */
    uint64_t                 running_ns;    /* in which it ran, by samples with a probe */
    uint64_t                 next_hold_ns;  /* running_ns at which the budget has room */
    uint32_t                 missed_holds;  /* since the last that was none */
} tare_stack;

void tare_stack_reader_deinit(tare_stack_reader *reader);
void tare_stack_deinit(tare_stack *stack, const tare_alloc *alloc);

/* Reads, and proves (see above), into stack->frames. extra are further pieces that the
 * caller wants in the same call, behind the stack; *witness is looked at after each read
 * (where the version has none it stays 0). Fails only when memory runs out or the
 * process is gone. */
TARE_MUST_USE tare_status tare_stack_sample(tare_stack_reader *reader, tare_stack *stack,
                                            const tare_read *extra, size_t extra_count,
                                            const uint64_t *witness, uint64_t now_ns,
                                            tare_stack_proof *proof_out, tare_error *err);

/* Does the thread stand still, at the instruction that its top frame had in the sample?
 * Looks again and again, some microseconds apart: true when neither the instruction nor
 * anything else in the frame was different even once. TARE_STACK_LOOKS small reads at most,
 * one when it moves. */
bool tare_stack_stays(tare_stack_reader *reader, const tare_stack *stack);

#endif
