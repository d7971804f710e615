A=1
recin <<EOF
$A ${A} "$A" '$A' \$A \\$A \\\$A $ $(emit in $A "x") 
EOF
