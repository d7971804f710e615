rec "a\"b" 'c"d' e\"f "g'h" i\'j "\$A" '\$A' "\`" "\\" "\x" "a\
b" a\
b 'a\
b'
rec "" '' ""'' a""b ''a''
