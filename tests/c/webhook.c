/* pj_webhook: what is forged or makes no sense is refused, and what the vendor posts makes news come at once. */
#include "check.h"

#define SECRET "a secret of the merchant's"

#ifdef _WIN32
typedef SOCKET endpoint;
#define close_endpoint closesocket
#else
#include <sys/select.h>
typedef int endpoint;
#define close_endpoint close
#endif

/* Signed by another program: see vendors.h. */
static const char BODY[] =
    "{\n  \"id\" : \"835a3fe6-a7e2-4872-9206-1ed28c4476e6\",\n  \"created\" : \"2018-02-20T20:30:01.756Z\",\n"
    "  \"type\" : \"SMARTTERMINAL_REQUEST\",\n  \"data\" : {\n"
    "    \"requestId\" : \"422900dc-25bb-4b56-94f4-d7f5c9646e54\",\n    \"status\" : \"CONNECTING\"\n  }\n}";
#define LENGTH ((uint32_t)sizeof BODY - 1)
#define SIGNED (vendor()->signed_lines)

static char long_headers[70000];
static char long_body[(1 << 20) + 1];

static void takes(pj_client *client, const char *format)
{
    char lines[1024];
    snprintf(lines, sizeof lines, format, SIGNED, SIGNED);
    OK(pj_webhook(client, lines, BODY, LENGTH));
}

static void refuses(pj_client *client, const char *format)
{
    char lines[1024], text[512];
    snprintf(lines, sizeof lines, format, SIGNED, SIGNED);
    GIVES(PJ_ERR_SIGNATURE, pj_webhook(client, lines, BODY, LENGTH));
    OK(pj_last_error(text, sizeof text, 0));
    CHECK_HAS(text, vendor()->signature);
    CHECK_HAS_NOT(text, "merchant");
}

/* The same lines with other letters: names in small ones, digits in large ones. */
static void other_letters(pj_client *client)
{
    char lines[1024], *at;
    int in_name = 1;
    snprintf(lines, sizeof lines, "%s\n", SIGNED);
    for (at = lines; *at; at++) {
        if (*at == ':') in_name = 0;
        else if (*at == '\n') in_name = 1;
        else if (in_name && *at >= 'A' && *at <= 'Z') *at = (char)(*at + 'a' - 'A');
        else if (!in_name && *at >= 'a' && *at <= 'f') *at = (char)(*at + 'A' - 'a');
    }
    OK(pj_webhook(client, lines, BODY, LENGTH));
    for (at = lines; *at; at++) {
        if (*at < '0' || *at > '8') continue;
        *at = (char)(*at + 1);
        GIVES(PJ_ERR_SIGNATURE, pj_webhook(client, lines, BODY, LENGTH));
        *at = (char)(*at - 1);
    }
}

static void refuse_what_is_not_the_vendors(void)
{
    char body[sizeof BODY], text[512];
    pj_client *client = OPEN("webhook_secret=" SECRET);
    uint32_t at;

    CHECK(can(client, PJ_CAN_WEBHOOKS));
    takes(client, "%s");
    takes(client, "%s"); /* a repetition */
    takes(client, "POST /hook HTTP/1.1\r\nHost: till:80\r\n%s\r\nConnection: close\r\n\r\n");
    other_letters(client);

    for (at = 0; at < LENGTH; at += 7) {
        memcpy(body, BODY, sizeof BODY);
        body[at] ^= 1;
        GIVES(PJ_ERR_SIGNATURE, pj_webhook(client, SIGNED, body, LENGTH));
    }
    GIVES(PJ_ERR_SIGNATURE, pj_webhook(client, SIGNED, BODY, LENGTH - 1));
    GIVES(PJ_ERR_SIGNATURE, pj_webhook(client, SIGNED, BODY, LENGTH + 1));
    refuses(client, "");
    refuses(client, "Host: till");
    refuses(client, "%s\n%s");
    snprintf(text, sizeof text, "%s: none", vendor()->signature);
    refuses(client, text);

    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_webhook(client, SIGNED, BODY, 0));
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_webhook(client, SIGNED, 0, 0));
    GIVES(PJ_ERR_INVALID_TEXT, pj_webhook(client, "Name: \xff\n", BODY, LENGTH));
    memset(long_headers, 'x', sizeof long_headers - 1);
    GIVES(PJ_ERR_INVALID_TEXT, pj_webhook(client, long_headers, BODY, LENGTH));
    GIVES(PJ_ERR_SIGNATURE, pj_webhook(client, SIGNED, long_body, sizeof long_body - 1));
    GIVES(PJ_ERR_LIMIT, pj_webhook(client, SIGNED, long_body, sizeof long_body));
    GIVES(PJ_ERR_LIMIT, pj_webhook(client, SIGNED, BODY, 0xFFFFFFFFu));
    close_client(client);
    GIVES(PJ_ERR_INVALID_HANDLE, pj_webhook(client, SIGNED, BODY, LENGTH));

    /* Without a secret nothing is believed, also not what another program signed with none. */
    client = OPEN("webhook_secret=");
    GIVES(PJ_ERR_CONFIG, pj_webhook(client, SIGNED, BODY, LENGTH));
    OK(pj_last_error(text, sizeof text, 0));
    CHECK_HAS(text, "webhook_secret");
    close_client(client);
}

