/* A till with a web server of its own: takes a payment, and hears of it from the vendor at once instead of by asking.
 *
 *   webhook_receiver --listen PORT --reference NEW --amount CENTS
 *
 * One thread does all of it, as in many an old program. All other options are keys of the library's configuration, as
 * for the checkout beside this file. Credentials come from there or from PJ_LOGIN, PJ_PASSWORD, PJ_APPLICATION_KEY and
 * PJ_WEBHOOK_SECRET in the environment. The vendor posts from outside and by https: in front of this port stands
 * whatever ends TLS there. Exit status: 0 paid, 1 ended without money, 2 a mistake, 3 not known yet.
 */
#ifndef _WIN32
#define _POSIX_C_SOURCE 200112L
#endif
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <winsock2.h>
#define SECONDS(n) ((n) * 1000)
typedef DWORD seconds;
#else
#include <netinet/in.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#define SECONDS(n) {(n), 0}
#define SOCKET int
#define INVALID_SOCKET (-1)
#define closesocket close
typedef struct timeval seconds;
#endif
#include "posjunction.h"

static char message[65536]; /* one request of the vendor, with its headers */

static int failed(void)
{
    char text[512] = "";
    pj_last_error(text, sizeof text, NULL);
    fprintf(stderr, "%s\n", text);
    return 2;
}

/* The value of Content-Length, or -1. */
static long content_length(const char *headers)
{
    const char *line = headers, *name, *at;

    while ((line = strchr(line, '\n')) != NULL) {
        for (name = "content-length:", at = ++line; *name && tolower((unsigned char)*at) == *name; at++) name++;
        if (!*name) return atol(at);
    }
    return -1;
}

/* Reads a request. Returns where its body begins, after the headers and a NUL, and how long it is. */
static const char *read_request(SOCKET s, long *length)
{
    long have = 0, got;
    char *end = NULL;

    do {
        got = (long)recv(s, message + have, (int)(sizeof message - 1 - have), 0);
        if (got <= 0) return NULL; /* gone, too slow, or too long */
        message[have += got] = 0;
        if (!end && (end = strstr(message, "\r\n\r\n")) != NULL) {
            *end = 0;
            *length = content_length(message);
            end += 4;
        }
    } while (!end || (*length >= 0 && have < (end - message) + *length));
    return *length >= 0 ? end : NULL;
}

/* What the vendor is told. Only 200 says that the event need not come again. */
static const char *answer_to(pj_status status)
{
    switch (status) {
    case PJ_OK: return "200 OK";
    case PJ_ERR_SIGNATURE: return "401 Unauthorized";
    case PJ_ERR_INVALID_ARGUMENT: case PJ_ERR_INVALID_TEXT: case PJ_ERR_LIMIT: return "400 Bad Request";
    default: return "503 Service Unavailable";
    }
}

/* Serves what has come within a tenth of a second: one request, and the answer at once. */
static void serve(pj_client *client, SOCKET listener)
{
    struct timeval patience = {0, 100000};
    seconds slow = SECONDS(2); /* nobody holds this thread longer */
    const char *body, *answer = "400 Bad Request";
    char reply[128];
    long length = 0;
    fd_set ready;
    SOCKET s;

    FD_ZERO(&ready);
    FD_SET(listener, &ready);
    if (select((int)listener + 1, &ready, NULL, NULL, &patience) != 1) return;
    if ((s = accept(listener, NULL, NULL)) == INVALID_SOCKET) return;
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&slow, sizeof slow);
    body = read_request(s, &length);
    if (body) answer = answer_to(pj_webhook(client, message, body, (uint32_t)length));
    printf("webhook: %s\n", answer);
    sprintf(reply, "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", answer);
    send(s, reply, (int)strlen(reply), 0);
    closesocket(s);
}

/* Serves until the payment has ended. pj_poll only looks into memory. */
static int follow(pj_client *client, SOCKET listener, pj_request *request)
{
    pj_result r, before;

    memset(&before, 0, sizeof before);
    r.struct_size = sizeof r;
    for (;;) {
        if (pj_poll(request, &r) != PJ_OK) return failed();
        if (r.state != before.state) printf("%5.1f s  %-20s %s\n", r.elapsed_ms / 1e3, pj_state_name(r.state), r.message);
        before = r;
        if (r.state == PJ_STATE_UNKNOWN) return 3;
        if (r.flags & PJ_FLAG_FINAL) break;
        serve(client, listener);
    }
    /* Here a till stores the result in its books, and only then acknowledges it. */
    if (pj_acknowledge(request) != PJ_OK) return failed();
    return r.state == PJ_STATE_APPROVED ? 0 : 1;
}

static int pay(pj_client *client, SOCKET listener, const char *reference, long cents)
{
    pj_fields *fields = NULL;
    pj_request *request = NULL;
    pj_status status = pj_fields_new(&fields);
    int outcome;

    if (status == PJ_OK) status = pj_fields_set_text(fields, "reference", reference);
    if (status == PJ_OK) status = pj_fields_set_int(fields, "amount", cents);
    if (status == PJ_OK) status = pj_request_payment(client, fields, &request);
    pj_fields_free(fields);
    outcome = status == PJ_OK ? follow(client, listener, request) : failed();
    pj_request_free(request);
    return outcome;
}

static SOCKET listen_on(int port)
{
    struct sockaddr_in address;
    SOCKET s;
#ifdef _WIN32
    WSADATA started;
    WSAStartup(MAKEWORD(2, 2), &started);
#else
    signal(SIGPIPE, SIG_IGN); /* a vendor that hangs up early ends no till */
#endif
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s == INVALID_SOCKET || bind(s, (struct sockaddr *)&address, sizeof address) != 0 || listen(s, 16) != 0) {
        fprintf(stderr, "port %d cannot be had\n", port);
        exit(2);
    }
    return s;
}

int main(int argc, char **argv)
{
    static const char *const secrets[] = {"PJ_LOGIN", "PJ_PASSWORD", "PJ_APPLICATION_KEY", "PJ_WEBHOOK_SECRET"};
    static const char *const keys[] = {"login", "password", "application_key", "webhook_secret"};
    const char *reference = "", *listen_port = "8090", *cents = "", *value;
    pj_fields *config = NULL;
    pj_client *client = NULL;
    pj_status status;
    char *key, *dash;
    int i, outcome;

    setvbuf(stdout, NULL, _IONBF, 0);
    status = pj_fields_new(&config);
    if (status == PJ_OK) status = pj_fields_set_text(config, "vendor", "payjunction");
    for (i = 0; status == PJ_OK && i < 4; i++)
        if ((value = getenv(secrets[i])) != NULL) status = pj_fields_set_text(config, keys[i], value);
    for (i = 1; status == PJ_OK && i + 1 < argc; i += 2) {
        key = argv[i] + strspn(argv[i], "-");
        while ((dash = strchr(key, '-')) != NULL) *dash = '_';
        if (strcmp(key, "reference") == 0) reference = argv[i + 1];
        else if (strcmp(key, "amount") == 0) cents = argv[i + 1];
        else if (strcmp(key, "listen") == 0) listen_port = argv[i + 1];
        else if (strcmp(key, "poll_interval_ms") == 0) status = pj_fields_set_int(config, key, atol(argv[i + 1]));
        else status = pj_fields_set_text(config, key, argv[i + 1]);
    }
    if (status == PJ_OK) status = pj_client_open(config, &client);
    pj_fields_free(config);
    if (status != PJ_OK) return failed();
    outcome = pay(client, listen_on(atoi(listen_port)), reference, atol(cents));
    return pj_client_close(client, 5000) == PJ_OK ? outcome : failed();
}
