# python: -W ignore
# Every process of five generations has two children: 63 in all.
import os, sys
def generation(depth):
    total = 1
    children = []
    for _ in range(2):
        if depth == 0:
            break
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            os.write(write, b"%d" % generation(depth - 1))
            os._exit(0)
        os.close(write)
        children.append((pid, read))
    for pid, read in children:
        total += int(os.read(read, 20))
        os.close(read)
        os.waitpid(pid, 0)
    import fractions
    return total
print(generation(5))
