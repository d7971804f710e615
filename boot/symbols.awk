# From `nm -n` of the image to the table that kernel/symbol.c reads, as assembly. Functions alone (t, T, w, W in the text).
# Numbers are kept as text: awk's own are not exact above 2^53. All are 16 hex digits with the same upper half, so the lower
# eight digits are enough.
BEGIN { n = 0 } # as a subscript, an unset variable is not 0
function hex(s,   i, v) {
    v = 0
    for (i = 1; i <= length(s); i++)
        v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
    return v
}
$3 == "image_start" { start = hex(substr($1, 9)) }
$2 ~ /^[tTwW]$/ && $3 !~ /^\./ && $3 !~ /^image_/ {
    at = hex(substr($1, 9))
    if (n && at == last)
        next                    # one name an address
    last = at
    offset[n] = at
    name[n++] = $3
}
END {
    print "\t.section .symbols, \"a\""
    print "\t.globl symbol_count, symbol_table, symbol_names"
    print "\t.balign 8\nsymbol_count:\n\t.long " n ", 0\nsymbol_table:"
    for (i = 0; i < n; i++) {
        printf "\t.long %u, %u\n", offset[i] - start, names
        names += length(name[i]) + 1
    }
    print "symbol_names:"
    for (i = 0; i < n; i++)
        printf "\t.asciz \"%s\"\n", name[i]
    print "\t.section .note.GNU-stack, \"\", @progbits"
}
