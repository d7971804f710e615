A=$(status 4)
rec $?
A=$(status 4)$(status 5)
rec $?
A=$(status 4)x B=y
rec $?
A=x
rec $?
status 6
A=$?
rec $A $?
rec $(status 7) $?
status 2; rec $?$?
$(status 9)
rec $?
$(emit status 3)
rec $?
$E
rec $?
status 5; $E
rec $?
