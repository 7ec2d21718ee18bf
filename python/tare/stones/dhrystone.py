"""Dhrystone in Python: the classical figure, in passes a second, with the results checked.

    python dhrystone.py            passes a second, of 1,000 passes and of 50,000
    python dhrystone.py --lines    for a program to read; tare bench --pystone does

Written after the structure that Weicker published (Communications of the ACM 27, 1984, and version
2.1 of 1988): twelve procedures that assign, compare, index, call and copy a record, in the mixture
that programs of 1984 showed. CPython shipped a translation of version 1 until 3.6 and named its
figure pystones; this is another one, whose figures are near to it and not the same.

It stands beside tarestones.py, and needs no more than that does.
"""

import sys

from tarestones import Clock, describe, write

VERSION = 1
PASSES = (1000, 50000)
FIRST, SECOND, THIRD, FOURTH, FIFTH = range(1, 6)  # what an enumeration holds

number = 0
flag = False
letter_a = ""
letter_b = ""
row = []
table = []
record = None


class Record(object):
    def __init__(self, link=None, kind=0, choice=0, amount=0, words=""):
        self.link = link
        self.kind = kind
        self.choice = choice
        self.amount = amount
        self.words = words

    def copy(self):
        return Record(self.link, self.kind, self.choice, self.amount, self.words)


def procedure_1(given):
    given.link = following = record.copy()
    given.amount = 5
    following.amount = given.amount
    following.link = given.link
    following.link = procedure_3(following.link)
    if following.kind == FIRST:
        following.amount = 6
        following.choice = procedure_6(given.choice)
        following.link = record.link
        following.amount = procedure_7(following.amount, 10)
        return given
    return following.copy()


def procedure_2(value):
    result = value + 10
    while True:
        if letter_a == "A":
            result -= 1
            value = result - number
            choice = FIRST
        if choice == FIRST:
            return value


def procedure_3(link):
    if record is not None:
        link = record.link
    record.amount = procedure_7(10, number)
    return link


def procedure_4():
    global flag, letter_b
    flag = (letter_a == "A") or flag
    letter_b = "B"


def procedure_5():
    global flag, letter_a
    letter_a = "A"
    flag = False


def procedure_6(choice):
    result = choice if function_3(choice) else FOURTH
    if choice == FIRST:
        result = FIRST
    elif choice == SECOND:
        result = FIRST if number > 100 else FOURTH
    elif choice == THIRD:
        result = SECOND
    elif choice == FIFTH:
        result = THIRD
    return result


def procedure_7(left, right):
    return right + (left + 2)


def procedure_8(row, table, left, right):
    global number
    at = left + 5
    row[at] = right
    row[at + 1] = row[at]
    row[at + 30] = at
    for i in range(at, at + 2):
        table[at][i] = at
    table[at][at - 1] += 1
    table[at + 20][at] = row[at]
    number = 5


def function_1(left, right):
    global letter_a
    first = left
    second = first
    if second != right:
        return FIRST
    letter_a = first
    return SECOND


def function_2(left, right):
    global number
    at = 2
    while at <= 2:
        if function_1(left[at], right[at + 1]) == FIRST:
            letter = "A"
            at += 1
    if "W" <= letter < "Z":
        at = 7
    if letter == "R":
        return True
    if left > right:
        at += 7
        number = at
        return True
    return False


def function_3(choice):
    return choice == THIRD


def prepare():
    global row, table, record
    row = [0] * 51
    table = [row[:] for i in range(51)]
    table[8][7] = 10
    record = Record(Record(), FIRST, THIRD, 40, "DHRYSTONE PROGRAM, SOME STRING")


def run(passes):
    """Everything that the last pass left behind, in the order of the published list."""
    global record, flag, number
    words_1 = "DHRYSTONE PROGRAM, 1'ST STRING"
    for i in range(1, passes + 1):
        procedure_5()
        procedure_4()
        first = 2
        second = 3
        words_2 = "DHRYSTONE PROGRAM, 2'ND STRING"
        choice = SECOND
        flag = not function_2(words_1, words_2)
        while first < second:
            third = 5 * first - second
            third = procedure_7(first, second)
            first += 1
        procedure_8(row, table, first, third)
        record = procedure_1(record)
        letter = "A"
        while letter <= letter_b:
            if choice == function_1(letter, "C"):
                choice = procedure_6(FIRST)
                words_2 = "DHRYSTONE PROGRAM, 3'RD STRING"
                second = i
                number = i
            letter = chr(ord(letter) + 1)
        second = second * first
        first = second // third
        second = 7 * (second - third) - first
        first = procedure_2(first)
    following = record.link
    return [
        number, flag, letter_a, letter_b, row[8], table[8][7] - passes,
        record.kind, record.choice, record.amount, record.words,
        following.kind, following.choice, following.amount, following.words,
        first, second, third, choice, words_1, words_2,
    ]


RIGHT = [
    5, True, "A", "B", 7, 10,
    FIRST, THIRD, 17, "DHRYSTONE PROGRAM, SOME STRING",
    FIRST, SECOND, 18, "DHRYSTONE PROGRAM, SOME STRING",
    5, 13, 7, SECOND, "DHRYSTONE PROGRAM, 1'ST STRING", "DHRYSTONE PROGRAM, 2'ND STRING",
]


def main():
    lines = sys.argv[1:] == ["--lines"]
    clock = Clock()
    if lines:
        write(" ".join(("dhrystone", str(VERSION)) + describe() + (clock.name, clock.kind)))
    for passes in PASSES:
        prepare()
        begin = clock.now()
        left = run(passes)
        spent_ns = clock.nanoseconds(begin, clock.now())
        if left != RIGHT:
            write("wrong: %s" % left)
            return 1
        if lines:
            write("passes %d %d" % (passes, spent_ns))
        else:
            write("%d passes: %d passes a second" % (passes, int(passes * 1e9 / spent_ns)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
