exit 3 | true; rec $?
A=$(exit 4; emit no); rec $? "$A"
emit x | exit 5; rec $?
for i in 1; do rec $(exit 6); done; rec $?
true && exit 7
rec no
