import concurrent.futures, os
def work(number):
    return number + 1
if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        print(list(pool.map(work, range(5))))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        print(list(pool.map(work, range(5))))
