/* What moves no money, through the header alone: questions at a terminal, receipts, signatures, lists, the check; with the
   red X, a busy and an unplugged terminal, lost answers, and a restart in the middle. */
#include "check.h"

/* What the simulator's customer keys in, and what the card says. */
#define PHONE "8006010230"
#define STRIPE ";7090112233654321?"

static const char *const PRIVATE[] = {PHONE, "7090112233654321", "654321?"};

static pj_client *client;

typedef pj_status(PJ_CALL *starter)(pj_client *, const pj_fields *, pj_request **);

static pj_request *start(starter function, pj_fields *bag)
{
    pj_request *request;
    OK(function(client, bag, &request));
    OK(pj_fields_free(bag));
    return request;
}

static const char *text_of(pj_request *request, const char *key)
{
    static char text[4][4096];
    static int next;
    char *buf = text[next++ % 4];
    OK(pj_get_text(request, key, buf, sizeof text[0], 0));
    return buf;
}

static int64_t int_of(pj_request *request, const char *key)
{
    int64_t value;
    OK(pj_get_int(request, key, &value));
    return value;
}

static void has_no(pj_request *request, const char *key)
{
    uint32_t len = 7;
    char buf[8];
    GIVES(PJ_ERR_NO_VALUE, pj_get_text(request, key, buf, sizeof buf, &len));
    CHECK_INT(len, 0);
    GIVES(PJ_ERR_NO_VALUE, pj_get_bytes(request, key, buf, sizeof buf, &len));
}

static void completed(pj_request *request)
{
    pj_result r = final_result(request, 20000);
    CHECK_RESULT(&r, PJ_STATE_COMPLETED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_DONE);
    CHECK_INT(r.status, PJ_OK);
}

static pj_result failed(pj_request *request, int32_t status)
{
    pj_result r = final_result(request, 20000);
    CHECK_INT(r.state, PJ_STATE_FAILED);
    CHECK_INT(r.money, PJ_MONEY_NOT_MOVED);
    check_status(__FILE__, __LINE__, r.message, r.status, status);
    return r;
}

/* The image of a signature: all of it, and every way of asking for it. */
static void check_image(pj_request *request)
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

static const char *json_of(pj_request *request)
{
    static char json[65536];
    OK(pj_get_json(request, json, sizeof json, 0));
    return json;
}

static pj_fields *prompt_bag(int buttons, const char *terminal)
{
    static const char *const labels[] = {"Yes", "No", "Later"};
    pj_fields *bag = BAG("text=Join our club?\nIt is free.");
    int i;
    OK(pj_fields_set_text(bag, "terminal", terminal));
    for (i = 0; i < buttons; i++) OK(pj_fields_add_text(bag, "buttons", labels[i]));
    return bag;
}

static void prompts(void)
{
    static const char *const labels[] = {"Yes", "No", "Later"};
    int buttons, pressed;
    for (buttons = 1; buttons <= 3; buttons++) {
        for (pressed = 0; pressed < buttons; pressed++) {
            char touch[100];
            pj_request *request = start(pj_request_prompt, prompt_bag(buttons, TOUCHED));
            result_from_state(request, PJ_STATE_AT_TERMINAL, 10000);
            has_no(request, "prompt.button");
            snprintf(touch, sizeof touch, "{\"terminal\": \"%s\", \"touch\": {\"Button\": %d}}", TOUCHED, pressed);
            sim("touch", touch);
            completed(request);
            CHECK_TEXT(text_of(request, "prompt.button"), labels[pressed]);
            CHECK_INT(int_of(request, "prompt.index"), pressed);
            CHECK_HAS(json_of(request), "\"prompt.button\":");
            settle(request);
        }
    }
    /* None at all, four, two alike, one too long. */
    {
        pj_request *request;
        pj_fields *bag = prompt_bag(0, TOUCHED);
        GIVES(PJ_ERR_MISSING_FIELD, pj_request_prompt(client, bag, &request));
        OK(pj_fields_free(bag));
        bag = prompt_bag(3, TOUCHED);
        OK(pj_fields_add_text(bag, "buttons", "Never"));
        GIVES(PJ_ERR_INVALID_FIELD, pj_request_prompt(client, bag, &request));
        OK(pj_fields_free(bag));
        bag = prompt_bag(1, TOUCHED);
        OK(pj_fields_add_text(bag, "buttons", "Yes"));
        GIVES(PJ_ERR_INVALID_FIELD, pj_request_prompt(client, bag, &request));
        OK(pj_fields_free(bag));
        bag = prompt_bag(1, TOUCHED);
        OK(pj_fields_add_text(bag, "buttons", "Certainly"));
        GIVES(PJ_ERR_INVALID_FIELD, pj_request_prompt(client, bag, &request));
        OK(pj_fields_free(bag));
    }
}

