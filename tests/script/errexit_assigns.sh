set -e
A=1 B=$(status 4) C=3
rec never $A $B $C
