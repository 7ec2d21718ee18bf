/* line_tables.c - written by tools/line_tables.py, do not edit: co_linetable and co_lines() of
 * functions compiled by real interpreters. */
#include "line_tables.h"

static const char bytes_plain_3_11[] =
    "\x80\x00\xd8\x0c\x11\x90\x46\x89\x4e\x80\x45\xd8\x0c\x11\x90\x55\x98\x56\x91\x5e\xd1\x0c"
    "\x24\x80\x45\xe0\x07\x0c\xd0\x04\x5c\x8d\x65\x90\x45\x98\x35\x9c\x3a\xa0\x75\xa4\x7a\xb0"
    "\x45\xb8\x41\xb1\x49\xc0\x11\xb1\x3f\xc0\x55\xc0\x46\xc8\x55\xc8\x47\xd0\x59\x5b\xd0\x0e"
    "\x5c\xd1\x0e\x5c\xd4\x0e\x5c\xd0\x0e\x5c\xf0\x06\x00\x0c\x11\x80\x4c";
static const line_run runs_plain_3_11[] = {
    {1, 2}, {5, 3}, {8, 4}, {42, 6}, {2, 9},
};
static const char bytes_loop_3_11[] =
    "\x80\x00\xd8\x0a\x0f\xf0\x00\x0a\x05\x18\xf0\x02\x09\x09\x18\xd8\x0c\x11\x8f\x4a\x8a\x4a"
    "\xd8\x14\x25\xd0\x14\x25\xd8\x18\x1c\xf0\x05\x00\x0d\x17\xf1\x00\x03\x0d\x0e\xf4\x00\x03"
    "\x0d\x0e\xf0\x00\x03\x0d\x0e\xf0\x00\x03\x0d\x0e\xf8\xf5\x08\x00\x10\x1a\xf0\x00\x02\x09"
    "\x29\xf0\x00\x02\x09\x29\xf0\x00\x02\x09\x29\xdd\x11\x15\x90\x65\x94\x6a\xa0\x11\x94\x6d"
    "\xd1\x11\x24\xd4\x11\x24\xf0\x00\x01\x0d\x29\xa8\x04\xd8\x18\x1c\x9f\x0e\x9a\x0e\xd1\x18"
    "\x28\xd4\x18\x28\x90\x05\xf0\x03\x01\x0d\x29\xf0\x00\x01\x0d\x29\xf0\x00\x01\x0d\x29\xf1"
    "\x00\x01\x0d\x29\xf4\x00\x01\x0d\x29\xf0\x00\x01\x0d\x29\xf0\x00\x01\x0d\x29\xf0\x00\x01"
    "\x0d\x29\xf0\x00\x01\x0d\x29\xf0\x00\x01\x0d\x29\xf0\x00\x01\x0d\x29\xf8\xf8\xf8\xf0\x00"
    "\x01\x0d\x29\xf0\x00\x01\x0d\x29\xf0\x00\x01\x0d\x29\xf0\x00\x01\x0d\x29\xf8\xf8\xf8\xf8"
    "\xf8\xf8\xf8\xf8\xf8\xf0\x03\x02\x09\x29\xf8\xf8\xf8\xf0\x08\x00\x0d\x12\x8f\x49\x8a\x49"
    "\x89\x4b\x8c\x4b\x88\x4b\x88\x4b\xf8\x88\x45\x8f\x49\x8a\x49\x89\x4b\x8c\x4b\x88\x4b\x88"
    "\x4b\xf8\xf8\xf8\xf0\x15\x00\x0b\x10\xf0\x00\x0a\x05\x18\xf0\x00\x0a\x05\x18\xf0\x00\x0a"
    "\x05\x18\xf0\x00\x0a\x05\x18\xf0\x00\x0a\x05\x18";
static const line_run runs_loop_3_11[] = {
    {1, 12}, {2, 13}, {1, 14}, {12, 15}, {2, 16}, {1, 17}, {10, 15}, {1, 0}, {9, 19}, {27, 20},
    {20, 21}, {16, 20}, {3, 0}, {4, 20}, {9, 0}, {1, 19}, {3, 0}, {21, 23}, {1, 0}, {21, 23},
    {3, 0}, {6, 13},
};
static const char bytes_generate_3_11[] =
    "\xe8\x00\xe8\x00\x80\x00\xf0\x02\x02\x10\x06\xf0\x00\x02\x10\x06\xdd\x1d\x22\xa0\x35\x99"
    "\x5c\x9c\x5c\xf0\x03\x02\x10\x06\xf1\x00\x02\x10\x06\xf4\x00\x02\x10\x06\xf0\x00\x02\x05"
    "\x06\xf0\x00\x02\x05\x06\xf0\x00\x02\x05\x06\xf0\x00\x02\x05\x06\xf0\x00\x02\x05\x06\xf0"
    "\x00\x02\x05\x06\xf0\x00\x02\x05\x06\xf0\x00\x02\x05\x06\xf0\x00\x02\x05\x06";
static const line_run runs_generate_3_11[] = {
    {3, 26}, {2, 27}, {14, 28}, {17, 27},
};
static const char bytes_far_3_11[] =
    "\x80\x00\xd8\x0c\x11\x90\x41\x89\x49\x80\x45\xf0\x72\x5d\x01\x00\x0c\x11\x80\x4c";
static const line_run runs_far_3_11[] = {
    {1, 32}, {5, 33}, {2, 3034},
};
static const char bytes_lambda_3_11[] =
    "\x80\x00\xa0\x14\x80\x00";
static const line_run runs_lambda_3_11[] = {
    {3, 16},
};
static const char bytes_genexpr_3_11[] =
    "\xe8\x00\xe8\x00\x80\x00\xf0\x00\x02\x10\x06\xf0\x00\x02\x10\x06\xd8\x13\x19\xa8\x56\xb0"
    "\x61\xa9\x5a\xf0\x03\x02\x10\x06\xd8\x08\x0e\xf0\x03\x02\x10\x06\xf0\x00\x02\x10\x06\xf0"
    "\x00\x02\x10\x06\xf0\x00\x02\x10\x06\xf0\x00\x02\x10\x06\xf0\x00\x02\x10\x06";
static const line_run runs_genexpr_3_11[] = {
    {5, 27}, {5, 28}, {1, 27}, {1, 28}, {6, 27},
};
static const char bytes_plain_3_11_bare[] =
    "\xe8\x00\xe8\x02\xe8\x00\xe9\x00\xe8\x00\xe8\x02\xe8\x00\xe8\x00\xe9\x00\xe9\x00\xe8\x00"
    "\xe8\x04\xe8\x00\xed\x00\xe8\x00\xe8\x00\xec\x00\xe8\x00\xec\x00\xe8\x00\xe8\x00\xe9\x00"
    "\xe8\x00\xe9\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe9\x00\xec\x00\xe8\x00"
    "\xe8\x06\xe8\x00";