/* Serves one post of the simulator, if one comes within some time. Returns what pj_webhook said, or -1. */
static int32_t serve(pj_client *client, endpoint listener, int ms)
{
    static char message[65536];
    struct timeval patience;
    const char *reply;
    char *body = 0;
    fd_set ready;
    endpoint s;
    int have = 0, got, length = 0;
    pj_status status;

    patience.tv_sec = ms / 1000;
    patience.tv_usec = ms % 1000 * 1000;
    FD_ZERO(&ready);
    FD_SET(listener, &ready);
    if (select((int)listener + 1, &ready, 0, 0, &patience) != 1) return -1;
    s = accept(listener, 0, 0);
    while (!body || message + have < body + length) {
        got = (int)recv(s, message + have, (int)sizeof message - 1 - have, 0);
        CHECK(got > 0);
        message[have += got] = 0;
        if (!body && (body = strstr(message, "\r\n\r\n")) != 0) {
            const char *header = strstr(message, "Content-Length: ");
            CHECK(header && header < body);
            length = atoi(header + 16);
            *body = 0;
            body += 4;
        }
    }
    status = pj_webhook(client, message, body, (uint32_t)length);
    reply = status == PJ_OK ? "HTTP/1.1 200 x\r\n\r\n" : "HTTP/1.1 401 x\r\n\r\n";
    send(s, reply, (int)strlen(reply), 0);
    close_endpoint(s);
    return status;
}

static endpoint web_server(const char *secret)
{
    struct sockaddr_in address;
    char json[300];
    endpoint s;
    free(sim_call("GET", "state", "")); /* on Windows this starts the sockets */
    s = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(s, (struct sockaddr *)&address, sizeof address) == 0 && listen(s, 64) == 0);
    {
#ifdef _WIN32
        int size = sizeof address;
#else
        socklen_t size = sizeof address;
#endif
        CHECK(getsockname(s, (struct sockaddr *)&address, &size) == 0);
    }
    snprintf(json, sizeof json, "{\"url\": \"http://127.0.0.1:%d/hook\", \"secret\": \"%s\", \"duplicates\": true, "
             "\"unordered\": true}", (int)ntohs(address.sin_port), secret);
    sim("webhook", json);
    return s;
}

/* The till asks once a minute; what it hears sooner it has heard from the vendor. */
static void news_comes_with_the_event(void)
{
    pj_client *client = OPEN("webhook_secret=" SECRET, "poll_interval_ms:60000");
    endpoint listener = web_server(SECRET);
    sale_name name = new_name();
    long long began = now_ms();
    int taken = 0;
    pj_request *request;
    pj_result r;

    stage(SCENE_SLOW_CARD);
    request = pay(client, LANE1, 1234, &name);
    do {
        taken += serve(client, listener, 50) == PJ_OK;
        r = poll_result(request);
    } while (!((r.flags & PJ_FLAG_FINAL) && (r.flags & PJ_FLAG_TERMINAL_FREE)) && now_ms() < began + patience_ms(20000));
    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
    CHECK(r.flags & PJ_FLAG_TERMINAL_FREE);
    CHECK(taken >= 1);
    CHECK_INT(sim_charges(&name), 1);
    printf("%d events, told after %lld ms\n", taken, now_ms() - began);
    settle(request);
    close_endpoint(listener);
    close_client(client);
}

/* Signed with another secret the same events do nothing. */
static void a_strangers_events_do_nothing(void)
{
    pj_client *client = OPEN("webhook_secret=" SECRET);
    endpoint listener = web_server("a guess");
    sale_name name = new_name();
    pj_request *request = pay(client, LANE1, 1235, &name);
    long long end = now_ms() + patience_ms(20000);
    int refused = 0;
    int32_t said;

    while ((refused < 2 || !(poll_result(request).flags & PJ_FLAG_FINAL)) && now_ms() < end) {
        said = serve(client, listener, 50);
        CHECK(said == -1 || said == PJ_ERR_SIGNATURE);
        refused += said == PJ_ERR_SIGNATURE;
    }
    CHECK(refused >= 2);
    CHECK_INT(final_result(request, 20000).state, PJ_STATE_APPROVED);
    settle(request);
    close_endpoint(listener);
    close_client(client);
}

int main(void)
{
    refuse_what_is_not_the_vendors();
    news_comes_with_the_event();
    a_strangers_events_do_nothing();
    return passed("webhooks");
}
