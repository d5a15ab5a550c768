#include "unit.h"

#include <string.h>

#include "present/mask.h"

static void what_looks_like_a_secret_is_covered_and_columns_stay(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"x = f(\"0123456789abcdef\", 'abcdef0123456789zz')", "x = f(\"****************\", '******************')"},
        {"TOKEN = 'short'", "TOKEN = '*****'"},
        {"os.environ[\"HF_TOKEN\"] = \"hf_x\"", "os.environ[\"HF_TOKEN\"] = \"****\""},
        {"client(password=\"hunter2\", user=\"me\")", "client(password=\"*******\", user=\"me\")"},
        {"{'api_key': b'k', 'b': 1}", "{'api_key': b'*', 'b': 1}"},
        {"get(\"https://me:pass@host/a?b=0123456789abcdef\")", "get(\"https://*******@host/a?b=****************\")"},
        {"x = 1  # old key: 0123456789abcdef", "x = 1  # old key: ****************"},
        {"headers={'Authorization': 'Bearer a-b'}", "headers={'Authorization': '**********'}"},
        {"secret = 'it\\'s \xc3\xa4' + 'b'", "secret = '******\xc3\xa4' + 'b'"},
        {"token = f\"open", "token = f\"****"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char line[128];
        strcpy(line, rows[i][0]);
        mask_secrets(line, strlen(line));
        assert_string_equal(line, rows[i][1]);
    }
}

static void what_a_finding_is_about_stays(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "'",
        "import pandas as pd",
        "image.pip_install(\"torch==2.5.1\", \"sentence-transformers==3.0.1\")",
        "model = load(\"sentence-transformers/all-MiniLM-L6-v2\")",
        "secrets=[modal.Secret.from_name(\"openai\")]",
        "@app.function(gpu=\"A100-80GB\", min_containers=3, scaledown_window=1200)",
        "max_tokens=512, tokenizer=\"bert\"",
        "x1234567890123456789 = other12345678901234567890(1)",
        "from_registry(\"nvidia/cuda:12.4.0-devel-ubuntu22.04\")",
        "names = [\"token\", \"password\"]",
        "open(\"/models/2026-01-01/weights.bin\")",
        "get(\"https://host/a@b\")",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        char line[128];
        strcpy(line, lines[i]);
        mask_secrets(line, strlen(line));
        assert_string_equal(line, lines[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_looks_like_a_secret_is_covered_and_columns_stay),
        cmocka_unit_test(what_a_finding_is_about_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