static const line_run runs_plain_3_11_bare[] = {
    {1, 2}, {5, 3}, {8, 4}, {42, 6}, {2, 9},
};
static const char bytes_loop_3_11_bare[] =
    "\xe8\x00\xe8\x02\xe8\x00\xe8\x02\xe8\x02\xef\x00\xea\x00\xe8\x02\xe8\x00\xe8\x02\xe8\x05"
    "\xe9\x00\xec\x00\xe8\x00\xe8\x00\xf8\xed\x08\xe8\x00\xe8\x00\xe8\x00\xed\x02\xe8\x00\xec"
    "\x00\xe8\x00\xec\x00\xe9\x00\xec\x00\xe8\x00\xe8\x00\xe8\x02\xef\x00\xea\x00\xe9\x00\xec"
    "\x00\xe8\x00\xe8\x03\xe8\x00\xe8\x00\xe9\x00\xec\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8"
    "\x00\xe8\x00\xf8\xf8\xf8\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xf8\xf8\xf8\xf8\xf8\xf8\xf8\xf8"
    "\xf8\xe8\x03\xf8\xf8\xf8\xe8\x08\xef\x00\xea\x00\xe9\x00\xec\x00\xe8\x00\xe8\x00\xf8\xe8"
    "\x00\xef\x00\xea\x00\xe9\x00\xec\x00\xe8\x00\xe8\x00\xf8\xf8\xf8\xe8\x15\xe8\x00\xe8\x00"
    "\xe8\x00\xe8\x00\xe8\x00";
static const line_run runs_loop_3_11_bare[] = {
    {1, 12}, {2, 13}, {1, 14}, {12, 15}, {2, 16}, {1, 17}, {10, 15}, {1, 0}, {9, 19}, {27, 20},
    {20, 21}, {16, 20}, {3, 0}, {4, 20}, {9, 0}, {1, 19}, {3, 0}, {21, 23}, {1, 0}, {21, 23},
    {3, 0}, {6, 13},
};
static const char bytes_generate_3_11_bare[] =
    "\xe8\x00\xe8\x00\xe8\x00\xe8\x02\xe8\x00\xed\x02\xe8\x00\xe9\x00\xec\x00\xe8\x03\xe9\x00"
    "\xec\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00";
static const line_run runs_generate_3_11_bare[] = {
    {3, 26}, {2, 27}, {14, 28}, {17, 27},
};
static const char bytes_far_3_11_bare[] =
    "\xe8\x00\xe8\x02\xe8\x00\xe9\x00\xe8\x00\xe8\x72\x5d\x01\xe8\x00";
static const line_run runs_far_3_11_bare[] = {
    {1, 32}, {5, 33}, {2, 3034},
};
static const char bytes_lambda_3_11_bare[] =
    "\xe8\x00\xe8\x00\xe8\x00";
static const line_run runs_lambda_3_11_bare[] = {
    {3, 16},
};
static const char bytes_genexpr_3_11_bare[] =
    "\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x02\xe8\x00\xe8\x00\xe9\x00\xe8\x03\xe8\x02"
    "\xe8\x03\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00";
static const line_run runs_genexpr_3_11_bare[] = {
    {5, 27}, {5, 28}, {1, 27}, {1, 28}, {6, 27},
};
static const char bytes_plain_3_12[] =
    "\x80\x00\xd8\x0c\x11\x90\x46\x89\x4e\x80\x45\xd8\x0c\x11\x90\x55\x98\x56\x91\x5e\xd1\x0c"
    "\x24\x80\x45\xe1\x07\x0c\x8c\x65\x90\x45\x98\x35\x9f\x3a\x99\x3a\xa0\x75\xa7\x7a\xa1\x7a"
    "\xb0\x45\xb8\x41\xb1\x49\xc0\x11\xb1\x3f\xc0\x55\xc0\x46\xc8\x55\xc8\x47\xd0\x59\x5b\xd5"
    "\x0e\x5c\xf0\x06\x00\x0c\x11\x80\x4c";
static const line_run runs_plain_3_12[] = {
    {1, 2}, {5, 3}, {8, 4}, {48, 6}, {2, 9},
};
static const char bytes_loop_3_12[] =
    "\x80\x00\xd9\x0a\x0f\xf0\x02\x09\x09\x18\xd8\x0c\x11\x8f\x4a\x89\x4a\xd9\x14\x25\xd8\x18"
    "\x1c\xf0\x05\x00\x0d\x17\xf4\x00\x03\x0d\x0e\xf0\x10\x00\x0d\x12\x8f\x49\x89\x49\x8c\x4b"
    "\xf4\x15\x00\x0b\x10\xf8\xf4\x0c\x00\x10\x1a\xf2\x00\x02\x09\x29\xdc\x11\x15\x90\x65\x97"
    "\x6a\x91\x6a\xa0\x11\x91\x6d\xd3\x11\x24\xf0\x00\x01\x0d\x29\xa8\x04\xd8\x18\x1c\x9f\x0e"
    "\x99\x0e\xd3\x18\x28\x90\x05\xf7\x03\x01\x0d\x29\xf7\x00\x01\x0d\x29\xf1\x00\x01\x0d\x29"
    "\xff\xfb\xf0\x03\x02\x09\x29\xfb\xf0\x08\x00\x0d\x12\x8f\x49\x89\x49\x8d\x4b\xfa";
static const line_run runs_loop_3_12[] = {
    {1, 12}, {2, 13}, {1, 14}, {11, 15}, {2, 16}, {1, 17}, {6, 15}, {16, 23}, {5, 13}, {1, 0},
    {8, 19}, {25, 20}, {16, 21}, {18, 20}, {12, 0}, {1, 19}, {4, 0}, {17, 23}, {3, 0},
};
static const char bytes_generate_3_12[] =
    "\xe8\x00\xf8\x80\x00\xf1\x02\x02\x10\x06\xdc\x1d\x22\xa0\x35\x9b\x5c\xf4\x03\x02\x10\x06"
    "\xf7\x00\x02\x05\x06\xf2\x00\x02\x05\x06\xfa";
static const line_run runs_generate_3_12[] = {
    {1, 26}, {1, 0}, {1, 26}, {2, 27}, {10, 28}, {16, 27}, {3, 0},
};
static const char bytes_far_3_12[] =
    "\x80\x00\xd8\x0c\x11\x90\x41\x89\x49\x80\x45\xf0\x72\x5d\x01\x00\x0c\x11\x80\x4c";
