/* confirm = on_acknowledge: a payment reserves the money, and it is taken when the till has stored the sale. Also when
   the program ends right after that, or before. */
#include "check.h"

static pj_client *client;

static void open_confirming(void)
{
    client = OPEN("confirm=on_acknowledge", "confirm_within:600");
}

/* Reserves so many cents; nothing is taken yet. */
static sale_name reserved(int64_t amount, pj_request **request)
{
    sale_name name = new_name();
    pj_result r;
    *request = pay(client, LANE1, amount, &name);
    r = final_result(*request, 20000);
    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_PENDING, PJ_ADVICE_DONE);
    CHECK_INT(r.approved_amount, amount);
    CHECK_INT(r.flags & PJ_FLAG_CAPTURED, 0);
    CHECK_INT(sim_submits(&name), 1);
    CHECK_INT(sim_moved(&name), 0);
    return name;
}

static void is_taken(pj_request *request, const sale_name *name, int64_t amount)
{
    pj_result r = result_with(request, PJ_FLAG_CAPTURED, 20000);
    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
    CHECK_INT(r.approved_amount, amount);
    CHECK_INT(sim_moved(name), amount);
    CHECK_INT(sim_submits(name), 1);
    OK(pj_request_free(request));
}

static pj_request *found(const sale_name *name)
{
    pj_request *request;
    OK(pj_find(client, name->reference, &request));
    return request;
}

/* The answer to the capture is lost after the vendor has done it: it is read, and not done twice. */
static void stored_and_taken(void)
{
    pj_request *request;
    sale_name name = reserved(1234, &request);
    sim_fail("Capture", "After", "BadGateway", 1, 1);
    OK(pj_acknowledge(request));
    is_taken(request, &name, 1234);
    faults_happened();
    CHECK_INT(pending(client), 0);
}

static void stored_and_closed(void)
{
    pj_request *request;
    sale_name name = reserved(1301, &request);
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));
    close_client(client);
    open_confirming();
    is_taken(found(&name), &name, 1301);
}

/* Closed before the sale was stored: it is told again, and taken when it is stored. */
static void closed_and_stored(void)
{
    pj_request *request;
    pj_result r;
    sale_name name = reserved(1401, &request);
    OK(pj_request_free(request));
    close_client(client);
    open_confirming();
    CHECK_INT(pending(client), 1);
    OK(pj_pending_at(client, 0, &request));
    r = final_result(request, 5000);
    CHECK_TEXT(r.reference, name.reference);
    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_PENDING, PJ_ADVICE_DONE);
    OK(pj_acknowledge(request));
    is_taken(request, &name, 1401);
}

int main(void)
{
    pj_fields *config;
    char words[512];
    int able;
    client = OPEN("currency=USD");
    able = can(client, PJ_CAN_CAPTURE_LATER) || can(client, PJ_CAN_HOLD_AFTER);
    close_client(client);
    if (!able) {
        config = CONFIG("confirm=on_acknowledge");
        GIVES(PJ_ERR_UNSUPPORTED, open_client(config, &client));
        OK(pj_last_error(words, sizeof words, 0));
        CHECK_HAS(words, "confirm");
        OK(pj_fields_free(config));
        not_here("confirm", "the configuration is refused");
        return passed("confirm is refused where it cannot be kept");
    }
    open_confirming();
    stored_and_taken();
    stored_and_closed();
    closed_and_stored();
    close_client(client);
    return passed("a payment is taken when it is stored");
}