static void answers(void)
{
    pj_request *request = start(pj_request_signature, BAG("terms=I have read the rules.", "reference=waiver-7"));
    pj_request *fetched, *same;
    pj_fields *bag;
    completed(request);
    check_image(request);
    CHECK_INT(strlen(text_of(request, "signature.id")), 32);
    CHECK_HAS(json_of(request), "\"signature.image\":\"iVBORw0KGgo");
    OK(pj_find(client, "waiver-7", &same));
    CHECK(same == request);
    OK(pj_request_free(same));
    bag = BAG("reference=");
    OK(pj_fields_set_text(bag, "signature", text_of(request, "signature.id")));
    fetched = start(pj_fetch_signature, bag);
    completed(fetched);
    check_image(fetched);
    /* Acknowledged, it stays readable until the handle is given back. */
    result_with(request, PJ_FLAG_TERMINAL_FREE, 5000);
    OK(pj_acknowledge(request));
    OK(pj_acknowledge(fetched));
    sleep_ms(300);
    check_image(request);
    check_image(fetched);
    OK(pj_request_free(request));
    OK(pj_request_free(fetched));

    request = start(pj_request_input, BAG("input_type=phone"));
    completed(request);
    CHECK_TEXT(text_of(request, "input.value"), PHONE);
    CHECK_HAS_NOT(json_of(request), PHONE);
    settle(request);

    request = start(pj_request_card_read, BAG("reference="));
    completed(request);
    CHECK_TEXT(text_of(request, "card_read.data"), STRIPE);
    CHECK_TEXT(text_of(request, "card_read.track2"), STRIPE);
    has_no(request, "card_read.track1");
    CHECK_HAS_NOT(json_of(request), "7090112233654321");
    {
        char bytes[64];
        uint32_t len;
        OK(pj_get_bytes(request, "card_read.data", bytes, sizeof bytes, &len));
        CHECK(len == strlen(STRIPE) && memcmp(bytes, STRIPE, len) == 0);
    }
    settle(request);
}

static void endings(void)
{
    pj_request *request, *other;
    pj_result r;
    /* The customer presses the red X. */
    request = start(pj_request_prompt, prompt_bag(2, TOUCHED));
    result_from_state(request, PJ_STATE_AT_TERMINAL, 10000);
    sim_touch(TOUCHED, "Cancel");
    r = final_result(request, 10000);
    CHECK_RESULT(&r, PJ_STATE_CANCELED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY);
    has_no(request, "prompt.button");
    settle(request);
    /* The till cancels. Meanwhile the terminal carries nothing else. */
    request = start(pj_request_prompt, prompt_bag(2, TOUCHED));
    result_from_state(request, PJ_STATE_AT_TERMINAL, 10000);
    {
        pj_fields *bag = prompt_bag(1, TOUCHED);
        GIVES(PJ_ERR_TERMINAL_IN_USE, pj_request_prompt(client, bag, &other));
        CHECK(other == request);
        OK(pj_request_free(other));
        OK(pj_fields_free(bag));
    }
    GIVES(PJ_ERR_WRONG_STATE, pj_acknowledge(request));
    OK(pj_cancel(request));
    r = final_result(request, 10000);
    CHECK_RESULT(&r, PJ_STATE_CANCELED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY);
    CHECK(r.flags & PJ_FLAG_CANCEL_REQUESTED);
    settle(request);
    /* Busy, unplugged, unknown. */
    request = start(pj_request_prompt, prompt_bag(1, OCCUPIED));
    failed(request, PJ_ERR_DEVICE_BUSY);
    settle(request);
    request = start(pj_request_input, BAG("terminal=@unplugged"));
    failed(request, PJ_ERR_DEVICE_OFFLINE);
    settle(request);
    request = start(pj_request_card_read, BAG("terminal=99999999-9999-4999-8999-999999999999"));
    failed(request, PJ_ERR_UNKNOWN_DEVICE);
    settle(request);
    /* The answer to the question's submit is lost: it is not sent again. */
    {
        int before = sim_count("calls", "\"kind\":\"Action\"", 0);
        sim_fail("Action", "After", "Reset", 1, 1);
        request = start(pj_request_prompt, prompt_bag(1, LANE2));
        r = failed(request, PJ_ERR_CONNECTION_LOST);
        CHECK_HAS(r.message, "may be showing");
        sleep_ms(1500);
        CHECK_INT(sim_count("calls", "\"kind\":\"Action\"", 0), before + 1);
        settle(request);
    }
}

