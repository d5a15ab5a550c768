# Programs that are no Python: shells, pipes, tools.
set -e
printf 'c\na\nb\n' | sort | tr a-z A-Z
find /etc/apt -name '*.list' 2>/dev/null | wc -l >/dev/null
tar cf - /etc/hostname 2>/dev/null | tar tf -
awk 'BEGIN { "echo from awk" | getline x; print x }'
sed -n 1p /etc/passwd
perl -e 'print "perl ", fork() ? "parent" : "child", "\n"; wait; exit 3' | sort
date -u -d @0
timeout 0.1 sleep 5 || echo "timed out $?"
(exit 5) || echo "left $?"
sh -c 'kill -TERM $$' || echo "killed $?"
