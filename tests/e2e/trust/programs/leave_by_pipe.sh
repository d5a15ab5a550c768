yes | head -n 1
/usr/bin/python3 -c 'import signal, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
while True: print("y")' | head -n 2
echo done
