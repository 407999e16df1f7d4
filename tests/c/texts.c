/* Texts and structs that do not fit, are misaligned, or are not what they say. */
#include "check.h"

static pj_client *client;
static pj_request *request;

#define GUARD 0x5a

/* Every length from 0 to beyond the text: too small is empty, and not a byte beyond cap is touched. */
static void every_capacity(const char *key)
{
    char whole[4096], buf[4200];
    uint32_t length = 0, cap, told;
    int json = strcmp(key, "json") == 0, error = strcmp(key, "error") == 0;
#define GET(buf, cap, len)                                                                                            \
    (error ? pj_last_error(buf, cap, len) : json ? pj_get_json(request, buf, cap, len) : pj_get_text(request, key, buf, cap, len))
    OK(GET(0, 0, &length));
    OK(GET(whole, sizeof whole, 0));
    CHECK_INT(strlen(whole), length);
    for (cap = 0; cap <= length + 2; cap++) {
        uint32_t i;
        pj_status said;
        memset(buf, GUARD, sizeof buf);
        told = 0xffffffff;
        said = GET(buf, cap, &told);
        /* A failure of pj_last_error itself leaves the text alone. */
        CHECK_INT(told, length);
        CHECK_INT(said, cap == 0 || cap > length ? PJ_OK : PJ_ERR_BUFFER_TOO_SMALL);
        if (cap > length) CHECK(memcmp(buf, whole, length + 1) == 0);
        else if (cap > 0) CHECK_INT(buf[0], 0);
        for (i = cap > length ? length + 1 : cap ? 1 : 0; i < sizeof buf; i++) CHECK(buf[i] == GUARD);
    }
}

/* struct_size at every boundary; smaller than the first version is refused and nothing is written. */
static void struct_sizes(void)
{
    unsigned char raw[sizeof(pj_result) + 512];
    uint32_t size, i;
    for (size = 0; size <= sizeof(pj_result) + 256; size++) {
        pj_status said;
        memset(raw, GUARD, sizeof raw);
        memcpy(raw, &size, sizeof size);
        said = pj_poll(request, (pj_result *)(void *)raw);
        CHECK(memcmp(raw, &size, sizeof size) == 0);
        if (size < sizeof(pj_result)) {
            CHECK_INT(said, PJ_ERR_INVALID_ARGUMENT);
            for (i = 4; i < sizeof raw; i++) CHECK(raw[i] == GUARD);
        } else {
            CHECK_INT(said, PJ_OK);
            for (i = sizeof(pj_result); i < size; i++) CHECK(raw[i] == 0);
            for (i = size; i < sizeof raw; i++) CHECK(raw[i] == GUARD);
        }
    }
    size = 0xffffffff;
    memcpy(raw, &size, sizeof size);
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_poll(request, (pj_result *)(void *)raw));
    {
        pj_event event;
        char words[512];
        memset(&event, 0, sizeof event);
        GIVES(PJ_ERR_INVALID_ARGUMENT, pj_next_event(client, 0, &event, 0));
        OK(pj_last_error(words, sizeof words, 0));
        CHECK_HAS(words, "struct_size");
        event.struct_size = sizeof event - 1;
        GIVES(PJ_ERR_INVALID_ARGUMENT, pj_next_event(client, 0, &event, 0));
    }
}

