/* Which dialect a regular expression is written in, and how large it may be: known to all parts of lib/regex. */
#ifndef LIB_REGEX_FLAG_H
#define LIB_REGEX_FLAG_H

enum regex_flag {
    REGEX_ERE = 1,   /* extended: ( ) { } + ? | without a backslash */
    REGEX_ICASE = 2, /* ASCII letters match in either case */
    REGEX_FIXED = 4, /* no expression: the bytes themselves */
    REGEX_WORD = 16, /* no letter, digit or _ stands before or behind the match (grep -w) */
    REGEX_LINE = 32, /* the match is the whole text (grep -x) */
    REGEX_AWK = 8,   /* \t \n \/ \" and kin are characters, in brackets too */
};

#define REGEX_PATTERN_MAX 8192 /* bytes of pattern */
#define REGEX_STEPS_MAX   8192 /* instructions of the program that a pattern makes */
#define REGEX_REPEAT_MAX  1000 /* largest bound in {m,n} */
#define REGEX_DEPTH_MAX   32   /* nested groups and repeats */

#endif
