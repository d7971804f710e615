for i in 1 2 3 4; do
 for j in 1 2; do
  for k in 1 2; do rec $i $j $k; break 2; done
  rec no
 done
 rec $i; true && break
done
rec end $?
break
continue 3
rec x
