/* os_linux_footprint.c - /proc/self/status, and the sums that glibc's malloc keeps.
 *
 * status has what statm has not, at the same price: pages of files and shared ones, and swap. The
 * exact sums of smaps_rollup would cost a walk over all pages. mallinfo2 is glibc's, since 2.33;
 * the older mallinfo wraps around at 4 GiB, so that it says nothing. */
#define _GNU_SOURCE 1

#include "os/footprint.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_BYTES = 4096, KIB = 1024 };

/* The number behind a label, in KiB as the file has it; 0 when there is none. */
static uint64_t find_bytes(const char *text, const char *label)
{
    const char *at = strstr(text, label);
    return at == NULL ? 0 : strtoull(at + strlen(label), NULL, 10) * KIB;
}

static void read_status(tare_footprint *footprint)
{
    char text[STATUS_BYTES];
    int  file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    if (size <= 0)
        return;
    text[size] = '\0';
    footprint->rss_bytes = find_bytes(text, "\nVmRSS:");
    footprint->file_bytes = find_bytes(text, "\nRssFile:") + find_bytes(text, "\nRssShmem:");
    footprint->swap_bytes = find_bytes(text, "\nVmSwap:");
}

static void ask_malloc(tare_footprint *footprint)
{
#ifdef TARE_HAS_MALLINFO2
    struct mallinfo2 info = mallinfo2();
    footprint->malloc_known = info.arena + info.hblkhd > 0; /* else it is somebody else's */
    footprint->malloc_used_bytes = info.uordblks + info.hblkhd;
    footprint->malloc_free_bytes = info.fordblks;
#else
    (void)footprint;
#endif
}

tare_footprint tare_footprint_read(void)
{
    tare_footprint footprint = {0};
    read_status(&footprint);
    ask_malloc(&footprint);
    return footprint;
}
