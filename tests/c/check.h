/* What the C tests share: checks that say what they saw, bags filled in one line, and a hand on the simulator.
   Include it first. tests/tools/with-simulator puts the simulator's address and the credentials into the environment;
   PJ_TEST_VENDOR says which vendor's cloud the tests run against: see vendors.h. PJ_TEST_CONFIG adds one word to every
   configuration, such as flow=payment_intent. */
#ifndef CHECK_H
#define CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifdef _WIN32
#include <winsock2.h>
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#endif
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef _WIN32
#define PROCESS_ID() ((unsigned long long)GetCurrentProcessId())
#else
#define PROCESS_ID() ((unsigned long long)getpid())
#endif

#include "posjunction.h"
#include "vendors.h"

#define LANE1 (vendor()->lane1)
#define LANE2 (vendor()->lane2)
#define UNPLUGGED (vendor()->unplugged)
#define OCCUPIED (vendor()->occupied)
#define TOUCHED (vendor()->touched)
#define UNKNOWN_TERMINAL (vendor()->unknown)

#define UNUSED_FUNCTION
#if defined(__GNUC__)
#undef UNUSED_FUNCTION
#define UNUSED_FUNCTION __attribute__((unused))
#endif

/* ---- the vendor ---- */

static UNUSED_FUNCTION const vendor_facts *vendor(void)
{
    static const vendor_facts *chosen;
    const char *name = getenv("PJ_TEST_VENDOR");
    size_t i;
    if (chosen) return chosen;
    for (i = 0; i < sizeof VENDORS / sizeof VENDORS[0]; i++)
        if (!name || strcmp(VENDORS[i].name, name) == 0) return chosen = &VENDORS[i];
    fprintf(stderr, "PJ_TEST_VENDOR is %s, which vendors.h does not know\n", name);
    _exit(2);
}

/* ---- checks: the first that fails ends the program ---- */

static UNUSED_FUNCTION void check_failed(const char *file, int line, const char *what)
{
    char words[512] = "";
    pj_last_error(words, sizeof words, 0);
    fprintf(stderr, "%s:%d: %s\n    last error: %s\n", file, line, what, words);
    fflush(stdout);
    fflush(stderr);
    /* Not exit: threads of the test may still run, and their locals with them. */
    _exit(1);
}

static UNUSED_FUNCTION void check_int(const char *file, int line, const char *what, long long actual, long long expected)
{
    char text[512];
    if (actual == expected) return;
    snprintf(text, sizeof text, "%s is %lld, not %lld", what, actual, expected);
    check_failed(file, line, text);
}

static UNUSED_FUNCTION void check_status(const char *file, int line, const char *what, pj_status actual, pj_status expected)
{
    char text[512];
    if (actual == expected) return;
    snprintf(text, sizeof text, "%s\n    gave %s, not %s", what, pj_status_name(actual), pj_status_name(expected));
    check_failed(file, line, text);
}

static UNUSED_FUNCTION void check_text(const char *file, int line, const char *what, const char *actual, const char *expected)
{
    char text[1200];
    if (strcmp(actual, expected) == 0) return;
    snprintf(text, sizeof text, "%s is \"%.500s\", not \"%.500s\"", what, actual, expected);
    check_failed(file, line, text);
}

static UNUSED_FUNCTION void check_has(const char *file, int line, const char *what, const char *text, const char *part, int wanted)
{
    char words[1200];
    if ((strstr(text, part) != 0) == wanted) return;
    snprintf(words, sizeof words, "%s %s \"%.300s\": \"%.500s\"", what, wanted ? "lacks" : "holds", part, text);
    check_failed(file, line, words);
}

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
#define CHECK_INT(actual, expected) check_int(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))
#define CHECK_TEXT(actual, expected) check_text(__FILE__, __LINE__, #actual, actual, expected)
#define CHECK_HAS(text, part) check_has(__FILE__, __LINE__, #text, text, part, 1)
#define CHECK_HAS_NOT(text, part) check_has(__FILE__, __LINE__, #text, text, part, 0)
#define GIVES(expected, call) check_status(__FILE__, __LINE__, #call, call, expected)
#define OK(call) GIVES(PJ_OK, call)

/* The three answers of a result. */
#define CHECK_RESULT(result, a_state, a_money, an_advice)                                                             \
    check_result(__FILE__, __LINE__, result, a_state, a_money, an_advice)

static UNUSED_FUNCTION void check_result(const char *file, int line, const pj_result *r, int32_t state, int32_t money, int32_t advice)
{
    char text[1200];
    if (r->state == state && r->money == money && r->advice == advice) return;
    snprintf(text, sizeof text, "%s is %s %s %s (%s: %s), not %s %s %s", r->reference, pj_state_name(r->state),
             pj_money_name(r->money), pj_advice_name(r->advice), pj_status_name(r->status), r->message,
             pj_state_name(state), pj_money_name(money), pj_advice_name(advice));
    check_failed(file, line, text);
}