/* Closes in the middle of one question and after the answer of another, and opens again. */
static void restart(void)
{
    pj_request *running = start(pj_request_prompt, prompt_bag(2, TOUCHED)), *request;
    pj_request *answered = start(pj_request_card_read, BAG("reference=club-card"));
    pj_request *signed_one;
    char id[64];
    uint32_t count, i;
    int seen = 0;
    result_from_state(running, PJ_STATE_AT_TERMINAL, 10000);
    completed(answered);
    result_with(answered, PJ_FLAG_TERMINAL_FREE, 5000);
    signed_one = start(pj_request_signature, BAG("terms=Again.", "terminal=@lane2"));
    completed(signed_one);
    strcpy(id, text_of(signed_one, "signature.id"));
    result_with(signed_one, PJ_FLAG_TERMINAL_FREE, 5000);
    close_client(client);
    OK(pj_request_free(running));
    OK(pj_request_free(answered));
    OK(pj_request_free(signed_one));

    client = OPEN("log_file=log", "log_level=trace");
    count = pending(client);
    CHECK_INT(count, 3);
    for (i = 0; i < count; i++) {
        pj_result r;
        OK(pj_pending_at(client, i, &request));
        r = poll_result(request);
        if (strcmp(text_of(request, "kind"), "prompt") == 0) {
            CHECK(r.state < PJ_STATE_APPROVED);
            result_from_state(request, PJ_STATE_AT_TERMINAL, 10000);
            sim("touch", "{\"terminal\": \"" TOUCHED "\", \"touch\": {\"Button\": 1}}");
            completed(request);
            CHECK_TEXT(text_of(request, "prompt.button"), "No");
        } else {
            CHECK_RESULT(&r, PJ_STATE_COMPLETED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_DONE);
            CHECK_HAS(r.message, "gone");
            CHECK_INT(int_of(request, "answer_gone"), 1);
            has_no(request, "card_read.data");
            has_no(request, "card_read.track2");
            has_no(request, "signature.image");
            if (strcmp(text_of(request, "kind"), "signature") == 0) CHECK_TEXT(text_of(request, "signature.id"), id);
            else CHECK_TEXT(r.reference, "club-card");
        }
        seen++;
        settle(request);
    }
    CHECK_INT(seen, 3);
    CHECK_INT(pending(client), 0);
}

static void receipts(void)
{
    sale_name name = new_name();
    pj_fields *sale = BAG("amount:1700", "prompt_signature:1", "terminal=@lane1");
    pj_request *request;
    pj_fields *bag;
    pj_result r;
    int full, unsigned_one;
    char id[64];
    OK(pj_fields_set_text(sale, "reference", name.reference));
    OK(pj_fields_set_text(sale, "invoice", name.invoice));
    request = start(pj_request_payment, sale);
    r = final_result(request, 20000);
    CHECK_INT(r.state, PJ_STATE_APPROVED);
    strcpy(id, r.transaction_id);
    settle(request);
    for (full = 0; full < 2; full++) {
        for (unsigned_one = 0; unsigned_one < 2; unsigned_one++) {
            bag = BAG("reference=");
            OK(pj_fields_set_text(bag, "original", name.reference));
            OK(pj_fields_set_text(bag, "format", full ? "fullpage" : "thermal"));
            OK(pj_fields_set_int(bag, "unsigned", unsigned_one));
            request = start(pj_fetch_receipt, bag);
            completed(request);
            CHECK_HAS(text_of(request, "receipt"), full ? "class=\"page\"" : "class=\"narrow\"");
            CHECK_HAS(text_of(request, "receipt"), unsigned_one ? "____" : "<p>Signed</p>");
            CHECK_HAS(text_of(request, "receipt.content_type"), "text/html");
            CHECK_INT(pending(client), 0);
            OK(pj_request_free(request));
        }
    }
    bag = BAG("reference=");
    OK(pj_fields_set_text(bag, "transaction", id));
    request = start(pj_fetch_signature, bag);
    completed(request);
    check_image(request);
    OK(pj_request_free(request));
    /* The mail goes once, whatever becomes of the answer. */
    bag = BAG("email=customer@example.com", "reply_to=store@example.com");
    OK(pj_fields_set_text(bag, "transaction", id));
    OK(pj_send_receipt(client, bag, &request));
    completed(request);
    OK(pj_request_free(request));
    CHECK_INT(sim_count("emails", "customer@example.com", "\"request_signature\":false"), 1);
    sim_fail("SendReceipt", "After", "Reset", 1, 1);
    OK(pj_send_receipt(client, bag, &request));
    r = failed(request, PJ_ERR_CONNECTION_LOST);
    CHECK_HAS(r.message, "may have been done");
    OK(pj_request_free(request));
    sleep_ms(1500);
    CHECK_INT(sim_count("emails", 0, 0), 2);
    OK(pj_fields_free(bag));
    bag = BAG("email=customer@example.com", "transaction=1");
    GIVES(PJ_ERR_MISSING_FIELD, pj_send_receipt(client, bag, &request));
    OK(pj_fields_free(bag));
    /* What is not there. */
    request = start(pj_fetch_receipt, BAG("transaction=999999"));
    failed(request, PJ_ERR_NOT_FOUND);
    OK(pj_request_free(request));
    bag = BAG("original=nobody");
    GIVES(PJ_ERR_NO_SUCH_REQUEST, pj_fetch_receipt(client, bag, &request));
    OK(pj_fields_free(bag));
}

