/* Edits that several fixes need: what a name of the modal package is called in a file, and taking things out of lists. */
#ifndef COLDSPOT_DIAGNOSE_API_FIX_H
#define COLDSPOT_DIAGNOSE_API_FIX_H

#include "diagnose/check.h"

/* What the file calls the modal package; empty: it does not import it whole. */
struct str api_modal_name(const struct module *module);

/* How the file says modal.NAME: "m.enter", "enter"; where only other names of modal are imported, an edit of the finding adds
 * this one to them.  Empty: the file imports nothing of modal at its top. */
struct str api_name(struct checker *checker, struct finding *finding, const struct module *module, const char *name);

void api_replace(struct checker *checker, struct finding *finding, const struct module *module, node_id node,
                 struct str text);

/* Takes an item out of a list of arguments, a dict or a list: its line where it has one to itself, else it and a comma. */
void api_remove_item(struct checker *checker, struct finding *finding, const struct module *module, node_id item);

/* Takes a statement with its line out; false where other things stand on its lines. */
bool api_remove_statement(struct checker *checker, struct finding *finding, const struct module *module,
                          node_id statement);

/* Takes one name out of an import, or the whole statement where it is the only one; false where that can't be done. */
bool api_remove_import(struct checker *checker, struct finding *finding, const struct module *module,
                       const struct import *import);

/* Puts a decorator under the app's own of the function or class. */
void api_add_decorator(struct checker *checker, struct finding *finding, const struct app_function *function,
                       struct str text);

/* Whether everything that reads the keyword or the entry of a dict is a decorator of the app: it stands in a call of app.function
 * itself, in a ** of one, or in a functools.partial of one, through names of the file that nothing else uses. */
bool api_is_for_decorators(struct checker *checker, const struct module *module, node_id item);

/* The edits of constructors and of mounts; each sets the finding's fix where it can. */
void init_fix_add(struct checker *checker, struct finding *finding, const struct app_function *function,
                  const struct method *init);
void mount_fix_add(struct checker *checker, struct finding *finding, const struct app_function *function,
                   node_id keyword);

#endif
