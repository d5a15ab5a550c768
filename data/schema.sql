-- The store: what was measured, one row a thing, so that rules can ask.  Times are seconds, sizes bytes.
-- A text that many rows share is kept once in `text`; the views below put the words back.
-- PRAGMA user_version holds the version of this file; store/open.c migrates.

CREATE TABLE text (
    id    INTEGER PRIMARY KEY,
    value TEXT NOT NULL UNIQUE
) STRICT;

-- One `coldspot run`: several starts and invocations of one target.
CREATE TABLE run (
    id            TEXT PRIMARY KEY,         -- four hex digits or more, as printed
    started_at_ns INTEGER NOT NULL,         -- UTC, since 1970
    finished      INTEGER NOT NULL,         -- 0 while it runs, and for ever when coldspot was killed
    git_commit    TEXT,                     -- of the target's repository, when it has one
    input_digest  TEXT,                     -- of --input; the input itself is never kept
    target        TEXT NOT NULL,            -- JSON: file, function, provider and settings
    environment   TEXT NOT NULL             -- JSON: python, sandbox, cache, kernel, cpus, lacks
) STRICT;

CREATE INDEX run_by_time ON run (started_at_ns);

-- One start of a container: a fresh process for which everything before the first call was paid.
CREATE TABLE start (
    id               INTEGER PRIMARY KEY,
    run              TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    number           INTEGER NOT NULL,      -- from 0, in the order of starting
    kind             TEXT NOT NULL,         -- cold | snapshot
    complete         INTEGER NOT NULL,      -- its first call returned; a command: its process ended by itself
    outcome          TEXT NOT NULL,         -- ok | failed | timeout | exited | killed | oom | interrupted
    exit_code        INTEGER,
    signal           INTEGER,
    wall_s           REAL NOT NULL,         -- from asking for the container to the end of the first call
    harness_s        REAL NOT NULL,         -- the part of platform_init that is coldspot's own
    attributed_s     REAL NOT NULL,
    cpu_s            REAL NOT NULL,         -- of the whole process, over span_s
    span_s           REAL NOT NULL,         -- from the process's start to its end
    cpu_peak_cores   REAL NOT NULL,
    peak_bytes       INTEGER NOT NULL,
    end_bytes        INTEGER NOT NULL,      -- resident after the last call
    children         INTEGER NOT NULL,
    dropped          INTEGER NOT NULL       -- events that the recording had no room for
) STRICT;

CREATE INDEX start_of_run ON start (run);

-- Calls of other sizes than the run's own, made in a process of their own (run --batch 1,4,8, --concurrency 1,2,4).
CREATE TABLE point (
    run    TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    kind   TEXT NOT NULL,                   -- batch: size inputs in one call | concurrency: one of size calls at once
    size   INTEGER NOT NULL,
    wall_s REAL NOT NULL
) STRICT;

CREATE INDEX point_of_run ON point (run);

CREATE TABLE phase (
    start  INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    name   TEXT NOT NULL,
    wall_s REAL NOT NULL,
    cpu_s  REAL NOT NULL
) STRICT;

CREATE INDEX phase_of_start ON phase (start);

-- The wait states of the starting thread up to the end of the first call; they sum to start.wall_s.
CREATE TABLE wait (
    start  INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    state  TEXT NOT NULL,                   -- on_cpu | runnable | disk | network | lock | gpu | sleep | child | unknown
    wall_s REAL NOT NULL
) STRICT;

CREATE INDEX wait_of_start ON wait (start);

CREATE TABLE import (
    start      INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,            -- in the order of beginning
    module     INTEGER NOT NULL REFERENCES text (id),
    parent     INTEGER,                     -- number of the import that caused this one
    phase      TEXT NOT NULL,
    origin     TEXT NOT NULL,               -- user | stdlib | dependency | platform | harness
    path       INTEGER REFERENCES text (id),
    file       INTEGER REFERENCES text (id), -- of the import statement
    line       INTEGER NOT NULL,
    start_s    REAL NOT NULL,               -- since the container was asked for
    self_s     REAL NOT NULL,
    total_s    REAL NOT NULL,
    rss_bytes  INTEGER NOT NULL,            -- growth of the resident set, its own
    read_bytes INTEGER NOT NULL,            -- its own
    used       INTEGER                      -- whether any of its code ran after the imports; NULL: unknown
) STRICT;

CREATE INDEX import_of_start ON import (start);

-- Calls into the kernel by what they touched and who made them.
CREATE TABLE io (
    start      INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,               -- file | network | sleep | lock | child | other
    phase      TEXT NOT NULL,
    import     INTEGER,                     -- number of the import that was running
    stage      INTEGER REFERENCES text (id),
    invocation INTEGER,                     -- 0 the first call, then the warm ones
    target     INTEGER REFERENCES text (id), -- path, or host:port, or program
    file       INTEGER REFERENCES text (id), -- the user's line that opened it
    line       INTEGER NOT NULL,
    starting   INTEGER NOT NULL,            -- 1: on the starting thread
    calls      INTEGER NOT NULL,
    bytes_in   INTEGER NOT NULL,
    bytes_out  INTEGER NOT NULL,
    wall_s     REAL NOT NULL,
    rss_bytes  INTEGER NOT NULL,            -- growth of the resident set while it was read
    first_s    REAL NOT NULL,               -- the first of the calls began, since the container was asked for
    last_s     REAL NOT NULL,               -- the last of them ended
    mapped_bytes INTEGER NOT NULL           -- of the file, mapped into memory
) STRICT;

