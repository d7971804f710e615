# An unset name in a here-document fails the command, not the script.
set -u
recin a <<E
${NONE}
E
rec $?
for i in 1; do rec never; done <<E
$NONE
E
rec $?
recin b <<'E'
$NONE
E
: <<E
$NONE
E
rec not reached
