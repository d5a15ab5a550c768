/* The fix of set-up that calls repeat: once a container, in an enter hook. */
#ifndef COLDSPOT_DIAGNOSE_SETUP_FIX_H
#define COLDSPOT_DIAGNOSE_SETUP_FIX_H

#include "diagnose/check.h"

/* Adds the edits, unsafe ones, where there are some.  Why a function can't be made a class by itself, to be read after "since";
 * NULL: it can, or it is no matter of a function. */
const char *setup_fix_add(struct checker *checker, struct finding *finding, const struct fact *fact,
                          const struct about *about);

#endif
