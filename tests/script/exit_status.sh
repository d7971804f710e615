status 12
exit
