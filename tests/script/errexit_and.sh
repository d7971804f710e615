set -e
for i in 1 2; do status 1; rec tested $i; done && rec and
true && status 6
rec never
