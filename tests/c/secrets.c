/* Canaries in the credentials, the log at its most talkative: no canary comes out anywhere. */
#include "check.h"

#define SECRET "canary-SECRET-9Zk"

/* One for each secret of the vendor's. */
static const char *const SECRETS[] = {"canary-FIRST-7Qx", "canary-SECOND-3Wv", SECRET};
/* With its beginning in base64, as it stands in the header of each call; tokens of the simulator begin with sim_. */
static const char *const CANARIES[] = {"canary-", "Y2FuYXJ5L", "RklSU1Qt", "4444333322221111", "Basic ", "Bearer ", "sim_"};

static int lines;

static void look(const char *where, const char *text, size_t length)
{
    size_t i, at;
    for (i = 0; i < sizeof CANARIES / sizeof CANARIES[0]; i++) {
        size_t wanted = strlen(CANARIES[i]);
        for (at = 0; at + wanted <= length; at++) {
            if (memcmp(text + at, CANARIES[i], wanted) != 0) continue;
            fprintf(stderr, "%s holds \"%s\": %.*s\n", where, CANARIES[i], (int)(length - at < 200 ? length - at : 200), text + at);
            CHECK(!"a secret came out");
        }
    }
}

static void look_into(const char *path, size_t at_least)
{
    FILE *file = fopen(path, "rb");
    static char text[1 << 20];
    size_t length;
    if (!file && at_least == 0) return;
    CHECK(file != 0);
    length = fread(text, 1, sizeof text, file);
    fclose(file);
    CHECK(length >= at_least && length < sizeof text);
    look(path, text, length);
}

static void PJ_CALL on_log(int32_t level, const char *line, void *user)
{
    CHECK(level >= PJ_LOG_ERROR && level <= PJ_LOG_TRACE && user == &lines);
    lines++;
    look("a log line", line, strlen(line));
}

static void look_at_error(void)
{
    char words[512];
    OK(pj_last_error(words, sizeof words, 0));
    look("pj_last_error", words, strlen(words));
}

static void PJ_CALL on_event(const pj_event *event, void *user)
{
    (void)user;
    look("a message", event->result->message, strlen(event->result->message));
}

/* With the canaries in place of the account's secrets, or with the secrets. */
static void run(int wrong, int32_t expected)
{
    int i, secrets = 0;
    sale_name name = new_name();
    pj_fields *config = CONFIG("log_file=log", "log_level=trace", "proxy=none", "account_change:1");
    pj_client *client;
    pj_request *request;
    pj_result r;
    char json[8192];
    long long end;
    for (i = 0; wrong && vendor()->config[i][0]; i++)
        if (vendor()->config[i][2]) OK(pj_fields_set_text(config, vendor()->config[i][0], SECRETS[secrets++]));
    CHECK(!wrong || secrets >= 2);
    client = open_with(config);
    OK(pj_on_event(client, on_event, 0, PJ_DELIVER_ON_DISPATCH));
    OK(pj_on_log(client, on_log, &lines, PJ_LOG_TRACE));
    request = pay(client, LANE1, 1600, &name);
    end = now_ms() + patience_ms(20000);
    do {
        OK(pj_dispatch(client, 50, 0));
        r = poll_result(request);
    } while (!(r.flags & PJ_FLAG_FINAL) && now_ms() < end);
    printf("%s %s: %s\n", pj_state_name(r.state), pj_status_name(r.status), r.message);
    CHECK_INT(r.state, expected);
    look("the result", (const char *)&r, sizeof r);
    OK(pj_get_json(request, json, sizeof json, 0));
    look("the JSON", json, strlen(json));
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));
    OK(pj_dispatch(client, 100, 0));
    close_client(client);
}

/* Values that break their rule are not quoted when they are secrets. */
static void broken_values(const char *key)
{
    pj_fields *config = CONFIG("journal=memory");
    pj_client *client;
    char bad[400];
    memset(bad, 'x', sizeof bad);
    memcpy(bad, SECRET, strlen(SECRET));
    strcpy(bad + 380, SECRET);
    OK(pj_fields_set_text(config, key, bad));
    CHECK(pj_client_open(config, &client) != PJ_OK);
    look_at_error();
    OK(pj_fields_set_text(config, key, "with \x01 control " SECRET));
    CHECK(pj_client_open(config, &client) != PJ_OK);
    look_at_error();
    OK(pj_fields_set_int(config, key, 5));
    CHECK(pj_client_open(config, &client) != PJ_OK);
    look_at_error();
    GIVES(PJ_ERR_INVALID_TEXT, pj_fields_set_text(config, key, SECRET "\xff"));
    look_at_error();
    /* One vendor's login may not hold a colon; the others' may. */
    OK(pj_fields_set_text(config, key, SECRET ":with a colon"));
    if (pj_client_open(config, &client) == PJ_OK) close_client(client);
    else look_at_error();
    OK(pj_fields_free(config));
}

int main(void)
{
    pj_fields *config;
    pj_client *client;
    int i;
    /* Every call refused, with the canaries on the wire; then a sale. */
    run(1, PJ_STATE_FAILED);
    run(0, PJ_STATE_APPROVED);
    CHECK(lines > 10);
    look_into("log", 500);
    look_into("till.journal", 500);
    look_into("till.journal-wal", 0);
    look_into("till.journal-journal", 0);

    for (i = 0; vendor()->config[i][0]; i++)
        if (vendor()->config[i][2]) broken_values(vendor()->config[i][0]);
    broken_values("proxy");
    broken_values("webhook_secret");
    config = CONFIG("journal=memory", "proxy=ftp://user:" SECRET "@127.0.0.1:9");
    CHECK(pj_client_open(config, &client) != PJ_OK);
    look_at_error();
    OK(pj_fields_free(config));
    /* A proxy with a password that is not there. */
    {
        sale_name name = new_name();
        pj_request *request;
        pj_result r;
        client = OPEN("journal=memory", "log_file=log", "log_level=trace", "send_within:1",
                      "proxy=http://canary-user:" SECRET "@127.0.0.1:9");
        request = pay(client, LANE1, 1700, &name);
        r = final_result(request, 20000);
        printf("%s %s: %s\n", pj_state_name(r.state), pj_status_name(r.status), r.message);
        CHECK_INT(r.money, PJ_MONEY_NOT_MOVED);
        CHECK_INT(sim_submits(&name), 0);
        look("the result", (const char *)&r, sizeof r);
        OK(pj_request_free(request));
        close_client(client);
    }
    look_into("log", 500);
    printf("%d log lines\n", lines);
    return passed("no secret comes out");
}
