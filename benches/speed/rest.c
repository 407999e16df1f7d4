/* A small till: it opens a client, sells once, and rests. It says what it has done, and waits for a line to go on. */
#include <stdio.h>
#include <stdlib.h>
#include "posjunction.h"

static void check(pj_status status, const char *what)
{
    char text[512] = "";

    if (status == PJ_OK) return;
    pj_last_error(text, sizeof text, NULL);
    fprintf(stderr, "%s: %s %s\n", what, pj_status_name(status), text);
    exit(1);
}

static void done(const char *what)
{
    char line[16];

    puts(what);
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) exit(1);
}

static void sell(pj_client *client)
{
    pj_fields *sale;
    pj_request *request;
    pj_result result;

    check(pj_fields_new(&sale), "pj_fields_new");
    check(pj_fields_set_int(sale, "amount", 1234), "amount");
    check(pj_fields_set_text(sale, "reference", "rest1"), "reference");
    check(pj_request_payment(client, sale, &request), "pj_request_payment");
    pj_fields_free(sale);
    result.struct_size = sizeof result;
    check(pj_wait(request, 60000, &result), "pj_wait");
    if (result.state != PJ_STATE_APPROVED) exit(1);
    while (!(result.flags & PJ_FLAG_TERMINAL_FREE)) {
        pj_dispatch(client, 50, NULL);
        check(pj_poll(request, &result), "pj_poll");
    }
    check(pj_acknowledge(request), "pj_acknowledge");
    pj_request_free(request);
}

/* Keys and values of the configuration. */
int main(int count, char **words)
{
    pj_fields *config;
    pj_client *client;
    int i;

    done("started");
    check(pj_fields_new(&config), "pj_fields_new");
    for (i = 1; i + 1 < count; i += 2) check(pj_fields_set_text(config, words[i], words[i + 1]), words[i]);
    check(pj_client_open(config, &client), "pj_client_open");
    pj_fields_free(config);
    done("open");
    sell(client);
    done("sold");
    check(pj_client_close(client, 5000), "pj_client_close");
    return 0;
}
