// A host whose callback throws. The exception must come out of pj_dispatch, the event must come again, and nothing may
// stay locked, wherever on the stack the next dispatch stands. Nothing listens at the address: no payment is sent.
#include "posjunction.h"
#include <cstdio>
#include <stdexcept>

#define CHECK(condition) do { if (!(condition)) return failed(__LINE__, #condition); } while (0)

static pj_client *client;
static int calls, throws, nested;

static int failed(int line, const char *condition)
{
    char words[512];
    pj_last_error(words, sizeof words, 0);
    std::printf("line %d: %s (%s)\n", line, condition, words);
    return 1;
}

static void PJ_CALL note(const pj_event *, void *)
{
    calls++;
    nested = pj_dispatch(client, 0, 0);
    if (throws > 0) {
        throws--;
        throw std::runtime_error("out of the callback");
    }
}

// A dispatch below a frame of which little is written: what an abandoned one left there stays.
static pj_status deep(int depth, uint32_t *told)
{
    volatile char room[1500];
    room[depth] = 1;
    pj_status status = depth ? deep(depth - 1, told) : pj_dispatch(client, 3000, told);
    room[depth + 1] = room[depth];
    return status;
}

int main(int, char **argv)
{
    static const char *const config[][2] = {
        { "vendor", "payjunction" }, { "login", "l" }, { "password", "p" }, { "application_key", "k" },
        { "terminal", "11111111-1111-1111-1111-111111111111" }, { "merchant_terminal", "1" },
        { "base_url", "http://127.0.0.1:1" }, { "journal", argv[1] }
    };
    pj_fields *fields;
    pj_request *request;
    uint32_t told = 0;
    int depth, caught;

    CHECK(pj_fields_new(&fields) == PJ_OK);
    for (depth = 0; depth < (int)(sizeof config / sizeof config[0]); depth++)
        CHECK(pj_fields_set_text(fields, config[depth][0], config[depth][1]) == PJ_OK);
    CHECK(pj_client_open(fields, &client) == PJ_OK && pj_fields_free(fields) == PJ_OK);
    CHECK(pj_on_event(client, note, 0, PJ_DELIVER_ON_DISPATCH) == PJ_OK);
    CHECK(pj_fields_new(&fields) == PJ_OK && pj_fields_set_int(fields, "amount", 1234) == PJ_OK);
    CHECK(pj_fields_set_text(fields, "reference", "a") == PJ_OK);
    CHECK(pj_request_payment(client, fields, &request) == PJ_OK && pj_fields_free(fields) == PJ_OK);

    for (depth = 0; depth < 3; depth++) {
        throws = 2;
        for (caught = 0; caught < 2;) {
            int before = calls;
            try {
                // The first time news is on its way; later there may be none any more.
                if (pj_dispatch(client, depth ? 100 : 10000, 0) == PJ_OK && calls == before)
                    break;
            } catch (const std::runtime_error &) {
                caught++;
                CHECK(nested == PJ_ERR_REENTRANT);
            }
        }
        throws = 0;
        CHECK(depth > 0 || (caught == 2 && calls == 2));
        CHECK(deep(depth, &told) == PJ_OK && (depth > 0 || told > 0));
        CHECK(pj_dispatch(client, 0, &told) == PJ_OK);
    }
    CHECK(pj_request_free(request) == PJ_OK);
    CHECK(pj_client_close(client, 10000) == PJ_OK);
    return 0;
}
