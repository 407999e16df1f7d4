/* What the tests of work that answers something share. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "check.h"

static pj_client *client;

typedef pj_status(PJ_CALL *starter)(pj_client *, const pj_fields *, pj_request **);

static UNUSED_FUNCTION pj_request *start(starter function, pj_fields *bag)
{
    pj_request *request;
    OK(function(client, bag, &request));
    OK(pj_fields_free(bag));
    return request;
}

static UNUSED_FUNCTION const char *text_of(pj_request *request, const char *key)
{
    static char text[4][4096];
    static int next;
    char *buf = text[next++ % 4];
    OK(pj_get_text(request, key, buf, sizeof text[0], 0));
    return buf;
}

static UNUSED_FUNCTION int64_t int_of(pj_request *request, const char *key)
{
    int64_t value;
    OK(pj_get_int(request, key, &value));
    return value;
}

static UNUSED_FUNCTION void has_no(pj_request *request, const char *key)
{
    uint32_t len = 7;
    char buf[8];
    GIVES(PJ_ERR_NO_VALUE, pj_get_text(request, key, buf, sizeof buf, &len));
    CHECK_INT(len, 0);
    GIVES(PJ_ERR_NO_VALUE, pj_get_bytes(request, key, buf, sizeof buf, &len));
}

static UNUSED_FUNCTION void completed(pj_request *request)
{
    pj_result r = final_result(request, 20000);
    CHECK_RESULT(&r, PJ_STATE_COMPLETED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_DONE);
    CHECK_INT(r.status, PJ_OK);
}

static UNUSED_FUNCTION pj_result failed(pj_request *request, int32_t status)
{
    pj_result r = final_result(request, 20000);
    CHECK_INT(r.state, PJ_STATE_FAILED);
    CHECK_INT(r.money, PJ_MONEY_NOT_MOVED);
    check_status(__FILE__, __LINE__, r.message, r.status, status);
    return r;
}

/* The image of a signature: all of it, and every way of asking for it. */
static UNUSED_FUNCTION void check_image(pj_request *request)
{
    unsigned char image[4096], small[8];
    char text[16];
    int64_t number;
    uint32_t len = 0, again = 0;
    OK(pj_get_bytes(request, "signature.image", 0, 0, &len));
    CHECK(len > 60 && len < sizeof image);
    GIVES(PJ_ERR_BUFFER_TOO_SMALL, pj_get_bytes(request, "signature.image", small, sizeof small, &again));
    CHECK_INT(again, len);
    OK(pj_get_bytes(request, "signature.image", image, len, &again));
    CHECK(again == len && memcmp(image, "\x89PNG\r\n\x1a\n", 8) == 0 && memcmp(image + len - 8, "IEND", 4) == 0);
    GIVES(PJ_ERR_INVALID_FIELD, pj_get_text(request, "signature.image", text, sizeof text, &again));
    CHECK_INT(again, 0);
    GIVES(PJ_ERR_INVALID_FIELD, pj_get_int(request, "signature.image", &number));
    CHECK_TEXT(text_of(request, "signature.content_type"), "image/png");
}

static UNUSED_FUNCTION const char *json_of(pj_request *request)
{
    static char json[65536];
    OK(pj_get_json(request, json, sizeof json, 0));
    return json;
}

/* What this vendor cannot do is said beforehand, and nothing is sent. */
static UNUSED_FUNCTION void unsupported(starter function, pj_fields *bag, int32_t capability, const char *what)
{
    char words[512];
    pj_request *request = 0;
    int calls = sim_count("calls", 0, 0);
    CHECK(!can(client, capability));
    GIVES(PJ_ERR_UNSUPPORTED, function(client, bag, &request));
    CHECK(request == 0);
    OK(pj_last_error(words, sizeof words, 0));
    CHECK_HAS(words, "pj_capable");
    CHECK_INT(sim_count("calls", 0, 0), calls);
    OK(pj_fields_free(bag));
    not_here(what, words);
}

#endif
