/* Where options are read: lib/option.h. */
#ifndef APPS_SHELL_OPTION_H
#define APPS_SHELL_OPTION_H

#include "lib/option.h"

#endif
