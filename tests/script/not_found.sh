nosuch 2>/dev/null; rec $?
nosuch 2>/dev/null || rec or
recin </no/such 2>/dev/null; rec $?
emit x 2>/dev/null >/no/such/dir; rec $?
>/no/such/dir 2>/dev/null; rec $?
for i in 1; do rec no; done </no/such; rec $?
for i in 1; do rec no; done </no/such || rec caught
! recin </no/such; rec $?