static const line_run runs_far_3_12[] = {
    {1, 32}, {5, 33}, {2, 3034},
};
static const char bytes_lambda_3_12[] =
    "\x80\x00\xa0\x14\x80\x00";
static const line_run runs_lambda_3_12[] = {
    {3, 16},
};
static const char bytes_genexpr_3_12[] =
    "\xe8\x00\xf8\x80\x00\xf2\x00\x02\x10\x06\xd8\x13\x19\xa8\x56\xb0\x61\xab\x5a\x8c\x06\xf1"
    "\x03\x02\x10\x06\xf9";
static const line_run runs_genexpr_3_12[] = {
    {1, 27}, {1, 0}, {4, 27}, {12, 28}, {2, 27}, {2, 0},
};
static const char bytes_plain_3_12_bare[] =
    "\xe8\x00\xe8\x02\xe8\x00\xe9\x00\xe8\x00\xe8\x02\xe8\x00\xe8\x00\xe9\x00\xe9\x00\xe8\x00"
    "\xe9\x04\xec\x00\xe8\x00\xe8\x00\xef\x00\xe9\x00\xe8\x00\xef\x00\xe9\x00\xe8\x00\xe8\x00"
    "\xe9\x00\xe8\x00\xe9\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xed\x00\xe8\x06\xe8\x00";
static const line_run runs_plain_3_12_bare[] = {
    {1, 2}, {5, 3}, {8, 4}, {48, 6}, {2, 9},
};
static const char bytes_loop_3_12_bare[] =
    "\xe8\x00\xe9\x02\xe8\x02\xe8\x02\xef\x00\xe9\x00\xe9\x02\xe8\x02\xe8\x05\xec\x00\xe8\x10"
    "\xef\x00\xe9\x00\xec\x00\xec\x15\xf8\xec\x0c\xea\x00\xec\x02\xe8\x00\xef\x00\xe9\x00\xe8"
    "\x00\xe9\x00\xeb\x00\xe8\x00\xe8\x00\xe8\x02\xef\x00\xe9\x00\xeb\x00\xe8\x00\xef\x03\xef"
    "\x00\xe9\x00\xff\xfb\xe8\x03\xfb\xe8\x08\xef\x00\xe9\x00\xed\x00\xfa";
static const line_run runs_loop_3_12_bare[] = {
    {1, 12}, {2, 13}, {1, 14}, {11, 15}, {2, 16}, {1, 17}, {6, 15}, {16, 23}, {5, 13}, {1, 0},
    {8, 19}, {25, 20}, {16, 21}, {18, 20}, {12, 0}, {1, 19}, {4, 0}, {17, 23}, {3, 0},
};
static const char bytes_generate_3_12_bare[] =
    "\xe8\x00\xf8\xe8\x00\xe9\x02\xec\x02\xe8\x00\xeb\x00\xec\x03\xef\x00\xea\x00\xfa";
static const line_run runs_generate_3_12_bare[] = {
    {1, 26}, {1, 0}, {1, 26}, {2, 27}, {10, 28}, {16, 27}, {3, 0},
};
static const char bytes_far_3_12_bare[] =
    "\xe8\x00\xe8\x02\xe8\x00\xe9\x00\xe8\x00\xe8\x72\x5d\x01\xe8\x00";
static const line_run runs_far_3_12_bare[] = {
    {1, 32}, {5, 33}, {2, 3034},
};
static const char bytes_lambda_3_12_bare[] =
    "\xe8\x00\xe8\x00\xe8\x00";
static const line_run runs_lambda_3_12_bare[] = {
    {3, 16},
};
static const char bytes_genexpr_3_12_bare[] =
    "\xe8\x00\xf8\xe8\x00\xea\x00\xe8\x02\xe8\x00\xe8\x00\xeb\x00\xec\x00\xe9\x03\xf9";
static const line_run runs_genexpr_3_12_bare[] = {
    {1, 27}, {1, 0}, {4, 27}, {12, 28}, {2, 27}, {2, 0},
};
static const char bytes_plain_3_13[] =
    "\x80\x00\xd8\x0c\x11\x89\x4e\x80\x45\xd8\x0c\x11\x98\x56\x91\x5e\xd1\x0c\x24\x80\x45\xe6"
    "\x07\x0c\x8c\x65\x90\x45\x9f\x3a\x99\x3a\xa0\x75\xa7\x7a\xa1\x7a\xb0\x45\xb8\x41\xb1\x49"
    "\xc0\x11\xb1\x3f\xc0\x55\xc0\x46\xc8\x55\xc8\x47\xd0\x59\x5b\xd2\x0e\x5c\xf0\x06\x00\x0c"
    "\x11\x80\x4c";
static const line_run runs_plain_3_13[] = {
    {1, 2}, {4, 3}, {7, 4}, {49, 6}, {2, 9},
};
static const char bytes_loop_3_13[] =
    "\x80\x00\xde\x0a\x0f\xf0\x02\x09\x09\x18\xd8\x0c\x11\x8f\x4a\x89\x4a\xd9\x14\x25\xd8\x18"
    "\x1c\xf0\x05\x00\x0d\x17\xf1\x00\x03\x0d\x0e\xf0\x10\x00\x0d\x12\x8f\x49\x89\x49\x8c\x4b"
    "\xf7\x15\x00\x0b\x10\x8a\x25\xf8\xf4\x0c\x00\x10\x1a\xf3\x00\x02\x09\x29\xdc\x11\x15\x90"
    "\x65\x97\x6a\x91\x6a\xa0\x11\x91\x6d\xd4\x11\x24\xa8\x04\xd8\x18\x1c\x9f\x0e\x99\x0e\xd3"
    "\x18\x28\x90\x05\xf7\x03\x00\x12\x25\xd7\x11\x24\xd7\x11\x24\xd7\x11\x24\xfe\xf0\x03\x02"
    "\x09\x29\xfb\xf0\x08\x00\x0d\x12\x8f\x49\x89\x49\x8d\x4b\xfa";
static const line_run runs_loop_3_13[] = {
    {1, 12}, {7, 13}, {1, 14}, {11, 15}, {2, 16}, {1, 17}, {3, 15}, {16, 23}, {11, 13}, {1, 0},
    {9, 19}, {25, 20}, {16, 21}, {32, 20}, {7, 0}, {1, 19}, {4, 0}, {17, 23}, {3, 0},
};
static const char bytes_generate_3_13[] =
    "\xe9\x00\x80\x00\xf1\x02\x02\x10\x06\xdc\x1d\x22\xa0\x35\x9c\x5c\xf3\x03\x02\x10\x06\xf7"
    "\x00\x02\x05\x06\xf3\x00\x02\x05\x06\xf9";
