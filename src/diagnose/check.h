/* Static rules: functions over the model of an app (source/), each named by the pages of the rules that it finds. */
#ifndef COLDSPOT_DIAGNOSE_CHECK_H
#define COLDSPOT_DIAGNOSE_CHECK_H

#include "diagnose/known.h"
#include "diagnose/rule.h"
#include "price/price.h"
#include "source/image.h"
#include "source/source.h"

/* What the code of a unit is known to do, beside KNOWN_ flags of its calls. */
enum {
    DOES_SUBPROCESS = 1 << 16,     /* starts programs */
    DOES_GPU_IMPORT = 1 << 17,     /* imports something that can use a GPU */
    DOES_UNKNOWN_IMPORT = 1 << 18, /* imports something that we know nothing of */
    DOES_REMOTE = 1 << 19,         /* calls other functions of the app */
    DOES_BACKWARD = 1 << 20,       /* .backward(), optimizer.step() */
    DOES_THREADS = 1 << 21,        /* uses pools, threads, processes or many jobs */
    DOES_TIMING = 1 << 22,         /* measures itself */
    DOES_COMMIT = 1 << 23,         /* volume.commit() */
    DOES_MODEL_CALL = 1 << 24,     /* runs a model */
    DOES_HEAVY_IMPORT = 1 << 25,   /* imports something heavy */
    DOES_AWAIT_IO = 1 << 26,       /* awaits something of a library */
    DOES_LOAD_MODEL = 1 << 28,     /* loads a model, not only its tokenizer */
    DOES_READ_TABLE = 1 << 29,     /* reads a table with pandas, polars or pyarrow */
    DOES_GUARDED_LOCK = 1 << 27,   /* takes a lock */
    DOES_PLAIN_IMPORT = 1 << 30,   /* imports something that no GPU helps, of whose memory we know nothing */
};

/* A call, with what is known of it. */
struct fact {
    const struct module *module;
    node_id node;
    def_id scope;
    uint32_t unit;
    struct str path; /* of the function called; empty: a function of the project, or unknown */
    uint32_t flags;  /* KNOWN_ */
    uint32_t when;   /* WHEN_ */
    uint32_t where;  /* WHERE_ */
    uint32_t owner;  /* the app function that it runs for on each call; NO_UNIT: none */
    uint32_t next;   /* the owner's next fact; NO_UNIT: none */
};

struct about;

/* An image that functions share. */
struct about_image {
    struct image image;
    struct image_packages packages;
    struct str text; /* all texts of its steps: commands, environment */
    struct str *step_texts;
    size_t *step_packages;     /* where the packages of each step begin, and where the last step's end */
    bool downloads;            /* a step fetches models, or may */
    bool serves_gpu;           /* a function with it has a GPU, or may */
    const struct about *first; /* a function with it */
};

/* What checks ask of a function again and again. */
struct about {
    const struct app_function *function;
    uint32_t unit;
    bool has_gpu;
    struct str gpu; /* "?" when it can't be known which */
    int64_t gpu_count;
    double gpu_gb;    /* memory of one; 0: not known */
    double gpu_usd_s; /* all of them; 0: none or not known */
    bool gpu_known;
    bool is_web, is_server_process, is_job;
    uint32_t does;       /* of all its methods and what they call */
    uint32_t does_call;  /* per call only */
    uint32_t does_start; /* in enter and at import */
    bool mounts_unknown;
    array_of(struct str) mounts;     /* where volumes are mounted */
    uint32_t first_fact;             /* of its calls: index into facts, chained by next; NO_UNIT: none */
    node_id shared_write;            /* a place where a call writes to what all calls of the container share; 0: none */
    const struct about_image *image; /* never NULL; without steps where the function names none */
};

struct imported_by;
struct step_calls;
struct name_index;

struct budgets;

struct checker {
    struct arena *arena;
    const struct source *source;
    const struct catalogue *catalogue; /* NULL: no prices */
    const struct price_table *prices;  /* Modal's */
    const struct known *known;
    const struct rules *rules;
    const struct budgets *budgets; /* of the settings file; NULL: none */
    struct fact *facts;            /* in the order of modules and text */
    size_t n_facts;
    struct about *abouts; /* by app.functions */
    array_of(struct about_image *) images;
    struct map images_by_place;        /* private */
    uint32_t *first_function;          /* by module: the first app function registered there; NO_UNIT: none */
    bool *is_app_module;               /* by module: it registers functions, or one that does imports it */
    struct map exported;               /* private: names that other files import from a module */
    struct map *mentions;              /* private: what modules' texts were searched for */
    struct imported_by *imported_by;   /* private to check_reach.c */
    struct step_calls *step_calls;     /* private to check_image.c */
    uint32_t *does;                    /* by unit: itself and all that it calls */
    struct name_index *name_index;     /* private to names.c */
    const struct app_function *remade; /* the last that an edit makes a class: its other loads follow as a class's */
    const struct app_function *judged; /* private to setup_fix.c: the last that was asked about, */
    const char *why_not;               /* and why it can't become a class; NULL: it can */
    struct findings findings;
};