static void terminals(void)
{
    pj_request *request;
    pj_result r;
    int32_t yes;
    /* A broken answer is asked for again. */
    sim_fail("ListTerminals", "After", "HalfBody", 1, 1);
    OK(pj_list_terminals(client, 0, &request));
    completed(request);
    CHECK_INT(int_of(request, "terminals.count"), 5);
    CHECK_TEXT(text_of(request, "terminals.0.id"), LANE1);
    CHECK_TEXT(text_of(request, "terminals.0.name"), "Lane 1");
    CHECK_TEXT(text_of(request, "terminals.4.id"), TOUCHED);
    CHECK(strlen(text_of(request, "terminals.1.serial")) > 3);
    has_no(request, "terminals.5.id");
    has_no(request, "terminals.0.status");
    CHECK_INT(int_of(request, "merchant_terminals.count"), 3);
    CHECK_TEXT(text_of(request, "merchant_terminals.0.id"), environment("PJ_SIM_MERCHANT_TERMINAL"));
    CHECK_INT(int_of(request, "merchant_terminals.0.surcharge.enabled"), 0);
    CHECK_INT(int_of(request, "merchant_terminals.1.surcharge.enabled"), 1);
    CHECK_TEXT(text_of(request, "merchant_terminals.1.surcharge.percentage"), "3.0");
    CHECK_TEXT(text_of(request, "merchant_terminals.2.type"), "ACH");
    CHECK_HAS(json_of(request), "\"terminals.4.name\":\"Touch me\"");
    OK(pj_request_free(request));
    request = start(pj_fetch_terminal, BAG("terminal=@lane2"));
    completed(request);
    CHECK_TEXT(text_of(request, "terminal.name"), "Lane 2");
    OK(pj_request_free(request));
    request = start(pj_fetch_terminal, BAG("terminal=nobody"));
    r = failed(request, PJ_ERR_UNKNOWN_DEVICE);
    CHECK_INT(r.advice, PJ_ADVICE_FIX_SETUP);
    OK(pj_request_free(request));
    /* What this vendor cannot do is said beforehand. */
    OK(pj_capable(client, PJ_CAN_PAIR_TERMINAL, &yes));
    CHECK_INT(yes, 0);
    {
        pj_fields *bag = BAG("terminal=@lane1", "name=Till 1");
        GIVES(PJ_ERR_UNSUPPORTED, pj_pair_terminal(client, bag, &request));
        GIVES(PJ_ERR_UNSUPPORTED, pj_unpair_terminal(client, bag, &request));
        GIVES(PJ_ERR_UNSUPPORTED, pj_set_terminal(client, bag, &request));
        GIVES(PJ_ERR_UNSUPPORTED, pj_identify_terminal(client, bag, &request));
        OK(pj_fields_free(bag));
    }
    OK(pj_capable(client, PJ_CAN_REQUEST_SIGNATURE, &yes));
    CHECK_INT(yes, 1);
    OK(pj_capable(client, PJ_CAN_SELF_CHECK, &yes));
    CHECK_INT(yes, 1);
}

