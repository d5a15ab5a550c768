# stdin: first line\nsecond line\n
import sys
print(input())
print(sys.stdin.read())
try:
    input()
except EOFError:
    print("end of file")
