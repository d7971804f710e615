rec a
for i in 1 2; do rec $i; exit 9; done
rec never