static const line_run runs_generate_3_13[] = {
    {3, 26}, {2, 27}, {11, 28}, {16, 27}, {2, 0},
};
static const char bytes_far_3_13[] =
    "\x80\x00\xd8\x0c\x11\x90\x41\x89\x49\x80\x45\xf0\x72\x5d\x01\x00\x0c\x11\x80\x4c";
static const line_run runs_far_3_13[] = {
    {1, 32}, {5, 33}, {2, 3034},
};
static const char bytes_lambda_3_13[] =
    "\x80\x00\xa1\x14";
static const line_run runs_lambda_3_13[] = {
    {3, 16},
};
static const char bytes_genexpr_3_13[] =
    "\xe9\x00\x80\x00\xf0\x00\x02\x10\x06\xd9\x1d\x29\x90\x36\xb0\x61\xad\x5a\x8f\x06\x89\x06"
    "\x9a\x5c\xf9";
static const line_run runs_genexpr_3_13[] = {
    {4, 27}, {23, 28}, {2, 0},
};
static const char bytes_plain_3_13_bare[] =
    "\xe8\x00\xe8\x02\xe9\x00\xe8\x00\xe8\x02\xe8\x00\xe9\x00\xe9\x00\xe8\x00\xee\x04\xec\x00"
    "\xe8\x00\xef\x00\xe9\x00\xe8\x00\xef\x00\xe9\x00\xe8\x00\xe8\x00\xe9\x00\xe8\x00\xe9\x00"
    "\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xea\x00\xe8\x06\xe8\x00";
static const line_run runs_plain_3_13_bare[] = {
    {1, 2}, {4, 3}, {7, 4}, {49, 6}, {2, 9},
};
static const char bytes_loop_3_13_bare[] =
    "\xe8\x00\xee\x02\xe8\x02\xe8\x02\xef\x00\xe9\x00\xe9\x02\xe8\x02\xe8\x05\xe9\x00\xe8\x10"
    "\xef\x00\xe9\x00\xec\x00\xef\x15\xea\x00\xf8\xec\x0c\xeb\x00\xec\x02\xe8\x00\xef\x00\xe9"
    "\x00\xe8\x00\xe9\x00\xec\x00\xe8\x00\xe8\x02\xef\x00\xe9\x00\xeb\x00\xe8\x00\xef\x03\xef"
    "\x00\xef\x00\xef\x00\xfe\xe8\x03\xfb\xe8\x08\xef\x00\xe9\x00\xed\x00\xfa";
static const line_run runs_loop_3_13_bare[] = {
    {1, 12}, {7, 13}, {1, 14}, {11, 15}, {2, 16}, {1, 17}, {3, 15}, {16, 23}, {11, 13}, {1, 0},
    {9, 19}, {25, 20}, {16, 21}, {32, 20}, {7, 0}, {1, 19}, {4, 0}, {17, 23}, {3, 0},
};
static const char bytes_generate_3_13_bare[] =
    "\xe9\x00\xe8\x00\xe9\x02\xec\x02\xe8\x00\xec\x00\xeb\x03\xef\x00\xeb\x00\xf9";
static const line_run runs_generate_3_13_bare[] = {
    {3, 26}, {2, 27}, {11, 28}, {16, 27}, {2, 0},
};
static const char bytes_far_3_13_bare[] =
    "\xe8\x00\xe8\x02\xe8\x00\xe9\x00\xe8\x00\xe8\x72\x5d\x01\xe8\x00";
static const line_run runs_far_3_13_bare[] = {
    {1, 32}, {5, 33}, {2, 3034},
};
static const char bytes_lambda_3_13_bare[] =
    "\xe8\x00\xe9\x00";
static const line_run runs_lambda_3_13_bare[] = {
    {3, 16},
};
static const char bytes_genexpr_3_13_bare[] =
    "\xe9\x00\xe8\x00\xe8\x00\xe9\x02\xe8\x00\xe8\x00\xed\x00\xef\x00\xe9\x00\xea\x00\xf9";
static const line_run runs_genexpr_3_13_bare[] = {
    {4, 27}, {23, 28}, {2, 0},
};
static const char bytes_plain_3_14[] =
    "\x80\x00\xd8\x0c\x11\x8d\x4e\x80\x45\xd8\x0c\x11\x98\x56\x95\x5e\xd5\x0c\x24\x80\x45\xe7"
    "\x07\x0c\x8c\x65\x90\x45\x9f\x3a\x99\x3a\xa0\x75\xa7\x7a\xa1\x7a\xb0\x45\xb8\x41\xb5\x49"
    "\xc0\x11\xb5\x3f\xc0\x55\xc0\x46\xc8\x55\xc8\x47\xd0\x59\x5b\xd5\x0e\x5c\xf0\x06\x00\x0c"
    "\x11\x80\x4c";
static const line_run runs_plain_3_14[] = {
    {1, 2}, {8, 3}, {15, 4}, {61, 6}, {2, 9},
};
static const char bytes_loop_3_14[] =
    "\x80\x00\xdf\x0a\x0f\xf0\x02\x09\x09\x18\xd8\x0c\x11\x8f\x4a\x89\x4a\xd9\x14\x25\xd8\x18"
    "\x1c\xf0\x05\x00\x0d\x17\xf4\x00\x03\x0d\x0e\xf0\x10\x00\x0d\x12\x8f\x49\x89\x49\x8e\x4b"
    "\xf1\x15\x00\x0b\x10\xf8\xf4\x0c\x00\x10\x1a\xf4\x00\x02\x09\x29\xdc\x11\x15\x90\x65\x97"
    "\x6a\x91\x6a\xa0\x11\x95\x6d\xd7\x11\x24\xd4\x11\x24\xa8\x04\xd8\x18\x1c\x9f\x0e\x99\x0e"
    "\xd3\x18\x28\x90\x05\xf7\x03\x00\x12\x25\xd7\x11\x24\xd7\x11\x24\xd7\x11\x24\xd1\x11\x24"
    "\xfe\xf0\x03\x02\x09\x29\xfb\xf0\x08\x00\x0d\x12\x8f\x49\x89\x49\x8d\x4b\xfa";
