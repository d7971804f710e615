rec a \
 b \
	c
re\
c d
rec 'a' \

rec e
rec "x\
y" z\
w
tr\
ue && rec f
A=a\
b; rec $A
rec ${A\
}
rec $A\
B