/* Structs and outputs at every alignment. */
static void misaligned(void)
{
    static unsigned char room[sizeof(pj_result) + 64];
    pj_result good = poll_result(request);
    uint32_t size = sizeof(pj_result);
    int shift;
    for (shift = 0; shift < 17; shift++) {
        unsigned char *at = room + shift;
        uint32_t length;
        int64_t number;
        memset(room, GUARD, sizeof room);
        memcpy(at, &size, sizeof size);
        OK(pj_poll(request, (pj_result *)(void *)at));
        CHECK(memcmp(at + 4, (unsigned char *)&good + 4, sizeof good - 4) == 0);
        OK(pj_wait(request, 0, (pj_result *)(void *)at));
        OK(pj_get_int(request, "approved_amount", (int64_t *)(void *)at));
        memcpy(&number, at, sizeof number);
        CHECK_INT(number, good.approved_amount);
        OK(pj_get_text(request, "reference", 0, 0, (uint32_t *)(void *)at));
        memcpy(&length, at, sizeof length);
        CHECK_INT(length, strlen(good.reference));
        OK(pj_pending_count(client, (uint32_t *)(void *)at));
        {
            pj_request *handle;
            OK(pj_find(client, good.reference, (pj_request **)(void *)at));
            memcpy(&handle, at, sizeof handle);
            CHECK(handle == request);
            OK(pj_request_free(handle));
        }
    }
}

/* A key of another vendor's account is no key here; the message says whose it is not. */
static void keys_of_others(void)
{
    size_t i, j;
    for (i = 0; i < sizeof VENDORS / sizeof VENDORS[0]; i++) {
        for (j = 0; VENDORS[i].config[j][0]; j++) {
            const char *key = VENDORS[i].config[j][0];
            pj_fields *config;
            pj_client *other;
            char words[512];
            if (&VENDORS[i] == vendor() || strcmp(key, "merchant_terminal") == 0) continue;
            config = CONFIG("journal=memory");
            OK(pj_fields_set_text(config, key, "something"));
            GIVES(PJ_ERR_UNKNOWN_FIELD, pj_client_open(config, &other));
            OK(pj_last_error(words, sizeof words, 0));
            CHECK_HAS(words, key);
            CHECK_HAS(words, vendor()->name);
            OK(pj_fields_free(config));
        }
    }
}

/* What pj_last_error says of a mistake. */
static void words_of(pj_status expected, pj_fields *sale, const char *one, const char *two)
{
    char words[512];
    pj_request *out;
    GIVES(expected, pj_request_payment(client, sale, &out));
    OK(pj_last_error(words, sizeof words, 0));
    CHECK_HAS(words, "pj_request_payment");
    CHECK_HAS(words, one);
    CHECK_HAS(words, two);
    OK(pj_fields_free(sale));
}

