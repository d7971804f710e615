set -e
for i in 1 2 3; do rec $i; status $i; done
rec never
