import multiprocessing, sys
def work(number):
    return number * number
def send(queue):
    queue.put("sent")
def main():
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            print(method, pool.map(work, range(5)))
        queue = context.Queue()
        process = context.Process(target=send, args=(queue,))
        process.start()
        print(queue.get(), process.join(), process.exitcode)
        sys.stdout.flush()
if __name__ == "__main__":
    main()
