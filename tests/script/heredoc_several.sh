recin a <<A b <<B
from a
A
from b
B
recin <<A && recin <<B || rec no
a
A
b
B
for i in 1 2; do recin $i <<E; done
i is $i
E
for i in 1 2; do recin; done <<E
all
E
recin <<E
no newline at the end of E but eof
E
