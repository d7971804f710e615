# Pipes: order, statuses, subshells, compound stages.
emit a | recin
emit a | recin | recin
emit "l1
l2" | recin x y
emit a |
recin
emit a | # comment

recin
raw 'no newline' | recin
A=1; emit x | A=2; rec $A
for i in 1 2 3; do emit $i; done | recin
emit a | for i in 1 2; do recin $i; done
emit a | for i in 1 2; do A=$i; done; rec $A $i
status 1 | status 0; rec $?
status 0 | status 1; rec $?
emit a | recin && rec and
emit a | status 2 || rec or
! emit a | recin; rec $?
emit "$(emit a | recin inner)" | recin outer
emit a | recin >$T.a; recin <$T.a
emit a >$T.b | recin empty; recin <$T.b
emit | recin
true | recin
emit x | exit 3; rec $?
exit 4 | true; rec $?
recin from the script
emit a|recin|recin b
for i in 1 2; do emit $i | recin $i; done
for i in a b c d e f g h; do emit $i; done | recin | recin
