# An error in a special builtin ends the script.
rec a
true </nonexistent/x
rec $?
: </nonexistent/x
rec never
