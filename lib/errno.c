/* The texts of errors: Linux's numbers with the C library's words, so that what a user sees is what he knows. */
#include "lib/errno.h"

const char *errno_text(int err)
{
    static const char *const texts[] = {
        [0] = "Success",
        [EPERM] = "Operation not permitted",
        [ENOENT] = "No such file or directory",
        [EINTR] = "Interrupted system call",
        [EIO] = "Input/output error",
        [ENXIO] = "No such device or address",
        [E2BIG] = "Argument list too long",
        [EBADF] = "Bad file descriptor",
        [EAGAIN] = "Resource temporarily unavailable",
        [ENOMEM] = "Cannot allocate memory",
        [EACCES] = "Permission denied",
        [EFAULT] = "Bad address",
        [EBUSY] = "Device or resource busy",
        [EEXIST] = "File exists",
        [ENODEV] = "No such device",
        [ENOTDIR] = "Not a directory",
        [EISDIR] = "Is a directory",
        [EINVAL] = "Invalid argument",
        [ENFILE] = "Too many open files in system",
        [EFBIG] = "File too large",
        [ENOSPC] = "No space left on device",
        [EROFS] = "Read-only file system",
        [EMLINK] = "Too many links",
        [EPIPE] = "Broken pipe",
        [EDOM] = "Numerical argument out of domain",
        [ERANGE] = "Numerical result out of range",
        [EDEADLK] = "Resource deadlock avoided",
        [ENAMETOOLONG] = "File name too long",
        [ENOSYS] = "Function not implemented",
        [ELOOP] = "Too many levels of symbolic links",
        [EPROTO] = "Protocol error",
        [EOVERFLOW] = "Value too large for defined data type",
        [EILSEQ] = "Invalid or incomplete multibyte or wide character",
        [EOPNOTSUPP] = "Operation not supported",
        [EADDRNOTAVAIL] = "Cannot assign requested address",
        [ENETDOWN] = "Network is down",
        [ENOBUFS] = "No buffer space available",
        [ETIMEDOUT] = "Connection timed out",
        [EALREADY] = "Operation already in progress",
        [ECANCELED] = "Operation canceled",
    };
    unsigned n = err < 0 ? 0u - (unsigned)err : (unsigned)err;

    return n < ARRAY_LEN(texts) && texts[n] ? texts[n] : "Unknown error";
}