/* ---- time ---- */

static UNUSED_FUNCTION void sleep_ms(int ms)
{
#ifdef _WIN32
    Sleep((DWORD)ms);
#else
    struct timespec time = {ms / 1000, (ms % 1000) * 1000000L};
    nanosleep(&time, 0);
#endif
}

static UNUSED_FUNCTION long long now_ms(void)
{
#ifdef _WIN32
    /* Not GetTickCount64, which goes in steps of 16 ms. */
    LARGE_INTEGER ticks, per_second;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&per_second);
    return ticks.QuadPart / (per_second.QuadPart / 1000);
#else
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
#endif
}

/* Numbers that one thread writes and another reads. */
static UNUSED_FUNCTION int seen(int *number) { return __atomic_load_n(number, __ATOMIC_ACQUIRE); }
static UNUSED_FUNCTION void set(int *number, int value) { __atomic_store_n(number, value, __ATOMIC_RELEASE); }

/* PJ_SLOW says that everything takes longer here: valgrind. */
static UNUSED_FUNCTION int patience_ms(int ms) { return getenv("PJ_SLOW") ? ms * 10 : ms; }

/* ---- bags: BAG("amount:1234", "terminal=@lane2"); a colon makes a number, an equals sign a text, @ a terminal ---- */

static UNUSED_FUNCTION const char *value_of(const char *word)
{
    if (strcmp(word, "@lane1") == 0) return LANE1;
    if (strcmp(word, "@lane2") == 0) return LANE2;
    if (strcmp(word, "@unplugged") == 0) return UNPLUGGED;
    if (strcmp(word, "@occupied") == 0) return OCCUPIED;
    if (strcmp(word, "@touched") == 0) return TOUCHED;
    if (strcmp(word, "@unknown") == 0) return UNKNOWN_TERMINAL;
    CHECK(word[0] != '@');
    return word;
}

static UNUSED_FUNCTION void fill(pj_fields *bag, const char *word)
{
    size_t end = strcspn(word, ":=");
    char key[64];
    CHECK(end < sizeof key && word[end]);
    memcpy(key, word, end);
    key[end] = 0;
    if (word[end] == ':') OK(pj_fields_set_int(bag, key, strtoll(word + end + 1, 0, 10)));
    else OK(pj_fields_set_text(bag, key, value_of(word + end + 1)));
}

static UNUSED_FUNCTION void fill_list(pj_fields *bag, va_list list)
{
    const char *word;
    while ((word = va_arg(list, const char *)) != 0) fill(bag, word);
}

static UNUSED_FUNCTION pj_fields *bag_of(const char *dummy, ...)
{
    pj_fields *bag;
    va_list list;
    (void)dummy;
    OK(pj_fields_new(&bag));
    va_start(list, dummy);
    fill_list(bag, list);
    va_end(list);
    return bag;
}
#define BAG(...) bag_of("", __VA_ARGS__, (const char *)0)

/* ---- references that no other run has used ---- */

typedef struct {
    char reference[64];
    /* The simulator's books are asked by it, and duplicate checks go by it: each sale has its own. No vendor takes
       fewer than eleven characters. */
    char invoice[12];
} sale_name;

static UNUSED_FUNCTION sale_name new_name(void)
{
    static unsigned count;
    sale_name name;
    unsigned long long seed = (unsigned long long)time(0) * 100000 + PROCESS_ID() % 100000;
    ++count;
    /* Hexadecimal: fifteen digits in a row are a card number for one in ten, and masked in logs. */
    snprintf(name.reference, sizeof name.reference, "c-x%llx-%u", seed, count);
    snprintf(name.invoice, sizeof name.invoice, "%07llu%04u", seed % 9999991, count % 10000);
    return name;
}

/* ---- the client ---- */

static UNUSED_FUNCTION const char *environment(const char *name)
{
    const char *value = getenv(name);
    if (!value) {
        fprintf(stderr, "%s is not set: run this with tests/tools/with-simulator\n", name);
        _exit(2);
    }
    return value;
}

static UNUSED_FUNCTION pj_fields *config_list(va_list list)
{
    const char *more = getenv("PJ_TEST_CONFIG");
    pj_fields *config;
    int i;
    OK(pj_fields_new(&config));
    OK(pj_fields_set_text(config, "vendor", vendor()->name));
    OK(pj_fields_set_text(config, "base_url", environment("PJ_SIMULATOR")));
    for (i = 0; vendor()->config[i][0]; i++)
        OK(pj_fields_set_text(config, vendor()->config[i][0], environment(vendor()->config[i][1])));
    if (more && more[0]) fill(config, more);
    OK(pj_fields_set_text(config, "terminal", LANE1));
    OK(pj_fields_set_text(config, "journal", "till.journal"));
    OK(pj_fields_set_int(config, "poll_interval_ms", 500));
    fill_list(config, list);
    return config;
}

