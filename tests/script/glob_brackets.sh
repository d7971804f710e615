emit x >$T.1a; emit y >$T.1b; emit z >$T..h; emit z >$T.1'*'; emit z >$T.1-; emit z >$T.1]
rec $T.1*
rec $T.1[ab] $T.1[!ab] $T.1[]] $T.1[a-] $T.1[*] $T.1\* $T.1[[:alpha:]]
rec $T.1[ab $T.1[] $T.1] 
rec $T.*
rec "$T".1?
A='[ab]'; rec $T.1$A "$T.1$A" $T.1"$A" $T.1[$A
B='\*'; rec $T.1$B
C='1\*'; rec $T.$C