static void self_check(void)
{
    pj_request *request;
    pj_result r;
    pj_client *other;
    OK(pj_self_check(client, 0, &request));
    completed(request);
    CHECK_INT(int_of(request, "check.terminal_known"), 1);
    CHECK_INT(int_of(request, "check.merchant_terminal_known"), 1);
    CHECK(int_of(request, "check.latency_ms") >= 0 && int_of(request, "check.latency_ms") < 20000);
    /* The simulator goes by the same clock, cut to the second. */
    CHECK(int_of(request, "check.clock_ahead_seconds") >= -1 && int_of(request, "check.clock_ahead_seconds") <= 20);
    OK(pj_request_free(request));
    request = start(pj_self_check, BAG("terminal=nobody"));
    r = failed(request, PJ_ERR_UNKNOWN_DEVICE);
    CHECK_HAS(r.message, "terminal:");
    CHECK_INT(int_of(request, "check.terminal_known"), 0);
    OK(pj_request_free(request));
    other = OPEN("journal=memory", "password=wrong");
    OK(pj_self_check(other, 0, &request));
    r = final_result(request, 10000);
    CHECK_RESULT(&r, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_FIX_SETUP);
    CHECK_INT(r.status, PJ_ERR_UNAUTHORIZED);
    OK(pj_request_free(request));
    close_client(other);
    other = OPEN("journal=memory", "base_url=http://127.0.0.1:1");
    OK(pj_self_check(other, 0, &request));
    r = final_result(request, 10000);
    CHECK_INT(r.status, PJ_ERR_CONNECT);
    OK(pj_request_free(request));
    close_client(other);
}

/* A terminal that never says what became of a question: unknown, without money, until a person gives it up. */
static void given_up(void)
{
    pj_client *patient = client;
    pj_request *request;
    pj_result r;
    client = OPEN("journal=memory", "deadline:1");
    stage(SCENE_UNPLUGGED);
    request = start(pj_request_input, BAG("terminal=@lane2"));
    r = result_from_state(request, PJ_STATE_UNKNOWN, 20000);
    CHECK_RESULT(&r, PJ_STATE_UNKNOWN, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RESOLVE);
    CHECK_HAS(r.message, "No money");
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_resolve(request, PJ_DECISION_PAID, "manager", "no money is asked for"));
    OK(pj_resolve(request, PJ_DECISION_NOT_PAID, "manager", "the terminal is unplugged"));
    r = final_result(request, 5000);
    CHECK_RESULT(&r, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY);
    CHECK(r.flags & PJ_FLAG_RESOLVED);
    settle(request);
    close_client(client);
    client = patient;
}

/* Nothing that was keyed in or read stands in a file. */
static void look_into(const char *path, size_t at_least)
{
    static char text[1 << 20];
    FILE *file = fopen(path, "rb");
    size_t length, i, at;
    if (!file && at_least == 0) return;
    CHECK(file != 0);
    length = fread(text, 1, sizeof text, file);
    fclose(file);
    CHECK(length >= at_least && length < sizeof text);
    for (i = 0; i < sizeof PRIVATE / sizeof PRIVATE[0]; i++) {
        for (at = 0; at + strlen(PRIVATE[i]) <= length; at++) {
            if (memcmp(text + at, PRIVATE[i], strlen(PRIVATE[i])) != 0) continue;
            fprintf(stderr, "%s holds %s\n", path, PRIVATE[i]);
            CHECK(!"what was for the program only came out");
        }
    }
}

static int lines;

static void PJ_CALL on_log(int32_t level, const char *line, void *user)
{
    size_t i;
    (void)level;
    (void)user;
    lines++;
    for (i = 0; i < sizeof PRIVATE / sizeof PRIVATE[0]; i++) CHECK_HAS_NOT(line, PRIVATE[i]);
}

int main(void)
{
    client = OPEN("log_file=log", "log_level=trace");
    OK(pj_on_log(client, on_log, 0, PJ_LOG_TRACE));
    prompts();
    answers();
    endings();
    OK(pj_dispatch(client, 0, 0));
    CHECK(lines > 50);
    restart();
    receipts();
    terminals();
    self_check();
    given_up();
    close_client(client);
    look_into("log", 1000);
    look_into("till.journal", 1000);
    look_into("till.journal-wal", 0);
    return passed("questions and errands");
}