CREATE INDEX io_of_start ON io (start);

-- The user's own spans, summed over the calls of one kind.
CREATE TABLE stage (
    start  INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    name   INTEGER NOT NULL REFERENCES text (id),
    parent INTEGER REFERENCES text (id),
    phase  TEXT NOT NULL,                   -- enter | first_call | exec
    calls  INTEGER NOT NULL,
    wall_s REAL NOT NULL
) STRICT;

CREATE INDEX stage_of_start ON stage (start);

CREATE TABLE invocation (
    start      INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,            -- 0: the first call
    wall_s     REAL NOT NULL,
    peak_bytes INTEGER NOT NULL,
    end_bytes  INTEGER NOT NULL             -- resident when it ended
) STRICT;

CREATE INDEX invocation_of_start ON invocation (start);

-- The resident set over time.
CREATE TABLE sample (
    start     INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    at_s      REAL NOT NULL,                -- since the container was asked for
    rss_bytes INTEGER NOT NULL,
    cpu_s     REAL NOT NULL,                -- of the process so far
    file_bytes   INTEGER NOT NULL,          -- of rss_bytes, of files and shared memory; 0: not known
    python_bytes INTEGER NOT NULL,          -- live in Python's allocations, estimated; 0: not known
    native_bytes INTEGER NOT NULL           -- live in those of native code, likewise
) STRICT;

CREATE INDEX sample_of_start ON sample (start);

-- The tree of sampled stacks: a line of a function, called from its parent's.
CREATE TABLE frame (
    start    INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL,              -- from 0, a parent's is smaller
    parent   INTEGER,                       -- NULL: the outermost frame
    function INTEGER REFERENCES text (id),
    file     INTEGER REFERENCES text (id),
    line     INTEGER NOT NULL
) STRICT;

CREATE INDEX frame_of_start ON frame (start);

-- How long a thread was in one stack and state: estimates from samples.
CREATE TABLE stack (
    start       INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    frame       INTEGER NOT NULL,           -- number of the innermost frame
    phase       TEXT NOT NULL,
    state       TEXT NOT NULL,              -- as in wait
    gil         INTEGER NOT NULL,           -- 1: the lock is Python's global one
    in_call     INTEGER NOT NULL,           -- 1: the thread was inside an invocation
    thread      INTEGER NOT NULL,           -- 0: the starting thread
    interpreter INTEGER NOT NULL,           -- Python's number of it; 0: the main one
    wall_s      REAL NOT NULL,
    samples     INTEGER NOT NULL,
    task        INTEGER REFERENCES text (id), -- name of the asyncio task that the thread ran
    task_frame  INTEGER                     -- number of the frame of its outermost coroutine
) STRICT;

CREATE INDEX stack_of_start ON stack (start);

-- How long asyncio's tasks of one name were suspended in one place, all of them together: estimates from samples.
CREATE TABLE task (
    start   INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    name    INTEGER NOT NULL REFERENCES text (id),
    frame   INTEGER NOT NULL,               -- number of the innermost frame
    phase   TEXT NOT NULL,
    wall_s  REAL NOT NULL,
    samples INTEGER NOT NULL,
    most    INTEGER NOT NULL                -- of them at the same time
) STRICT;

CREATE INDEX task_of_start ON task (start);

-- How long an event loop was not back at its poll, 10 ms or more, and the function that ran meanwhile, by samples.
CREATE TABLE stretch (
    start      INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    phase      TEXT NOT NULL,
    invocation INTEGER,                     -- 0 the first call, then the warm ones
    at_s       REAL NOT NULL,               -- since the container was asked for
    wall_s     REAL NOT NULL,
    runnable_s REAL NOT NULL,               -- of it, when the thread wanted a CPU and had none
    frame      INTEGER NOT NULL,            -- number of the frame of the function that ran most of it
    frame_s    REAL NOT NULL,               -- of wall_s, in that function
    state      TEXT NOT NULL,               -- what the thread did most of the time, as in wait
    samples    INTEGER NOT NULL
) STRICT;

CREATE INDEX stretch_of_start ON stretch (start);

-- Which lines held the memory when the resident set was largest: estimates from sampled allocations.
CREATE TABLE memory (
    start       INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    frame       INTEGER,                    -- number of the innermost frame; NULL: no Python
    kind        TEXT NOT NULL,              -- native code: heap | map; Python: arena (its small objects) | python (its malloc),
                                            -- and with memory=full its allocators: raw | mem | object
    peak_bytes  INTEGER NOT NULL,
    held_bytes  INTEGER NOT NULL,           -- when the last call ended, or the program
    total_bytes INTEGER NOT NULL,           -- ever allocated
    error_bytes REAL NOT NULL,              -- standard error of peak_bytes
    samples     INTEGER NOT NULL,
    early_bytes INTEGER NOT NULL,           -- when the second call ended
    growth_error_bytes REAL NOT NULL        -- standard error of held_bytes - early_bytes, at most
) STRICT;

CREATE INDEX memory_of_start ON memory (start);

-- What the agent or the tool left out, and why.
CREATE TABLE note (
    start INTEGER NOT NULL REFERENCES start (id) ON DELETE CASCADE,
    text  TEXT NOT NULL
) STRICT;

CREATE INDEX note_of_start ON note (start);
