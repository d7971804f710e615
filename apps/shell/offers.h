/* The words that may stand where the cursor is: what a completion gathers and the line editor shows.
 *
 * Bounded: what does not fit is counted, and the editor says how many more there are.
 */
#ifndef APPS_SHELL_OFFERS_H
#define APPS_SHELL_OFFERS_H

#include "lib/base.h"

#define OFFERS_MAX   256
#define OFFERS_BYTES 8192

struct offers {
    size_t from; /* where the word to be replaced begins in the line */
    u16 count;
    u32 more; /* that found no room */
    u32 used;
    u16 at[OFFERS_MAX]; /* of each word in `text` */
    char text[OFFERS_BYTES];
};

void offers_add(struct offers *o, const char *word); /* once each */
void offers_sort(struct offers *o);
const char *offers_get(const struct offers *o, u32 i);
size_t offers_common(const struct offers *o); /* bytes in which all begin alike */

#endif
