/* Linker sets: how one added file is found by all who must know of it, without a list to edit.
 *
 *     SET_ADD(cmd, my_cmd);                         in the file that has something to enter
 *     SET_FOREACH(cmd, const struct cmd, c) ...     wherever the set is wanted; c is a pointer to an entry
 *
 * A set is an array of *pointers* to const objects in a section of its own, so padding cannot surprise. The
 * order within a set means nothing; where order matters it is written down (boot/main.c, net/net.c).
 * What there is one of is never a set. A set may be empty: its ends are weak; hidden,
 * because the sets of a shared library are its own.
 */
#ifndef LIB_SET_H
#define LIB_SET_H

#define SET_ADD(set, obj) \
    static const void *const set_entry_##set##_##obj __attribute__((used, section("set_" #set))) = &(obj)

#define SET_FOREACH(set, type, var)                                                                              \
    extern type *const __start_set_##set[] __attribute__((weak, visibility("hidden")));                          \
    extern type *const __stop_set_##set[] __attribute__((weak, visibility("hidden")));                           \
    for (type *const *var##_at = __start_set_##set, *var; var##_at < __stop_set_##set && ((var = *var##_at), 1); \
         var##_at++)

#endif