static const line_run runs_loop_3_14[] = {
    {1, 12}, {8, 13}, {1, 14}, {11, 15}, {2, 16}, {1, 17}, {6, 15}, {18, 23}, {2, 13}, {1, 0},
    {10, 19}, {37, 20}, {16, 21}, {34, 20}, {7, 0}, {1, 19}, {4, 0}, {17, 23}, {3, 0},
};
static const char bytes_generate_3_14[] =
    "\xe9\x00\x80\x00\xf1\x02\x02\x10\x06\xdc\x1d\x22\xa0\x35\x9c\x5c\xf3\x03\x02\x10\x06\xf7"
    "\x00\x02\x05\x06\xf4\x00\x02\x05\x06\xf9";
static const line_run runs_generate_3_14[] = {
    {3, 26}, {2, 27}, {11, 28}, {17, 27}, {2, 0},
};
static const char bytes_far_3_14[] =
    "\x80\x00\xd8\x0c\x11\x90\x41\x8d\x49\x80\x45\xf0\x72\x5d\x01\x00\x0c\x11\x80\x4c";
static const line_run runs_far_3_14[] = {
    {1, 32}, {9, 33}, {2, 3034},
};
static const char bytes_lambda_3_14[] =
    "\x80\x00\xa1\x14";
static const line_run runs_lambda_3_14[] = {
    {3, 16},
};
static const char bytes_genexpr_3_14[] =
    "\xe9\x00\x80\x00\xf0\x00\x02\x10\x06\xd9\x1d\x29\x90\x36\xb0\x61\xaf\x5a\xa9\x5a\x8f\x06"
    "\x8a\x06\x9b\x5c\xf9";
static const line_run runs_genexpr_3_14[] = {
    {4, 27}, {29, 28}, {2, 0},
};
static const char bytes_plain_3_14_bare[] =
    "\xe8\x00\xe8\x02\xed\x00\xe8\x00\xe8\x02\xe8\x00\xed\x00\xed\x00\xe8\x00\xef\x04\xec\x00"
    "\xe8\x00\xef\x00\xe9\x00\xe8\x00\xef\x00\xe9\x00\xe8\x00\xe8\x00\xed\x00\xe8\x00\xed\x00"
    "\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xed\x00\xe8\x06\xe8\x00";
static const line_run runs_plain_3_14_bare[] = {
    {1, 2}, {8, 3}, {15, 4}, {61, 6}, {2, 9},
};
static const char bytes_loop_3_14_bare[] =
    "\xe8\x00\xef\x02\xe8\x02\xe8\x02\xef\x00\xe9\x00\xe9\x02\xe8\x02\xe8\x05\xec\x00\xe8\x10"
    "\xef\x00\xe9\x00\xee\x00\xe9\x15\xf8\xec\x0c\xec\x00\xec\x02\xe8\x00\xef\x00\xe9\x00\xe8"
    "\x00\xed\x00\xef\x00\xec\x00\xe8\x00\xe8\x02\xef\x00\xe9\x00\xeb\x00\xe8\x00\xef\x03\xef"
    "\x00\xef\x00\xef\x00\xe9\x00\xfe\xe8\x03\xfb\xe8\x08\xef\x00\xe9\x00\xed\x00\xfa";
static const line_run runs_loop_3_14_bare[] = {
    {1, 12}, {8, 13}, {1, 14}, {11, 15}, {2, 16}, {1, 17}, {6, 15}, {18, 23}, {2, 13}, {1, 0},
    {10, 19}, {37, 20}, {16, 21}, {34, 20}, {7, 0}, {1, 19}, {4, 0}, {17, 23}, {3, 0},
};
static const char bytes_generate_3_14_bare[] =
    "\xe9\x00\xe8\x00\xe9\x02\xec\x02\xe8\x00\xec\x00\xeb\x03\xef\x00\xec\x00\xf9";
static const line_run runs_generate_3_14_bare[] = {
    {3, 26}, {2, 27}, {11, 28}, {17, 27}, {2, 0},
};
static const char bytes_far_3_14_bare[] =
    "\xe8\x00\xe8\x02\xe8\x00\xed\x00\xe8\x00\xe8\x72\x5d\x01\xe8\x00";
static const line_run runs_far_3_14_bare[] = {
    {1, 32}, {9, 33}, {2, 3034},
};
static const char bytes_lambda_3_14_bare[] =
    "\xe8\x00\xe9\x00";
static const line_run runs_lambda_3_14_bare[] = {
    {3, 16},
};
static const char bytes_genexpr_3_14_bare[] =
    "\xe9\x00\xe8\x00\xe8\x00\xe9\x02\xe8\x00\xe8\x00\xef\x00\xe9\x00\xef\x00\xea\x00\xeb\x00"
    "\xf9";
static const line_run runs_genexpr_3_14_bare[] = {
    {4, 27}, {29, 28}, {2, 0},
};
static const char bytes_plain_3_15[] =
    "\x81\x00\xd8\x0c\x11\x8d\x4e\x80\x45\xd8\x0c\x11\x98\x56\x95\x5e\xd5\x0c\x24\x80\x45\xe7"
    "\x07\x0c\x8c\x65\x90\x45\x9f\x3a\x99\x3a\xa0\x75\xa7\x7a\xa1\x7a\xb0\x45\xb8\x41\xb5\x49"
    "\xc0\x11\xb5\x3f\xc0\x55\xc0\x46\xc8\x55\xc8\x47\xd0\x59\x5b\xd5\x0e\x5c\xf0\x06\x00\x0c"
    "\x11\x80\x4c";
static const line_run runs_plain_3_15[] = {
    {2, 2}, {8, 3}, {15, 4}, {61, 6}, {2, 9},
};
static const char bytes_loop_3_15[] =
    "\x81\x00\xdf\x0a\x0f\xf0\x02\x09\x09\x18\xd8\x0c\x11\x8f\x4a\x89\x4a\xd9\x14\x25\xd8\x18"
    "\x1c\xf0\x05\x00\x0d\x17\xf4\x00\x03\x0d\x0e\xf0\x10\x00\x0d\x12\x8f\x49\x89\x49\x8e\x4b"
    "\xf1\x15\x00\x0b\x10\xf8\xf4\x0c\x00\x10\x1a\xf4\x00\x02\x09\x29\xdc\x11\x15\x90\x65\x97"
    "\x6a\x91\x6a\xa0\x11\x95\x6d\xd7\x11\x24\xd4\x11\x24\xa8\x04\xd8\x18\x1c\x9f\x0e\x99\x0e"
    "\xd3\x18\x28\x90\x05\xf7\x03\x00\x12\x25\xd7\x11\x24\xd7\x11\x24\xd7\x11\x24\xd1\x11\x24"
    "\xfe\xf0\x03\x02\x09\x29\xfb\xf0\x08\x00\x0d\x12\x8f\x49\x89\x49\x8d\x4b\xfa";
