recin <<E
last
E