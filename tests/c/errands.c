/* Work without a customer and without money, through the header alone: receipts, signatures, terminals, the check of an
   installation; with lost answers. What a vendor cannot do is said beforehand. */
#include "answers.h"

static int has_key(const char *key)
{
    int i;
    for (i = 0; vendor()->config[i][0]; i++)
        if (strcmp(vendor()->config[i][0], key) == 0) return 1;
    return 0;
}

/* pj_capable and the functions say the same. */
static void every_function(void)
{
    static const struct {
        int32_t capability;
        starter function;
    } table[] = {
        {PJ_CAN_REQUEST_PAYMENT, pj_request_payment}, {PJ_CAN_REQUEST_REFUND, pj_request_refund},
        {PJ_CAN_REQUEST_SIGNATURE, pj_request_signature}, {PJ_CAN_REQUEST_PROMPT, pj_request_prompt},
        {PJ_CAN_REQUEST_INPUT, pj_request_input}, {PJ_CAN_REQUEST_CARD_READ, pj_request_card_read},
        {PJ_CAN_CAPTURE, pj_capture}, {PJ_CAN_VOID, pj_void}, {PJ_CAN_REFUND, pj_refund}, {PJ_CAN_REVERSE, pj_reverse},
        {PJ_CAN_ADJUST_TIP, pj_adjust_tip}, {PJ_CAN_FETCH_TRANSACTION, pj_fetch_transaction},
        {PJ_CAN_FETCH_RECEIPT, pj_fetch_receipt}, {PJ_CAN_SEND_RECEIPT, pj_send_receipt},
        {PJ_CAN_FETCH_SIGNATURE, pj_fetch_signature}, {PJ_CAN_RECONCILE, pj_reconcile},
        {PJ_CAN_SELF_CHECK, pj_self_check}, {PJ_CAN_LIST_TERMINALS, pj_list_terminals},
        {PJ_CAN_FETCH_TERMINAL, pj_fetch_terminal}, {PJ_CAN_PAIR_TERMINAL, pj_pair_terminal},
        {PJ_CAN_UNPAIR_TERMINAL, pj_unpair_terminal}, {PJ_CAN_SET_TERMINAL, pj_set_terminal},
        {PJ_CAN_IDENTIFY_TERMINAL, pj_identify_terminal},
    };
    size_t i;
    int able = 0;
    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        pj_request *request = 0;
        /* No kind of work has this field, so nothing begins. */
        pj_fields *bag = BAG("no_such_field=1");
        int yes = can(client, table[i].capability);
        GIVES(yes ? PJ_ERR_UNKNOWN_FIELD : PJ_ERR_UNSUPPORTED, table[i].function(client, bag, &request));
        OK(pj_fields_free(bag));
        able += yes;
    }
    printf("%d of %d kinds of work\n", able, (int)i);
}

/* A sale whose receipt is asked for. */
static void sell(sale_name *name, char *id)
{
    pj_fields *sale;
    pj_request *request;
    pj_result r;
    *name = new_name();
    sale = sale_of(name, LANE1, 1700);
    if (can(client, PJ_CAN_FETCH_SIGNATURE)) OK(pj_fields_set_int(sale, "prompt_signature", 1));
    request = start(pj_request_payment, sale);
    r = final_result(request, 20000);
    CHECK_INT(r.state, PJ_STATE_APPROVED);
    strcpy(id, r.transaction_id);
    settle(request);
}

