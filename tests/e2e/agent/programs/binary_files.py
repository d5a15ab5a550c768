import io, mmap, os, shutil, tempfile
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "\u00fcber \u65e5\u672c.bin")
    with open(path, "wb") as file:
        file.write(os.urandom(1 << 20))
        file.flush()
        os.fsync(file.fileno())
    with open(path, "rb", buffering=0) as file:
        print(len(file.read(1000)), file.seek(5), len(os.pread(file.fileno(), 10, 3)), len(os.readv(file.fileno(), [bytearray(3)]) * b"x"))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            print(len(mapped))
    shutil.copyfile(path, path + ".copy")
    os.rename(path + ".copy", path + ".new")
    print(sorted(os.listdir(directory)) == sorted([os.path.basename(path), os.path.basename(path) + ".new"]))
    os.chdir(directory)
    os.mkdir("sub")
    fd = os.open("sub", os.O_RDONLY)
    file = os.open("inner", os.O_CREAT | os.O_WRONLY, 0o640, dir_fd=fd)
    print(oct(os.fstat(file).st_mode), os.write(file, b"abc"))
    os.chdir("/")
