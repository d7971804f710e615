set -e
for i in 1 2; do rec $i; status 5; rec no; done || rec caught $?
rec after
A=$(status 7)
rec never