static const line_run runs_loop_3_15[] = {
    {2, 12}, {8, 13}, {1, 14}, {11, 15}, {2, 16}, {1, 17}, {6, 15}, {18, 23}, {2, 13}, {1, 0},
    {10, 19}, {37, 20}, {16, 21}, {34, 20}, {7, 0}, {1, 19}, {4, 0}, {17, 23}, {3, 0},
};
static const char bytes_generate_3_15[] =
    "\xe9\x00\x81\x00\xf1\x02\x02\x10\x06\xdc\x1d\x22\xa0\x35\x9b\x5c\xf3\x03\x02\x10\x06\xf7"
    "\x00\x02\x05\x06\xf6\x00\x02\x05\x06\xf9";
static const line_run runs_generate_3_15[] = {
    {4, 26}, {2, 27}, {10, 28}, {19, 27}, {2, 0},
};
static const char bytes_far_3_15[] =
    "\x81\x00\xd8\x0c\x11\x90\x41\x8d\x49\x80\x45\xf0\x72\x5d\x01\x00\x0c\x11\x80\x4c";
static const line_run runs_far_3_15[] = {
    {2, 32}, {9, 33}, {2, 3034},
};
static const char bytes_lambda_3_15[] =
    "\x81\x00\xa1\x14";
static const line_run runs_lambda_3_15[] = {
    {4, 16},
};
static const char bytes_genexpr_3_15[] =
    "\xf9\xda\x1d\x29\xe9\x03\x81\x00\xd9\x1d\x29\x90\x36\xb0\x61\xaf\x5a\xa9\x5a\x8f\x06\x8b"
    "\x06\x9b\x5c\xf9";
static const line_run runs_genexpr_3_15[] = {
    {2, 0}, {3, 28}, {4, 27}, {30, 28}, {2, 0},
};
static const char bytes_plain_3_15_bare[] =
    "\xe9\x00\xe8\x02\xed\x00\xe8\x00\xe8\x02\xe8\x00\xed\x00\xed\x00\xe8\x00\xef\x04\xec\x00"
    "\xe8\x00\xef\x00\xe9\x00\xe8\x00\xef\x00\xe9\x00\xe8\x00\xe8\x00\xed\x00\xe8\x00\xed\x00"
    "\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xe8\x00\xed\x00\xe8\x06\xe8\x00";
static const line_run runs_plain_3_15_bare[] = {
    {2, 2}, {8, 3}, {15, 4}, {61, 6}, {2, 9},
};
static const char bytes_loop_3_15_bare[] =
    "\xe9\x00\xef\x02\xe8\x02\xe8\x02\xef\x00\xe9\x00\xe9\x02\xe8\x02\xe8\x05\xec\x00\xe8\x10"
    "\xef\x00\xe9\x00\xee\x00\xe9\x15\xf8\xec\x0c\xec\x00\xec\x02\xe8\x00\xef\x00\xe9\x00\xe8"
    "\x00\xed\x00\xef\x00\xec\x00\xe8\x00\xe8\x02\xef\x00\xe9\x00\xeb\x00\xe8\x00\xef\x03\xef"
    "\x00\xef\x00\xef\x00\xe9\x00\xfe\xe8\x03\xfb\xe8\x08\xef\x00\xe9\x00\xed\x00\xfa";
static const line_run runs_loop_3_15_bare[] = {
    {2, 12}, {8, 13}, {1, 14}, {11, 15}, {2, 16}, {1, 17}, {6, 15}, {18, 23}, {2, 13}, {1, 0},
    {10, 19}, {37, 20}, {16, 21}, {34, 20}, {7, 0}, {1, 19}, {4, 0}, {17, 23}, {3, 0},
};
static const char bytes_generate_3_15_bare[] =
    "\xe9\x00\xe9\x00\xe9\x02\xec\x02\xe8\x00\xeb\x00\xeb\x03\xef\x00\xee\x00\xf9";
static const line_run runs_generate_3_15_bare[] = {
    {4, 26}, {2, 27}, {10, 28}, {19, 27}, {2, 0},
};
static const char bytes_far_3_15_bare[] =
    "\xe9\x00\xe8\x02\xe8\x00\xed\x00\xe8\x00\xe8\x72\x5d\x01\xe8\x00";
static const line_run runs_far_3_15_bare[] = {
    {2, 32}, {9, 33}, {2, 3034},
};
static const char bytes_lambda_3_15_bare[] =
    "\xe9\x00\xe9\x00";
static const line_run runs_lambda_3_15_bare[] = {
    {4, 16},
};
static const char bytes_genexpr_3_15_bare[] =
    "\xf9\xea\x02\xe9\x03\xe9\x00\xe9\x02\xe8\x00\xe8\x00\xef\x00\xe9\x00\xef\x00\xeb\x00\xeb"
    "\x00\xf9";
static const line_run runs_genexpr_3_15_bare[] = {
    {2, 0}, {3, 28}, {4, 27}, {30, 28}, {2, 0},
};