static void receipts(const sale_name *name, const char *id)
{
    pj_request *request;
    pj_fields *bag;
    int i;
    for (i = 0; vendor()->receipts[i][0]; i++) {
        const char *const *way = vendor()->receipts[i];
        bag = bag_of("", way[0], way[1], (const char *)0);
        OK(pj_fields_set_text(bag, "original", name->reference));
        request = start(pj_fetch_receipt, bag);
        completed(request);
        CHECK_HAS(text_of(request, "receipt"), way[2]);
        CHECK_HAS(text_of(request, "receipt"), way[3]);
        CHECK_HAS(text_of(request, "receipt.content_type"), "text/html");
        CHECK_INT(pending(client), 0);
        OK(pj_request_free(request));
    }
    if (!can(client, PJ_CAN_FETCH_RECEIPT)) {
        CHECK_INT(i, 0);
        bag = BAG("reference=");
        OK(pj_fields_set_text(bag, "transaction", id));
        unsupported(pj_fetch_receipt, bag, PJ_CAN_FETCH_RECEIPT, "receipts");
        return;
    }
    CHECK(i > 0);
    /* What is not there. */
    request = start(pj_fetch_receipt, BAG("transaction=999999"));
    failed(request, PJ_ERR_NOT_FOUND);
    OK(pj_request_free(request));
    bag = BAG("original=nobody");
    GIVES(PJ_ERR_NO_SUCH_REQUEST, pj_fetch_receipt(client, bag, &request));
    OK(pj_fields_free(bag));
}

/* The mail goes once, whatever becomes of the answer. */
static void receipts_by_mail(const char *id)
{
    pj_request *request;
    pj_result r;
    pj_fields *bag = bag_of("", "email=customer@example.com", vendor()->mail_wants, (const char *)0);
    OK(pj_fields_set_text(bag, "transaction", id));
    if (!can(client, PJ_CAN_SEND_RECEIPT)) {
        unsupported(pj_send_receipt, bag, PJ_CAN_SEND_RECEIPT, "receipts by mail");
        return;
    }
    OK(pj_send_receipt(client, bag, &request));
    completed(request);
    OK(pj_request_free(request));
    CHECK_INT(sim_count("calls", "\"kind\":\"SendReceipt\"", "example.com"), 1);
    sim_fail("SendReceipt", "After", "Reset", 1, 1);
    OK(pj_send_receipt(client, bag, &request));
    r = failed(request, PJ_ERR_CONNECTION_LOST);
    CHECK_HAS(r.message, "may have been done");
    OK(pj_request_free(request));
    sleep_ms(1500);
    CHECK_INT(sim_count("calls", "\"kind\":\"SendReceipt\"", 0), 2);
    OK(pj_fields_free(bag));
    bag = BAG("transaction=1");
    GIVES(PJ_ERR_MISSING_FIELD, pj_send_receipt(client, bag, &request));
    OK(pj_fields_free(bag));
}

static void signatures(const char *id)
{
    pj_request *request;
    pj_fields *bag = BAG("reference=");
    OK(pj_fields_set_text(bag, "transaction", id));
    if (!can(client, PJ_CAN_FETCH_SIGNATURE)) {
        unsupported(pj_fetch_signature, bag, PJ_CAN_FETCH_SIGNATURE, "images of signatures");
        return;
    }
    request = start(pj_fetch_signature, bag);
    completed(request);
    check_image(request);
    OK(pj_request_free(request));
}

/* The row of a list that has this terminal. */
static int row_of(pj_request *request, const char *terminal)
{
    char key[64];
    int i, count = (int)int_of(request, "terminals.count");
    for (i = 0; i < count; i++) {
        snprintf(key, sizeof key, "terminals.%d.id", i);
        if (strcmp(text_of(request, key), terminal) == 0) return i;
    }
    CHECK(!"the terminal is not in the list");
    return -1;
}

