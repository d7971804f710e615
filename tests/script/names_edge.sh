A=x_1
A_=y
rec $A_ ${A}_ $A. $A- "$A"_ $A=1 $A/$A ${A}${A}