const line_table line_tables[] = {
    {"plain_3_11", 2, bytes_plain_3_11, sizeof bytes_plain_3_11 - 1,
     runs_plain_3_11, sizeof runs_plain_3_11 / sizeof runs_plain_3_11[0]},
    {"loop_3_11", 12, bytes_loop_3_11, sizeof bytes_loop_3_11 - 1,
     runs_loop_3_11, sizeof runs_loop_3_11 / sizeof runs_loop_3_11[0]},
    {"generate_3_11", 26, bytes_generate_3_11, sizeof bytes_generate_3_11 - 1,
     runs_generate_3_11, sizeof runs_generate_3_11 / sizeof runs_generate_3_11[0]},
    {"far_3_11", 32, bytes_far_3_11, sizeof bytes_far_3_11 - 1,
     runs_far_3_11, sizeof runs_far_3_11 / sizeof runs_far_3_11[0]},
    {"lambda_3_11", 16, bytes_lambda_3_11, sizeof bytes_lambda_3_11 - 1,
     runs_lambda_3_11, sizeof runs_lambda_3_11 / sizeof runs_lambda_3_11[0]},
    {"genexpr_3_11", 27, bytes_genexpr_3_11, sizeof bytes_genexpr_3_11 - 1,
     runs_genexpr_3_11, sizeof runs_genexpr_3_11 / sizeof runs_genexpr_3_11[0]},
    {"plain_3_11_bare", 2, bytes_plain_3_11_bare, sizeof bytes_plain_3_11_bare - 1,
     runs_plain_3_11_bare, sizeof runs_plain_3_11_bare / sizeof runs_plain_3_11_bare[0]},
    {"loop_3_11_bare", 12, bytes_loop_3_11_bare, sizeof bytes_loop_3_11_bare - 1,
     runs_loop_3_11_bare, sizeof runs_loop_3_11_bare / sizeof runs_loop_3_11_bare[0]},
    {"generate_3_11_bare", 26, bytes_generate_3_11_bare, sizeof bytes_generate_3_11_bare - 1,
     runs_generate_3_11_bare, sizeof runs_generate_3_11_bare / sizeof runs_generate_3_11_bare[0]},
    {"far_3_11_bare", 32, bytes_far_3_11_bare, sizeof bytes_far_3_11_bare - 1,
     runs_far_3_11_bare, sizeof runs_far_3_11_bare / sizeof runs_far_3_11_bare[0]},
    {"lambda_3_11_bare", 16, bytes_lambda_3_11_bare, sizeof bytes_lambda_3_11_bare - 1,
     runs_lambda_3_11_bare, sizeof runs_lambda_3_11_bare / sizeof runs_lambda_3_11_bare[0]},
    {"genexpr_3_11_bare", 27, bytes_genexpr_3_11_bare, sizeof bytes_genexpr_3_11_bare - 1,
     runs_genexpr_3_11_bare, sizeof runs_genexpr_3_11_bare / sizeof runs_genexpr_3_11_bare[0]},
    {"plain_3_12", 2, bytes_plain_3_12, sizeof bytes_plain_3_12 - 1,
     runs_plain_3_12, sizeof runs_plain_3_12 / sizeof runs_plain_3_12[0]},
    {"loop_3_12", 12, bytes_loop_3_12, sizeof bytes_loop_3_12 - 1,
     runs_loop_3_12, sizeof runs_loop_3_12 / sizeof runs_loop_3_12[0]},
    {"generate_3_12", 26, bytes_generate_3_12, sizeof bytes_generate_3_12 - 1,
     runs_generate_3_12, sizeof runs_generate_3_12 / sizeof runs_generate_3_12[0]},
    {"far_3_12", 32, bytes_far_3_12, sizeof bytes_far_3_12 - 1,
     runs_far_3_12, sizeof runs_far_3_12 / sizeof runs_far_3_12[0]},
    {"lambda_3_12", 16, bytes_lambda_3_12, sizeof bytes_lambda_3_12 - 1,
     runs_lambda_3_12, sizeof runs_lambda_3_12 / sizeof runs_lambda_3_12[0]},
    {"genexpr_3_12", 27, bytes_genexpr_3_12, sizeof bytes_genexpr_3_12 - 1,
     runs_genexpr_3_12, sizeof runs_genexpr_3_12 / sizeof runs_genexpr_3_12[0]},
    {"plain_3_12_bare", 2, bytes_plain_3_12_bare, sizeof bytes_plain_3_12_bare - 1,
     runs_plain_3_12_bare, sizeof runs_plain_3_12_bare / sizeof runs_plain_3_12_bare[0]},
    {"loop_3_12_bare", 12, bytes_loop_3_12_bare, sizeof bytes_loop_3_12_bare - 1,
     runs_loop_3_12_bare, sizeof runs_loop_3_12_bare / sizeof runs_loop_3_12_bare[0]},
    {"generate_3_12_bare", 26, bytes_generate_3_12_bare, sizeof bytes_generate_3_12_bare - 1,
     runs_generate_3_12_bare, sizeof runs_generate_3_12_bare / sizeof runs_generate_3_12_bare[0]},
    {"far_3_12_bare", 32, bytes_far_3_12_bare, sizeof bytes_far_3_12_bare - 1,
     runs_far_3_12_bare, sizeof runs_far_3_12_bare / sizeof runs_far_3_12_bare[0]},
    {"lambda_3_12_bare", 16, bytes_lambda_3_12_bare, sizeof bytes_lambda_3_12_bare - 1,
     runs_lambda_3_12_bare, sizeof runs_lambda_3_12_bare / sizeof runs_lambda_3_12_bare[0]},
    {"genexpr_3_12_bare", 27, bytes_genexpr_3_12_bare, sizeof bytes_genexpr_3_12_bare - 1,
     runs_genexpr_3_12_bare, sizeof runs_genexpr_3_12_bare / sizeof runs_genexpr_3_12_bare[0]},
    {"plain_3_13", 2, bytes_plain_3_13, sizeof bytes_plain_3_13 - 1,
     runs_plain_3_13, sizeof runs_plain_3_13 / sizeof runs_plain_3_13[0]},
    {"loop_3_13", 12, bytes_loop_3_13, sizeof bytes_loop_3_13 - 1,
     runs_loop_3_13, sizeof runs_loop_3_13 / sizeof runs_loop_3_13[0]},
    {"generate_3_13", 26, bytes_generate_3_13, sizeof bytes_generate_3_13 - 1,
     runs_generate_3_13, sizeof runs_generate_3_13 / sizeof runs_generate_3_13[0]},
    {"far_3_13", 32, bytes_far_3_13, sizeof bytes_far_3_13 - 1,
     runs_far_3_13, sizeof runs_far_3_13 / sizeof runs_far_3_13[0]},
    {"lambda_3_13", 16, bytes_lambda_3_13, sizeof bytes_lambda_3_13 - 1,
     runs_lambda_3_13, sizeof runs_lambda_3_13 / sizeof runs_lambda_3_13[0]},
    {"genexpr_3_13", 27, bytes_genexpr_3_13, sizeof bytes_genexpr_3_13 - 1,
     runs_genexpr_3_13, sizeof runs_genexpr_3_13 / sizeof runs_genexpr_3_13[0]},
    {"plain_3_13_bare", 2, bytes_plain_3_13_bare, sizeof bytes_plain_3_13_bare - 1,
     runs_plain_3_13_bare, sizeof runs_plain_3_13_bare / sizeof runs_plain_3_13_bare[0]},
    {"loop_3_13_bare", 12, bytes_loop_3_13_bare, sizeof bytes_loop_3_13_bare - 1,
     runs_loop_3_13_bare, sizeof runs_loop_3_13_bare / sizeof runs_loop_3_13_bare[0]},
    {"generate_3_13_bare", 26, bytes_generate_3_13_bare, sizeof bytes_generate_3_13_bare - 1,
     runs_generate_3_13_bare, sizeof runs_generate_3_13_bare / sizeof runs_generate_3_13_bare[0]},
    {"far_3_13_bare", 32, bytes_far_3_13_bare, sizeof bytes_far_3_13_bare - 1,
     runs_far_3_13_bare, sizeof runs_far_3_13_bare / sizeof runs_far_3_13_bare[0]},
    {"lambda_3_13_bare", 16, bytes_lambda_3_13_bare, sizeof bytes_lambda_3_13_bare - 1,
     runs_lambda_3_13_bare, sizeof runs_lambda_3_13_bare / sizeof runs_lambda_3_13_bare[0]},
    {"genexpr_3_13_bare", 27, bytes_genexpr_3_13_bare, sizeof bytes_genexpr_3_13_bare - 1,
     runs_genexpr_3_13_bare, sizeof runs_genexpr_3_13_bare / sizeof runs_genexpr_3_13_bare[0]},
    {"plain_3_14", 2, bytes_plain_3_14, sizeof bytes_plain_3_14 - 1,
     runs_plain_3_14, sizeof runs_plain_3_14 / sizeof runs_plain_3_14[0]},
    {"loop_3_14", 12, bytes_loop_3_14, sizeof bytes_loop_3_14 - 1,
     runs_loop_3_14, sizeof runs_loop_3_14 / sizeof runs_loop_3_14[0]},
    {"generate_3_14", 26, bytes_generate_3_14, sizeof bytes_generate_3_14 - 1,
     runs_generate_3_14, sizeof runs_generate_3_14 / sizeof runs_generate_3_14[0]},
    {"far_3_14", 32, bytes_far_3_14, sizeof bytes_far_3_14 - 1,
     runs_far_3_14, sizeof runs_far_3_14 / sizeof runs_far_3_14[0]},
    {"lambda_3_14", 16, bytes_lambda_3_14, sizeof bytes_lambda_3_14 - 1,
     runs_lambda_3_14, sizeof runs_lambda_3_14 / sizeof runs_lambda_3_14[0]},
    {"genexpr_3_14", 27, bytes_genexpr_3_14, sizeof bytes_genexpr_3_14 - 1,
     runs_genexpr_3_14, sizeof runs_genexpr_3_14 / sizeof runs_genexpr_3_14[0]},
    {"plain_3_14_bare", 2, bytes_plain_3_14_bare, sizeof bytes_plain_3_14_bare - 1,
     runs_plain_3_14_bare, sizeof runs_plain_3_14_bare / sizeof runs_plain_3_14_bare[0]},
    {"loop_3_14_bare", 12, bytes_loop_3_14_bare, sizeof bytes_loop_3_14_bare - 1,
     runs_loop_3_14_bare, sizeof runs_loop_3_14_bare / sizeof runs_loop_3_14_bare[0]},
    {"generate_3_14_bare", 26, bytes_generate_3_14_bare, sizeof bytes_generate_3_14_bare - 1,
     runs_generate_3_14_bare, sizeof runs_generate_3_14_bare / sizeof runs_generate_3_14_bare[0]},
    {"far_3_14_bare", 32, bytes_far_3_14_bare, sizeof bytes_far_3_14_bare - 1,
     runs_far_3_14_bare, sizeof runs_far_3_14_bare / sizeof runs_far_3_14_bare[0]},
    {"lambda_3_14_bare", 16, bytes_lambda_3_14_bare, sizeof bytes_lambda_3_14_bare - 1,
     runs_lambda_3_14_bare, sizeof runs_lambda_3_14_bare / sizeof runs_lambda_3_14_bare[0]},
    {"genexpr_3_14_bare", 27, bytes_genexpr_3_14_bare, sizeof bytes_genexpr_3_14_bare - 1,
     runs_genexpr_3_14_bare, sizeof runs_genexpr_3_14_bare / sizeof runs_genexpr_3_14_bare[0]},
    {"plain_3_15", 2, bytes_plain_3_15, sizeof bytes_plain_3_15 - 1,
     runs_plain_3_15, sizeof runs_plain_3_15 / sizeof runs_plain_3_15[0]},
    {"loop_3_15", 12, bytes_loop_3_15, sizeof bytes_loop_3_15 - 1,
     runs_loop_3_15, sizeof runs_loop_3_15 / sizeof runs_loop_3_15[0]},
    {"generate_3_15", 26, bytes_generate_3_15, sizeof bytes_generate_3_15 - 1,
     runs_generate_3_15, sizeof runs_generate_3_15 / sizeof runs_generate_3_15[0]},
    {"far_3_15", 32, bytes_far_3_15, sizeof bytes_far_3_15 - 1,
     runs_far_3_15, sizeof runs_far_3_15 / sizeof runs_far_3_15[0]},
    {"lambda_3_15", 16, bytes_lambda_3_15, sizeof bytes_lambda_3_15 - 1,
     runs_lambda_3_15, sizeof runs_lambda_3_15 / sizeof runs_lambda_3_15[0]},
    {"genexpr_3_15", 27, bytes_genexpr_3_15, sizeof bytes_genexpr_3_15 - 1,
     runs_genexpr_3_15, sizeof runs_genexpr_3_15 / sizeof runs_genexpr_3_15[0]},
    {"plain_3_15_bare", 2, bytes_plain_3_15_bare, sizeof bytes_plain_3_15_bare - 1,
     runs_plain_3_15_bare, sizeof runs_plain_3_15_bare / sizeof runs_plain_3_15_bare[0]},
    {"loop_3_15_bare", 12, bytes_loop_3_15_bare, sizeof bytes_loop_3_15_bare - 1,
     runs_loop_3_15_bare, sizeof runs_loop_3_15_bare / sizeof runs_loop_3_15_bare[0]},
    {"generate_3_15_bare", 26, bytes_generate_3_15_bare, sizeof bytes_generate_3_15_bare - 1,
     runs_generate_3_15_bare, sizeof runs_generate_3_15_bare / sizeof runs_generate_3_15_bare[0]},
    {"far_3_15_bare", 32, bytes_far_3_15_bare, sizeof bytes_far_3_15_bare - 1,
     runs_far_3_15_bare, sizeof runs_far_3_15_bare / sizeof runs_far_3_15_bare[0]},
    {"lambda_3_15_bare", 16, bytes_lambda_3_15_bare, sizeof bytes_lambda_3_15_bare - 1,
     runs_lambda_3_15_bare, sizeof runs_lambda_3_15_bare / sizeof runs_lambda_3_15_bare[0]},
    {"genexpr_3_15_bare", 27, bytes_genexpr_3_15_bare, sizeof bytes_genexpr_3_15_bare - 1,
     runs_genexpr_3_15_bare, sizeof runs_genexpr_3_15_bare / sizeof runs_genexpr_3_15_bare[0]},
};

const size_t line_table_count = sizeof line_tables / sizeof line_tables[0];