static void lists(void)
{
    pj_request *request;
    char key[64];
    int row;
    /* A broken answer is asked for again. */
    sim_fail("ListTerminals", "After", "HalfBody", 1, 1);
    OK(pj_list_terminals(client, 0, &request));
    completed(request);
    faults_happened();
    CHECK_INT(int_of(request, "terminals.count"), vendor()->terminals);
    row = row_of(request, LANE1);
    snprintf(key, sizeof key, "terminals.%d.name", row);
    CHECK_TEXT(text_of(request, key), "Lane 1");
    CHECK_HAS(json_of(request), "\"Touch me\"");
    row_of(request, TOUCHED);
    snprintf(key, sizeof key, "terminals.%d.serial", row_of(request, LANE2));
    CHECK(strlen(text_of(request, key)) > 3);
    snprintf(key, sizeof key, "terminals.%d.id", vendor()->terminals);
    has_no(request, key);
    if (has_key("merchant_terminal")) {
        CHECK_INT(int_of(request, "merchant_terminals.count"), 3);
        CHECK_TEXT(text_of(request, "merchant_terminals.0.id"), environment("PJ_SIM_MERCHANT_TERMINAL"));
        CHECK_INT(int_of(request, "merchant_terminals.0.surcharge.enabled"), 0);
        CHECK_INT(int_of(request, "merchant_terminals.1.surcharge.enabled"), 1);
        CHECK_TEXT(text_of(request, "merchant_terminals.1.surcharge.percentage"), "3.0");
        CHECK_TEXT(text_of(request, "merchant_terminals.2.type"), "ACH");
    } else {
        has_no(request, "merchant_terminals.count");
    }
    OK(pj_request_free(request));
}

static pj_request *fetch_terminal(const char *terminal)
{
    pj_fields *bag = BAG("reference=");
    OK(pj_fields_set_text(bag, "terminal", terminal));
    return start(pj_fetch_terminal, bag);
}

static void one_terminal(void)
{
    pj_request *request = fetch_terminal(LANE2);
    pj_result r;
    completed(request);
    CHECK_TEXT(text_of(request, "terminal.id"), LANE2);
    CHECK_TEXT(text_of(request, "terminal.name"), "Lane 2");
    OK(pj_request_free(request));
    request = fetch_terminal(UNKNOWN_TERMINAL);
    r = failed(request, PJ_ERR_UNKNOWN_DEVICE);
    CHECK_INT(r.advice, PJ_ADVICE_FIX_SETUP);
    OK(pj_request_free(request));
}

/* A new name, on this side and on the vendor's. */
static void named(void)
{
    pj_request *request;
    if (!can(client, PJ_CAN_SET_TERMINAL)) {
        unsupported(pj_set_terminal, BAG("terminal=@lane2", "name=Till 7"), PJ_CAN_SET_TERMINAL, "settings of terminals");
        return;
    }
    request = start(pj_set_terminal, BAG("terminal=@lane2", "name=Till 7"));
    completed(request);
    OK(pj_request_free(request));
    CHECK_INT(sim_count("terminals", LANE2, "\"name\":\"Till 7\""), 1);
    request = fetch_terminal(LANE2);
    completed(request);
    CHECK_TEXT(text_of(request, "terminal.name"), "Till 7");
    OK(pj_request_free(request));
    request = start(pj_set_terminal, BAG("terminal=@unknown", "name=Till 8"));
    failed(request, PJ_ERR_UNKNOWN_DEVICE);
    OK(pj_request_free(request));
}

static void shown(void)
{
    pj_request *request;
    if (!can(client, PJ_CAN_IDENTIFY_TERMINAL)) {
        unsupported(pj_identify_terminal, BAG("terminal=@lane2"), PJ_CAN_IDENTIFY_TERMINAL, "way to tell terminals apart");
        return;
    }
    request = start(pj_identify_terminal, BAG("terminal=@lane2"));
    completed(request);
    CHECK_INT(sim_count("terminals", LANE2, "\"screen\":\"Till 7\""), 1);
    OK(pj_request_free(request));
    terminal_rests(LANE2);
}

