/* native.h - how tare-agent-native and an extension module find each other.
 *
 *     any code --malloc--> tare-agent-native --(hooks, if there are any)--> the extension
 *                                |                                             |
 *                                '--------------> the C library <--------------'
 *
 * tare-agent-native is loaded before everything else when the native allocator is to be watched,
 * and only then: who does not ask for it has the C library's functions themselves. */
#ifndef TARE_EXT_NATIVE_H
#define TARE_EXT_NATIVE_H

#include <stddef.h>

/* Of the shape of PyMemAllocatorEx, and what is allocated with an alignment. */
typedef struct tare_native_functions {
    void *context;
    void *(*allocate)(void *context, size_t bytes);
    void *(*allocate_zeroed)(void *context, size_t count, size_t item_bytes);
    void *(*move)(void *context, void *old, size_t bytes);
    void (*release)(void *context, void *address);
    void (*note)(void *context, void *address, size_t bytes); /* hooks alone: it is there */
} tare_native_functions;

/* hooks: called from now on in the place of the C library's; NULL: nobody is. They stay valid for
 * the rest of the process's life. Returns the C library's. */
typedef const tare_native_functions *(*tare_native_exchange_function)(
    const tare_native_functions *hooks);

#define TARE_NATIVE_SYMBOL "tare_native_exchange"

#endif