struct check {
    const char *name;
    void (*run)(struct checker *checker);
};

/* All checks, ended by a row without a name. */
extern const struct check checks[];

/* Runs all checks whose rules are not off; findings in the order of files and lines.  Everything in arena; budgets may be
 * NULL. */
void check_run(struct arena *arena, const struct source *source, const struct catalogue *catalogue,
               const struct rules *rules, const struct budgets *budgets, struct findings *findings_out);

/* ---- for checks */

/* A finding of the rule at the node, or NULL where the rule is off.  advice and excerpt are set by the caller. */
struct finding *check_report(struct checker *checker, const char *rule, const struct module *module, node_id node,
                             const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The place of a setting, or the function's own where it is not given. */
struct finding *check_report_setting(struct checker *checker, const char *rule, const struct app_function *function,
                                     enum setting setting, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
struct finding *check_report_function(struct checker *checker, const char *rule, const struct app_function *function,
                                      const char *format, ...) __attribute__((format(printf, 4, 5)));

void check_advice(struct checker *checker, struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void check_excerpt(struct checker *checker, struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An edit of the finding's fix: replaces bytes [start, end) of the module's text. */
void check_edit(struct checker *checker, struct finding *finding, const struct module *module, uint32_t start,
                uint32_t end, struct str text);

/* The function of the app that a fact belongs to, for one of the times in `when`; NULL: none. */
const struct about *check_owner(const struct checker *checker, const struct fact *fact, uint32_t when);

/* The function's name for people: "Embedder.embed" for a fact in a method, "search" for a function. */
struct str check_name_of(const struct checker *checker, const struct module *module, def_id def);

/* What is known of an expression: its path, empty where it is none. */
struct str check_path(const struct checker *checker, const struct module *module, node_id node);
const struct value *check_fold(const struct checker *checker, const struct module *module, node_id node);
const struct value *check_keyword(const struct checker *checker, const struct module *module, node_id call,
                                  const char *name); /* NULL: not given */

/* Whether the call's arguments mention a name that a loop or the function's caller decides. */
bool check_depends_on_loop(const struct checker *checker, const struct module *module, node_id call);

/* An import of one name as a statement of its own: "from sklearn.svm import SVC as S". */
struct str check_import_text(struct checker *checker, const struct module *module, const struct import *import);

/* Whether the module's text has the word anywhere; searched once. */
bool check_mentions(const struct checker *checker, const struct module *module, struct str word);

/* Whether another file of the project imports that name of the module. */
bool check_is_exported(const struct checker *checker, const struct module *module, struct str name);

/* Whether the function's image is known not to have the module. */
bool check_image_lacks(const struct about *about, struct str module);

/* Of each file whether it imports, directly or not, another file that is wanted; both by number. */
void check_leads(struct checker *checker, const bool *wanted, bool *leads_out);

/* Comments, in small letters, one a line: on the rows [first, last]; on the setting's line, the line above it and the first lines of the function's body;
 * above the function's decorators and in it. */
struct str check_comments(struct checker *checker, const struct module *module, uint32_t first, uint32_t last);
struct str check_said_about(struct checker *checker, const struct app_function *function, enum setting setting);
struct str check_said_in(struct checker *checker, const struct app_function *function);

/* Whether the text has any of the words; NULL ends them. */
bool check_has_any(struct str text, const char *const *words);

/* Whether a word of a name begins like one of the words: "train_model", "downloadWeights", not "constraint"; NULL ends them. */
bool check_has_word(struct str name, const char *const *words);

/* What `coldspot run` calls for the function: of a class its first method, "Embedder.embed". */
struct str check_callable(const struct app_function *function);

/* Whether a call's path is that of a name that nothing in the file binds: "undefined.load_model". */
bool check_is_undefined(struct str path);

#define CHECK(name) void check_##name(struct checker *checker);
#include "diagnose/checks.def"
#undef CHECK

#endif
