/* Runs one fuzzer over every file of its corpus, as an ordinary test (TAP), so that what once crashed stays mended in
 * every build, also where there is no libFuzzer. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static int feed(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return -1;
    size_t cap = 1 << 20, len = 0;
    uint8_t *bytes = malloc(cap);
    len = bytes ? fread(bytes, 1, cap, file) : 0;
    fclose(file);
    /* A buffer of the exact size, so that a sanitizer sees one byte too far. */
    uint8_t *exact = malloc(len ? len : 1);
    if (!bytes || !exact)
        abort();
    memcpy(exact, bytes, len);
    free(bytes);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    struct dirent **names = NULL;
    int count = argc == 2 ? scandir(argv[1], &names, NULL, alphasort) : -1;
    if (count < 0) {
        fprintf(stderr, "usage: %s CORPUS_DIRECTORY\n", argv[0]);
        return 2;
    }
    int number = 0, failed = 0;
    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.') {
            char path[4096];
            snprintf(path, sizeof(path), "%s/%s", argv[1], names[i]->d_name);
            int bad = feed(path);
            printf("%sok %d - %s\n", bad ? "not " : "", ++number, names[i]->d_name);
            fflush(stdout);
            failed += bad != 0;
        }
        free(names[i]);
    }
    free(names);
    printf("1..%d\n", number);
    return failed ? 1 : 0;
}
