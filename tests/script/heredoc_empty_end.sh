recin <<"" 
x

rec y
recin <<''
$z

rec y
