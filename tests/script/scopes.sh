A=outer
emit x | A=inner
rec $A
B=$(A=sub; emit $A); rec $A $B
A=1 | true; rec $A
for A in 1 2; do :; done | true; rec $A
for A in 1 2; do :; done; rec $A
