set -u
A=x
rec $A
for i in 1; do rec $i; done
rec "$(rec "$NOPE"; emit no)" $?
rec here
rec $NOPE
rec no