static UNUSED_FUNCTION pj_fields *config_of(const char *dummy, ...)
{
    pj_fields *config;
    va_list list;
    va_start(list, dummy);
    config = config_list(list);
    va_end(list);
    (void)dummy;
    return config;
}
/* The simulator's merchant, with these changes: the same program for every vendor, another configuration. */
#define CONFIG(...) config_of("", __VA_ARGS__, (const char *)0)

static UNUSED_FUNCTION void note_violations(void);
static UNUSED_FUNCTION void sim(const char *action, const char *json);

/* Before every opening: what a vendor gave an earlier client for a while, such as a token, that one has taken along. */
static UNUSED_FUNCTION pj_status open_client(pj_fields *config, pj_client **client)
{
    note_violations();
    sim("restart", "{}");
    return pj_client_open(config, client);
}

static UNUSED_FUNCTION pj_client *open_with(pj_fields *config)
{
    pj_client *client;
    OK(open_client(config, &client));
    OK(pj_fields_free(config));
    return client;
}
#define OPEN(...) open_with(CONFIG(__VA_ARGS__))

static UNUSED_FUNCTION void close_client(pj_client *client) { OK(pj_client_close(client, patience_ms(5000))); }

static UNUSED_FUNCTION int can(pj_client *client, int32_t capability)
{
    int32_t yes = -1;
    OK(pj_capable(client, capability, &yes));
    CHECK(yes == 0 || yes == 1);
    return yes;
}

/* A scenario that this vendor has nothing for says so. What it does instead has been checked. */
static UNUSED_FUNCTION void not_here(const char *what, const char *because)
{
    printf("%s has no %s: %s\n", vendor()->name, what, because);
}

static UNUSED_FUNCTION pj_fields *sale_of(const sale_name *name, const char *terminal, int64_t amount)
{
    pj_fields *sale = BAG("currency=USD");
    OK(pj_fields_set_text(sale, "terminal", terminal));
    OK(pj_fields_set_text(sale, "reference", name->reference));
    OK(pj_fields_set_text(sale, "invoice", name->invoice));
    OK(pj_fields_set_int(sale, "amount", amount));
    return sale;
}

/* Starts a payment on a terminal. */
static UNUSED_FUNCTION pj_request *pay(pj_client *client, const char *terminal, int64_t amount, const sale_name *name)
{
    pj_request *request;
    pj_fields *sale = sale_of(name, terminal, amount);
    OK(pj_request_payment(client, sale, &request));
    OK(pj_fields_free(sale));
    return request;
}

static UNUSED_FUNCTION pj_result poll_result(pj_request *request)
{
    pj_result result;
    result.struct_size = sizeof result;
    OK(pj_poll(request, &result));
    return result;
}

/* Waits for a final result; UNKNOWN is none. */
static UNUSED_FUNCTION pj_result final_result(pj_request *request, int ms)
{
    long long end = now_ms() + patience_ms(ms);
    pj_result result;
    for (;;) {
        result = poll_result(request);
        if (result.flags & PJ_FLAG_FINAL) return result;
        if (now_ms() >= end) {
            printf("%s is still %s: %s\n", result.reference, pj_state_name(result.state), result.message);
            CHECK(!"no final result in time");
        }
        sleep_ms(10);
    }
}

/* Waits until all these flags are set. */
static UNUSED_FUNCTION pj_result result_with(pj_request *request, uint32_t flags, int ms)
{
    long long end = now_ms() + patience_ms(ms);
    pj_result result;
    for (;;) {
        result = poll_result(request);
        if ((result.flags & flags) == flags) return result;
        if (now_ms() >= end) {
            printf("%s: flags are %u, wanted %u\n", result.reference, (unsigned)result.flags, (unsigned)flags);
            CHECK(!"the flags did not come in time");
        }
        sleep_ms(10);
    }
}

/* Waits for a state, or one beyond it. */
static UNUSED_FUNCTION pj_result result_from_state(pj_request *request, int32_t state, int ms)
{
    long long end = now_ms() + patience_ms(ms);
    pj_result result;
    while ((result = poll_result(request)).state < state) {
        if (now_ms() >= end) {
            printf("%s is still %s\n", result.reference, pj_state_name(result.state));
            CHECK(!"the state did not come in time");
        }
        sleep_ms(10);
    }
    return result;
}

/* Acknowledges when the terminal is free again, and gives the handle back. */
static UNUSED_FUNCTION void settle(pj_request *request)
{
    result_with(request, PJ_FLAG_FINAL | PJ_FLAG_TERMINAL_FREE, 20000);
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));
}

static UNUSED_FUNCTION uint32_t pending(pj_client *client)
{
    uint32_t count;
    OK(pj_pending_count(client, &count));
    return count;
}

#include "simulator.h"

#endif
