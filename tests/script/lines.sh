# Separators, blanks, blank lines, and no newline at the end.


   rec a   ;   rec b;rec c
	rec tabbed
rec d;
rec e ; # comment
true;true;rec f
true&&true&&rec g||rec h
false||rec i;rec j
rec k\
l
tr\
ue && rec m
   # only a comment
rec "#not" '#not' x#not
A=1;B=2;rec $A$B
A=1
B=$A;rec $B
rec a;\
rec b
true ||
  false &&

  rec n
rec last
rec no newline at the end