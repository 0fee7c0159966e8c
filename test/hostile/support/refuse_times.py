"""Starts a program to which the kernel refuses to set the times of a file, as some network disks do: every such call
ends with EPERM, by a seccomp filter. Linux only. Usage: refuse_times.py <program> <argument>..."""

import ctypes
import errno
import os
import platform
import struct
import sys

CALLS = {"x86_64": [280, 235, 132, 261], "aarch64": [88]}[platform.machine()]

LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERROR = 0x7FFF0000, 0x00050000
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def instruction(code, if_true, if_false, value):
    return struct.pack("=HBBI", code, if_true, if_false, value)


# The number of the system call comes first in what the filter sees.
lines = [instruction(LOAD, 0, 0, 0)]
for index, number in enumerate(CALLS):
    lines.append(instruction(JUMP_IF_EQUAL, len(CALLS) - index, 0, number))
lines.append(instruction(RETURN, 0, 0, ALLOW))
lines.append(instruction(RETURN, 0, 0, ERROR | errno.EPERM))

code = ctypes.create_string_buffer(b"".join(lines))
program = Program(len(lines), ctypes.cast(code, ctypes.c_void_p))
prctl = ctypes.CDLL(None, use_errno=True).prctl
for arguments in [(NO_NEW_PRIVILEGES, 1, 0, 0, 0), (SECCOMP, FILTER, ctypes.byref(program), 0, 0)]:
    if prctl(*arguments) != 0:
        sys.exit("The filter was refused: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[1], sys.argv[1:])