/* A terminal comes, by a code that a clerk types in there, and goes. */
static void paired(void)
{
    pj_request *request;
    char id[64], code[16], touch[150];
    pj_fields *bag;
    if (!can(client, PJ_CAN_PAIR_TERMINAL)) {
        unsupported(pj_pair_terminal, BAG("name=Lane 9"), PJ_CAN_PAIR_TERMINAL, "pairing");
        unsupported(pj_unpair_terminal, BAG("terminal=@lane2"), PJ_CAN_UNPAIR_TERMINAL, "unpairing");
        return;
    }
    request = start(pj_pair_terminal, BAG("name=Lane 9"));
    completed(request);
    strcpy(id, text_of(request, "terminal.id"));
    strcpy(code, text_of(request, "pairing.code"));
    CHECK_INT(strlen(code), 6);
    OK(pj_request_free(request));
    CHECK_INT(sim_count("terminals", id, "Enter pairing code"), 1);
    snprintf(touch, sizeof touch, "{\"terminal\": \"%s\", \"touch\": {\"Pair\": %s}}", id, code);
    sim("touch", touch);
    request = fetch_terminal(id);
    completed(request);
    CHECK_TEXT(text_of(request, "terminal.name"), "Lane 9");
    CHECK_TEXT(text_of(request, "terminal.status"), "connected");
    OK(pj_request_free(request));
    bag = BAG("reference=");
    OK(pj_fields_set_text(bag, "terminal", id));
    request = start(pj_unpair_terminal, bag);
    completed(request);
    OK(pj_request_free(request));
    CHECK_INT(sim_count("terminals", id, 0), 0);
}

/* What the check says of these settings. */
static void checked(const char *key, const char *value, pj_status status, int32_t advice)
{
    pj_fields *config = CONFIG("journal=memory");
    pj_client *other;
    pj_request *request;
    pj_result r;
    OK(pj_fields_set_text(config, key, value));
    other = open_with(config);
    OK(pj_self_check(other, 0, &request));
    r = final_result(request, 10000);
    CHECK_RESULT(&r, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, advice);
    CHECK_INT(r.status, status);
    OK(pj_request_free(request));
    close_client(other);
}

static void self_check(void)
{
    pj_request *request;
    pj_result r;
    int i, secret = -1;
    OK(pj_self_check(client, 0, &request));
    completed(request);
    CHECK_INT(int_of(request, "check.terminal_known"), 1);
    if (has_key("merchant_terminal")) CHECK_INT(int_of(request, "check.merchant_terminal_known"), 1);
    else has_no(request, "check.merchant_terminal_known");
    CHECK(int_of(request, "check.latency_ms") >= 0 && int_of(request, "check.latency_ms") < 20000);
    /* The simulator goes by the same clock, cut to the second. */
    CHECK(int_of(request, "check.clock_ahead_seconds") >= -1 && int_of(request, "check.clock_ahead_seconds") <= 20);
    OK(pj_request_free(request));
    request = start(pj_self_check, BAG("terminal=@unknown"));
    r = failed(request, PJ_ERR_UNKNOWN_DEVICE);
    CHECK_HAS(r.message, "terminal");
    CHECK_INT(int_of(request, "check.terminal_known"), 0);
    OK(pj_request_free(request));
    for (i = 0; vendor()->config[i][0]; i++)
        if (vendor()->config[i][2]) secret = i;
    CHECK(secret >= 0);
    checked(vendor()->config[secret][0], "wrong", PJ_ERR_UNAUTHORIZED, PJ_ADVICE_FIX_SETUP);
    checked("base_url", "http://127.0.0.1:1", PJ_ERR_CONNECT, PJ_ADVICE_RETRY);
}

int main(void)
{
    sale_name name;
    char id[64];
    client = OPEN("log_file=log", "log_level=trace");
    every_function();
    sell(&name, id);
    receipts(&name, id);
    receipts_by_mail(id);
    signatures(id);
    lists();
    one_terminal();
    named();
    shown();
    paired();
    self_check();
    CHECK_INT(pending(client), 0);
    close_client(client);
    return passed("errands");
}
