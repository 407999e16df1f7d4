/* Canaries in the credentials, the log at its most talkative: no canary comes out anywhere. */
#include "check.h"

#define LOGIN "canary-LOGIN-7Qx"
#define PASSWORD "canary-PASSWORD-9Zk"
#define KEY "canary-APPLICATION-KEY-3Wv"

/* base64 of login:password, as it stands in the header of each call. */
static const char *const CANARIES[] = {
    LOGIN, PASSWORD, KEY, "canary-", "Y2FuYXJ5LUxPR0lOLTdReDpjYW5hcnktUEFTU1dPUkQtOVpr", "TE9HSU4tN1F4", "4444333322221111", "Basic ",
};

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

static void run(const char *login, const char *password, const char *key, int32_t expected)
{
    sale_name name = new_name();
    pj_fields *config = CONFIG("log_file=log", "log_level=trace", "proxy=none", "account_change:1");
    pj_client *client;
    pj_request *request;
    pj_result r;
    char json[8192];
    long long end;
    OK(pj_fields_set_text(config, "login", login));
    OK(pj_fields_set_text(config, "password", password));
    OK(pj_fields_set_text(config, "application_key", key));
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

int main(void)
{
    static const char *const keys[] = {"login", "password", "application_key", "proxy", "base_url", "terminal", "vendor"};
    pj_client *client;
    size_t i;
    /* Every call refused, with the canaries on the wire; then a sale. */
    run(LOGIN, PASSWORD, KEY, PJ_STATE_FAILED);
    run(environment("PJ_SIM_LOGIN"), environment("PJ_SIM_PASSWORD"), environment("PJ_SIM_APPLICATION_KEY"), PJ_STATE_APPROVED);
    CHECK(lines > 10);
    look_into("log", 500);
    look_into("till.journal", 500);
    look_into("till.journal-wal", 0);
    look_into("till.journal-journal", 0);

    /* Values that break their rule are not quoted when they are secrets. */
    for (i = 0; i < 4; i++) {
        pj_fields *config = CONFIG("journal=memory");
        char bad[400];
        memset(bad, 'x', sizeof bad);
        memcpy(bad, PASSWORD, strlen(PASSWORD));
        strcpy(bad + 380, PASSWORD);
        OK(pj_fields_set_text(config, keys[i], bad));
        CHECK(pj_client_open(config, &client) != PJ_OK);
        look_at_error();
        OK(pj_fields_set_text(config, keys[i], "with \x01 control " PASSWORD));
        CHECK(pj_client_open(config, &client) != PJ_OK);
        look_at_error();
        OK(pj_fields_set_int(config, keys[i], 5));
        CHECK(pj_client_open(config, &client) != PJ_OK);
        GIVES(PJ_ERR_INVALID_TEXT, pj_fields_set_text(config, keys[i], PASSWORD "\xff"));
        look_at_error();
        OK(pj_fields_free(config));
    }
    {
        pj_fields *config = CONFIG("journal=memory", "login=" LOGIN ":with a colon");
        CHECK(pj_client_open(config, &client) != PJ_OK);
        look_at_error();
        OK(pj_fields_free(config));
        config = CONFIG("journal=memory", "proxy=ftp://user:" PASSWORD "@127.0.0.1:9");
        CHECK(pj_client_open(config, &client) != PJ_OK);
        look_at_error();
        OK(pj_fields_free(config));
    }
    /* A proxy with a password that is not there. */
    {
        sale_name name = new_name();
        pj_request *request;
        pj_result r;
        client = OPEN("journal=memory", "log_file=log", "log_level=trace", "send_within:1",
                      "proxy=http://canary-user:" PASSWORD "@127.0.0.1:9");
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
