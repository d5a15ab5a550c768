# slow: a thousand processes
# A thousand short processes.
i=0
while [ $i -lt 1000 ]; do
    /bin/true || echo failed
    i=$((i + 1))
done
echo $i
