# stdin: abc\x00\xff\ndef\n
import sys, select
print(select.select([0], [], [], 1)[0], sys.stdin.buffer.readline(), sys.stdin.buffer.read(), sys.stdin.read())