static void mistakes(void)
{
    char words[512], longest[70000];
    pj_fields *bag, *config;
    pj_client *other;
    pj_request *out;
    words_of(PJ_ERR_UNKNOWN_FIELD, BAG("amuont:100", "reference=a"), "amuont", "\"amount\"");
    words_of(PJ_ERR_UNKNOWN_FIELD, BAG("amount:100", "reference=a", "refrence=b"), "refrence", "\"reference\"");
    words_of(PJ_ERR_MISSING_FIELD, BAG("amount:100"), "reference", "reference");
    words_of(PJ_ERR_MISSING_FIELD, BAG("reference=a"), "amount", "amount");
    words_of(PJ_ERR_INVALID_AMOUNT, BAG("amount:0", "reference=a"), "amount", "amount");
    words_of(PJ_ERR_INVALID_AMOUNT, BAG("amount:-1", "reference=a"), "amount", "amount");
    words_of(PJ_ERR_INVALID_AMOUNT, BAG("amount:100000001", "reference=a"), "amount", "amount");
    words_of(PJ_ERR_INVALID_FIELD, BAG("amount=12.34", "reference=a"), "amount", "amount");
    words_of(PJ_ERR_INVALID_FIELD, BAG("amount:1", "reference:5"), "reference", "reference");
    words_of(PJ_ERR_INVALID_TEXT, BAG("amount:1", "reference=a\nb"), "reference", "reference");
    words_of(PJ_ERR_INVALID_TEXT, BAG("amount:1", "reference=4111111111111111"), "reference", "card number");
    OK(pj_last_error(words, sizeof words, 0));
    CHECK_HAS_NOT(words, "4111111111111111");
    /* What this vendor has nothing like is refused, never ignored. */
    if (can(client, PJ_CAN_PARTIAL)) {
        CHECK(!can(client, PJ_CAN_INTERRUPT_BUSY));
        words_of(PJ_ERR_UNSUPPORTED, BAG("amount:100", "reference=a", "interrupt_busy:1"), "interrupt_busy", vendor()->name);
    } else {
        words_of(PJ_ERR_UNSUPPORTED, BAG("amount:100", "reference=a", "allow_partial:1"), "allow_partial", vendor()->name);
    }

    config = CONFIG("curency=USD");
    GIVES(PJ_ERR_UNKNOWN_FIELD, pj_client_open(config, &other));
    OK(pj_last_error(words, sizeof words, 0));
    CHECK_HAS(words, "curency");
    CHECK_HAS(words, "\"currency\"");
    OK(pj_fields_free(config));
    keys_of_others();

    /* The longest reference, and one more. */
    memset(longest, 'x', sizeof longest);
    longest[64] = 0;
    bag = BAG("amount:1");
    OK(pj_fields_set_text(bag, "reference", longest));
    words_of(PJ_ERR_INVALID_FIELD, bag, "reference", "63");

    /* Not UTF-8; 64 KiB; one more; keys. */
    bag = BAG("amount:1");
    GIVES(PJ_ERR_INVALID_TEXT, pj_fields_set_text(bag, "note", "caf\xe9"));
    OK(pj_last_error(words, sizeof words, 0));
    CHECK_HAS(words, "UTF-8");
    GIVES(PJ_ERR_INVALID_TEXT, pj_fields_set_text(bag, "note", "\xed\xa0\x80"));
    GIVES(PJ_ERR_INVALID_TEXT, pj_fields_set_text(bag, "note", "\xc0\x80"));
    memset(longest, 'x', sizeof longest);
    longest[65536] = 0;
    OK(pj_fields_set_text(bag, "note", longest));
    longest[65536] = 'x';
    longest[65537] = 0;
    GIVES(PJ_ERR_INVALID_TEXT, pj_fields_set_text(bag, "note", longest));
    longest[128] = 0;
    OK(pj_fields_set_int(bag, longest, 1));
    longest[128] = 'x';
    longest[129] = 0;
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_fields_set_int(bag, longest, 1));
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_fields_set_int(bag, "", 1));
    OK(pj_fields_free(bag));

    GIVES(PJ_ERR_NO_SUCH_REQUEST, pj_find(client, "", &out));
    GIVES(PJ_ERR_INVALID_TEXT, pj_find(client, "\xff", &out));
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_wait(request, -2, 0));
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_capable(client, 12345, (int32_t *)(void *)words));
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_on_log(client, 0, 0, 6));
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_on_log(client, 0, 0, -1));
}

/* Items within items, and more than a bag holds. */
static void bags(void)
{
    pj_fields *bag = BAG("amount:1"), *item = BAG("name=coffee", "price:300");
    int i;
    pj_status said = PJ_OK;
    for (i = 0; i < 12 && said == PJ_OK; i++) said = pj_fields_add_item(item, "line_items", item);
    CHECK_INT(said, PJ_ERR_LIMIT);
    OK(pj_fields_free(item));
    for (i = 0, said = PJ_OK; i < 11000 && said == PJ_OK; i++) said = pj_fields_add_text(bag, "buttons", "Yes");
    CHECK_INT(said, PJ_ERR_LIMIT);
    OK(pj_fields_free(bag));
}

int main(void)
{
    sale_name name = new_name();
    static const char *const keys[] = {"reference", "transaction_id", "message", "state", "currency", "approved_amount", "json"};
    size_t i;
    client = OPEN("terminal=@lane1");
    request = pay(client, LANE1, 900, &name);
    final_result(request, 15000);
    result_with(request, PJ_FLAG_TERMINAL_FREE, 10000);
    for (i = 0; i < sizeof keys / sizeof keys[0]; i++) every_capacity(keys[i]);
    struct_sizes();
    misaligned();
    mistakes();
    every_capacity("error");
    bags();
    settle(request);
    close_client(client);
    return passed("texts, sizes, alignment and mistakes");
}
