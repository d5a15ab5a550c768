/* Where names stand in a file, and whether other files may use them: what an edit must know before it changes one. */
#ifndef COLDSPOT_DIAGNOSE_NAMES_H
#define COLDSPOT_DIAGNOSE_NAMES_H

#include "diagnose/check.h"

/* The first identifier of the file that says the name, and the next that says the same; 0: there is none.  Also attributes
 * and names of keyword arguments: see names_is_read(). */
node_id names_first(struct checker *checker, const struct module *module, struct str name);
node_id names_next(struct checker *checker, const struct module *module, node_id identifier);

/* Whether the identifier stands for a variable: neither x.NAME nor f(NAME=...). */
bool names_is_variable(const struct module *module, node_id identifier);

/* Whether another file of the project may use the file's name: from this import name, or import this and this.name. */
bool names_are_used_elsewhere(struct checker *checker, const struct module *module, struct str name);

#endif
